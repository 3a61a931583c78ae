"""Offers of custody as their receivers read them."""

from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from shared.core.errors import NotFound
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "offers.sql")
MOST = 500


@dataclass(frozen=True, slots=True)
class Note:
    """What somebody wrote when a pupil was given back; for their own organisation alone."""

    note_ref: str
    pupil_ref: str
    offer_id: str
    organisation: str
    at: datetime
    role: str
    person_ref: str | None
    text: str


async def open_offers(conn: Connection, organisation: str) -> list[dict[str, Any]]:
    """What is offered to an organisation and waits for an answer or a confirmation, most urgent first."""
    return [dict(row) for row in await conn.fetch(SQL["open_offers"], organisation, MOST)]


async def pupil_of_offer(conn: Connection, offer_id: str, organisation: str) -> str:
    """Whom an offer to this organisation is about. Raises `NotFound`."""
    found: str | None = await conn.fetchval(SQL["pupil_of_offer"], offer_id, organisation)
    if found is None:
        raise NotFound
    return found


async def offered_pupils(conn: Connection, organisation: str) -> list[dict[str, Any]]:
    """The same, with the name of the pupil and who has the pupil."""
    return [dict(row) for row in await conn.fetch(SQL["offered_pupils"], organisation, MOST)]


async def count_open(conn: Connection, organisation: str) -> int:
    """How many pupils wait for this organisation to answer or confirm."""
    return int(await conn.fetchval(SQL["count_open_offers"], organisation))


async def offers_of(conn: Connection, ref: str, cohort: int) -> list[dict[str, Any]]:
    """The offers of a transition that still ask for something, or take effect on a day to come, the newest first."""
    return [dict(row) for row in await conn.fetch(SQL["offers_of"], ref, cohort)]


async def add_note(conn: Connection, note: Note) -> None:
    """Keep a note."""
    await conn.execute(SQL["add_note"], *astuple(note))


async def notes_of(conn: Connection, root: str, organisation: str) -> list[dict[str, Any]]:
    """What an organisation noted about a child when it gave the child back, the newest first."""
    return [dict(row) for row in await conn.fetch(SQL["notes_of"], root, organisation)]
