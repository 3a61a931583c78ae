"""Facts: what others told about a pupil, reduced to what the figures need. No name, number, birth date or note.

A fact is the newest state of one entity (an application, a handover …) with three civil dates: since when it is so,
since when it has come as far as it should (placed, accepted, acknowledged), and since when it is over.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from shared.core.clock import civil_date
from shared.schemas.alerts import AlertState
from shared.schemas.coordination import (
    AtRiskState,
    OrganisationSilent,
    StudentAtRiskCleared,
    TransitionClosed,
    TransitionState,
)
from shared.schemas.dossiers import (
    ChoiceState,
    ChoiceWithdrawn,
    ExamResultRecorded,
    HandoverState,
    HandoverStatus,
    OtherRouteRegistered,
    PupilExpected,
)
from shared.schemas.envelope import Event
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    EnrolmentEnded,
    EnrolmentState,
    IntakeDone,
    IntakeOutcome,
    IntakeState,
    StudentStarted,
)
from shared.schemas.pupils import PupilRecorded

PLACED = frozenset({ApplicationStatus.OFFERED, ApplicationStatus.ENROLLED})
LOST = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
PLACED_BY_INTAKE = frozenset({IntakeOutcome.PLACED, IntakeOutcome.PROVISIONAL})
GIVEN_BACK = frozenset({HandoverStatus.REFUSED, HandoverStatus.WITHDRAWN})
CLEARED = "cleared"
NEVER = date.max
"""First day of what did not take place: any day on which it did comes before."""

Key = tuple[str, str, str]
"""Subject, kind and entity."""


@dataclass(frozen=True, slots=True)
class Fact:
    """The newest state of one entity, under the reference it was told under."""

    subject: str
    kind: str
    entity: str
    sequence: int
    cohort: int
    """0: holds for every cohort."""
    detail: str | None
    """Municipality of residence, track, status, outcome, result, route, rule, or whether an organisation is silent."""
    first_on: date
    reached_on: date | None = None
    ended_on: date | None = None
    place: str | None = None
    """Institution of an application, school that expects the pupil."""
    shadow: bool = False
    """Of an application: nobody here knows whose it is."""

    @property
    def key(self) -> Key:
        return self.subject, self.kind, self.entity


def fold(known: Fact | None, told: Fact) -> Fact:
    """Both together, in whatever order they came: the newest state, the earliest dates."""
    if known is None:
        return told
    newest = told if told.sequence > known.sequence else known
    reached = [fact.reached_on for fact in (known, told) if fact.reached_on]
    return replace(newest, first_on=min(known.first_on, told.first_on), reached_on=min(reached, default=None))


def residence(event: Event) -> Fact:
    """Where the pupil lives, as the school or the institution knows it."""
    data = event.data
    assert isinstance(data, PupilRecorded)
    day = civil_date(event.time)
    return Fact(event.subject, "residence", event.source, event.sequence, 0, data.municipality, day)


def expected(event: Event) -> Fact:
    """A school expects the pupil to move: the denominator."""
    data = event.data
    assert isinstance(data, PupilExpected)
    day = civil_date(data.occurred_at)
    return Fact(
        event.subject, "expected", str(data.cohort), event.sequence, data.cohort, data.track, day, place=data.vo_site
    )


def choice(event: Event) -> Fact:
    """What the pupil intends."""
    data = event.data
    assert isinstance(data, ChoiceState)
    day = civil_date(data.occurred_at)
    ended = day if isinstance(data, ChoiceWithdrawn) else None
    return Fact(event.subject, "choice", data.choice_id, event.sequence, data.cohort, None, day, None, ended)


def application(event: Event) -> Fact:
    """What an institution received and decided."""
    data = event.data
    assert isinstance(data, ApplicationStatusChanged)
    day = civil_date(data.status_at)
    reached, ended = day if data.status in PLACED else None, day if data.status in LOST else None
    told = (event.subject, "application", data.application_id, event.sequence, data.cohort, data.status.value)
    return Fact(*told, day, reached, ended, data.mbo_institution, data.shadow)


def intake(event: Event) -> Fact:
    """What came out of an intake; nothing, or nothing any more, when it is still to be held."""
    data = event.data
    assert isinstance(data, IntakeState)
    if not isinstance(data, IntakeDone):
        told = (event.subject, "intake", data.application_id, event.sequence, data.cohort, None)
        return Fact(*told, first_on=NEVER, ended_on=civil_date(data.occurred_at))
    reached = data.held_on if data.outcome in PLACED_BY_INTAKE else None
    detail, entity = data.outcome.value, data.application_id
    return Fact(event.subject, "intake", entity, event.sequence, data.cohort, detail, data.held_on, reached)


def enrolment(event: Event) -> Fact:
    """Whether the student was seen in class, and whether the enrolment ended."""
    data = event.data
    assert isinstance(data, EnrolmentState)
    day = civil_date(data.occurred_at)
    started = data.first_day if isinstance(data, StudentStarted | EnrolmentEnded) else None
    ended = data.ended_on if isinstance(data, EnrolmentEnded) else None
    detail = {StudentStarted: "started", EnrolmentEnded: "ended"}.get(type(data), "not-started")
    entity = data.application_id
    return Fact(event.subject, "enrolment", entity, event.sequence, data.cohort, detail, started or day, started, ended)


def route(event: Event) -> Fact:
    """Which other way the pupil goes."""
    data = event.data
    assert isinstance(data, OtherRouteRegistered)
    day = civil_date(data.occurred_at)
    ended = day if data.status == "withdrawn" else data.until
    entity, confirmed = str(data.cohort), day if data.status == "confirmed" else None
    return Fact(event.subject, "route", entity, event.sequence, data.cohort, data.route, day, confirmed, ended)


def exam(event: Event) -> Fact:
    """The result of the final exam."""
    data = event.data
    assert isinstance(data, ExamResultRecorded)
    passed = data.decided_on if data.result == "passed" else None
    ended = civil_date(data.occurred_at) if data.result == "retracted" else None
    entity, day = str(data.cohort), data.decided_on
    return Fact(event.subject, "exam", entity, event.sequence, data.cohort, data.result, day, passed, ended)


def handover(event: Event) -> Fact:
    """How far a dossier has come."""
    data = event.data
    assert isinstance(data, HandoverState)
    offered = civil_date(data.offered_at or data.occurred_at)
    ended = civil_date(data.ended_at or data.occurred_at) if data.status in GIVEN_BACK else None
    detail, entity = data.status.value, data.handover_id
    reached = _day(data.accepted_at)
    return Fact(event.subject, "handover", entity, event.sequence, data.cohort, detail, offered, reached, ended)


def risk(event: Event) -> Fact:
    """A rule that fired, or whose reason has gone."""
    data = event.data
    assert isinstance(data, AtRiskState)
    day = civil_date(data.occurred_at)
    ended = day if isinstance(data, StudentAtRiskCleared) else None
    return Fact(event.subject, "risk", data.risk_id, event.sequence, data.cohort, data.rule, day, None, ended)


def transition(event: Event) -> Fact:
    """Whether the transition is open, or how it ended."""
    data = event.data
    assert isinstance(data, TransitionState)
    day = civil_date(data.occurred_at)
    ended = day if isinstance(data, TransitionClosed) else None
    entity, detail = str(data.cohort), data.outcome if ended else None
    return Fact(event.subject, "transition", entity, event.sequence, data.cohort, detail, day, None, ended)


def alert(event: Event) -> Fact:
    """Whether somebody was told of the pupil, and answered."""
    data = event.data
    assert isinstance(data, AlertState)
    by_a_person = data.verdict not in (None, CLEARED)
    answered = data.acknowledged_at or (data.occurred_at if by_a_person else None)
    entity, day = data.alert_id, civil_date(data.raised_at)
    return Fact(event.subject, "alert", entity, event.sequence, data.cohort, data.status.value, day, _day(answered))


def silence(event: Event) -> Fact:
    """Nothing is heard of an organisation, or it speaks again: a fact for each time, which holds until the next."""
    data = event.data
    assert isinstance(data, OrganisationSilent)
    day = civil_date(data.occurred_at)
    return Fact(event.subject, "silence", str(event.sequence), event.sequence, 0, data.status, day)


def _day(instant: datetime | None) -> date | None:
    return civil_date(instant) if instant else None
