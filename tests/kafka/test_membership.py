"""A worker with a name of its own restarts without moving the partitions of the others, and nothing is lost."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest

from shared.core.settings import Settings
from shared.messaging.broker import Subscribers
from shared.messaging.topics import create_topics
from shared.service import Service, work
from tests.integration.transport.test_transport import PUPILS, Bench, bench, nothing, until, write_down

__all__ = ["bench"]
SESSION = 20
"""Seconds for which the group waits for a worker that has a name."""
RESTARTS = 4


@dataclass(frozen=True)
class Membership:
    """What a worker knows of its group. The client library tells it nowhere in public."""

    subscribers: Subscribers

    @property
    def generation(self) -> int:
        """Counts the times that the partitions of the group were divided."""
        return int(self._consumer._coordinator.generation)

    @property
    def partitions(self) -> frozenset[int]:
        return frozenset(place.partition for place in self._consumer.assignment())

    @property
    def _consumer(self) -> Any:
        ((_, subscriber),) = self.subscribers._consuming()
        return subscriber.consumer


async def ignored(_batch: Sequence[Any]) -> None: ...


@asynccontextmanager
async def worker(settings: Settings, name: str) -> AsyncIterator[Membership]:
    subscribers = Subscribers(settings.model_copy(update={"worker_id": name}), "intake", {"dossiers": ignored})
    await subscribers.start()
    try:
        yield Membership(subscribers)
    finally:
        await subscribers.stop()


async def divided(*members: Membership) -> None:
    """Wait until these workers have all partitions between them."""

    async def complete() -> bool:
        together = [partition for member in members for partition in member.partitions]
        return sorted(together) == list(range(12)) and len({member.generation for member in members}) == 1

    await until(complete)


@pytest.fixture
async def settings(kafka: str, make_settings: Callable[..., Settings]) -> Settings:
    settings = make_settings(kafka_bootstrap_servers=kafka, kafka_session_seconds=SESSION)
    await create_topics(kafka, [settings.topic("dossiers")], settings.partitions)
    return settings


async def test_a_worker_with_a_name_restarts_without_moving_anybodys_partitions(settings: Settings) -> None:
    async with worker(settings, "one") as one:
        async with worker(settings, "two") as two:
            await divided(one, two)
            before, generation, left = one.partitions, one.generation, two.partitions
        async with worker(settings, "two") as again:
            await divided(one, again)
            assert (one.partitions, one.generation) == (before, generation)
            assert again.partitions == left


async def test_a_worker_without_a_name_moves_them(settings: Settings) -> None:
    async with worker(settings, "") as one:
        async with worker(settings, "") as two:
            await divided(one, two)
            generation = one.generation
        async with worker(settings, "") as again:
            await divided(one, again)
            assert one.generation > generation


async def test_one_of_two_workers_restarting_again_and_again_under_load_loses_and_doubles_nothing(
    bench: Bench,
) -> None:
    @asynccontextmanager
    async def working(name: str) -> AsyncIterator[None]:
        settings = bench.settings.model_copy(update={"worker_id": name, "kafka_session_seconds": SESSION})
        stop = asyncio.Event()
        task = asyncio.create_task(work([Service("dossier", nothing), Service("intake", write_down)], settings, stop))
        yield
        stop.set()
        await asyncio.wait_for(task, 60)

    async def seen_more_than(count: int) -> None:
        async def more() -> bool:
            return len(await bench.seen()) > count

        await until(more, 60)

    async def restarting() -> None:
        for _ in range(RESTARTS):
            seen = len(await bench.seen())
            async with working("two"):
                await seen_more_than(seen)

    rounds = 0
    async with working("one"):
        restarts = asyncio.create_task(restarting())
        while not restarts.done():
            await bench.publish(*PUPILS)
            rounds += 1
            await asyncio.wait({restarts}, timeout=0.25)
        await restarts
        async with working("two"):
            await seen_more_than(rounds * len(PUPILS) - 1)
    assert sorted(await bench.seen()) == sorted((pupil, n) for pupil in PUPILS for n in range(1, rounds + 1))
