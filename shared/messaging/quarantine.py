"""What can not be applied waits here, with its reason, until a person replays or discards it. Nothing is lost."""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import UUID

from shared.core.errors import Fault
from shared.core.keys import Keys
from shared.schemas.envelope import Outcome
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parent / "queries.sql")
ANY_BYTES = "latin-1"
"""Reads and writes any byte as one character."""


@dataclass(frozen=True, slots=True)
class Held:
    """One thing in quarantine."""

    entrance: str
    place: str
    reason: str
    payload: bytes | None
    faults: tuple[Fault, ...] = ()
    organisation: str | None = None
    subject: str | None = None
    headers: tuple[tuple[str, str], ...] = ()
    """Names, and values as hex, so that any byte survives."""

    @property
    def id(self) -> UUID:
        """The same thing arriving again has the same id."""
        text = json.dumps([self.entrance, self.place, self.organisation, self.headers])
        return UUID(bytes=sha256(text.encode() + (self.payload or b"")).digest()[:16])


async def keep(conn: Connection, held: list[Held], keys: Keys, now: datetime) -> None:
    """Write these to quarantine, each once. What was sent is sealed: it may hold a personal number or anything else."""
    if not held:
        return
    rows: list[tuple[Any, ...]] = [
        (
            h.id,
            h.entrance,
            h.place,
            h.organisation,
            h.subject,
            h.reason,
            json.dumps([asdict(fault) for fault in h.faults]),
            json.dumps(h.headers),
            None if h.payload is None else keys.seal(h.payload.decode(ANY_BYTES)),
            now,
        )
        for h in {h.id: h for h in held}.values()
    ]
    await conn.execute(SQL["quarantine"], *(list(column) for column in zip(*rows, strict=True)))


async def keep_rows(conn: Connection, outcome: Outcome, organisation: str, keys: Keys, now: datetime) -> None:
    """Write the bad rows of a file to quarantine, visible to the organisation that sent it."""
    assert outcome.receipt
    entrance = outcome.receipt.entrance
    await keep(
        conn,
        [
            Held(entrance, row.place, row.reason, row.payload.encode(), row.faults, organisation, row.subject)
            for row in outcome.bad_rows
        ],
        keys,
        now,
    )


async def waiting(conn: Connection, keys: Keys, one: UUID | None = None, limit: int = 1000) -> list[dict[str, Any]]:
    """What waits, oldest first, with what was sent as it came."""
    rows = [dict(row) for row in await conn.fetch(SQL["open_quarantine"], one, limit)]
    return [row | {"payload": row["payload"] and keys.unseal(row["payload"]).encode(ANY_BYTES)} for row in rows]


async def close(conn: Connection, one: UUID, state: str, reason: str) -> bool:
    """Mark as replayed or discarded, with the reason; False when it was already closed."""
    return await conn.fetchval(SQL["close_quarantine"], one, state, reason) is not None
