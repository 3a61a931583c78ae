"""The relay: one leader per service sends what the outbox points at, in order, and drops a pointer on its own ack."""

import asyncio
import time
from collections.abc import Awaitable, Callable

import asyncpg

from shared.core import metrics, tracing
from shared.core.errors import Unavailable
from shared.core.health import asked_to_stop
from shared.core.logging import get_logger
from shared.messaging import records
from shared.messaging.broker import Producer
from shared.messaging.outbox import SQL, Transport, channel
from shared.storage.pool import UNAVAILABLE

BLOCK = 500
IDLE_SECONDS = 0.5
GATHER_SECONDS = 0.15
"""What comes in meanwhile goes along: every consumer of a few events at a time spends a transaction on them."""
FOLLOWER_SECONDS = 1.0


async def lead(transport: Transport, work: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Do `work` while this process is the leader of the service; wait for that as long as another one is.

    Leadership is an advisory lock on a connection of its own. When that connection is lost the work is cancelled
    before anybody else can begin. `work` is given an event that is set whenever something was put in the outbox.
    """
    transport.beats.beat("leader")
    conn = await transport.db.direct()
    log = get_logger(service=transport.service)
    try:
        lost = asyncio.Event()
        conn.add_termination_listener(lambda _: lost.set())
        while not await conn.fetchval("SELECT pg_try_advisory_lock(hashtext($1))", f"overstap.{transport.service}"):
            log.debug("relay_follower")
            transport.beats.beat("leader")
            await asyncio.sleep(FOLLOWER_SECONDS)
        log.info("relay_leader")
        transport.beats.forget("leader")
        waiting = asyncio.Event()
        await conn.add_listener(channel(transport.service), lambda *_: waiting.set())
        await _until(lost, asyncio.create_task(_wrapped(work, waiting)))
    except UNAVAILABLE as error:
        raise Unavailable(f"PostgreSQL: {type(error).__name__}") from error
    finally:
        transport.beats.forget("leader")
        await _close(conn)


async def _wrapped(work: Callable[[asyncio.Event], Awaitable[None]], waiting: asyncio.Event) -> None:
    await work(waiting)


async def _until(lost: asyncio.Event, task: "asyncio.Task[None]") -> None:
    watch = asyncio.create_task(lost.wait())
    try:
        await asyncio.wait({watch, task}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        watch.cancel()
        if not task.done():
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    if task.done() and not task.cancelled() and (error := task.exception()):
        raise error
    raise Unavailable("leadership was lost")


async def _close(conn: asyncpg.Connection) -> None:
    try:
        await conn.close(timeout=2)
    except UNAVAILABLE:
        conn.terminate()


async def relay(transport: Transport, producer: Producer, waiting: asyncio.Event) -> None:
    """Send until it is cancelled. After any failure it starts again from the lowest pointer."""
    log = get_logger(service=transport.service)
    while not asked_to_stop():
        waiting.clear()
        transport.beats.beat("leader:relay")
        try:
            sent = await send_block(transport, producer)
        except Unavailable as error:
            log.warning("relay_failed", error=str(error))
            await asyncio.sleep(IDLE_SECONDS)
            continue
        if sent < BLOCK:
            await _told(waiting)
            await asyncio.sleep(GATHER_SECONDS)


async def _told(waiting: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(IDLE_SECONDS):
            await waiting.wait()
    except TimeoutError:
        pass


async def send_block(transport: Transport, producer: Producer) -> int:
    """Send the lowest pointers; returns how many were acknowledged and dropped."""
    settings, service = transport.settings, transport.service
    async with transport.db.acquire() as conn:
        rows = await conn.fetch(SQL["next_to_send"], BLOCK)
    if not rows:
        return 0
    encoded = [(row["seq"], outgoing) for row in rows for outgoing in records.encode(settings, service, row)]
    started = time.perf_counter()
    cases = [row["traceparent"] for row in rows if row["traceparent"]]
    about: dict[str, str | int] = {"messaging.system": "kafka", "messaging.operation.type": "send"}
    with tracing.span("send", "producer", None, cases, **about, **{"messaging.batch.message_count": len(rows)}):
        acked = await producer.send([outgoing for _, outgoing in encoded])
    metrics.observe("overstap_relay_send_seconds", time.perf_counter() - started, service=service)
    failed = {seq for (seq, _), ok in zip(encoded, acked, strict=True) if not ok}
    done = [row["seq"] for row in rows if row["seq"] not in failed]
    async with transport.db.acquire() as conn:
        await conn.execute(SQL["drop_pointers"], done)
    metrics.count("overstap_relayed_total", len(done), service=service)
    if failed:
        raise Unavailable(f"Kafka: {len(failed)} of {len(rows)} were not acknowledged")
    with tracing.logged(cases):
        get_logger(service=service).debug("relay_sent", count=len(done))
    return len(done)
