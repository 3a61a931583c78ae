"""Follow the choices of pupils, and keep the newest state of each.   usage: follow.py BROKERS GROUP DATABASE"""

import asyncio
import sqlite3
import sys

from aiokafka import AIOKafkaConsumer
from cloudevents.core.bindings.kafka import KafkaMessage, from_kafka_event

TABLE = "CREATE TABLE IF NOT EXISTS choice (id TEXT PRIMARY KEY, sequence TEXT, type TEXT, mbo TEXT, programme TEXT)"
KEEP_HIGHEST = """
INSERT INTO choice VALUES (?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    sequence = excluded.sequence, type = excluded.type, mbo = excluded.mbo, programme = excluded.programme
WHERE excluded.sequence > choice.sequence
"""
CHOICES = ("nl.overstappen.choice-registered.v1", "nl.overstappen.choice-withdrawn.v1")


async def main(brokers: str, group: str, database: str) -> None:
    """Read for ever. The offset is committed after the rows are: what is read again changes nothing."""
    rows = sqlite3.connect(database)
    rows.execute(TABLE)
    consumer = AIOKafkaConsumer(
        "overstappen.dossiers",
        bootstrap_servers=brokers,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    try:
        while True:
            batches = await consumer.getmany(timeout_ms=1000)
            with rows:
                for record in (record for batch in batches.values() for record in batch):
                    keep(rows, record)
            if batches:
                await consumer.commit()
    finally:
        await consumer.stop()


def keep(rows: sqlite3.Connection, record) -> None:
    """Keep this state when it is newer than what is there. Other types of event are not for us."""
    headers = dict(record.headers)
    if record.value is None or headers.get("ce_type", b"").decode() not in CHOICES:
        return
    event = from_kafka_event(KafkaMessage(headers, record.key, record.value))
    data = event.get_data()
    row = (
        data["choice_id"],
        event.get_extension("sequence"),
        event.get_type(),
        data["mbo_institution"],
        data["programme"],
    )
    if rows.execute(KEEP_HIGHEST, row).rowcount:
        print(*row, flush=True)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
