"""What the topics keep and for how long: read back from the broker, and seen to happen."""

import asyncio
import re
from collections.abc import Callable
from datetime import date
from typing import Any, ClassVar

import pytest
from aiokafka.admin import NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from typer.testing import CliRunner

from shared.cli import app
from shared.core.errors import Invalid
from shared.core.ids import new_id
from shared.core.keys import load_keys
from shared.core.settings import Settings, as_environment
from shared.messaging import outbox, records
from shared.messaging.broker import Producer
from shared.messaging.records import Outgoing
from shared.messaging.topics import WrongTopic, admin_of, catalogued, check_kept, create_topics
from shared.schemas.catalog import MAX_BYTES, TOPICS
from shared.schemas.envelope import Event, EventData, RecordedBy
from shared.schemas.pupils import PupilErased, PupilRecorded
from tests.kafka.reading import everything

BY = RecordedBy(organisation="99AA00", role="decaan")
DAY_MS = 24 * 60 * 60 * 1000
GONE, STAYS = "g" * 26, "s" * 26
FILLER = b"filler"
QUICK = {
    "cleanup.policy": "compact",
    "segment.ms": "200",
    "min.cleanable.dirty.ratio": "0.01",
    "max.compaction.lag.ms": "200",
    "delete.retention.ms": "200",
}
"""The compaction of `pupils`, in another measure of time."""


@pytest.fixture
def settings(kafka: str, make_settings: Callable[..., Settings]) -> Settings:
    return make_settings(kafka_bootstrap_servers=kafka)


async def configuration(settings: Settings, topic: str) -> dict[str, str]:
    async with admin_of(str(settings.kafka_bootstrap_servers)) as admin:
        asked = ConfigResource(ConfigResourceType.TOPIC, settings.topic(topic))
        (answer,) = await admin.describe_configs([asked])
    ((_, _, _, _, entries),) = answer.resources
    return {entry[0]: entry[1] for entry in entries}


async def test_every_topic_keeps_its_records_as_the_catalogue_says(settings: Settings, kafka: str) -> None:
    await create_topics(kafka, catalogued(settings), settings.partitions)
    await check_kept(kafka, catalogued(settings))
    for name, topic in TOPICS.items():
        found = await configuration(settings, name)
        if topic.compacted:
            assert (found["cleanup.policy"], found["max.compaction.lag.ms"]) == ("compact", str(DAY_MS))
        else:
            assert (found["cleanup.policy"], found["retention.ms"]) == ("delete", str(topic.retention_days * DAY_MS))
        assert int(found["max.message.bytes"]) > 2 * MAX_BYTES


async def test_a_topic_that_keeps_its_records_otherwise_is_told_and_left_as_it_is(
    settings: Settings, kafka: str
) -> None:
    other = {"cleanup.policy": "delete", "retention.ms": "3600000"}
    async with admin_of(kafka) as admin:
        await admin.create_topics([NewTopic(settings.topic("alerts"), 12, 1, topic_configs=other)])
    expected = rf"alerts has retention.ms 3600000, not {TOPICS['alerts'].retention_days * DAY_MS}"
    result = await asyncio.to_thread(CliRunner().invoke, app, ["topics"], env=as_environment(settings))
    assert isinstance(result.exception, WrongTopic)
    assert re.search(expected, str(result.exception))
    assert (await configuration(settings, "alerts"))["retention.ms"] == "3600000"


async def about_pupils(settings: Settings, topic: str) -> list[Any]:
    """What the topic holds, but for what only moves it on."""
    return [record for record in await everything(settings, topic) if record.key != FILLER]


def sent(settings: Settings, subject: str, sequence: int, data: EventData) -> list[Outgoing]:
    """What the relay sends for this event of the dossier."""
    payload = outbox._payload(data, BY, load_keys(settings))
    row = {"topic": "pupils", "event_id": new_id(), "type": data.TYPE, "recorded_at": data.occurred_at}
    return records.encode(settings, "dossier", {**row, "subject": subject, "sequence": sequence, "payload": payload})


def recorded(settings: Settings, first_name: str) -> PupilRecorded:
    now = settings.clock.now()
    return PupilRecorded(occurred_at=now, first_name=first_name, last_name="Voorbeeld", birth_date=date(2010, 1, 1))


async def test_compaction_leaves_nothing_of_an_erased_pupil_and_the_newest_of_the_others(
    settings: Settings, kafka: str
) -> None:
    topic, settings = settings.topic("pupils"), settings.model_copy(update={"partitions": 1})
    async with admin_of(kafka) as admin:
        await admin.create_topics([NewTopic(topic, 1, 1, topic_configs=QUICK)])
    producer = Producer(settings)
    for number, name in enumerate(("Oud", "Nieuw"), 1):
        for ref in (GONE, STAYS):
            assert all(await producer.send(sent(settings, ref, number, recorded(settings, name))))
    erased = sent(settings, GONE, 3, PupilErased(occurred_at=settings.clock.now()))
    assert [record.value is None for record in erased] == [False, True]
    assert all(await producer.send(erased))
    held = await about_pupils(settings, topic)
    assert [record.key for record in held].count(GONE.encode()) == 4
    async with asyncio.timeout(90):
        while [record.key for record in held] != [STAYS.encode()]:
            # Only a new record closes the segment in which the others are.
            await producer.send([Outgoing(topic, FILLER, b"x", ())])
            await asyncio.sleep(0.3)  # a segment is closed by its age
            held = await about_pupils(settings, topic)
    await producer.close()
    event = records.decode(held[0], settings, load_keys(settings))
    assert isinstance(event, Event)
    assert isinstance(event.data, PupilRecorded)
    assert (event.subject, event.data.first_name) == (STAYS, "Nieuw")


class Long(EventData):
    """An event as long as a test wants it."""

    TYPE: ClassVar[str] = "long"
    text: str


async def test_the_largest_event_fits_on_its_topic_and_a_larger_one_is_refused_before_it_is_kept(
    settings: Settings, kafka: str
) -> None:
    await create_topics(kafka, catalogued(settings), settings.partitions)
    keys, topic = load_keys(settings), settings.topic("pupils")
    least = len(outbox._payload(Long(occurred_at=settings.clock.now(), text=""), BY, keys))
    largest = Long(occurred_at=settings.clock.now(), text="x" * ((MAX_BYTES - least) * 3 // 4 - 3))
    payload = outbox._payload(largest, BY, keys)
    assert MAX_BYTES - 8 < len(payload) <= MAX_BYTES
    producer = Producer(settings)
    assert await producer.send([Outgoing(topic, b"key", payload.encode(), ())]) == [True]
    await producer.close()
    (arrived,) = await everything(settings, topic)
    assert Long.model_validate_json(keys.decrypt(arrived.value.decode())).text == largest.text
    for text, how in ((largest.text + "x" * 16, keys), ("é" * (MAX_BYTES // 2), None)):
        with pytest.raises(Invalid):
            outbox._payload(largest.model_copy(update={"text": text}), BY, how)
