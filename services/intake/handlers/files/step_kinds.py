"""The kinds of file that tell steps: what each row says, since when, and what is wrong with it by itself."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.intake.domain.intake import Result, result_faults
from services.intake.domain.steps import Says
from services.intake.handlers.intakes import held
from services.intake.store.steps import Entity
from shared.core.errors import Fault
from shared.core.tabular import Row, kinds
from shared.schemas.intakes import IntakeOutcome


@dataclass(frozen=True, slots=True)
class Told:
    """What a row says."""

    at: datetime
    says: Says
    key: str = ""
    faults: Sequence[Fault] = ()


@dataclass(frozen=True, slots=True)
class StepFile:
    """One kind of file."""

    kind: kinds.FileKind
    entity: Entity
    read: Callable[[Row, date], Told]
    """A good row on a day."""


def _intake(row: Row, today: date) -> Told:
    day, outcome = date.fromisoformat(row["intakedatum"]), IntakeOutcome(row["uitkomst"])
    result = Result(day, outcome, row["redencode"] or None)
    return Told(held(result), result, faults=_placed(result_faults(result, today), _RESULT))


def _placed(faults: Sequence[Fault], columns: Mapping[str, str]) -> list[Fault]:
    """Faults by the columns of the file."""
    return [replace(fault, where=columns[fault.where]) for fault in faults]


_RESULT = {"held_on": "intakedatum", "outcome": "uitkomst", "reason": "redencode"}
STEP_FILES: Mapping[str, StepFile] = {"intakes": StepFile(kinds.INTAKES, "intake", _intake)}
"""Kind of file → how it is read."""
