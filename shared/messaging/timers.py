"""Durable timers: rows written with the state that asked for them, taken in the transaction that acts on them."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from shared.core import metrics, tracing
from shared.core.actor import system
from shared.core.logging import get_logger
from shared.messaging import outbox
from shared.messaging.outbox import SQL, Transport
from shared.schemas.catalog import consumed_topics
from shared.schemas.envelope import Outcome, Timer
from shared.storage.pool import Connection

TimerHandler = Callable[[Connection, Sequence[Timer]], Awaitable[Outcome]]
BATCH = 500


async def fire(transport: Transport, handlers: Mapping[str, TimerHandler]) -> int:
    """Fire what is due, of one kind and one due instant at a time, oldest first; returns how many.

    The handler's `now` is the due instant, however late it is.
    """
    async with transport.db.acquire() as conn:
        rows = await conn.fetch(
            SQL["due_timers"], transport.settings.clock.now(), await _input_known(transport, conn), BATCH
        )
    fired = 0
    due = [Timer(**dict(row)) for row in rows]
    while due:
        same = [t for t in due if (t.due_at, t.kind) == (due[0].due_at, due[0].kind)]
        due = due[len(same) :]
        fired += await _fire_one(transport, handlers[same[0].kind], same)
    return fired


async def _fire_one(transport: Transport, handler: TimerHandler, due: Sequence[Timer]) -> int:
    columns: list[list[Any]] = [[getattr(t, name) for t in due] for name in ("kind", "subject", "key", "due_at")]
    async with transport.db.transaction() as conn:
        # Streams first, as everywhere; a timer that was moved or taken meanwhile is then simply not there.
        await outbox.lock(conn, columns[1])
        taken = [Timer(**dict(row)) for row in await conn.fetch(SQL["take_timers"], *columns)]
        if not taken:
            return 0
        taken.sort(key=lambda t: (t.subject, t.key))
        with tracing.caused_by({t.subject: t.traceparent for t in taken if t.traceparent}):
            outcome = await handler(conn, taken)
            await outbox.write(transport, conn, outcome, system(transport.service), taken[0].due_at)
    metrics.count("overstap_timers_total", len(taken), service=transport.service, kind=taken[0].kind)
    with tracing.logged(t.traceparent for t in taken):
        get_logger(service=transport.service).info("timers_fired", kind=taken[0].kind, count=len(taken))
    return len(taken)


async def _input_known(transport: Transport, conn: Connection) -> datetime:
    """Until which instant all input was consumed; a date rule waits for that, though not for ever."""
    settings = transport.settings
    partitions = len(consumed_topics(transport.service)) * settings.partitions
    latest = settings.clock.now() - timedelta(minutes=settings.late_input_minutes)
    known: datetime | None = await conn.fetchval(SQL["caught_up_at"], partitions)
    return max(known, latest) if known else latest
