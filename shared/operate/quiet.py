"""Is everything quiet? No event waits, none is on its way, no timer is due. Virtual time moves only then."""

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.core.settings import Settings
from shared.schemas.catalog import SERVICES, publishers_heard, subject_length
from shared.storage import queries
from shared.storage.migrate import ROOT
from shared.storage.pool import Connection, Database

SQL = queries.load(Path(__file__).parent / "queries.sql")


def _behind(consumer: str, publisher: str) -> str:
    length = subject_length(consumer, publisher)
    return SQL["behind"].format(consumer=consumer, publisher=publisher, length=length)


def _work() -> Iterator[str]:
    for service in SERVICES:
        path = ROOT / "services" / service / "sql" / "waiting.sql"
        if path.exists():
            yield from queries.load(path).values()


ROWS = {
    "outbox": [SQL["outbox"].format(service=name) for name in SERVICES],
    "timers": [SQL["timers"].format(service=name) for name in SERVICES],
    "work": [*_work()],
    "behind": [_behind(consumer, name) for consumer in SERVICES for name in publishers_heard(consumer)],
}
"""What is still on its way, as queries of rows; the cheapest first."""


def _count(kind: str) -> str:
    return " + ".join(f"({SQL['count'].format(rows=rows)})" for rows in ROWS[kind])


# One statement sees one snapshot, in which an event can not slip from one place to another between two looks.
COUNTS = "SELECT " + ", ".join(f"{_count(kind)} AS {kind}" for kind in ROWS)
BUSY = (
    "SELECT CASE "
    + " ".join(f"WHEN EXISTS ({one}) THEN true" for kind in ROWS.values() for one in kind)
    + " ELSE false END"
)
NEXT_TIMER = "SELECT least(" + ", ".join(f"({SQL['next_timer'].format(service=name)})" for name in SERVICES) + ")"
GLANCE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Waiting:
    """What is still on its way."""

    outbox: int
    """Pointers not yet acknowledged by the broker."""
    behind: int
    """Streams of which some consumer has not yet heard everything."""
    timers: int
    """Timers that are due and have not fired."""

    work: int
    """What services themselves still have to do now (`sql/waiting.sql`), such as mails that must go out."""

    def __bool__(self) -> bool:
        return bool(self.outbox or self.behind or self.timers or self.work)


async def reader(settings: Settings) -> Database:
    """An operator's connection: reads every schema, writes nothing."""
    assert settings.database_url
    return await Database(settings.database_url, "overstap", "reader").open()


async def waiting(conn: Connection, now: datetime) -> Waiting:
    """Count what is still on its way at this business time."""
    (counts,) = await conn.fetch(COUNTS, now)
    return Waiting(**counts)


async def lag(conn: Connection, consumer: str, publisher: str) -> int:
    """Streams of this publisher of which this consumer has not heard everything."""
    return int(await conn.fetchval(SQL["count"].format(rows=_behind(consumer, publisher))))


async def until_quiet(settings: Settings, database: Database, seconds: float = 300) -> None:
    """Wait until nothing is on its way. Raises TimeoutError, naming what is left."""
    try:
        async with asyncio.timeout(seconds):
            while await _busy(settings, database):
                await asyncio.sleep(GLANCE_SECONDS)
    except TimeoutError:
        async with database.acquire() as conn:
            left = await waiting(conn, settings.clock.now())
        raise TimeoutError(f"not quiet after {seconds:.0f} seconds: {left}") from None


async def _busy(settings: Settings, database: Database) -> bool:
    async with database.acquire() as conn:
        return bool(await conn.fetchval(BUSY, settings.clock.now()))


async def next_timer(conn: Connection, after: datetime) -> datetime | None:
    """The first instant after this one at which any timer comes due."""
    due: datetime | None = await conn.fetchval(NEXT_TIMER, after)
    return due
