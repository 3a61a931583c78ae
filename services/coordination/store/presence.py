"""Cases that are touched when somebody is not present any more, or is again."""

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from pathlib import Path

from services.coordination.domain.world.staff import Turn
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "presence.sql")
Key = tuple[str, int]


@asynccontextmanager
async def as_service(conn: Connection) -> AsyncIterator[None]:
    """Decide about pupils whom the one who gave the command may not see; nothing of them is answered to anybody.

    An error ends the transaction, and with it this.
    """
    before = await conn.fetchval(SQL["role"])
    await conn.execute(SQL["take_role"], "coordination_worker")
    yield
    await conn.execute(SQL["take_role"], before)


async def touched(conn: Connection, turn: Turn, regions: Collection[str]) -> tuple[list[Key], list[str]]:
    """Open cases, in order, in which one of these people has something, or somebody does in one of these roles; and
    every reference to those pupils."""
    if not turn.organisations:
        return [], []
    sets = (turn.organisations, turn.people, turn.roles, regions)
    rows = await conn.fetch(SQL["touched"], *(sorted(one) for one in sets))
    cases = [(row["pupil_ref"], row["cohort"]) for row in rows]
    refs = await conn.fetch(SQL["references"], sorted({ref for ref, _ in cases}))
    return cases, [row["pupil_ref"] for row in refs]
