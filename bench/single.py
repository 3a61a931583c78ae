"""One message per call and one transaction for each, as the documentation of FastStream shows; same state, same events.

It keeps the guarantees that need no numbering of streams: inbox, handler, outbox, relay, and a commit after the work.
"""

import asyncio
import time
from collections.abc import Callable

from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.core.actor import system
from shared.messaging import inbox, outbox, records
from shared.messaging.broker import Producer
from shared.messaging.outbox import Transport
from shared.messaging.relay import lead, relay
from shared.schemas.catalog import consumed_topics
from shared.schemas.envelope import Event
from shared.service import Service


async def run(side: Transport, service: Service, note: Callable[[int, float], None], stop: asyncio.Event) -> None:
    """Consume until told to stop."""
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
