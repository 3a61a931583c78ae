"""A made-up region, told to signals as the other services would."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from shared.core.ids import opaque_ref
from shared.schemas.alerts import AlertAcknowledged, AlertStatus
from shared.schemas.coordination import Custodian, Severity, StudentAtRisk, TransitionClosed
from shared.schemas.dossiers import HandoverAccepted, HandoverStatus, PupilExpected, Track
from shared.schemas.envelope import EventData
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    IntakeDone,
    IntakeOutcome,
    StudentStarted,
)
from shared.schemas.pupils import PupilRecorded
from tests.support import Told

UTRECHT, REGION = "0344", "19"
COHORT = 2027
REGISTERED = datetime(2026, 11, 10, 9, tzinfo=UTC)
APPLIED = datetime(2027, 2, 1, 9, tzinfo=UTC)
ON = date(2027, 4, 2)
NOW = datetime(2027, 4, 3, 9, tzinfo=UTC)

_sequences: dict[tuple[str, str], int] = {}


def ref(name: str) -> str:
    return opaque_ref("pupil", name)


def told(source: str, name: str, data: EventData, at: datetime = REGISTERED) -> Told:
    """The next event of this service about this pupil."""
    key = source, ref(name)
    _sequences[key] = _sequences.get(key, 0) + 1
    return Told(source, ref(name), data, at, _sequences[key])


def recorded(name: str, municipality: str | None = UTRECHT) -> Told:
    data = PupilRecorded(
        occurred_at=REGISTERED,
        first_name="Noor",
        last_name="Proef",
        birth_date=date(2011, 3, 4),
        municipality=municipality,
    )
    return told("dossier", name, data)


def expected(name: str, track: Track = "vmbo-kb") -> Told:
    return told("dossier", name, PupilExpected(occurred_at=REGISTERED, cohort=COHORT, vo_site="99AA00", track=track))


def application(
    name: str,
    status: ApplicationStatus = ApplicationStatus.RECEIVED,
    at: datetime = APPLIED,
    *,
    shadow: bool = False,
) -> Told:
    data = ApplicationStatusChanged(
        occurred_at=at,
        application_id=opaque_ref("application", name),
        cohort=COHORT,
        mbo_institution="99MA",
        programme="25498",
        pathway="bol",
        status=status,
        status_at=at,
        channel="csv",
        shadow=shadow,
    )
    return told("intake", name, data, at)


def started(name: str, first_day: date) -> Told:
    data = StudentStarted(
        occurred_at=APPLIED,
        application_id=opaque_ref("application", name),
        cohort=COHORT,
        mbo_institution="99MA",
        programme="25498",
        pathway="bol",
        first_day=first_day,
    )
    return told("intake", name, data, APPLIED)


def intake(name: str, outcome: IntakeOutcome = IntakeOutcome.PLACED) -> Told:
    data = IntakeDone(
        occurred_at=APPLIED,
        application_id=opaque_ref("application", name),
        cohort=COHORT,
        mbo_institution="99MA",
        programme="25498",
        held_on=date(2027, 3, 1),
        outcome=outcome,
    )
    return told("intake", name, data, APPLIED)


def accepted(name: str) -> Told:
    data = HandoverAccepted(
        occurred_at=APPLIED,
        handover_id=opaque_ref("handover", name),
        cohort=COHORT,
        vo_site="99AA00",
        mbo_institution="99MA",
        kind="cold",
        status=HandoverStatus.ACCEPTED,
        offered_at=APPLIED,
        accepted_at=APPLIED,
    )
    return told("dossier", name, data, APPLIED)


def at_risk(name: str) -> Told:
    data = StudentAtRisk(
        occurred_at=APPLIED,
        risk_id=opaque_ref("risk", name),
        cohort=COHORT,
        rule="no-application",
        agreement_version="default",
        severity=Severity.NOTICE,
        evidence=(),
        route=(Custodian(organisation="99AA00", role="mentor"),),
        known_until=APPLIED,
    )
    return told("coordination", name, data, APPLIED)


def acknowledged(name: str) -> Told:
    data = AlertAcknowledged(
        occurred_at=APPLIED,
        alert_id=opaque_ref("alert", name),
        cohort=COHORT,
        rule="no-application",
        severity=Severity.NOTICE,
        organisation="99AA00",
        role="mentor",
        status=AlertStatus.ACKNOWLEDGED,
        step=1,
        raised_at=APPLIED,
        acknowledged_at=APPLIED,
    )
    return told("notifications", name, data, APPLIED)


def closed(name: str, outcome: str) -> Told:
    return told("coordination", name, TransitionClosed(occurred_at=APPLIED, cohort=COHORT, outcome=outcome), APPLIED)


def topics(events: Sequence[Told]) -> list[list[Told]]:
    """The events in the batches in which they would come: one topic at a time."""
    by_topic: dict[Any, list[Told]] = {}
    for event in events:
        by_topic.setdefault((event.source, isinstance(event.data, PupilRecorded)), []).append(event)
    return list(by_topic.values())


def the_region() -> list[Told]:
    """120 pupils: 60 vmbo-kb, 40 vmbo-tl, 20 havo; 100 applied, 30 placed, 12 with a dossier, 14 at risk."""
    names = [f"p{n}" for n in range(120)]
    tracks: dict[int, Track] = {0: "vmbo-kb", 60: "vmbo-tl", 100: "havo"}
    events = [recorded(name) for name in names]
    for n, name in enumerate(names):
        track = tracks[max(first for first in tracks if first <= n)]
        events.append(expected(name, track))
    events += [application(name) for n, name in enumerate(names) if n % 6]
    events += [intake(name) for n, name in enumerate(names) if n % 4 == 1]
    events += [accepted(name) for n, name in enumerate(names) if n % 10 == 3]
    events += [at_risk(name) for n, name in enumerate(names) if n % 6 == 0 and n < 84]
    events += [acknowledged(name) for n, name in enumerate(names) if n % 6 == 0 and n < 84]
    return events
