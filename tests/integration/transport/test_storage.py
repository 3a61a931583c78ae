"""Migrations and roles on a real PostgreSQL."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

import asyncpg
import pytest

from shared.core.actor import Actor, Role
from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.local.processes import free_port
from shared.messaging.outbox import SQL
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import StaleSchema, check, migrate
from shared.storage.pool import Database
from tests.support import open_transport

INSTANT = datetime(2027, 2, 1, 7, tzinfo=UTC)


async def test_four_processes_that_migrate_at_once_run_each_migration_once(stack_postgres: str) -> None:
    admin = await asyncpg.connect(stack_postgres)
    await admin.execute("CREATE DATABASE migrate_at_once")
    url = stack_postgres.rsplit("/", 1)[0] + "/migrate_at_once"
    try:
        done = await asyncio.gather(*(migrate(url, SERVICES) for _ in range(4)))
        for service in SERVICES:
            ran = [name for one in done for name in one[service]]
            assert len(ran) == len(set(ran)) >= 2
        await check(url, SERVICES)
    finally:
        await admin.execute("DROP DATABASE migrate_at_once WITH (FORCE)")
        await admin.close()


async def test_a_database_that_is_behind_or_ahead_is_refused_by_name(database_url: str) -> None:
    conn = await asyncpg.connect(database_url)
    try:
        name = "intake/001_intake.sql"
        await conn.execute("DELETE FROM intake.migration WHERE name = $1", name)
        with pytest.raises(StaleSchema, match=name):
            await check(database_url, SERVICES)
        await conn.execute("INSERT INTO intake.migration (name) VALUES ($1), ('intake/999_future.sql')", name)
        with pytest.raises(StaleSchema, match=r"999_future"):
            await check(database_url, SERVICES)
        await conn.execute("DELETE FROM intake.migration WHERE name = 'intake/999_future.sql'")
    finally:
        await conn.close()


async def test_a_page_keeps_its_role_and_forgets_its_organisation_when_a_connection_is_used_again(
    database_url: str, make_settings: Callable[..., Settings]
) -> None:
    side = await open_transport(make_settings(database_url=database_url), "dossier", "web")
    question = "SELECT current_user::text, coalesce(current_setting('overstap.organisation', true), '')"
    try:
        for organisation in ("99AA00", "99AB00"):
            async with side.db.as_actor(Actor(organisation, Role.DECAAN)) as conn:
                assert tuple(await conn.fetchrow(question)) == ("dossier_web", organisation)
            async with side.db.acquire() as conn:
                assert tuple(await conn.fetchrow(question)) == ("dossier_web", "")
    finally:
        await side.db.close()


async def test_a_web_role_can_not_read_the_history_nor_another_service(
    database_url: str, make_settings: Callable[..., Settings]
) -> None:
    side = await open_transport(make_settings(database_url=database_url), "dossier", "web")
    try:
        async with side.db.acquire() as conn:
            for table in ("dossier.event_log", "dossier.inbox", "intake.application", "coordination.stream"):
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    await conn.fetch(f"SELECT * FROM {table}")
    finally:
        await side.db.close()


async def test_a_database_that_is_away_is_unavailable_within_its_deadline() -> None:
    database = await Database(f"postgresql://nobody@127.0.0.1:{free_port()}/none", "dossier", "web").open()
    with pytest.raises(Unavailable):
        async with database.acquire():
            pass
    await database.close()


async def test_what_must_be_sent_is_looked_up_pointer_by_pointer_however_much_waits(database_url: str) -> None:
    """What is read for a block must not grow with the history; freshly filled tables without statistics are the worst
    case."""
    conn = await asyncpg.connect(database_url, server_settings={"search_path": "dossier"})
    try:
        await conn.execute("BEGIN")  # never committed
        await conn.execute(
            "INSERT INTO event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload)"
            " SELECT 'many', n, 2027, gen_random_uuid(), 'pupil-expected', 'dossiers', clock_timestamp(), '{}'"
            " FROM generate_series(1, 20000) AS n"
        )
        await conn.execute(
            "INSERT INTO outbox (subject, sequence, cohort) SELECT subject, sequence, cohort FROM event_log"
        )
        plan = [row[0] for row in await conn.fetch(f"EXPLAIN {SQL['next_to_send']}", 500)]
        whole = [line for line in plan if "Seq Scan on event_log_2027" in line or "Seq Scan on outbox" in line]
        assert not whole, "\n".join(plan)
    finally:
        await conn.close()


async def test_timers_of_one_instant_are_read_a_block_at_a_time(database_url: str) -> None:
    """A date comes for every pupil at once: a block must not cost more when more of them wait."""
    conn = await asyncpg.connect(database_url, server_settings={"search_path": "coordination"})
    try:
        await conn.execute("BEGIN")  # never committed
        await conn.execute(
            "INSERT INTO timer (kind, subject, key, due_at, date_rule)"
            " SELECT 'no-application', 'pupil-' || n, '2027', $1, true FROM generate_series(1, 20000) AS n",
            INSTANT,
        )
        plan = [row[0] for row in await conn.fetch(f"EXPLAIN {SQL['due_timers']}", INSTANT, INSTANT, 500)]
        assert not [line for line in plan if "Sort" in line or "Seq Scan" in line], "\n".join(plan)
    finally:
        await conn.close()
