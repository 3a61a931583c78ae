"""The pupil writes: entries of the loopbaandossier and the plusdocument, a link, and "klaar"."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier.domain.career import MOST_ENTRIES, PART_OF, Entry, Owner, Part, checked_link, require_something
from services.dossier.handlers import completeness
from services.dossier.handlers.mine import own
from services.dossier.store import career
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, NotFound
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class SaveEntry:
    """An entry, new or changed."""

    pupil_ref: str
    entry: Entry
    new: bool

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class RemoveEntry:
    """The pupil no longer wants this entry."""

    pupil_ref: str
    entry_id: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class SetLink:
    """The pupil keeps the loopbaandossier elsewhere; None: no longer."""

    pupil_ref: str
    link: str | None

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class Finish:
    """The pupil says that a part is done, or that it is not after all."""

    pupil_ref: str
    part: Part
    done: bool

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def save_entry(conn: Connection, command: SaveEntry, actor: Actor, now: datetime) -> Outcome:
    """Write an entry. Raises `NotFound` when it is to be changed and is not there, or is of another kind."""
    owner, entry = await own(conn, actor), command.entry
    held = await career.entries(conn, owner)
    if command.new and len(held) >= MOST_ENTRIES:
        raise Invalid([Fault("title", f"Ten hoogste {MOST_ENTRIES} stukken", "too_many")])
    if not command.new and (entry.entry_id, entry.kind) not in {(one.entry_id, one.kind) for one in held}:
        raise NotFound("no such entry")
    await career.save_entry(conn, owner, entry)
    await career.recount(conn, owner, PART_OF[entry.kind])
    return await _told(conn, owner, now)


async def remove_entry(conn: Connection, command: RemoveEntry, actor: Actor, now: datetime) -> Outcome:
    """Delete an entry; deleting twice changes nothing."""
    owner = await own(conn, actor)
    found = next((one for one in await career.entries(conn, owner) if one.entry_id == command.entry_id), None)
    if found is None:
        return Outcome()
    await career.remove_entry(conn, owner, found.entry_id)
    await career.recount(conn, owner, PART_OF[found.kind])
    return await _told(conn, owner, now)


async def set_link(conn: Connection, command: SetLink, actor: Actor, now: datetime) -> Outcome:
    """Write where the loopbaandossier is. Raises `Invalid` unless it is an https address."""
    owner = await own(conn, actor)
    await career.set_link(conn, owner, "pupil", checked_link(command.link) if command.link else None)
    return await _told(conn, owner, now)


async def finish(conn: Connection, command: Finish, actor: Actor, now: datetime) -> Outcome:
    """Say that a part is done. Saying it twice changes nothing; an empty part raises `IllegalMove`."""
    owner = await own(conn, actor)
    progress = (await career.of(conn, owner))[command.part]
    if command.done == (progress.done_at is not None):
        return Outcome()
    if command.done:
        require_something(command.part, progress, "finish")
    await career.set_done(conn, owner, command.part, now if command.done else None)
    return await _told(conn, owner, now)


async def _told(conn: Connection, owner: Owner, now: datetime) -> Outcome:
    return Outcome(await completeness.told(conn, owner.vo_site, owner.pupil_ref, owner.cohort, now))
