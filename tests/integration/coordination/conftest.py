"""What the tests of coordination share: both sides of the service on an empty schema, audited afterwards."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import asyncpg
import httpx
import pytest

from services.coordination import app
from services.coordination.handlers.audit import compare
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging.outbox import Transport
from shared.service import Service
from shared.storage import queries
from shared.web.app import create_app, front
from tests.support import open_transport
from tests.unit.coordination import made

AUDIT = queries.load(Path("services/coordination/sql/audit.sql"))
TABLES = """pupil, link, case_table, seat, decision, offer, custody_note, agreement, fact, transition, custody, action,
    risk, organisation, contact, absence, roster, task, partner, stream, event_log, outbox, inbox, heard, timer, tally,
    quarantine, progress"""
NOW = made.day(4, 2)


@pytest.fixture
async def settings(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    made_settings = make_settings(database_url=database_url, demo=True)
    made_settings.__dict__["clock"] = FixedClock(NOW)
    return made_settings


@pytest.fixture
def service(settings: Settings) -> Service:
    return app.build(settings)


@pytest.fixture
async def worker(settings: Settings) -> AsyncIterator[Transport]:
    transport = await open_transport(settings, "coordination")
    yield transport
    await transport.db.close()


@pytest.fixture
async def web(settings: Settings) -> AsyncIterator[Transport]:
    transport = await open_transport(settings, "coordination", "web")
    yield transport
    await transport.db.close()


@pytest.fixture
async def client(web: Transport, service: Service) -> AsyncIterator[httpx.AsyncClient]:
    """A browser or program at the front."""
    state = {"transport": web, "database": web.db, "keys": web.keys, "clock": web.settings.clock}
    site = front({"coordination": create_app("coordination", service.routers, state, web.settings)}, web.settings)
    transport = httpx.ASGITransport(site)
    async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:8400") as browser:
        yield browser


@pytest.fixture(autouse=True)
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """An owner's connection on an empty schema; afterwards the audit must find nothing."""
    conn = await asyncpg.connect(database_url)
    await conn.execute("SET search_path = coordination")
    await conn.execute(f"TRUNCATE {TABLES} CASCADE")
    await conn.execute("UPDATE directory SET version = gen_random_uuid(), present_on = '0001-01-01'")
    yield conn
    for name, query in AUDIT.items():
        arguments = (made.NOVEMBER,) if "$1" in query else ()
        assert await conn.fetch(query, *arguments) == [], name
    async with conn.transaction():
        assert [found async for found in compare(conn, NOW)] == []
    await conn.close()
