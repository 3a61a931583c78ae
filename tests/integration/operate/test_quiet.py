"""It is quiet when no pointer, no stream, no timer that is due and no mail that must go out is left, in any service."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from shared.core.clock import FileClock
from shared.core.settings import Settings
from shared.operate import quiet
from shared.operate.quiet import Waiting, next_timer, until_quiet, waiting
from shared.schemas.catalog import SERVICES, publishers_heard
from shared.storage.pool import Database

NOW = datetime(2027, 3, 2, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
POINTER = "INSERT INTO intake.outbox (subject, sequence, cohort) VALUES ('p', 1, 2027)"
UNHEARD = "INSERT INTO intake.stream VALUES ('{}', 7)"
TIMER = "INSERT INTO signals.timer (kind, subject, key, due_at) VALUES ('k', 'p', $2, $1)"
MAIL = "INSERT INTO notifications.delivery (alert_id, step, organisation, due_at) VALUES ('a', 0, '99AA00', $1)"


@pytest.fixture
async def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    made = make_settings(database_url=database_url, virtual_time=True)
    FileClock(made.data_dir / "clock").move(NOW)
    return made


@pytest.fixture
async def reader(settings: Settings) -> AsyncIterator[Database]:
    database = await quiet.reader(settings)
    yield database
    await database.close()


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Writes what it likes: the rows that a row belongs to are not asked for."""
    conn = await asyncpg.connect(database_url)
    await conn.execute("SET session_replication_role = replica")
    await emptied(conn)
    yield conn
    await emptied(conn)
    await conn.close()


async def emptied(conn: asyncpg.Connection) -> None:
    for name in SERVICES:
        await conn.execute(f"TRUNCATE {name}.outbox, {name}.stream, {name}.timer, {name}.heard")
    await conn.execute("TRUNCATE notifications.delivery")


async def left(settings: Settings, reader: Database) -> Waiting:
    async with reader.acquire() as conn:
        return await waiting(conn, settings.clock.now())


async def test_nothing_left_is_quiet(settings: Settings, reader: Database, admin: asyncpg.Connection) -> None:
    await until_quiet(settings, reader, 30)
    assert await left(settings, reader) == Waiting(outbox=0, behind=0, timers=0, work=0)


@pytest.mark.parametrize(
    ("told", "arguments", "counted"),
    [
        (POINTER, (), Waiting(outbox=1, behind=0, timers=0, work=0)),
        # Coordination, signals, notifications and dossier hear everything intake tells about pupils.
        (UNHEARD.format("p" * 26), (), None),
        (TIMER, (NOW, "x"), Waiting(outbox=0, behind=0, timers=1, work=0)),
        (MAIL, (NOW,), Waiting(outbox=0, behind=0, timers=0, work=1)),
    ],
    ids=["pointer", "stream", "timer", "mail"],
)
async def test_one_thing_left_of_any_kind_is_not_quiet_and_is_counted_as_what_it_is(
    settings: Settings,
    reader: Database,
    admin: asyncpg.Connection,
    told: str,
    arguments: tuple[object, ...],
    counted: Waiting | None,
) -> None:
    await admin.execute(told, *arguments)
    found = await left(settings, reader)
    listeners = [name for name in SERVICES if "intake" in publishers_heard(name)]
    assert listeners
    assert found == (counted or Waiting(outbox=0, behind=len(listeners), timers=0, work=0))
    with pytest.raises(TimeoutError, match=re.escape(f"not quiet after 0 seconds: {found}")):
        await until_quiet(settings, reader, 0.3)


async def test_what_is_due_later_leaves_it_quiet_and_the_first_of_all_services_is_where_time_stops_next(
    settings: Settings, reader: Database, admin: asyncpg.Connection
) -> None:
    await admin.execute(MAIL, LATER)
    await admin.execute(TIMER, LATER + timedelta(hours=1), "x")
    await admin.execute(TIMER.replace("signals", "dossier"), LATER, "x")
    await until_quiet(settings, reader, 30)
    async with reader.acquire() as conn:
        assert await next_timer(conn, NOW) == LATER
        assert await next_timer(conn, LATER) == LATER + timedelta(hours=1)
        assert await next_timer(conn, LATER + timedelta(hours=1)) is None
