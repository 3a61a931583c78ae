"""The process that is measured: one service on one of the roads below, until it is told to stop."""

import asyncio
import json
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import uvloop

from bench import alternatives
from shared.core.keys import load_keys
from shared.core.logging import configure
from shared.core.settings import Settings
from shared.messaging import records
from shared.messaging.broker import Subscribers, TakeBatch
from shared.messaging.consumer import Consumer
from shared.messaging.outbox import Transport
from shared.schemas.catalog import consumed_topics
from shared.schemas.envelope import Event, Outcome
from shared.service import Service, load, transport, work
from shared.storage.pool import Connection


@dataclass
class Notes:
    """How many events were taken, for who waits for that; and how long each batch took."""

    path: Path
    count: int = 0
    seconds: list[float] = field(default_factory=list)

    def add(self, events: int, seconds: float) -> None:
        self.count += events
        self.seconds.append(seconds)
        self.path.write_text(str(self.count))

    def close(self) -> None:
        self.path.with_suffix(".json").write_text(json.dumps(self.seconds))


def counted(take: TakeBatch, notes: Notes) -> TakeBatch:
    """The same, and its batches are noted."""

    async def noted(batch: Sequence[Any]) -> None:
        started = time.perf_counter()
        await take(batch)
        notes.add(len(batch), time.perf_counter() - started)

    return noted


@dataclass(frozen=True)
class Bench:
    """What a road is given."""

    settings: Settings
    service: Service
    side: Transport
    notes: Notes
    stop: asyncio.Event

    async def consume(self, takers: Mapping[str, TakeBatch]) -> None:
        """Read the topics of the service in batches, as its worker does."""
        noted = {topic: counted(take, self.notes) for topic, take in takers.items()}
        subscribers = Subscribers(self.settings, self.service.name, noted)
        await subscribers.start()
        await self.stop.wait()
        await subscribers.stop()

    async def consume_with(self, service: Service) -> None:
        """The same through the inbox."""
        topics = consumed_topics(service.name)
        await self.consume({t.name: Consumer(self.side, t.name, service.handle).take for t in topics})


async def whole(bench: Bench) -> None:
    """Our path: what `overstap run SERVICE worker` does."""
    take = Consumer.take

    async def noted(self: Consumer, batch: Sequence[Any]) -> None:
        await counted(lambda records: take(self, records), bench.notes)(batch)

    Consumer.take = noted  # type: ignore[method-assign]
    await work([bench.service], bench.settings, bench.stop)


async def reading(bench: Bench) -> None:
    """Batches are read and thrown away."""

    async def nothing(batch: Sequence[Any]) -> None:
        pass

    await bench.consume({t.name: nothing for t in consumed_topics(bench.service.name)})


async def decoding(bench: Bench) -> None:
    """Every record is checked and becomes an event."""

    async def decode(batch: Sequence[Any]) -> None:
        for record in batch:
            assert isinstance(records.decode(record, bench.settings, bench.side.keys), Event)

    await bench.consume({t.name: decode for t in consumed_topics(bench.service.name)})


async def claiming(bench: Bench) -> None:
    """Streams locked, inbox, holes and accounting, in a transaction per batch; no handler."""

    async def nothing(_conn: Connection, _events: Sequence[Event]) -> Outcome:
        return Outcome()

    await bench.consume_with(replace(bench.service, handle=nothing))


async def handling(bench: Bench) -> None:
    """The handler too: state is read, decided and written; what it tells is dropped."""

    async def silent(conn: Connection, events: Sequence[Event]) -> Outcome:
        outcome = await bench.service.handle(conn, events)
        return Outcome(unchanged=outcome.unchanged)

    await bench.consume_with(replace(bench.service, handle=silent))


async def telling(bench: Bench) -> None:
    """What it tells goes into history, outbox and timers; nobody sends it."""
    await bench.consume_with(bench.service)


async def one_by_one(bench: Bench) -> None:
    """One message per call and per transaction."""
    await alternatives.one_by_one(bench.side, bench.service, bench.notes.add, bench.stop)


async def on_the_floor(bench: Bench) -> None:
    """Raw batches and one insert."""
    await alternatives.floor(bench.settings, bench.service.name, bench.notes.add, bench.stop)


ROADS: Mapping[str, Callable[[Bench], Awaitable[None]]] = {
    road.__name__: road for road in (whole, reading, decoding, claiming, handling, telling, one_by_one, on_the_floor)
}


async def main(road: str, service: str, notes_path: str) -> None:
    """Run until SIGTERM."""
    settings, stop = Settings(), asyncio.Event()
    configure(level=settings.log_level)
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    notes = Notes(Path(notes_path))
    async with AsyncExitStack() as stack:
        stack.callback(notes.close)
        side = transport(settings, load_keys(settings), service, "worker")
        await side.db.open()
        stack.push_async_callback(side.db.close)
        (built,) = load(settings, [service])
        await ROADS[road](Bench(settings, built, side, notes, stop))


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main(*sys.argv[1:]))
