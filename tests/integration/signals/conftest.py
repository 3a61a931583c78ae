"""What the tests of signals share: both sides of the service on an empty schema, audited afterwards."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import asyncpg
import pytest

from services.signals.app import build
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging.outbox import Transport
from shared.storage import queries
from shared.storage.migrate import ROOT
from tests.integration.signals.region import NOW, topics
from tests.support import Told, deliver, open_transport

TABLES = "fact, link, erased, snapshot, cell, norms, stream, event_log, outbox, inbox, heard"
Tell = Callable[[Sequence[Told]], Awaitable[None]]


@pytest.fixture
def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    made = make_settings(database_url=database_url)
    made.__dict__["clock"] = FixedClock(NOW)
    return made


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Transport]:
    transport = await open_transport(settings, "signals")
    yield transport
    await transport.db.close()


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[Transport]:
    transport = await open_transport(settings, "signals", "web")
    yield transport
    await transport.db.close()


@pytest.fixture
async def tell(worker: Transport, settings: Settings) -> Tell:
    """Hand events to signals, one topic at a time."""
    service = build(settings)

    async def deliver_all(events: Sequence[Told]) -> None:
        for batch in topics(events):
            await deliver(worker, service, batch)

    return deliver_all


@pytest.fixture(autouse=True)
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """An owner's connection on an empty schema; afterwards the audit must find nothing."""
    conn = await asyncpg.connect(database_url)
    await conn.execute("SET search_path = signals")
    await conn.execute(f"TRUNCATE {TABLES} CASCADE")
    yield conn
    await conn.execute("SET ROLE overstap_reader")
    for name, query in queries.load(ROOT / "services/signals/sql/audit.sql").items():
        assert await conn.fetch(query) == [], name
    await conn.close()
