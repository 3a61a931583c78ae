"""Notes about a talk: for the writer's own organisation; others see at most that there is one."""

from dataclasses import replace
from datetime import datetime

from services.dossier.domain.talks import Talk
from services.dossier.store import talks as kept
from shared.core.actor import Actor
from shared.core.ids import opaque_ref
from shared.storage.pool import Connection


def noted(talk: Talk, text: str | None, actor: Actor) -> Talk:
    """The talk with a reference to the note that comes with this version of it, if one does."""
    if not text:
        return talk
    return replace(talk, note_ref=opaque_ref("note", talk.talk_id, actor.organisation, str(talk.version)))


async def keep_note(conn: Connection, talk: Talk, text: str | None, actor: Actor, now: datetime) -> None:
    """Keep the note of this version of a talk, which is written already."""
    if text and talk.note_ref:
        who = (actor.organisation, now, actor.role.value, actor.person_ref)
        await kept.add_note(conn, kept.Note(talk.note_ref, talk.talk_id, *who, text))
