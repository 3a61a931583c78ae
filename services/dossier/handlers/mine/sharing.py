"""What of the pupil's own an institution may read: nothing, unless the pupil says so, and until the pupil says no."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from services.dossier.domain.access import may_read
from services.dossier.domain.career import PART_OF, Entry, Owner, Progress, require_something
from services.dossier.domain.career.files import File
from services.dossier.domain.handover import Handover
from services.dossier.domain.transfer import LISTED
from services.dossier.handlers.mine import GUIDES, of_site, own
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.transfer.readers import of_institution
from services.dossier.store import career, files
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Share:
    """The pupil's decision about one item: ``pupil`` (the loopbaandossier), ``plus``, or the key of a file."""

    pupil_ref: str
    item: str
    shared: bool

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class ReadAlong:
    """Somebody who guides the pupil reads what the pupil wrote."""

    pupil_ref: str

    @property
    def subjects(self) -> Sequence[str]:
        return []


@dataclass(frozen=True, slots=True)
class Written:
    """Everything that is the pupil's own."""

    owner: Owner
    pupil: Progress
    plus: Progress
    entries: Sequence[Entry]
    files: Sequence[File]


async def share(conn: Connection, command: Share, actor: Actor, now: datetime) -> Outcome:
    """Share an item, or stop sharing it: from this moment on nobody outside the school reads it.

    Deciding the same twice changes nothing. Raises `IllegalMove` for a part without anything in it.
    """
    owner = await own(conn, actor)
    since = now if command.shared else None
    if command.item in ("pupil", "plus"):
        part: Any = command.item
        progress = (await career.of(conn, owner))[part]
        if command.shared:
            require_something(part, progress, "share")
        if command.shared != (progress.shared_at is not None):
            await career.share(conn, owner, part, since)
        return Outcome()
    file = next((one for one in await files.files(conn, owner) if one.file_id == command.item), None)
    if file is None:
        raise NotFound("no such file")
    if command.shared != (file.shared_at is not None):
        await files.share(conn, owner, file.file_id, since)
    return Outcome()


async def written(conn: Connection, owner: Owner) -> Written:
    """Everything that is the pupil's own, for the pupil."""
    held = await career.of(conn, owner)
    entries = await career.entries(conn, owner)
    return Written(owner, held["pupil"], held["plus"], entries, await files.files(conn, owner))


async def read_along(conn: Connection, command: ReadAlong, actor: Actor, now: datetime) -> Outcome:
    """The same for a mentor or a careers adviser of the school; that is written down, and the pupil sees it.

    Others of the school see how far it is.
    """
    require_side(actor, "vo")
    owner = await of_site(conn, actor.organisation, command.pupil_ref)
    if actor.role not in GUIDES:
        held = await career.of(conn, owner)
        return Outcome(value=Written(owner, replace(held["pupil"], link=None), held["plus"], (), ()))
    found = await written(conn, owner)
    shown = tuple(part for part, progress in (("pupil", found.pupil), ("plus", found.plus)) if progress.items)
    if shown:
        await career.add_reading(conn, owner, career.Reading(now, actor.role.value, actor.person_ref, shown))
    return Outcome(value=found)


def shares_with(actor: Actor, handover: Handover) -> bool:
    """Whether somebody of the institution may read what the pupil shares: as soon and as long as they may read the rest
    of the dossier, and not after an objection to the whole of it."""
    return bool(handover.categories) and may_read(of_institution(actor), handover.status, LISTED[0]).allowed


async def shared_with(conn: Connection, handover: Handover) -> dict[str, Any]:
    """What the institution of this handover reads of the pupil's own, by part: ``career``, ``plus`` and ``files``.

    What is not shared is wholly absent. Whether they may read at all: :func:`shares_with`.
    """
    owner = Owner(handover.pupil_ref, handover.cohort, handover.vo_site)
    found = await written(conn, owner)
    parts: dict[str, Any] = {}
    if found.pupil.shared_at:
        activities, talks = (_shown(found.entries, kind) for kind in ("activity", "talk"))
        parts["career"] = {"link": found.pupil.link, "activities": activities, "talks": talks}
    if found.plus.shared_at:
        parts["plus"] = {"achievements": _shown(found.entries, "plus")}
    shared = [file for file in found.files if file.shared_at]
    if shared:
        parts["files"] = [{"file_id": f.file_id, "title": f.title, "kind": f.kind, "size": f.size} for f in shared]
    return parts


def _shown(entries: Sequence[Entry], kind: str) -> list[dict[str, Any]]:
    assert kind in PART_OF
    return [
        {"title": e.title, "day": e.day, "competences": list(e.competences), "texts": dict(e.texts)}
        for e in entries
        if e.kind == kind
    ]
