"""Views that somebody keeps under a name, and the log of lists that were taken away as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.core.actor import Actor, Role
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parent / "kept.sql")
MOST_VIEWS = 10
"""Views of one person on one page."""
OVERSEERS = frozenset({Role.DECAAN, Role.INTAKE_COORDINATOR, Role.REGION_COORDINATOR})
"""Who sees everything that was exported in their organisation; anybody else their own. The database knows them too."""
EXPORTS_SHOWN = 200


@dataclass(frozen=True, slots=True)
class SavedView:
    """A filter under a name. It belongs to one person."""

    name: str
    query: str


@dataclass(frozen=True, slots=True)
class Export:
    """A list that was taken away as a file: by whom, when, and what it was."""

    at: datetime
    page: str
    person_ref: str
    role: str
    filter: str
    """As in the address of the page; what was searched for is not kept."""
    searched: bool
    rows: int


async def views(conn: Connection, actor: Actor, page: str) -> list[SavedView]:
    """The views that the actor keeps on a page, by name."""
    rows = await conn.fetch(SQL["views"], actor.organisation, actor.person_ref, page)
    return [SavedView(**dict(row)) for row in rows]


async def keep_view(conn: Connection, actor: Actor, page: str, view: SavedView, now: datetime) -> bool:
    """Keep a view, instead of one with the same name; False when the actor has as many as there may be."""
    saved = await conn.fetchval(
        SQL["keep_view"], actor.organisation, actor.person_ref, page, view.name, view.query, now, MOST_VIEWS
    )
    return saved is not None


async def drop_view(conn: Connection, actor: Actor, page: str, name: str) -> str | None:
    """Forget a view; returns its query, or None when there was none."""
    query: str | None = await conn.fetchval(SQL["drop_view"], actor.organisation, actor.person_ref, page, name)
    return query


async def log_export(conn: Connection, actor: Actor, export: Export) -> None:
    """Write down that a list leaves as a file, in the transaction that read it."""
    given = (export.at, export.page, export.filter, export.searched, export.rows)
    await conn.execute(SQL["log_export"], actor.organisation, actor.person_ref, actor.role.value, *given)


async def exports(conn: Connection, actor: Actor) -> Sequence[Export]:
    """What was exported by the actor, or for an overseer by anybody of their organisation; the newest first."""
    person = None if actor.role in OVERSEERS else actor.person_ref
    rows = await conn.fetch(SQL["exports"], actor.organisation, person, EXPORTS_SHOWN)
    return [Export(**dict(row)) for row in rows]
