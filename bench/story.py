"""Made-up pupils and what is told of them: the input of every measurement, many types interleaved."""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from shared.core.errors import Unavailable
from shared.core.ids import new_id, opaque_ref
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.messaging import records
from shared.messaging.broker import Producer
from shared.messaging.records import Outgoing
from shared.schemas import alerts, coordination, dossiers, intakes, pupils
from shared.schemas.catalog import consumed_topics, topic_of
from shared.schemas.coordination import Custodian, Evidence, Severity
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.envelope import EventData, RecordedBy

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
COHORT, SITE, MBO, CREBO, MUNICIPALITY = 2027, "99AA00", "99MA", "25655", "0344"
PUPIL = "pupil-0-pupil"
"""Stands for the number of the pupil in ids of a template."""
BLOCK, TRIES = 2000, 30
BY = RecordedBy(organisation=SITE, role="decaan", person_ref="person-1")
HOLDER = Custodian(organisation=SITE, role="mentor", contact="person-2", deputy="person-3")
ORGANISATIONS = """code;soort;naam;regio
99AA00;vo;De Zilverlinde;19
99MA;mbo;ROC Kromme Linde;19
0344;gemeente;Gemeente Utrecht;19
19;regio;Regio Utrecht;19
"""
CONTACTS = """organisatie;rol;naam;email;plaatsvervanger_email;vanaf
99AA00;decaan;Fenna Huisman;decaan@zilverlinde.example;deputy@zilverlinde.example;2026-08-01
99AA00;mentor;Joris Vos;mentor@zilverlinde.example;;2026-08-01
99MA;intake_coordinator;Noor Bos;intake@krommelinde.example;;2026-08-01
0344;leerplicht;Sanne Kok;leerplicht@utrecht.example;;2026-08-01
19;doorstroompunt;Bram Prins;doorstroompunt@utrecht.example;;2026-08-01
19;region_coordinator;Iris Dekker;regio@utrecht.example;;2026-08-01
"""


@dataclass(frozen=True, slots=True)
class Step:
    """One event of every pupil's story; `endings` are alternatives, dealt to the pupils in turn."""

    source: str
    sequence: int
    at: datetime
    endings: tuple[tuple[str, str, str], ...]
    """Type, topic and text of each alternative."""


def _application(status: str) -> EventData:
    return intakes.ApplicationStatusChanged(
        occurred_at=NOW,
        application_id=f"a-{PUPIL}",
        cohort=COHORT,
        mbo_institution=MBO,
        programme=CREBO,
        pathway="bol",
        status=intakes.ApplicationStatus(status),
        status_at=NOW,
        channel="api",
    )


def _choice(model: type[dossiers.ChoiceState]) -> EventData:
    return model(
        occurred_at=NOW,
        choice_id=f"c-{PUPIL}",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        programme=CREBO,
        level=4,
        pathway="bol",
        preference=1,
    )


def _handover(model: type[dossiers.HandoverState], status: HandoverStatus) -> EventData:
    ended = status in (HandoverStatus.REFUSED, HandoverStatus.WITHDRAWN)
    return model(
        occurred_at=NOW,
        handover_id=f"h-{PUPIL}",
        cohort=COHORT,
        vo_site=SITE,
        mbo_institution=MBO,
        kind="cold",
        status=status,
        offered_at=NOW,
        opened_at=None if status is HandoverStatus.OFFERED else NOW,
        accepted_at=NOW if status is HandoverStatus.ACCEPTED else None,
        ended_at=NOW if ended else None,
        reason="capacity" if ended else None,
    )


def _alert(model: type[alerts.AlertState], status: alerts.AlertStatus) -> EventData:
    return model(
        occurred_at=NOW,
        alert_id=f"alert-{PUPIL}",
        cohort=COHORT,
        rule="no-application",
        severity=Severity.NOTICE,
        organisation=SITE,
        role="mentor",
        status=status,
        step=1,
        raised_at=NOW,
        acknowledged_at=NOW,
    )


def _action(model: type[coordination.ActionState]) -> EventData:
    return model(
        occurred_at=NOW,
        action_id=f"x-{PUPIL}",
        cohort=COHORT,
        kind="register-application",
        owner=HOLDER,
        due_at=NOW + timedelta(days=9),
        severity=1,
        next=True,
    )


def _risk(model: type[coordination.AtRiskState]) -> EventData:
    return model(
        occurred_at=NOW,
        risk_id=f"r-{PUPIL}",
        cohort=COHORT,
        rule="no-application",
        agreement_version="default-1",
        severity=Severity.NOTICE,
        evidence=(Evidence(fact="live-applications", value="0"),),
        route=(HOLDER,),
        known_until=NOW,
    )


def _custody() -> EventData:
    return coordination.CustodyChanged(
        occurred_at=NOW, cohort=COHORT, number=1, since=NOW, holder=HOLDER, basis="agreed"
    )


def _told() -> Iterator[tuple[str, tuple[EventData, ...]]]:
    yield (
        "dossier",
        (
            pupils.PupilRecorded(
                occurred_at=NOW,
                first_name="Noor",
                last_name="Verzonnen",
                birth_date=date(2011, 3, 24),
                municipality=MUNICIPALITY,
            ),
        ),
    )
    yield (
        "dossier",
        (
            dossiers.PupilExpected(
                occurred_at=NOW, cohort=COHORT, vo_site=SITE, track="vmbo-kb", mentor="person-2", deputy="person-3"
            ),
        ),
    )
    yield (
        "coordination",
        (coordination.TransitionOpened(occurred_at=NOW, cohort=COHORT, origin=SITE, region="19"),),
    )
    yield "coordination", (_custody(),)
    yield "coordination", (_action(coordination.ActionOpened),)
    yield "coordination", (_risk(coordination.StudentAtRisk),)
    yield "notifications", (_alert(alerts.AlertAcknowledged, alerts.AlertStatus.ACKNOWLEDGED),)
    yield "dossier", (_choice(dossiers.ChoiceRegistered),)
    yield "intake", (_application("submitted"),)
    yield "intake", (_application("received"),)
    yield "coordination", (_risk(coordination.StudentAtRiskCleared),)
    yield "coordination", (_action(coordination.ActionDone),)
    yield "notifications", (_alert(alerts.AlertResolved, alerts.AlertStatus.RESOLVED),)
    yield "dossier", (_handover(dossiers.DossierHandedOver, HandoverStatus.OFFERED),)
    yield "dossier", (_handover(dossiers.HandoverOpened, HandoverStatus.OPENED),)
    yield (
        "dossier",
        (
            _handover(dossiers.HandoverAccepted, HandoverStatus.ACCEPTED),
            _handover(dossiers.HandoverRefused, HandoverStatus.REFUSED),
            _handover(dossiers.HandoverWithdrawn, HandoverStatus.WITHDRAWN),
        ),
    )
    yield "intake", (_intake(),)
    yield "intake", (_application("offered"),)
    yield "dossier", (_choice(dossiers.ChoiceWithdrawn),)


def _intake() -> EventData:
    return intakes.IntakeDone(
        occurred_at=NOW,
        application_id=f"a-{PUPIL}",
        cohort=COHORT,
        mbo_institution=MBO,
        programme=CREBO,
        held_on=NOW.date(),
        outcome=intakes.IntakeOutcome.PLACED,
    )


@cache
def steps() -> tuple[Step, ...]:
    """The whole story of a pupil, over all topics, in order of time."""
    sequences: dict[str, int] = {}
    made = []
    for minute, (source, endings) in enumerate(_told()):
        sequences[source] = sequences.get(source, 0) + 1
        texts = tuple((d.TYPE, topic_of(source, type(d)).name, _text(d)) for d in endings)
        made.append(Step(source, sequences[source], NOW + timedelta(minutes=minute), texts))
    return tuple(made)


def _text(data: EventData) -> str:
    return data.model_copy(update={"recorded_by": BY}).model_dump_json()


def heard_by(service: str) -> tuple[Step, ...]:
    """The part of the story that a service listens to."""
    topics = {topic.name for topic in consumed_topics(service)}
    return tuple(step for step in steps() if step.endings[0][1] in topics)


def types_heard_by(service: str) -> set[str]:
    """Types in that part."""
    return {ending[0] for step in heard_by(service) for ending in step.endings}


def told(service: str, wanted: int) -> Iterator[tuple[int, Step]]:
    """About `wanted` events for a service (never fewer), as (pupil, step): every pupil's own in order, those of
    different pupils interleaved, so that neighbours are of different types."""
    parts = heard_by(service)
    return interleaved(parts, -(-wanted // len(parts)))


def interleaved(parts: Sequence[Step], count: int) -> Iterator[tuple[int, Step]]:
    """These parts of the story of so many pupils."""
    behind = max(1, count // 20)
    for place in range(count + behind * len(parts)):
        for number, step in enumerate(parts):
            if 0 <= (pupil := place - behind * number) < count:
                yield pupil, step


Where = Callable[[int, str], str]
"""Which organisations the text of an event of this pupil is about."""


def same(_pupil: int, text: str) -> str:
    """One school, institution, municipality and region for all."""
    return text


def encoded(
    settings: Settings, service: str, story: Iterable[tuple[int, Step]], at: Where = same
) -> Iterator[Outgoing]:
    """The records that the relays of the publishing services would send."""
    keys, topics = load_keys(settings), {t.name: t for t in consumed_topics(service)}
    for pupil, step in story:
        short, topic, text = step.endings[pupil % len(step.endings)]
        payload = at(pupil, text.replace(PUPIL, str(pupil)))
        row = {
            "subject": ref(pupil),
            "sequence": step.sequence,
            "event_id": new_id(),
            "type": short,
            "topic": topic,
            "recorded_at": step.at,
            "payload": keys.encrypt(payload.encode()) if topics[topic].encrypted else payload,
        }
        yield records.encode(settings, step.source, row)[0]


def ref(pupil: int) -> str:
    """A made-up pupil_ref."""
    return opaque_ref("pupil", str(pupil))


async def produce(settings: Settings, service: str, wanted: int) -> int:
    """Put the story on the topics; returns the number of events."""
    return await send(settings, encoded(settings, service, told(service, wanted)))


async def send(settings: Settings, outgoing: Iterable[Outgoing]) -> int:
    """Put records on the topics; returns how many."""
    producer, sent = Producer(settings), 0
    block: list[Outgoing] = []
    try:
        for record in outgoing:
            block.append(record)
            if len(block) == BLOCK:
                sent += await _send(producer, block)
                block = []
        return sent + await _send(producer, block)
    finally:
        await producer.close()


async def _send(producer: Producer, block: Sequence[Outgoing]) -> int:
    """A broker that has just made its topics may refuse for a while: what it refused is sent again."""
    left = block
    for _ in range(TRIES):
        if not left:
            return len(block)
        try:
            acked = await producer.send(left)
        except Unavailable:
            acked = [False] * len(left)
        left = [record for record, ok in zip(left, acked, strict=True) if not ok]
        await asyncio.sleep(0.5 if left else 0)
    raise Unavailable("the broker does not take events")
