"""Other routes than the mbo: a state that a school registers, and confirms with evidence. Never an alert."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from shared.core.errors import Fault, Invalid
from shared.core.machine import Machine, moves
from shared.schemas.dossiers import OtherRouteRegistered

Status = Literal["registered", "confirmed", "withdrawn"]
Command = Literal["register", "confirm", "withdraw"]
SCHOOL = ("mentor", "decaan", "care_coordinator", "school_system")
ADVISER = ("decaan", "school_system")
ROUTE = Machine(
    "other route",
    "registered",
    moves(
        [
            ("registered", "register", SCHOOL, "registered"),
            ("registered", "confirm", ADVISER, "confirmed"),
            ("registered", "withdraw", SCHOOL, "withdrawn"),
            ("confirmed", "withdraw", ADVISER, "withdrawn"),
            ("withdrawn", "register", SCHOOL, "registered"),
        ]
    ),
)
NO_EVIDENCE = {"deceased": "school_statement"}
"""Routes of which nobody is asked for evidence; the word of the careers adviser is enough."""


@dataclass(frozen=True, slots=True)
class Route:
    """The other route of a pupil in a cohort as it now is."""

    pupil_ref: str
    cohort: int
    vo_site: str
    route: str
    since: date
    until: date | None = None
    """First day on which it no longer holds; None: not known."""
    status: Status = "registered"
    evidence: str | None = None
    note_ref: str | None = None
    note: str | None = None
    """Stays at the school."""
    version: int = 1
    changed_at: datetime | None = None
    changed_by: str | None = None
    """Role that made the last move."""


def register(before: Route | None, wanted: Route, role: str, now: datetime) -> Route:
    """The route that a school registers, or changes before it is confirmed.

    Raises `Forbidden` and `IllegalMove` as the table says, `Invalid` when its last day does not come after its first.
    """
    if before:
        ROUTE.after(before.status, "register", {role})
    if wanted.until and wanted.until <= wanted.since:
        raise Invalid([Fault("/until", "een dag na de eerste dag")])
    version = before.version + 1 if before else 1
    return replace(wanted, status="registered", evidence=None, version=version, changed_at=now, changed_by=role)


def confirm(route: Route, evidence: str | None, role: str, now: datetime) -> Route:
    """The route, confirmed. Raises `Invalid` without evidence, where that is asked for."""
    ROUTE.after(route.status, "confirm", {role})
    shown = NO_EVIDENCE.get(route.route, evidence)
    if shown is None:
        raise Invalid([Fault("/evidence", "waaruit dit blijkt", "missing")])
    return _moved(replace(route, status="confirmed", evidence=shown), role, now)


def withdraw(route: Route, role: str, now: datetime) -> Route:
    """The route was a mistake, or it stopped."""
    ROUTE.after(route.status, "withdraw", {role})
    return _moved(replace(route, status="withdrawn"), role, now)


def _moved(route: Route, role: str, now: datetime) -> Route:
    return replace(route, version=route.version + 1, changed_at=now, changed_by=role)


def route_state(route: Route, now: datetime) -> OtherRouteRegistered:
    """The route as it now is, as an event; its note stays here."""
    names = ("cohort", "vo_site", "status", "route", "since", "until", "evidence", "note_ref")
    return OtherRouteRegistered(occurred_at=now, **{name: getattr(route, name) for name in names})


def same(before: Route | None, wanted: Route) -> bool:
    """Whether a route is known already as somebody hands it in once more."""
    return before is not None and all(
        getattr(before, name) == getattr(wanted, name) for name in ("route", "since", "until")
    )
