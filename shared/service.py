"""One service's lifetime: what it is made of, and how its web side and its worker run."""

import asyncio
import gc
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import APIRouter, FastAPI
from starlette.applications import Starlette

from shared.core import reference
from shared.core.errors import Unavailable
from shared.core.health import Beats, asked_to_stop
from shared.core.keys import Keys, load_keys
from shared.core.logging import get_logger
from shared.core.machine import Machine
from shared.core.settings import Settings
from shared.messaging import repair, timers
from shared.messaging.address import bootstrap
from shared.messaging.broker import Producer, Subscribers
from shared.messaging.consumer import BatchHandler, Consumer
from shared.messaging.outbox import SQL, Transport
from shared.messaging.relay import lead, relay
from shared.messaging.timers import TimerHandler
from shared.probes import Standing, live, ready
from shared.sampling import SAMPLE_SECONDS, Behind, forget, sample
from shared.schemas.catalog import SERVICES, consumed_topics
from shared.storage.pool import Connection, Database, Side
from shared.web.app import create_app, front
from shared.web.probes.server import serve

Task = Callable[[Transport], Awaitable[None]]
Audit = Callable[[Connection, datetime], AsyncIterator[tuple[str, str, str]]]
"""Finds what must not be, in a transaction that only reads, at a business time: rule, subject and what is wrong."""
MONITOR_SECONDS = 0.2
TIMER_SECONDS = 0.2
PROGRESS_EVERY = timedelta(seconds=1)
END_SECONDS = 12.0
KEPT_SECONDS = 75
"""An idle connection to a page or API is kept for longer than proxies and clients keep theirs (60 s as a rule), so that
nobody sends a request just as the server closes it."""
RETRY_SECONDS = (0.5, 1.0, 2.0, 5.0)


@dataclass(frozen=True, slots=True)
class Service:
    """Everything a service is. Made by `services/<name>/app.py: build(settings)`, without any I/O."""

    name: str
    handle: BatchHandler
    """Applies a batch of events of mixed types in the given transaction."""
    routers: Sequence[APIRouter] = ()
    timers: Mapping[str, TimerHandler] = field(default_factory=dict)
    """Timer kind → what to do when it comes due."""
    tasks: Sequence[Task] = ()
    """Work of the leader besides relay and timers, such as delivering mail. Each runs for ever."""
    machines: Sequence[Machine] = ()
    """The state machines it keeps, for docs/state-machines.md."""
    documents: Mapping[str, str] = field(default_factory=dict)
    """File name under docs/ → a document that is made from what it decides by."""
    audits: Sequence[Audit] = ()
    """What an audit of it asks beside the queries of its `sql/audit.sql`."""


def _settle() -> None:
    """Tell Python's collector that what is loaded now stays, and to look at young objects less often.

    A batch makes some ten thousand objects that die with it, without cycles; with the collector's own threshold of 700
    about a quarter of the processor time went to looking at them.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


def load(settings: Settings, names: Sequence[str] = SERVICES) -> list[Service]:
    """Build these services from their composition roots."""
    return [importlib.import_module(f"services.{name}.app").build(settings) for name in names]


def transport(settings: Settings, keys: Keys, service: str, side: Side) -> Transport:
    """The transport of one side of a service; its database must still be opened."""
    assert settings.database_url, "the embedded stack fills in the address of its database"
    return Transport(service, settings, keys, Database(settings.database_url, service, side))


def web(services: Sequence[Service], settings: Settings) -> Starlette:
    """The web side of these services as one application: Postgres alone, no Kafka. Raises `Invalid` when the dated
    tables contradict themselves."""
    reference.load()
    keys = load_keys(settings)
    sides = {service.name: transport(settings, keys, service.name, "web") for service in services}
    apps: dict[str, FastAPI] = {
        service.name: create_app(service.name, service.routers, _state(sides[service.name]), settings)
        for service in services
    }

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for side in sides.values():
                await side.db.open()
                stack.push_async_callback(side.db.close)
            _settle()
            get_logger().info("web_started", services=len(services), port=settings.web_port)
            yield

    return front(apps, settings, lifespan)


def _state(side: Transport) -> dict[str, Any]:
    async def outbox_age() -> float | None:
        async with side.db.acquire() as conn:
            row = await conn.fetchrow(SQL["outbox_age"])
        return float(row["seconds"]) if row and row["waiting"] else None

    return {
        "transport": side,
        "database": side.db,
        "settings": side.settings,
        "keys": side.keys,
        "clock": side.settings.clock,
        "outbox_age": outbox_age,
    }


async def work(services: Sequence[Service], settings: Settings, stop: asyncio.Event, *, probed: bool = False) -> None:
    """The worker side of these services, until `stop` is set: consumers, relay, timers, repair and tasks.

    `probed`: with the server for probes and metrics, on `worker_port`. Raises `Invalid` when the dated tables
    contradict themselves.
    """
    reference.load()
    keys, producer = load_keys(settings), Producer(settings)
    async with AsyncExitStack() as stack:
        stack.push_async_callback(producer.close)
        jobs: list[Coroutine[Any, Any, None]] = []
        sides: list[tuple[Transport, Standing]] = []
        stack.push_async_callback(_close, sides)
        for service in services:
            side = transport(settings, keys, service.name, "worker")
            await side.db.open()
            standing = Standing()
            sides.append((side, standing))
            jobs += [
                _forever("consumers", side, _consuming(service, standing)),
                _forever("leader", side, _leading(service, producer, standing)),
            ]
        if probed and settings.worker_port:
            jobs.append(serve(settings, lambda: live([side for side, _ in sides]), lambda: ready(sides)))
        tasks = [asyncio.create_task(job) for job in jobs]
        _settle()
        get_logger().info("worker_started", services=len(services))
        try:
            await _stopped(stop, tasks)
        finally:
            get_logger().info("worker_stopping", reason="asked to" if stop.is_set() else "failed")
            await _ended(tasks)


async def _stopped(stop: asyncio.Event, tasks: "Sequence[asyncio.Task[None]]") -> None:
    """Until `stop` is set; a task that ends by itself never should, so its error ends the process."""
    asked = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait({asked, *tasks}, return_when=asyncio.FIRST_COMPLETED)
    asked.cancel()
    for task in done - {asked}:
        task.result()


async def _ended(tasks: "Sequence[asyncio.Task[None]]") -> None:
    """Cancel tasks and wait until they have ended; for one that does not, only so long.

    Whatever it was doing comes again (docs/delivery-guarantees.md), and the end of the event loop cancels it once more.
    """
    for task in tasks:
        task.cancel()
    done, pending = await asyncio.wait(tasks, timeout=END_SECONDS)
    await asyncio.gather(*done, return_exceptions=True)
    if pending:
        get_logger().error("worker_stopping", reason=f"{len(pending)} tasks did not end in {END_SECONDS:.0f} s")


async def _close(sides: Sequence[tuple[Transport, Standing]]) -> None:
    await asyncio.gather(*(side.db.close() for side, _ in sides))


async def _forever(name: str, side: Transport, job: Task) -> None:
    """Run a job that should never end; when it does without being asked to, say so and start it again, ever less
    eagerly."""
    log, tries = get_logger(service=side.service), 0
    while not asked_to_stop():
        started = asyncio.get_running_loop().time()
        try:
            await job(side)
        except Unavailable as error:
            log.warning("worker_task_failed", task=name, error=str(error))
        except asyncio.CancelledError:
            if asked_to_stop():
                raise
            log.error("worker_task_failed", task=name, error="cancelled from within")
        except Exception as error:
            log.error("worker_task_failed", task=name, error=type(error).__name__, exc_info=True)
        tries = 0 if asyncio.get_running_loop().time() - started > 30 else min(tries + 1, len(RETRY_SECONDS) - 1)
        await asyncio.sleep(RETRY_SECONDS[tries])


def _consuming(service: Service, standing: Standing) -> Task:
    async def run(side: Transport) -> None:
        takers = {t.name: Consumer(side, t.name, service.handle).take for t in consumed_topics(side.service)}

        async def repairs(batch: Sequence[Any]) -> None:
            await repair.take(side, batch)

        side.beats.beat("consumers")
        standing.wanted = len(takers) + 1
        subscribers = Subscribers(side.settings, side.service, {**takers, "repairs": repairs})
        log = get_logger(service=side.service)
        await subscribers.start()
        log.info("consumers_started", topics=len(takers), generation=subscribers.address[1])
        saved: dict[tuple[str, int], datetime] = {}
        behind = Behind(side.service)
        try:
            while bootstrap(side.settings) == subscribers.address:
                now, lags = side.settings.clock.now(), await subscribers.lag()
                behind.tell(subscribers.unread, lags)
                await _save_progress(side, now, lags, saved)
                standing.at_end = bool(lags) and all(lag == 0 for lag in lags.values())
                standing.joined = len(subscribers.joined())
                _beat(side.beats, subscribers)
                await asyncio.sleep(MONITOR_SECONDS)
            log.warning("consumers_stopped", reason="the broker has a new address")
        finally:
            standing.at_end, standing.joined = False, 0
            side.beats.forget("consumer:")
            await asyncio.shield(subscribers.stop())

    return run


async def _save_progress(
    side: Transport, now: datetime, lags: Mapping[tuple[str, int], int | None], saved: dict[tuple[str, int], datetime]
) -> None:
    """Note which partitions are read to their end: date rules wait for that."""
    done = sorted(
        place
        for place, lag in lags.items()
        if lag == 0 and place[0] != "repairs" and (place not in saved or now - saved[place] >= PROGRESS_EVERY)
    )
    if done:
        async with side.db.acquire() as conn:
            topics, partitions = [t for t, _ in done], [p for _, p in done]
            await conn.execute(SQL["save_progress"], topics, partitions, [now] * len(done))
        saved.update(dict.fromkeys(done, now))


def _beat(beats: Beats, subscribers: Subscribers) -> None:
    beats.beat("consumers")
    for topic, seconds in subscribers.polled().items():
        beats.beat(f"consumer:{topic}", seconds)


def _leading(service: Service, producer: Producer, standing: Standing) -> Task:
    async def run(side: Transport) -> None:
        async def ask() -> int:
            return await repair.ask(side, producer) if standing.at_end else 0

        async def lead_work(waiting: asyncio.Event) -> None:
            async with asyncio.TaskGroup() as group:
                group.create_task(_lasting(relay(side, producer, waiting)))
                group.create_task(_lasting(_timers(side, service.timers)))
                group.create_task(_lasting(_every(side.settings.gap_seconds / 2, ask)))
                group.create_task(_lasting(_every(SAMPLE_SECONDS, lambda: sample(side))))
                group.create_task(
                    _lasting(_every(side.settings.heads_seconds, lambda: repair.announce(side, producer)))
                )
                for task in service.tasks:
                    group.create_task(_forever(task.__name__, side, task))

        try:
            await lead(side, lead_work)
        finally:
            forget(side.service)

    return run


async def _lasting(job: Coroutine[Any, Any, None]) -> None:
    """Work of the leader that ends only when it is told to; ending by itself ends the leadership, loudly."""
    try:
        await job
    except asyncio.CancelledError:
        if asked_to_stop():
            raise
    if not asked_to_stop():
        raise RuntimeError("ended by itself")


async def _timers(side: Transport, handlers: Mapping[str, TimerHandler]) -> None:
    while not asked_to_stop():
        side.beats.beat("leader:timers")
        try:
            fired = await timers.fire(side, handlers)
        except Unavailable as error:
            get_logger(service=side.service).warning("timer_failed", error=str(error))
            fired = 0
        if not fired:
            await asyncio.sleep(TIMER_SECONDS)


async def _every(seconds: float, job: Callable[[], Awaitable[Any]]) -> None:
    while not asked_to_stop():
        await asyncio.sleep(seconds)
        try:
            await job()
        except Unavailable as error:
            get_logger().warning("relay_failed", error=str(error))
