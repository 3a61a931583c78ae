"""Coordination on a real database: batches, timers, erasure, files, and who may see what."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import asyncpg
import pytest

from services.coordination import app, store
from shared.core.actor import Actor, Role
from shared.core.errors import IllegalMove, NotFound
from shared.core.settings import Settings
from shared.messaging import timers
from shared.messaging.outbox import Transport, perform
from shared.schemas.envelope import Event
from shared.service import Service
from tests.support import Told, actor, deliver, open_transport, published
from tests.unit.coordination import made


def as_told(event: Event) -> Told:
    """A made-up event, as its service tells it."""
    return Told(event.source, event.subject, event.data, event.time, event.sequence)


@pytest.fixture
def service() -> Service:
    return app.build(Settings(_env_file=None))


@pytest.fixture
async def worker(make_settings: Callable[..., Settings], database_url: str) -> AsyncIterator[Transport]:
    settings = make_settings(database_url=database_url, virtual_time=True)
    (settings.data_dir / "clock").write_text(made.day(4, 2).isoformat())
    transport = await open_transport(settings, "coordination")
    yield transport
    await transport.db.close()


@pytest.fixture
async def web(worker: Transport) -> AsyncIterator[Transport]:
    transport = await open_transport(worker.settings, "coordination", "web")
    yield transport
    await transport.db.close()


async def test_a_saved_case_is_loaded_as_it_was(worker: Transport, service: Service):
    events = [made.recorded(10), made.expected(10, sequence=2), made.handover(10, sequence=3), made.expected(11)]
    await deliver(worker, service, [as_told(e) for e in events[1:3]])
    await deliver(worker, service, [as_told(events[0]), as_told(made.linked(10, 11))])
    await deliver(worker, service, [as_told(events[3])])
    await deliver(worker, service, [as_told(made.applied(10))])
    async with worker.db.transaction() as conn:
        book = await store.load(conn, [made.ref(11)])
    assert set(book.references) == {made.ref(10), made.ref(11)}
    expected = made.told([*events[:3], made.linked(10, 11), events[3], made.applied(10)], world=made.bare())
    mine, theirs = made.case(book, 10), made.case(expected, 10)
    assert mine.transition == theirs.transition
    assert mine.holder == theirs.holder
    assert {a for a in mine.actions.values()} == {a for a in theirs.actions.values() if a.open}
    assert book.references[made.ref(10)].name == "Made Up"
