"""Is everything quiet? No event waits, none is on its way, no timer is due. Virtual time moves only then."""

import asyncio
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from shared.core.settings import Settings
from shared.schemas.catalog import SERVICES, publishers_heard, subject_length
from shared.storage import queries
from shared.storage.migrate import ROOT
from shared.storage.pool import Connection, Database

SQL = queries.load(Path(__file__).parent / "queries.sql")
WORK = [
    query
    for service in SERVICES
    if (path := ROOT / "services" / service / "sql" / "waiting.sql").exists()
    for query in queries.load(path).values()
]
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
    outbox = sum([await conn.fetchval(SQL["outbox"].format(service=name)) for name in SERVICES])
    timers = sum([await conn.fetchval(SQL["timers"].format(service=name), now) for name in SERVICES])
    behind = sum([await lag(conn, consumer, name) for consumer in SERVICES for name in publishers_heard(consumer)])
    work = sum([await conn.fetchval(query, now) for query in WORK])
    return Waiting(outbox, behind, timers, work)


async def lag(conn: Connection, consumer: str, publisher: str) -> int:
    """Streams of this publisher of which this consumer has not heard everything."""
    query = SQL["behind"].format(consumer=consumer, publisher=publisher)
    return int(await conn.fetchval(query, publisher, subject_length(consumer, publisher)))


async def until_quiet(settings: Settings, database: Database, seconds: float = 300) -> None:
    """Wait until nothing is on its way. Raises TimeoutError, naming what is left."""
    left: Waiting | None = None
    try:
        async with asyncio.timeout(seconds):
            while left is None or left:
                async with database.acquire() as conn:
                    left = await waiting(conn, settings.clock.now())
                if left:
                    await asyncio.sleep(GLANCE_SECONDS)
    except TimeoutError:
        raise TimeoutError(f"not quiet after {seconds:.0f} seconds: {left}") from None


async def next_timer(conn: Connection, after: datetime) -> datetime | None:
    """The first instant after this one at which any timer comes due."""
    instants = [await conn.fetchval(SQL["next_timer"].format(service=name), after) for name in SERVICES]
    return min((instant for instant in instants if instant), default=None)
