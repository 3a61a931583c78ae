"""The audit on real tables: nothing that was changed behind the back of the history stays unseen."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.coordination.handlers.audit import compare
from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import run_until, tell
from tests.unit.coordination import made

UNTOLD = {
    # How a decision was come to, and when the next one is due.
    "transition": {"live", "weighed_at", "weigh_at", "follow_at", "checks", "handled", "residence", "heard_from"},
    "custody": set(),
    "action": {"about", "stage", "acknowledged_at"},
    "risk": {"handled", "acknowledged_at"},
}
"""Columns of which no event of coordination tells."""
COLUMNS = """SELECT column_name AS name, data_type AS type FROM information_schema.columns
    WHERE table_schema = 'coordination' AND table_name = $1 AND is_generated = 'NEVER' ORDER BY ordinal_position"""
OTHER = {
    "text": "coalesce({0}, '') || 'x'",
    "smallint": "{0} + 1",
    "integer": "{0} + 1",
    "timestamp with time zone": "coalesce({0}, '2026-01-01') + interval '1 day'",
    "date": "coalesce({0}, '2026-01-01') + 1",
    "jsonb": """'[{{"fact": "made-up", "organisation": "99XX"}}]'""",
    "ARRAY": "'{{made-up}}'",
}
"""Type of a column → another value."""
REFUSED = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError)
"""The database itself can not hold it."""


async def findings(conn: Any) -> list[tuple[str, str, str]]:
    return [found async for found in compare(conn, made.NOVEMBER)]


@pytest.fixture
async def lived(worker: Transport, service: Service) -> None:
    """A pupil with two custodians, signals, an escalated action, closed and open again; and one more."""
    await tell(worker, service, made.recorded(), made.expected(sequence=2), made.handover(), made.expected(2))
    await run_until(worker, service, made.day(3, 8))
    await tell(worker, service, made.applied(at=made.day(3, 9)), made.expected(sequence=8, mentor="mentor-2"))
    await tell(worker, service, made.elsewhere(status="confirmed", at=made.day(3, 10), sequence=9))
    await tell(worker, service, made.applied(status="withdrawn", at=made.day(3, 10), sequence=2))
    await run_until(worker, service, made.day(3, 11))
    await tell(worker, service, made.elsewhere(status="withdrawn", at=made.day(3, 12), sequence=10))


@pytest.fixture
async def offered(worker: Transport, service: Service) -> None:
    """A pupil who is offered to leerplicht, after an offer to who was on duty in the summer."""
    await tell(worker, service, made.recorded(born=date(2010, 10, 5)), made.expected(sequence=2))
    await run_until(worker, service, made.day(9, 20))


@pytest.mark.parametrize("table", UNTOLD)
@pytest.mark.usefixtures("lived")
async def test_every_value_that_is_changed_in_a_table_is_found_or_refused(admin: Any, table: str):
    assert await changes_not_found(admin, table) == UNTOLD[table]


@pytest.mark.parametrize("table", UNTOLD)
@pytest.mark.usefixtures("lived")
async def test_every_row_that_is_taken_away_is_found(admin: Any, table: str):
    assert await losses_not_found(admin, table) == []


@pytest.mark.usefixtures("offered")
async def test_whatever_is_changed_or_taken_away_of_an_offer_is_found_or_refused(admin: Any):
    assert await admin.fetchval("SELECT count(*) FROM offer") == 2
    assert await changes_not_found(admin, "offer") == set()
    assert await losses_not_found(admin, "offer") == []


async def changes_not_found(admin: Any, table: str) -> set[str]:
    """Columns of which another value is neither refused nor found."""
    unseen = set()
    for column in await admin.fetch(COLUMNS, table):
        transaction = admin.transaction()
        await transaction.start()
        # Without the foreign keys, as a repair by hand or a broken disk would have it.
        await admin.execute("SET LOCAL session_replication_role = replica")
        value = OTHER[column["type"]].format(column["name"])
        try:
            async with admin.transaction():
                changed = await admin.execute(
                    f"UPDATE {table} SET {column['name']} = {value} WHERE ctid = (SELECT min(ctid) FROM {table})"
                )
            assert changed == "UPDATE 1"
            if not await findings(admin):
                unseen.add(column["name"])
        except REFUSED:
            pass
        finally:
            await transaction.rollback()
    return unseen


async def losses_not_found(admin: Any, table: str) -> list[Any]:
    """Rows that can be taken away and are not missed."""
    unseen = []
    for (place,) in await admin.fetch(f"SELECT ctid FROM {table}"):
        transaction = admin.transaction()
        await transaction.start()
        await admin.execute("SET LOCAL session_replication_role = replica")
        await admin.execute(f"DELETE FROM {table} WHERE ctid = $1", place)
        if not await findings(admin):
            unseen.append(place)
        await transaction.rollback()
    return unseen
