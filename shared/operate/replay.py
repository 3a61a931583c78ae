"""Hand one record from quarantine in again, exactly as it arrived, through the consumer it came from."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.core.settings import Settings
from shared.messaging import records
from shared.messaging.consumer import Consumer
from shared.messaging.outbox import Transport
from shared.schemas.envelope import Event
from shared.service import load


@dataclass(frozen=True, slots=True)
class Again:
    """A record as it lay in quarantine."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]
    timestamp: int = 0


async def replay(settings: Settings, side: Transport, row: Mapping[str, Any]) -> bool:
    """Apply it now; False when it still can not be read or applied, and then it stays where it is."""
    record = _record(settings, row)
    if not isinstance(records.decode(record, settings, side.keys), Event):
        return False
    (service,) = load(settings, (side.service,))
    return await Consumer(side, row["entrance"], service.handle).retry(record)


def _record(settings: Settings, row: Mapping[str, Any]) -> Again:
    partition, _, offset = row["place"].partition(":")
    headers = tuple((name, bytes.fromhex(value)) for name, value in json.loads(row["headers"]))
    key = row["subject"].encode() if row["subject"] else None
    return Again(settings.topic(row["entrance"]), int(partition), int(offset), key, row["payload"], headers)
