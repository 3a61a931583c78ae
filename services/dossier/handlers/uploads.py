"""A file between its preview and its confirmation: kept sealed, one per person, forgotten after an hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.dossier import store
from services.dossier.handlers.sides import require_side
from shared.core.actor import Actor
from shared.schemas.envelope import Outcome, Timer
from shared.storage.pool import Connection

FORGET = "forget-upload"
KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KeepUpload:
    """A file that was previewed and may be confirmed."""

    upload_id: UUID
    kind: str
    content: bytes
    """Sealed."""
    subjects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class DropUpload:
    """The file was taken in, or its sender changed their mind."""

    subjects: Sequence[str] = ()


def owner_of(actor: Actor) -> tuple[str, str]:
    """Whose file it is: organisation and person."""
    return actor.organisation, actor.person_ref or ""


async def keep_upload(conn: Connection, command: KeepUpload, actor: Actor, now: datetime) -> Outcome:
    """Keep a file for its sender, instead of an earlier one."""
    require_side(actor, "vo")
    owner = owner_of(actor)
    await store.keep_upload(conn, owner, command.upload_id, command.kind, command.content)
    return Outcome(timers=[Timer(FORGET, *owner, due_at=now + KEPT)])


async def drop_upload(conn: Connection, _command: DropUpload, actor: Actor, _now: datetime) -> Outcome:
    """Forget the sender's file."""
    await store.forget_uploads(conn, [owner_of(actor)])
    return Outcome()


async def forget_uploads(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """Forget files that were never confirmed."""
    await store.forget_uploads(conn, [(timer.subject, timer.key) for timer in timers])
    return Outcome()
