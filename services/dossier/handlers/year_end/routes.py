"""Other routes: registering, confirming with evidence, withdrawing."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.dossier import store
from services.dossier.domain import routes
from services.dossier.domain.routes import Route, route_state
from services.dossier.handlers.sides import require_side
from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.errors import NotFound, check_version
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class RegisterRoute:
    """A pupil goes another way."""

    pupil_ref: str
    cohort: int
    route: str
    since: date
    until: date | None = None
    note: str | None = None
    version: int | None = None
    """The version somebody read; None: they did not say."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class ConfirmRoute:
    """It is so, and this shows it."""

    pupil_ref: str
    cohort: int
    evidence: str | None
    version: int | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class WithdrawRoute:
    """It was a mistake, or it stopped."""

    pupil_ref: str
    cohort: int
    version: int | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


Command = RegisterRoute | ConfirmRoute | WithdrawRoute


async def register_route(conn: Connection, command: RegisterRoute, actor: Actor, now: datetime) -> Outcome:
    """Register another route of an own pupil, or change it before it is confirmed. The answer is the route."""
    before = await _held(conn, command, actor)
    place = (command.pupil_ref, command.cohort, actor.organisation)
    wanted = Route(*place, command.route, command.since, command.until, note=command.note)
    if command.note is None and before:
        wanted = replace(wanted, note=before.note, note_ref=before.note_ref)
    made = routes.register(before, wanted, actor.role, now)
    if command.note:
        made = replace(made, note_ref=opaque_ref("note", "route", *map(str, place), str(made.version)))
    return await _keep(conn, made, now)


async def confirm_route(conn: Connection, command: ConfirmRoute, actor: Actor, now: datetime) -> Outcome:
    """Confirm a route with what shows it. The answer is the route."""
    return await _keep(conn, routes.confirm(await _there(conn, command, actor), command.evidence, actor.role, now), now)


async def withdraw_route(conn: Connection, command: WithdrawRoute, actor: Actor, now: datetime) -> Outcome:
    """Withdraw a route; the pupil is expected at the mbo again. The answer is the route."""
    return await _keep(conn, routes.withdraw(await _there(conn, command, actor), actor.role, now), now)


async def _held(conn: Connection, command: Command, actor: Actor) -> Route | None:
    """The route of an own pupil, locked, in the version that was read."""
    require_side(actor, "vo")
    if not await store.pupils(conn, actor.organisation, command.cohort, command.pupil_ref):
        raise NotFound("no such pupil")
    found = await year_end.routes(conn, actor.organisation, [command.pupil_ref], lock=True)
    route = found.get((command.pupil_ref, command.cohort))
    changed = (route.changed_at, route.changed_by) if route and route.changed_at and route.changed_by else None
    check_version("other route", route.version if route else 0, command.version, changed)
    return route


async def _there(conn: Connection, command: Command, actor: Actor) -> Route:
    route = await _held(conn, command, actor)
    if route is None:
        raise NotFound("no such route")
    return route


async def _keep(conn: Connection, route: Route, now: datetime) -> Outcome:
    await year_end.save_routes(conn, [route])
    return Outcome([Draft(route.pupil_ref, route_state(route, now))], value=route)
