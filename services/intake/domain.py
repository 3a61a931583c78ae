"""What an application and an intake are: facts in any order give one present state, commands follow one table."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, IllegalMove
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome

Channel = Literal["api", "csv"]
Pathway = Literal["bol", "bbl"]

ENDED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
WITH_REASON = frozenset({IntakeOutcome.REJECTED, IntakeOutcome.OTHER_ADVICE})
_BRIN = re.compile(r"[0-9]{2}[A-Z0-9]{2}")
_RANK = {status: n for n, status in enumerate(ApplicationStatus)}


@dataclass(frozen=True, slots=True)
class Fact:
    """What one version of one row of one source said about an application."""

    source_system: Channel
    row_id: str
    version: int
    programme: str
    pathway: Pathway
    status: ApplicationStatus
    at: datetime
    """When this began, in the real world."""
    arrived: datetime
    """When it was told here."""

    @property
    def key(self) -> tuple[str, str, int]:
        """A second fact with the same key is a repetition."""
        return self.source_system, self.row_id, self.version

    @property
    def says(self) -> tuple[object, ...]:
        """What it tells, however it came."""
        return self.programme, self.pathway, self.status, self.at

    @property
    def order(self) -> tuple[object, ...]:
        """Of the facts that count, the last in this order is the present: `at`, but never after it was told."""
        return min(self.at, self.arrived), _RANK[self.status], self.at, *self.key, self.programme, self.pathway


def distinct(facts: Iterable[Fact]) -> dict[tuple[str, str, int], Fact]:
    """Each key once: the fact that was told first."""
    first: dict[tuple[str, str, int], Fact] = {}
    for fact in facts:
        known = first.get(fact.key)
        if known is None or (fact.arrived, fact.order) < (known.arrived, known.order):
            first[fact.key] = fact
    return first


def present(facts: Iterable[Fact]) -> Fact:
    """The fact that now decides. Of each row only the highest version counts; there must be at least one fact."""
    newest: dict[tuple[str, str], Fact] = {}
    for fact in distinct(facts).values():
        row = fact.source_system, fact.row_id
        if row not in newest or newest[row].version < fact.version:
            newest[row] = fact
    return max(newest.values(), key=lambda fact: fact.order)


def cohort_of(first_day: date) -> int:
    """School year of the intended start, for a source that does not tell it: the one after the first status date.

    Applying runs from 1 October to 30 September, so 1-10-2026 up to and including 30-9-2027 is cohort 2027. The first
    date decides, because a later status (withdrawn in October) does not move the start.
    """
    return first_day.year + (first_day.month >= 10)


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of an intake."""

    held_on: date
    outcome: IntakeOutcome
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """One row of the state machine of an intake."""

    state: str
    command: str
    who: frozenset[Role]
    next: str


WRITERS = frozenset({Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SCHOOL_SYSTEM})
READERS = WRITERS | {Role.SLBER}
MOVES = (
    Move("expected", "record", WRITERS, "done"),
    Move("done", "record", WRITERS, "done"),  # A correction: a new event with the whole state.
)
"""The intake of a live application. Of an application that has ended it is *closed*, and nothing can be done."""


def check_access(actor: Actor, roles: frozenset[Role]) -> None:
    """Raise `Forbidden` unless the actor has one of these roles at an mbo institution."""
    if actor.role not in roles or not _BRIN.fullmatch(actor.organisation):
        raise Forbidden(f"the role {actor.role} of {actor.organisation} may not do this")


def intake_state(status: ApplicationStatus, result: Result | None) -> str:
    """Where the intake of an application stands."""
    if status in ENDED:
        return "closed"
    return "done" if result else "expected"


def open_moves(state: str) -> list[str]:
    """The commands that are possible in this state."""
    return [move.command for move in MOVES if move.state == state]


def check_move(state: str, command: str, role: Role) -> None:
    """Raise `IllegalMove` when the state does not allow the command, `Forbidden` when it is not for this role."""
    move = next((move for move in MOVES if (move.state, move.command) == (state, command)), None)
    if move is None:
        raise IllegalMove("intake", state, command, open_moves(state))
    if role not in move.who:
        raise Forbidden(f"the role {role} may not {command} an intake")


def result_faults(result: Result, today: date) -> list[Fault]:
    """Everything wrong with a result, by field. Texts are message ids."""
    faults = []
    if result.held_on > today:
        faults.append(Fault("held_on", "A date that is not in the future", "future"))
    if result.outcome in WITH_REASON and not result.reason:
        faults.append(Fault("reason", "A reason, because of this outcome", "missing"))
    return faults


def after_file(known: Result | None, told: Result) -> Result:
    """The result that stands after a row of a file: the newest intake, and of one day what was told last."""
    return told if known is None or told.held_on >= known.held_on else known
