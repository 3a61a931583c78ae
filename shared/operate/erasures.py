"""The list of erasures, kept beside the backups: who was erased stays erased when an older backup is put back.

It holds references and moments, no names. It is appended to, never rewritten, and belongs in another place than the
backups, so that losing one does not lose the other.
"""

import csv
import os
from datetime import datetime
from importlib import import_module
from pathlib import Path

from shared.core.errors import Fault, Invalid
from shared.messaging import records
from shared.messaging.consumer import Consumer
from shared.messaging.outbox import Transport
from shared.operate.quiet import SQL
from shared.operate.replay import Again
from shared.schemas.catalog import SERVICES, TOPICS
from shared.service import load
from shared.storage.pool import Connection

HEADER = ["pupil_ref", "erased_at"]
TOPIC = TOPICS["pupils"]


async def export(conn: Connection, path: Path) -> int:
    """Append every erasure that the list does not have yet; returns how many that are."""
    known = read(path) if path.exists() else {}
    found: dict[str, datetime] = {}
    for service in SERVICES:
        for row in await conn.fetch(SQL["erasures"].format(service=service)):
            found.setdefault(row["subject"], row["recorded_at"])
    return _append(path, [(ref, moment.isoformat()) for ref, moment in found.items() if ref not in known])


def _append(path: Path, new: list[tuple[str, str]]) -> int:
    with open(path, "a", newline="", encoding="utf-8", opener=_private) as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerows([] if path.stat().st_size else [HEADER])
        writer.writerows(new)
        file.flush()
        os.fsync(file.fileno())
    return len(new)


def read(path: Path) -> dict[str, datetime]:
    """The list: reference and moment. Raises `Invalid` when it is no such list."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = list(csv.reader(file, delimiter=";")) or [[]]
    try:
        if header != HEADER:
            raise ValueError
        return {ref: datetime.fromisoformat(moment) for ref, moment in rows}
    except ValueError:
        raise Invalid([Fault(path.name, f"a list of {';'.join(HEADER)}, one per line")]) from None


async def replay(dossier: Transport, moments: dict[str, datetime]) -> int:
    """Erase them in the dossier of a restored database; returns how many the backup still had."""
    return int(await import_module("services.dossier.app").erase_again(dossier, moments))


async def tell(dossier: Transport, side: Transport) -> int:
    """Let a service handle at once what the dossier tells of erasures, as if it came from the broker.

    So nothing of an erased pupil is left before any process starts; when the broker brings it, it is known already.
    """
    settings = side.settings
    async with dossier.db.acquire() as conn:
        rows = await conn.fetch(SQL["erasure_events"], TOPIC.name)
    async with side.db.acquire() as conn:
        handled = {row["event_id"] for row in await conn.fetch(SQL["handled"], [row["event_id"] for row in rows])}
    (service,) = load(settings, (side.service,))
    consumer = Consumer(side, TOPIC.name, service.handle)
    fresh = [row for row in rows if row["event_id"] not in handled]
    for row in fresh:
        sent = records.encode(settings, dossier.service, row)[0]
        await consumer.retry(Again(sent.topic, 0, 0, sent.key, sent.value, sent.headers))
    return len(fresh)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
