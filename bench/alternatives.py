"""What our path is measured beside: one message per transaction, and raw batches with nothing done."""

import asyncio
import time
from collections.abc import Callable

import asyncpg
from aiokafka import AIOKafkaConsumer
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.core.actor import system
from shared.core.settings import Settings
from shared.messaging import inbox, outbox, records
from shared.messaging.broker import Producer
from shared.messaging.outbox import Transport
from shared.messaging.relay import lead, relay
from shared.schemas.catalog import consumed_topics
from shared.schemas.envelope import Event
from shared.service import Service

Note = Callable[[int, float], None]
TABLE = "CREATE TABLE IF NOT EXISTS floor (id text PRIMARY KEY, subject bytea, value bytea)"
INSERT = """INSERT INTO floor (id, subject, value) SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[])
ON CONFLICT DO NOTHING"""


async def one_by_one(side: Transport, service: Service, note: Note, stop: asyncio.Event) -> None:
    """One message per call and one transaction for each, as the documentation of FastStream shows; same state, same
    events.

    It keeps the guarantees that need no numbering of streams: inbox, handler, outbox, relay, and a commit of the offset
    after the work.
    """
    settings = side.settings
    assert settings.kafka_bootstrap_servers
    broker = KafkaBroker(settings.kafka_bootstrap_servers, logger=None)

    async def handle(message: KafkaMessage) -> None:
        started = time.perf_counter()
        await _take(side, service, message.raw_message)
        note(1, time.perf_counter() - started)

    for topic in consumed_topics(service.name):
        broker.subscriber(
            settings.topic(topic.name),
            group_id=f"{settings.topic_prefix}.{service.name}.{topic.name}",
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
        )(handle)
    producer = Producer(settings)
    leading = asyncio.create_task(lead(side, lambda waiting: relay(side, producer, waiting)))
    await broker.start()
    await stop.wait()
    await broker.stop()
    leading.cancel()
    await asyncio.gather(leading, return_exceptions=True)
    await producer.close()


async def _take(side: Transport, service: Service, record: object) -> None:
    event = records.decode(record, side.settings, side.keys)  # type: ignore[arg-type]
    assert isinstance(event, Event)
    async with side.db.transaction() as conn:
        await outbox.lock(conn, [event.subject])
        if fresh := await inbox.claim(conn, [event]):
            outcome = await service.handle(conn, fresh)
            await outbox.write(side, conn, outcome, system(service.name), event.time)


async def floor(settings: Settings, service: str, note: Note, stop: asyncio.Event) -> None:
    """The floor under every consumer that writes: raw batches of the client library and one keyed insert. Nothing is
    decoded, checked, decided or told."""
    conn = await asyncpg.connect(settings.database_url)
    await conn.execute(TABLE)
    consumer = AIOKafkaConsumer(
        *(settings.topic(topic.name) for topic in consumed_topics(service)),
        bootstrap_servers=settings.kafka_bootstrap_servers,
        group_id=f"{settings.topic_prefix}.floor",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    while not stop.is_set():
        parts = await consumer.getmany(timeout_ms=50, max_records=settings.batch_size)
        batch = [record for part in parts.values() for record in part]
        if batch:
            started = time.perf_counter()
            ids = [dict(record.headers)["ce_id"].decode() for record in batch]
            await conn.execute(INSERT, ids, [record.key for record in batch], [record.value for record in batch])
            await consumer.commit()
            note(len(batch), time.perf_counter() - started)
    await consumer.stop()
    await conn.close()
