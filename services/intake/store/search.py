"""Finding applications at the own institution by what somebody knows of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "search.sql")


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody knows; None or empty: not that."""

    own_id: str | None = None
    pupil_ref: str | None = None
    cohort: int | None = None
    programme: str | None = None
    status: str | None = None
    name: str = ""
    """A part of first name, prefix and last name together."""


async def search(conn: Connection, institution: str, sought: Sought, after: str, limit: int) -> list[dict[str, Any]]:
    """Applications that fit all of it, in the order of their keys, after this key."""
    known = (sought.own_id, sought.pupil_ref, sought.cohort, sought.programme, sought.status, sought.name)
    return [dict(row) for row in await conn.fetch(SQL["search"], institution, *known, after, limit)]
