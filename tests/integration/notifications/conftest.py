"""What the tests of notifications share: both sides of the service on an empty schema, audited afterwards."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging.outbox import Transport
from shared.storage import queries
from tests.support import open_transport
from tests.unit.notifications.made import NOW

AUDIT = queries.load(Path("services/notifications/sql/audit.sql"))
TABLES = "organisation, link, alias, erased, told, pupil, alert, stream, event_log, outbox, inbox, heard, timer"


@pytest.fixture
async def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    made_settings = make_settings(database_url=database_url)
    made_settings.__dict__["clock"] = FixedClock(NOW + timedelta(hours=1))
    return made_settings


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Transport]:
    transport = await open_transport(settings, "notifications")
    yield transport
    await transport.db.close()


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[Transport]:
    transport = await open_transport(settings, "notifications", "web")
    yield transport
    await transport.db.close()


@pytest.fixture(autouse=True)
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """An owner's connection on an empty schema; afterwards the audit must find nothing."""
    conn = await asyncpg.connect(database_url)
    await conn.execute("SET search_path = notifications")
    await conn.execute(f"TRUNCATE {TABLES} CASCADE")
    yield conn
    for name, query in AUDIT.items():
        assert await conn.fetch(query) == [], name
    await conn.close()
