"""The intake of an application: where it stands, what may be done, and what came out of it."""

from dataclasses import dataclass
from datetime import date

from services.intake.domain.access import WRITERS
from services.intake.domain.application import ENDED
from shared.core.errors import Fault
from shared.core.machine import Machine, moves
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome

WITH_REASON = frozenset({IntakeOutcome.REJECTED, IntakeOutcome.OTHER_ADVICE})


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of an intake."""

    held_on: date
    outcome: IntakeOutcome
    reason: str | None = None


INTAKE = Machine(
    "intake",
    "expected",
    moves(
        [
            ("expected", "record", WRITERS, "done"),
            ("done", "record", WRITERS, "done"),  # A correction: a new event with the whole state.
        ]
    ),
)
"""The intake of a live application. Of an application that has ended it is *closed*, and nothing can be done."""


def intake_state(status: ApplicationStatus, result: Result | None) -> str:
    """Where the intake of an application stands."""
    if status in ENDED:
        return "closed"
    return "done" if result else "expected"


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
