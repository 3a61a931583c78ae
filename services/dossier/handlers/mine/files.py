"""Files of the pupil: put in, take out, and read by whoever may."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier import store
from services.dossier.domain.career import Owner
from services.dossier.domain.career.files import MOST_FILES, File
from services.dossier.handlers import completeness
from services.dossier.handlers.handovers import verdict
from services.dossier.handlers.mine import GUIDES, of_site, own
from services.dossier.handlers.mine.sharing import shares_with
from services.dossier.handlers.sides import require_side, side_of
from services.dossier.store import career, files
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Invalid, NotFound
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class AddFile:
    """A checked file; name and content are sealed."""

    pupil_ref: str
    file: File
    sealed: bytes

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class RemoveFile:
    """The pupil no longer wants this file here."""

    pupil_ref: str
    file_id: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """Somebody wants the content: the pupil, who guides the pupil, or the institution through its handover."""

    file_id: str
    pupil_ref: str | None = None
    """For the school: of which pupil."""
    handover_id: str | None = None
    """For the institution: through which handover."""

    @property
    def subjects(self) -> Sequence[str]:
        return []


async def add_file(conn: Connection, command: AddFile, actor: Actor, now: datetime) -> Outcome:
    """Keep a file of the pupil. Raises `Invalid` when there are `MOST_FILES` already."""
    owner = await own(conn, actor)
    if len(await files.files(conn, owner)) >= MOST_FILES:
        raise Invalid([Fault("file", f"Ten hoogste {MOST_FILES} bestanden", "too_many")])
    await files.add(conn, owner, command.file, command.sealed)
    await career.recount(conn, owner, "pupil")
    return Outcome(await completeness.told(conn, owner.vo_site, owner.pupil_ref, owner.cohort, now))


async def remove_file(conn: Connection, command: RemoveFile, actor: Actor, now: datetime) -> Outcome:
    """Delete a file; deleting twice changes nothing."""
    owner = await own(conn, actor)
    await files.remove(conn, owner, command.file_id)
    await career.recount(conn, owner, "pupil")
    return Outcome(await completeness.told(conn, owner.vo_site, owner.pupil_ref, owner.cohort, now))


async def read_file(conn: Connection, command: ReadFile, actor: Actor, now: datetime) -> Outcome:
    """A file with its sealed content. Every reading but the pupil's own is written down, and the pupil sees it.

    Raises `NotFound` for whoever may not know that there is such a file.
    """
    if command.handover_id:
        owner, file = await _through_handover(conn, command, actor, now)
    elif actor.role is Role.PUPIL:
        owner = await own(conn, actor)
        file = await _file(conn, owner, command.file_id)
    else:
        require_side(actor, "vo", *GUIDES)
        owner = await of_site(conn, actor.organisation, command.pupil_ref or "")
        file = await _file(conn, owner, command.file_id)
        reading = career.Reading(now, actor.role.value, actor.person_ref, ("files",))
        await career.add_reading(conn, owner, reading)
    return Outcome(value=(file, await files.content(conn, owner, file.file_id)))


async def _through_handover(conn: Connection, command: ReadFile, actor: Actor, now: datetime) -> tuple[Owner, File]:
    held = await store.handover(conn, command.handover_id or "", actor.organisation)
    if held is None or side_of(actor) != "mbo" or not shares_with(actor, held):
        raise NotFound("no such handover")
    owner = Owner(held.pupil_ref, held.cohort, held.vo_site)
    file = await _file(conn, owner, command.file_id)
    if not file.shared_at:
        raise NotFound("not shared")
    who = (actor.organisation, actor.role.value, actor.person_ref)
    await store.add_access(conn, store.Access(held.handover_id, now, *who, ("files",), verdict(actor, held).code))
    return owner, file


async def _file(conn: Connection, owner: Owner, file_id: str) -> File:
    found = next((one for one in await files.files(conn, owner) if one.file_id == file_id), None)
    if found is None:
        raise NotFound("no such file")
    return found
