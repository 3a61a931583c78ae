"""The statutory report of absence (Leerplichtwet 21a; WEB 8.1.7), as the national register keeps it. Only with its
number: no other record of absence exists here."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.intake.domain.access import FOLLOWERS
from services.intake.domain.steps import Step, standing
from shared.core.errors import Fault
from shared.core.machine import Machine, moves
from shared.schemas.vocabulary import codes

Status = Literal["registered", "in_progress", "noted", "closed", "withdrawn"]
MOVES: dict[Status, str] = {
    "registered": "register",
    "in_progress": "take_up",
    "noted": "note",
    "closed": "close",
    "withdrawn": "withdraw",
}
"""Status that is told → the move that it is."""
_RANK = {status: n for n, status in enumerate(MOVES, 1)}

ABSENCE = Machine(
    "absence",
    "none",
    moves(
        [
            # The register goes on without us: what is heard first may be any of its statuses.
            *(("none", move, FOLLOWERS, status) for status, move in MOVES.items()),
            *(("registered", move, FOLLOWERS, status) for status, move in MOVES.items()),
            ("in_progress", "take_up", FOLLOWERS, "in_progress"),
            ("in_progress", "note", FOLLOWERS, "noted"),
            ("in_progress", "close", FOLLOWERS, "closed"),
            ("in_progress", "withdraw", FOLLOWERS, "withdrawn"),
            ("noted", "note", FOLLOWERS, "noted"),
            ("noted", "take_up", FOLLOWERS, "in_progress"),
            ("noted", "close", FOLLOWERS, "closed"),
            ("noted", "withdraw", FOLLOWERS, "withdrawn"),
            ("closed", "close", FOLLOWERS, "closed"),
            ("closed", "take_up", FOLLOWERS, "in_progress"),  # Reopened.
            ("withdrawn", "withdraw", FOLLOWERS, "withdrawn"),
            ("withdrawn", "register", FOLLOWERS, "registered"),  # Withdrawn in error.
        ]
    ),
)


@dataclass(frozen=True, slots=True)
class Absence:
    """A report of absence, whole."""

    kind: str
    status: Status
    reported_on: date
    absent_from: date | None = None
    absent_until: date | None = None
    action_wanted: bool = True
    closed_on: date | None = None
    closed_reason: str | None = None

    @property
    def rank(self) -> int:
        return _RANK[self.status]


def present(steps: Iterable[Step]) -> Absence | None:
    """A report as it now is: what was told last, of the latest day. None: nothing was."""
    told = [step.says for step in standing(steps) if isinstance(step.says, Absence)]
    return told[-1] if told else None


def faults_of(absence: Absence, today: date) -> list[Fault]:
    """Everything wrong with a report, by field. Texts are message ids."""
    faults = []
    if absence.reported_on > today:
        faults.append(Fault("reported_on", "A date that is not in the future", "future"))
    if absence.kind not in codes.ABSENCE_KINDS.codes:
        faults.append(Fault("kind", "A kind from the list", "unlisted_code"))
    if absence.absent_from and absence.absent_until and absence.absent_from > absence.absent_until:
        faults.append(Fault("absent_until", "A date that is not before the first day of absence", "order"))
    return [*faults, *_closing_faults(absence, today)]


def _closing_faults(absence: Absence, today: date) -> list[Fault]:
    closed = absence.status == "closed"
    faults = []
    for field, value in (("closed_on", absence.closed_on), ("closed_reason", absence.closed_reason)):
        if closed and not value:
            faults.append(Fault(field, "Needed when the report is closed", "missing"))
        if value and not closed:
            faults.append(Fault(field, "Nothing, while the report is not closed", "not_expected"))
    if absence.closed_on and absence.closed_on > today:
        faults.append(Fault("closed_on", "A date that is not in the future", "future"))
    if absence.closed_reason and absence.closed_reason not in codes.ABSENCE_CLOSED.codes:
        faults.append(Fault("closed_reason", "A reason from the list", "unlisted_code"))
    return faults
