"""A request that may come twice: a sender who heard no answer sends it again, and nothing happens a second time.

The key that a sender gives (Idempotency-Key, draft-ietf-httpapi-idempotency-key-header) is claimed in the transaction
of the command; the answer is kept right after it. Keys are kept for a day, each for the organisation that gave it.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from shared.core.actor import Actor
from shared.core.errors import OverstapError
from shared.storage import queries
from shared.storage.pool import Connection, Database

SQL = queries.load(Path(__file__).parent / "once.sql")
KEPT = timedelta(hours=24)


class Repeated(OverstapError):
    """A request with this key was carried out before. Nothing happened now."""


@dataclass(slots=True)
class Once:
    """A request with the key that its sender gave it."""

    key: str
    fingerprint: bytes
    """Digest of everything that was asked: another request can not come under the same key."""
    claimed: bool = False
    """Whether a command of this request has claimed the key."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered the first time."""

    fingerprint: bytes
    status: int | None
    """HTTP status; None: carried out, and its answer was lost or is not there yet."""
    body: bytes | None


ONCE: ContextVar[Once | None] = ContextVar("once", default=None)
"""The request that is being carried out, when its sender gave it a key."""


async def claim(conn: Connection, actor: Actor, now: datetime) -> None:
    """Claim the key of the present request, if it has one, with the command that is being carried out.

    Raises `Repeated` when another request had it; one that is under way is waited for.
    """
    once = ONCE.get()
    if once is None or once.claimed:
        return
    await conn.execute(SQL["forget"], now - KEPT)
    if await conn.fetchval(SQL["claim"], actor.organisation, once.key, once.fingerprint, now) is None:
        raise Repeated(once.key)
    once.claimed = True


async def answered(db: Database, actor: Actor, key: str) -> Answer | None:
    """What a request of this organisation with this key was answered; None: no such request was carried out."""
    async with db.as_actor(actor) as conn:
        row = await conn.fetchrow(SQL["answered"], actor.organisation, key)
    return Answer(row["fingerprint"], row["status"], row["body"]) if row else None


async def give_back(db: Database, actor: Actor, key: str) -> None:
    """Let a request that failed halfway come again under its key."""
    async with db.as_actor(actor) as conn:
        await conn.execute(SQL["give_back"], actor.organisation, key)


async def keep(db: Database, actor: Actor, key: str, status: int, body: bytes) -> None:
    """Keep what was answered, for who asks again."""
    async with db.as_actor(actor) as conn:
        await conn.execute(SQL["keep"], actor.organisation, key, status, body)
