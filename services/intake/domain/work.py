"""What must be done for whom at an mbo institution: one function puts every pupil in one group of the work list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.intake.domain.application import ENDED
from shared.core.actor import Role
from shared.core.clock import civil_date
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome

RECENT = timedelta(days=30)
"""How long something that ended is shown apart."""
SOON = timedelta(days=7)
ANSWER_DAYS = timedelta(days=14)
"""After which an invitation without a day to answer by counts as unanswered."""
FIRST_MONTH = 8
"""Of a school year. From 1 August the institution has who is enrolled (protocol 6)."""
UNDECIDED = frozenset({IntakeOutcome.PROVISIONAL, IntakeOutcome.FURTHER_STUDY})
COMING = frozenset({ApplicationStatus.SUBMITTED, ApplicationStatus.RECEIVED})


class Task(StrEnum):
    """What must be done; the last four ask for nothing now."""

    OUTCOME = "outcome"
    MISSED = "missed"
    TODAY = "today"
    UNANSWERED = "unanswered"
    INVITE = "invite"
    SOON = "soon"
    UNDECIDED = "undecided"
    NOT_STARTED = "not_started"
    START = "start"
    SWITCH = "switch"
    ABSENCE = "absence"
    FOLLOW_UP = "follow_up"
    WARM = "warm"
    DOSSIER = "dossier"
    EXPECTED = "expected"
    WAITING = "waiting"
    STARTED = "started"
    ENDED = "ended"
    DONE = "done"


RESTING = frozenset({Task.WAITING, Task.STARTED, Task.ENDED, Task.DONE})

_INTAKE = (
    Task.OUTCOME, Task.MISSED, Task.TODAY, Task.UNANSWERED, Task.INVITE, Task.SOON, Task.UNDECIDED,
    Task.NOT_STARTED, Task.START, Task.SWITCH, Task.WARM, Task.DOSSIER,
    Task.EXPECTED, Task.WAITING, Task.STARTED, Task.ENDED, Task.DONE,
)  # fmt: skip
_SLB = (
    Task.NOT_STARTED, Task.ABSENCE, Task.SWITCH, Task.START, Task.FOLLOW_UP, Task.WARM, Task.DOSSIER,
    Task.WAITING, Task.STARTED, Task.ENDED, Task.DONE,
)  # fmt: skip
GROUPS: Mapping[Role, Sequence[Task]] = {
    Role.INTAKER: _INTAKE,
    Role.INTAKE_COORDINATOR: _INTAKE,
    Role.SCHOOL_SYSTEM: _INTAKE,
    Role.SLBER: _SLB,
}
"""Role → its groups, most urgent first. Who asks for two things stands in the first of them."""


@dataclass(frozen=True, slots=True)
class Talk:
    """A warm handover that is not held yet."""

    talk_id: str
    planned_at: datetime | None
    hold_by: date


@dataclass(frozen=True, slots=True)
class Work:
    """What is known of one application; or of somebody who is expected and has not applied."""

    status: ApplicationStatus | None
    """None: no application yet."""
    status_at: datetime
    cohort: int
    intake: str = "expected"
    invited_at: datetime | None = None
    answer_by: date | None = None
    planned_at: datetime | None = None
    held_on: date | None = None
    outcome: IntakeOutcome | None = None
    enrolment: str = "enrolled"
    ended_on: date | None = None
    switching: bool = False
    absent_since: date | None = None
    """Day of the oldest report of absence that is open."""
    dossier: str | None = None
    """Where the handover of the dossier stands."""
    talk: Talk | None = None
    follow_up: date | None = None
    """Day before which the institution must do what was agreed in a talk."""
    first: bool = True
    """Whether it is the one application of the pupil here that the dossier and the talks are shown at."""


def first_cohort(today: date) -> int:
    """The oldest cohort there is work for: who began in the school year that now is."""
    return today.year - (today.month < FIRST_MONTH)


def task_of(work: Work, role: Role, now: datetime) -> Task:
    """The one group in which somebody with this role finds it."""
    tasks = tasks_of(work, now)
    return next((task for task in GROUPS[role] if task in tasks), Task.DONE)


def concerns(work: Work, role: Role) -> bool:
    """Whether it is on the list of this role at all: a study career adviser meets pupils at their enrolment."""
    return role is not Role.SLBER or work.status is ApplicationStatus.ENROLLED


def tasks_of(work: Work, now: datetime) -> frozenset[Task]:
    """Everything that must be done for it, or the one thing to say when that is nothing."""
    today = civil_date(now)
    both = {_step(work, now, today), *(_beside(work, now) if work.first else ())}
    if work.status is ApplicationStatus.ENROLLED and work.enrolment == "started":
        both |= {Task.SWITCH} if work.switching else set()
        both |= {Task.ABSENCE} if work.absent_since else set()
    return frozenset(both)


def _step(work: Work, now: datetime, today: date) -> Task:
    """Where the pupil is on the road from choice to start."""
    if work.status is None:
        return Task.EXPECTED
    if work.status in ENDED:
        return _ended(civil_date(work.status_at), today)
    if work.status is ApplicationStatus.ENROLLED:
        return _enrolled(work, today)
    return _intake(work, now, today)


def _enrolled(work: Work, today: date) -> Task:
    match work.enrolment:
        case "started":
            return Task.STARTED
        case "not_started":
            return Task.NOT_STARTED
        case "ended":
            return _ended(work.ended_on or today, today)
    return Task.START if today >= date(work.cohort, FIRST_MONTH, 1) else Task.WAITING


def _intake(work: Work, now: datetime, today: date) -> Task:
    match work.intake:
        case "done":
            return _decided(work, today)
        case "missed":
            return Task.MISSED
        case "planned":
            return _planned(work.planned_at or now, now, today)
        case "invited":
            since = civil_date(work.invited_at or now)
            return Task.UNANSWERED if (work.answer_by or since + ANSWER_DAYS) < today else Task.WAITING
    return Task.INVITE if work.status in COMING else Task.WAITING


def _planned(at: datetime, now: datetime, today: date) -> Task:
    if at <= now:
        return Task.OUTCOME
    if civil_date(at) == today:
        return Task.TODAY
    return Task.SOON if civil_date(at) <= today + SOON else Task.WAITING


def _decided(work: Work, today: date) -> Task:
    if work.outcome in UNDECIDED:
        return Task.UNDECIDED
    return Task.WAITING if work.outcome is IntakeOutcome.PLACED else _ended(work.held_on or today, today)


def _ended(day: date, today: date) -> Task:
    return Task.ENDED if day > today - RECENT else Task.DONE


def _beside(work: Work, now: datetime) -> set[Task]:
    """What the school that hands over waits for, and what was agreed with it; not of an application that has ended."""
    if work.status in ENDED or work.enrolment == "ended":
        return set()
    asked = {Task.WARM} if work.talk and (work.talk.planned_at is None or work.talk.planned_at <= now) else set()
    offered = {Task.DOSSIER} if work.dossier == "offered" else set()
    return asked | offered | ({Task.FOLLOW_UP} if work.follow_up else set())


def deadline(work: Work, task: Task) -> date | None:
    """The day before which it must be done, where one is known."""
    match task:
        case Task.OUTCOME | Task.TODAY | Task.SOON:
            return civil_date(work.planned_at) if work.planned_at else None
        case Task.UNANSWERED | Task.WAITING:
            return work.answer_by if work.intake == "invited" else None
        case Task.WARM:
            return work.talk.hold_by if work.talk else None
        case Task.FOLLOW_UP:
            return work.follow_up
    return None
