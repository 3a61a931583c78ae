"""The SQL of the warm handover."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.dossier.domain.talks import Talk
from services.dossier.store import Place
from shared.schemas.dossiers import FollowUp
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "talks.sql")

ADDED = ("talk_id", "pupil_ref", "cohort", "vo_site", "mbo_institution", "requested_by", "requested_at", "hold_by")
LINKED = ("handover_id", "note_ref", "changed_by")
"""What is known of a talk when somebody asks for it."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a talk, for their own organisation."""

    note_ref: str
    talk_id: str
    organisation: str
    at: datetime
    role: str
    person_ref: str | None
    text: str


async def talks(conn: Connection, organisation: str, refs: Collection[str] | None = None) -> list[Talk]:
    """The talks an organisation is a side of; `refs`: only about these pupils."""
    rows = await conn.fetch(SQL["talks"], organisation, None if refs is None else list(refs))
    return [_talk(row) for row in rows]


async def by_pupil(conn: Connection, organisation: str, refs: Collection[str]) -> dict[str, list[Talk]]:
    """The talks an organisation is a side of, by pupil."""
    found: dict[str, list[Talk]] = defaultdict(list)
    for talk in await talks(conn, organisation, refs):
        found[talk.pupil_ref].append(talk)
    return found


async def page_of_talks(conn: Connection, organisation: str, place: Place) -> list[Talk]:
    """The talks an organisation is a side of, in the order of their keys."""
    return [_talk(row) for row in await conn.fetch(SQL["page_of_talks"], organisation, place.after, place.limit)]


async def talk(conn: Connection, talk_id: str, organisation: str, *, lock: bool = False) -> Talk | None:
    """One talk, when this organisation is a side of it; locked: until the transaction ends."""
    row = await conn.fetchrow(SQL["lock_talk" if lock else "talk"], talk_id, organisation)
    return _talk(row) if row else None


async def add_talks(conn: Connection, requested: Sequence[Talk]) -> None:
    """Write new talks."""
    if requested:
        await conn.execute(SQL["add_talks"], *([getattr(one, name) for one in requested] for name in (*ADDED, *LINKED)))


async def move_talks(conn: Connection, moved: Sequence[Talk]) -> None:
    """Write the moves that talks made."""
    await conn.executemany(SQL["move_talk"], [_moved(talk) for talk in moved])


def _moved(t: Talk) -> tuple[Any, ...]:
    agreed = json.dumps([one.model_dump(mode="json") for one in t.follow_ups])
    people = (t.form, list(t.roles), t.vo_person, t.mbo_person)
    course = (t.planned_at, t.held_at, t.missed, t.missed_reason, t.informed, agreed, t.note_ref)
    return (t.talk_id, t.status, *people, *course, t.version, t.changed_at, t.changed_by)


async def add_note(conn: Connection, note: Note) -> None:
    """Keep a note."""
    await conn.execute(SQL["add_note"], *astuple(note))


async def notes(conn: Connection, talk_id: str, organisation: str) -> list[Note]:
    """What an organisation wrote about a talk, oldest first."""
    return [Note(**dict(row)) for row in await conn.fetch(SQL["notes"], talk_id, organisation)]


async def known_at(conn: Connection, asked: Sequence[tuple[str, int, str]]) -> set[tuple[str, int, str]]:
    """Pupil, cohort and institution: those of these where the institution knows the pupil, by an application or an
    offered dossier. Only about the own institution, or pupils of the own school."""
    if not asked:
        return set()
    rows = await conn.fetch(SQL["known_at"], *(list(column) for column in zip(*asked, strict=True)))
    return {(row["pupil_ref"], row["cohort"], row["mbo_institution"]) for row in rows}


async def school_of(conn: Connection, ref: str, cohort: int) -> str | None:
    """The school of a pupil whom the asking institution knows; None otherwise."""
    site: str | None = await conn.fetchval(SQL["school_of"], ref, cohort)
    return site


async def tracks(conn: Connection, vo_site: str, refs: Collection[str]) -> dict[tuple[str, int], str]:
    """Pupil and cohort → track, of these pupils of a site."""
    rows = await conn.fetch(SQL["tracks"], vo_site, list(refs))
    return {(row["pupil_ref"], row["cohort"]): row["track"] for row in rows}


async def names(conn: Connection, talk_ids: Collection[str]) -> dict[str, str]:
    """Talk → name of the pupil, where the asker may know it."""
    return {row["talk_id"]: row["name"] for row in await conn.fetch(SQL["names"], list(talk_ids))}


def _talk(row: Any) -> Talk:
    agreed = tuple(FollowUp.model_validate(one) for one in json.loads(row["follow_ups"]))
    return Talk(**{**dict(row), "roles": tuple(row["roles"]), "follow_ups": agreed})
