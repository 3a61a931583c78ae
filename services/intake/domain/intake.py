"""The intake of an application: where it stands, what may be done, and what came out of it."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import ClassVar, Literal

from services.intake.domain.access import WRITERS
from services.intake.domain.application import ENDED
from services.intake.domain.steps import Step, standing
from shared.core.errors import Fault
from shared.core.machine import Machine, moves
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome
from shared.schemas.vocabulary import codes

Form = Literal["on_site", "online", "phone"]
FORMS: tuple[Form, ...] = ("on_site", "online", "phone")
WITH_REASON = frozenset({IntakeOutcome.REJECTED, IntakeOutcome.OTHER_ADVICE})
IN_ADVANCE = frozenset({"pupil_cancelled", "institution_cancelled", "not_reachable", "other"})
"""Reasons for which an intake can be known to be missed before its time."""

INTAKE = Machine(
    "intake",
    "expected",
    moves(
        [
            ("expected", "invite", WRITERS, "invited"),
            ("expected", "plan", WRITERS, "planned"),
            ("expected", "record", WRITERS, "done"),
            ("invited", "invite", WRITERS, "invited"),  # Again, with another day to answer by.
            ("invited", "plan", WRITERS, "planned"),
            ("invited", "record", WRITERS, "done"),
            ("planned", "plan", WRITERS, "planned"),  # Another time or form.
            ("planned", "miss", WRITERS, "missed"),
            ("planned", "record", WRITERS, "done"),
            ("missed", "invite", WRITERS, "invited"),
            ("missed", "plan", WRITERS, "planned"),
            ("missed", "record", WRITERS, "done"),
            ("done", "record", WRITERS, "done"),  # A correction: a new event with the whole state.
            ("done", "place", WRITERS, "done"),  # Placed for the time being becomes placed.
            # The last step was a mistake; where it was before.
            ("invited", "undo", WRITERS, "expected"),
            ("invited", "undo", WRITERS, "invited"),
            ("invited", "undo", WRITERS, "missed"),
            ("planned", "undo", WRITERS, "expected"),
            ("planned", "undo", WRITERS, "invited"),
            ("planned", "undo", WRITERS, "planned"),
            ("planned", "undo", WRITERS, "missed"),
            ("missed", "undo", WRITERS, "planned"),
            ("missed", "undo", WRITERS, "invited"),
            ("missed", "undo", WRITERS, "missed"),
            ("missed", "undo", WRITERS, "expected"),
            ("done", "undo", WRITERS, "expected"),
            ("done", "undo", WRITERS, "invited"),
            ("done", "undo", WRITERS, "planned"),
            ("done", "undo", WRITERS, "missed"),
            ("done", "undo", WRITERS, "done"),
        ]
    ),
)
"""The intake of a live application. Of an application that has ended it is *closed*, and nothing can be done."""


@dataclass(frozen=True, slots=True)
class Invited:
    """The applicant was asked to come."""

    answer_by: date | None = None
    """Last day to react."""
    rank: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Planned:
    """It has a time and a form."""

    planned_at: datetime
    form: Form
    rank: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Missed:
    """It did not take place."""

    reason: str
    """Of `codes.INTAKE_MISSED`."""
    rank: ClassVar[int] = 3


@dataclass(frozen=True, slots=True)
class Result:
    """What came out of an intake."""

    held_on: date
    outcome: IntakeOutcome
    reason: str | None = None
    advised_programme: str | None = None
    """Crebo that does fit, with other advice."""
    rank: ClassVar[int] = 4


Said = Invited | Planned | Missed | Result


@dataclass(frozen=True, slots=True)
class Intake:
    """An intake as its steps make it."""

    state: str = "expected"
    invited_at: datetime | None = None
    answer_by: date | None = None
    planned_at: datetime | None = None
    form: Form | None = None
    missed: int = 0
    """How often it did not take place."""
    missed_at: datetime | None = None
    missed_reason: str | None = None
    result: Result | None = None
    mandatory: bool = False
    """Whether it is a condition for admission, as the institution laid down."""


def present(steps: Iterable[Step]) -> Intake:
    """Where an intake stands. Once something came out of it, it is done, whatever else is told."""
    intake = Intake()
    for step in standing(steps):
        intake = _after(intake, step)
    return replace(intake, state="done") if intake.result else intake


def _after(intake: Intake, step: Step) -> Intake:
    match step.says:
        case Invited(answer_by):
            return replace(intake, state="invited", invited_at=step.at, answer_by=answer_by, planned_at=None, form=None)
        case Planned(planned_at, form):
            return replace(intake, state="planned", planned_at=planned_at, form=form)
        case Missed(reason):
            when = intake.planned_at or step.at
            return replace(intake, state="missed", missed=intake.missed + 1, missed_at=when, missed_reason=reason)
        case Result() as result:
            return replace(intake, result=result)
    raise TypeError(step.says)


def intake_state(status: ApplicationStatus, intake: Intake) -> str:
    """Where the intake of an application stands."""
    return "closed" if status in ENDED else intake.state


def faults_of(said: Said, intake: Intake, now: datetime, today: date) -> list[Fault]:
    """Everything wrong with what somebody asks for now, by field. Texts are message ids."""
    match said:
        case Invited(answer_by):
            late = answer_by is not None and answer_by < today
            return [Fault("answer_by", "A date from today on", "past")] if late else []
        case Planned(planned_at):
            return [Fault("planned_at", "A moment in the future", "past")] if planned_at <= now else []
        case Missed(reason):
            return _missed_faults(reason, intake, now)
        case Result() as result:
            return result_faults(result, today)


def _missed_faults(reason: str, intake: Intake, now: datetime) -> list[Fault]:
    if reason not in codes.INTAKE_MISSED.codes:
        return [Fault("reason", "A reason from the list", "unlisted_code")]
    if reason not in IN_ADVANCE and intake.planned_at and intake.planned_at > now:
        return [Fault("reason", "A reason that fits: the time of the intake has yet to come", "future")]
    return []


def result_faults(result: Result, today: date) -> list[Fault]:
    """Everything wrong with a result, by field. Texts are message ids."""
    faults = []
    if result.held_on > today:
        faults.append(Fault("held_on", "A date that is not in the future", "future"))
    if result.outcome in WITH_REASON and not result.reason:
        faults.append(Fault("reason", "A reason, because of this outcome", "missing"))
    if result.advised_programme and result.outcome is not IntakeOutcome.OTHER_ADVICE:
        faults.append(Fault("advised_programme", "A programme with other advice only", "not_expected"))
    return faults
