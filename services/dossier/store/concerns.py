"""The SQL of concerns, and of the day until which a school follows its former pupils."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.dossier.domain.concerns import Concern
from services.dossier.store import Place
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "concerns.sql")
ADDED = tuple(Concern.__dataclass_fields__)[:12]
"""What is known of a concern when somebody raises it."""


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote about a concern, for their own organisation."""

    note_ref: str
    concern_id: str
    organisation: str
    at: datetime
    role: str
    person_ref: str | None
    text: str


async def concerns(conn: Connection, organisation: str, refs: Collection[str] | None = None) -> list[Concern]:
    """What an organisation raised, or somebody there is to hear, oldest first; `refs`: only about these pupils."""
    rows = await conn.fetch(SQL["concerns"], organisation, None if refs is None else list(refs))
    return [_concern(row) for row in rows]


async def page_of_concerns(
    conn: Connection, organisation: str, place: Place, status: str | None = None
) -> list[Concern]:
    """The same, in the order of their keys; `status`: only those that stand so."""
    rows = await conn.fetch(SQL["page_of_concerns"], organisation, place.after, place.limit, status)
    return [_concern(row) for row in rows]


async def concern(conn: Connection, concern_id: str, organisation: str) -> Concern | None:
    """One concern, when this organisation may know of it. Of two who change it the stream of the pupil is locked."""
    row = await conn.fetchrow(SQL["concern"], organisation, concern_id)
    return _concern(row) if row else None


async def add_concern(conn: Connection, raised: Concern) -> None:
    """Write a new concern."""
    values = {name: getattr(raised, name) for name in ADDED}
    await conn.execute(SQL["add_concern"], *(values | {"route": list(raised.route)}).values())


async def resolve_concern(conn: Connection, ended: Concern) -> None:
    """Write how a concern ended."""
    how = (ended.resolved_at, ended.resolution, ended.version, ended.changed_by)
    await conn.execute(SQL["resolve_concern"], ended.concern_id, *how)


async def add_note(conn: Connection, note: Note) -> None:
    """Keep a note."""
    await conn.execute(SQL["add_note"], *astuple(note))


async def notes(conn: Connection, concern_id: str, organisation: str) -> list[Note]:
    """What an organisation wrote about a concern, oldest first."""
    return [Note(**dict(row)) for row in await conn.fetch(SQL["notes"], concern_id, organisation)]


async def so_far(conn: Connection, ref: str, cohort: int, organisation: str) -> int:
    """How many concerns an organisation raised about a pupil of a cohort."""
    count: int = await conn.fetchval(SQL["so_far"], ref, cohort, organisation)
    return count


async def school_follows(conn: Connection, ref: str, cohort: int, moment: datetime) -> bool:
    """Whether the pupil has a school that may hear of what is raised at this moment. For an institution that knows
    the pupil."""
    follows: bool = await conn.fetchval(SQL["school_follows"], ref, cohort, moment)
    return follows


async def names(conn: Connection, pupils: Sequence[tuple[str, int]]) -> dict[tuple[str, int], str]:
    """Pupil and cohort → name, where the asker may know it."""
    refs, cohorts = [ref for ref, _ in pupils], [cohort for _, cohort in pupils]
    return {(row["pupil_ref"], row["cohort"]): row["name"] for row in await conn.fetch(SQL["names"], refs, cohorts)}


async def save_limits(conn: Connection, limits: Mapping[int, datetime]) -> list[int]:
    """Write from which instant the schools of these cohorts hear of single pupils no more; gives the cohorts of which
    that was not known."""
    if not limits:
        return []
    rows = await conn.fetch(SQL["save_limits"], sorted(limits), [limits[cohort] for cohort in sorted(limits)])
    return [row["cohort"] for row in rows]


def _concern(row: Any) -> Concern:
    return Concern(**{**dict(row), "route": tuple(row["route"])})
