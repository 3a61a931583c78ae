"""The floor under every consumer that writes: raw batches of the client library and one keyed insert. Nothing is
decoded, checked, decided or told."""

import asyncio
import time
from collections.abc import Callable

import asyncpg
from aiokafka import AIOKafkaConsumer

from shared.core.settings import Settings
from shared.schemas.catalog import consumed_topics

TABLE = "CREATE TABLE IF NOT EXISTS floor (id text PRIMARY KEY, subject bytea, value bytea)"
INSERT = """INSERT INTO floor (id, subject, value) SELECT * FROM unnest($1::text[], $2::bytea[], $3::bytea[])
ON CONFLICT DO NOTHING"""


async def run(settings: Settings, service: str, note: Callable[[int, float], None], stop: asyncio.Event) -> None:
    """Consume until told to stop."""
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
