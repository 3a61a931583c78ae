"""What becomes of students: the start, a switch of programme, the end of an enrolment, and reports of absence."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from services.intake.domain import absence as absences
from services.intake.domain import enrolment as enrolling
from services.intake.domain import switch as switching
from services.intake.domain.absence import ABSENCE, Absence
from services.intake.domain.enrolment import ENROLMENT, Enrolment, enrolment_state
from services.intake.domain.steps import Channel, Says
from services.intake.domain.switch import SWITCH, Switch
from services.intake.handlers.steps import Rules, Topic, make
from services.intake.store import Application, steps
from services.intake.store.steps import Place
from shared.core.actor import Actor
from shared.core.clock import civil_date, local_instant
from shared.core.errors import Fault, Invalid
from shared.schemas.envelope import EventData, Outcome
from shared.schemas.intakes import (
    AbsenceReported,
    ApplicationStatus,
    EnrolmentEnded,
    ProgrammeSwitched,
    StudentNotStarted,
    StudentStarted,
)
from shared.storage.pool import Connection

Followed = Literal["enrolment", "switch", "absence"]
OTHER_APPLICATION = Fault("report_number", "A number that no other application has", "other_application")


@dataclass(frozen=True, slots=True)
class Follow:
    """A move of an enrolment, a switch or a report of absence."""

    entity: Followed
    place: Place
    """application_id and, of a switch or report, its key."""
    pupil_ref: str
    move: str
    said: Says | None = None
    """What is told; None: `undo`."""
    channel: Channel = "api"
    version: int | None = None
    """That was read before; None: whichever."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def follow(conn: Connection, command: Follow, actor: Actor, now: datetime) -> Outcome:
    """Make the move. What was recorded already changes nothing. The value is the version there is then.

    Raises `NotFound`, `Stale`, `Forbidden`, `IllegalMove` and `Invalid` (all faults, by field).
    """
    application_id, key = command.place
    if command.entity == "enrolment":
        return await make(conn, command, (actor, now), ENROLMENTS, _ENROLMENT)
    if command.entity == "switch":
        return await make(conn, command, (actor, now), SWITCHES, _SWITCH)
    owners = await steps.absences(conn, actor.organisation, [key])
    if owners.get(key, application_id) != application_id:
        raise Invalid([OTHER_APPLICATION])
    return await make(conn, command, (actor, now), ABSENCES, _ABSENCE)


def _common(application: Application, institution: str) -> dict[str, Any]:
    return {
        "application_id": application.application_id,
        "cohort": application.cohort,
        "mbo_institution": institution,
    }


def _enrolment(application: Application, _: str, found: Enrolment, institution: str, _now: datetime) -> EventData:
    common = _common(application, institution)
    common |= {"programme": application.programme, "pathway": application.pathway}
    if ended := found.ended:
        first_day = None if found.not_started else found.first_day
        return EnrolmentEnded(occurred_at=local_instant(ended.ended_on), first_day=first_day, **common, **asdict(ended))
    if absent := found.not_started:
        return StudentNotStarted(occurred_at=local_instant(absent.checked_on), **common, **asdict(absent))
    assert found.first_day, "an enrolment of which nothing is told is not published"
    return StudentStarted(occurred_at=local_instant(found.first_day), first_day=found.first_day, **common)


def _switch(application: Application, key: str, found: Switch | None, institution: str, _now: datetime) -> EventData:
    assert found
    return ProgrammeSwitched(
        occurred_at=local_instant(found.switched_on),
        switch_id=key,
        from_programme=application.programme,
        **_common(application, institution),
        **asdict(found),
    )


def _absence(application: Application, key: str, found: Absence | None, institution: str, _now: datetime) -> EventData:
    assert found
    when = local_instant(found.closed_on or found.reported_on)
    return AbsenceReported(occurred_at=when, report_number=key, **_common(application, institution), **asdict(found))


def _of_enrolled(application: Application, found: Switch | Absence | None) -> str:
    """Where a switch or report stands. Of somebody who was never enrolled there is none."""
    if found is None and application.status is not ApplicationStatus.ENROLLED:
        return "not_enrolled"
    return found.status if found else "none"


def _faults_of_switch(said: Any, _: object, _now: datetime) -> list[Fault]:
    return switching.faults_of(said)


def _faults_of_absence(said: Any, _: object, now: datetime) -> list[Fault]:
    return absences.faults_of(said, civil_date(now))


ENROLMENTS: Topic[Enrolment] = Topic(
    "enrolment", lambda _, told: enrolling.present(told), steps.save_enrolments, _enrolment
)
SWITCHES: Topic[Switch | None] = Topic("switch", lambda _, told: switching.present(told), steps.save_switches, _switch)
ABSENCES: Topic[Absence | None] = Topic(
    "absence", lambda _, told: absences.present(told), steps.save_absences, _absence
)
_ENROLMENT: Rules[Enrolment] = Rules(
    ENROLMENT,
    lambda application, found: enrolment_state(application.status, found),
    lambda said, _, now: enrolling.faults_of(said, civil_date(now)),
)
_SWITCH: Rules[Switch | None] = Rules(SWITCH, _of_enrolled, _faults_of_switch)
_ABSENCE: Rules[Absence | None] = Rules(ABSENCE, _of_enrolled, _faults_of_absence)
