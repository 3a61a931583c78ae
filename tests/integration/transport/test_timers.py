"""Durable timers: with their state, at their instant, after their input, and never for what is over."""

from collections.abc import AsyncIterator, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging import timers
from shared.messaging.outbox import SQL, Transport, lock, set_timers
from shared.schemas.catalog import consumed_topics
from shared.schemas.envelope import Outcome, Timer
from tests.support import open_transport

NOON = datetime(2027, 2, 1, 12, tzinfo=UTC)
PUPIL = "a" * 26


@pytest.fixture
async def side(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Transport]:
    settings = make_settings(database_url=database_url, partitions=1)
    settings.__dict__["clock"] = FixedClock(NOON)
    transport = await open_transport(settings, "coordination")
    async with transport.db.transaction() as conn:
        await conn.execute("DELETE FROM timer")
        await conn.execute("DELETE FROM progress")
    yield transport
    await transport.db.close()


class Fired:
    """Remembers what it was called with."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    async def __call__(self, _conn: Any, due: Sequence[Timer]) -> Outcome:
        self.timers += due
        return Outcome()


async def put(side: Transport, *wanted: Timer) -> None:
    async with side.db.transaction() as conn:
        await lock(conn, [timer.subject for timer in wanted])
        await set_timers(conn, wanted)


async def read_until(side: Transport, instant: datetime) -> None:
    topics = [topic.name for topic in consumed_topics("coordination")]
    async with side.db.transaction() as conn:
        await conn.execute(SQL["save_progress"], topics, [0] * len(topics), [instant] * len(topics))


async def test_a_timer_fires_once_at_or_after_its_instant_and_a_moved_one_at_its_new_instant(side: Transport) -> None:
    fired = Fired()
    await put(side, Timer("x", PUPIL, "early", NOON), Timer("x", PUPIL, "moved", NOON))
    await put(side, Timer("x", PUPIL, "moved", NOON + timedelta(hours=1)))
    assert await timers.fire(side, {"x": fired}) == 1
    assert await timers.fire(side, {"x": fired}) == 0
    assert [timer.key for timer in fired.timers] == ["early"]


async def test_a_date_rule_waits_until_all_input_up_to_its_instant_was_consumed(side: Transport) -> None:
    fired = Fired()
    await put(side, Timer("x", PUPIL, "rule", NOON, date_rule=True))
    assert await timers.fire(side, {"x": fired}) == 0
    await read_until(side, NOON - timedelta(seconds=1))
    assert await timers.fire(side, {"x": fired}) == 0
    await read_until(side, NOON)
    assert await timers.fire(side, {"x": fired}) == 1


async def test_a_date_rule_waits_fifteen_minutes_at_most(side: Transport) -> None:
    fired = Fired()
    await put(side, Timer("x", PUPIL, "rule", NOON - timedelta(minutes=15), date_rule=True))
    assert await timers.fire(side, {"x": fired}) == 1
    assert fired.timers[0].due_at == NOON - timedelta(minutes=15)


async def test_a_handler_that_fails_leaves_the_timer_where_it_was(side: Transport) -> None:
    async def broken(_conn: Any, _due: Sequence[Timer]) -> Outcome:
        raise ZeroDivisionError

    await put(side, Timer("x", PUPIL, "again", NOON))
    with pytest.raises(ZeroDivisionError):
        await timers.fire(side, {"x": broken})
    assert await timers.fire(side, {"x": Fired()}) == 1


async def test_timers_of_one_kind_and_instant_come_as_one_batch_in_order_of_time(side: Transport) -> None:
    calls: list[list[str]] = []

    async def note(_conn: Any, due: Sequence[Timer]) -> Outcome:
        calls.append([timer.key for timer in due])
        return Outcome()

    later = [Timer("x", PUPIL, f"b{n}", NOON - timedelta(hours=1)) for n in range(3)]
    await put(side, *later, Timer("x", PUPIL, "a", NOON - timedelta(hours=2)))
    await timers.fire(side, {"x": note})
    assert calls == [["a"], ["b0", "b1", "b2"]]
