"""A file between its check and its confirmation: kept sealed, one per person, forgotten after an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.core.ids import new_id
from shared.messaging.outbox import SQL, Transport, perform
from shared.schemas.envelope import Outcome, Timer
from shared.storage.pool import Connection

FORGET = "forget-upload"
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Keep:
    upload_id: UUID
    kind: str
    sealed: bytes
    subjects: Sequence[str] = ()


async def keep(side: Transport, actor: Actor, kind: str, data: bytes) -> UUID:
    """Keep a file (UTF-8) for its sender, instead of an earlier one; returns its id."""
    kept = _Keep(new_id(), kind, side.keys.seal(data.decode("utf-8")))
    await perform(side, actor, _keep, kept)
    return kept.upload_id


async def _keep(conn: Connection, kept: _Keep, actor: Actor, now: datetime) -> Outcome:
    owner = _owner(actor)
    await conn.execute(SQL["keep_upload"], *owner, kept.upload_id, kept.kind, kept.sealed)
    return Outcome(timers=[Timer(FORGET, *owner, due_at=now + KEPT)])


async def kept(side: Transport, actor: Actor, upload_id: UUID) -> tuple[str, bytes]:
    """Kind and content of the sender's file. Raises `NotFound` when it is not there any more."""
    async with side.db.as_actor(actor) as conn:
        row = await conn.fetchrow(SQL["upload"], *_owner(actor), upload_id)
    if row is None:
        raise NotFound("this file was not kept")
    return row["kind"], side.keys.unseal(row["content"]).encode()


async def drop(side: Transport, actor: Actor) -> None:
    """Forget the sender's file: it was taken in."""
    async with side.db.as_actor(actor) as conn:
        await conn.execute(SQL["drop_uploads"], *([part] for part in _owner(actor)))


async def forget(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """Forget files that were never confirmed."""
    await conn.execute(SQL["drop_uploads"], [timer.subject for timer in timers], [timer.key for timer in timers])
    return Outcome()


def _owner(actor: Actor) -> tuple[str, str]:
    return actor.organisation, actor.person_ref or ""
