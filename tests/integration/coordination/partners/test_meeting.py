"""News of an organisation and a look at it meet: neither waits for the other for ever, and nothing is lost between."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest

from services.coordination import store
from services.coordination.handlers.events import handle
from services.coordination.handlers.partners import look, news
from services.coordination.store import partners
from shared.core.actor import system
from shared.messaging import outbox, timers
from shared.messaging.outbox import Transport
from shared.schemas.envelope import Event, Outcome, Timer
from shared.storage.pool import Connection
from tests.integration.coordination.partners.test_partners import by, region  # noqa: F401
from tests.integration.coordination.steps import run_until, tell
from tests.unit.coordination import made
from tests.unit.coordination.made import SITE, day

SILENCE_BEGINS = day(2, 9)
pytestmark = pytest.mark.usefixtures("region")


async def until_somebody_waits(admin: Any) -> None:
    """Until a transaction waits for a lock that another one holds."""
    async with asyncio.timeout(60):
        while not await admin.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)"):
            await asyncio.sleep(0.01)  # PostgreSQL tells nobody that somebody waits


@asynccontextmanager
async def transaction(worker: Transport, subjects: list[str]) -> AsyncIterator[Connection]:
    """A transaction as the transport begins one: with the streams of its subjects."""
    async with worker.db.transaction() as conn:
        await outbox.lock(conn, subjects)
        yield conn


async def write(worker: Transport, conn: Connection, outcome: Outcome, now: datetime) -> None:
    await outbox.write(worker, conn, outcome, system("coordination"), now)


def second_pupil() -> Event:
    return by(made.expected(2, at=day(1, 11, 9)))


async def looks_waiting(admin: Any) -> int:
    found: int = await admin.fetchval(
        "SELECT count(*) FROM timer WHERE kind = 'organisation-now' AND subject = $1", SITE
    )
    return found


async def test_news_that_comes_while_its_organisation_is_looked_at_waits_for_nobody_who_waits_for_it(
    worker, service, admin
):
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    worker.settings.clock.instant = day(1, 12)
    async with transaction(worker, [made.ref(2)]) as conn:
        outcome = await handle(conn, [second_pupil()])
        looking = asyncio.create_task(timers.fire(worker, service.timers))
        await until_somebody_waits(admin)
        await write(worker, conn, outcome, day(1, 11, 9))
    assert await looking
    assert await looks_waiting(admin) == 1, "the news that came meanwhile is still to be looked at"


async def test_a_list_of_contacts_that_changes_meanwhile_waits_for_nobody_who_waits_for_it(worker, service, admin):
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    worker.settings.clock.instant = day(1, 12)
    async with worker.db.transaction() as conn:
        await store.hold_directory(conn)
        changed = await news(conn, [SITE], day(1, 12))
        looking = asyncio.create_task(timers.fire(worker, service.timers))
        await until_somebody_waits(admin)
        await outbox.set_timers(conn, changed)
    assert await looking
    assert await looks_waiting(admin) == 1


async def test_who_speaks_while_it_is_told_to_be_silent_is_looked_at_again(worker, service, admin):
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    await run_until(worker, service, SILENCE_BEGINS - timedelta(hours=1))
    async with transaction(worker, [SITE]) as conn:
        outcome = await look(conn, [Timer("organisation", SITE, "", SILENCE_BEGINS)])
        spoken = by(made.recorded(sequence=2, at=SILENCE_BEGINS + timedelta(hours=1)))
        telling = asyncio.create_task(tell(worker, service, spoken))
        await until_somebody_waits(admin)
        await write(worker, conn, outcome, SILENCE_BEGINS)
    await telling
    assert await admin.fetchval("SELECT silent_since FROM partner WHERE organisation = $1", SITE) == SILENCE_BEGINS
    await run_until(worker, service, SILENCE_BEGINS + timedelta(hours=2))
    assert await admin.fetchval("SELECT silent_since FROM partner WHERE organisation = $1", SITE) is None


async def test_what_an_organisation_has_to_do_with_pupils_is_looked_up_by_its_code(worker, service, admin):
    """However many are on their way: no look reads them all."""
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    async with worker.db.transaction() as conn:
        await conn.execute("SET LOCAL enable_seqscan = off")
        plan = await conn.fetch("EXPLAIN " + partners.SQL["parts"], [SITE])
    lines = [row["QUERY PLAN"] for row in plan]
    assert not [line for line in lines if "Seq Scan" in line]
    for index in ("teller", "origin", "residence", "region", "live"):
        assert any(f"transition_{index}" in line for line in lines), index
