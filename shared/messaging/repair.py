"""Gaps heal themselves: a consumer that misses a number asks for it, and the publisher sends it again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from shared.core import metrics
from shared.core.ids import new_id
from shared.core.logging import get_logger
from shared.messaging import records
from shared.messaging.inbox import Heard
from shared.messaging.outbox import SQL, Transport, channel, lock
from shared.messaging.records import Outgoing, Record
from shared.schemas.catalog import publishers_heard, subject_length
from shared.schemas.envelope import Event, EventData
from shared.schemas.repairs import HeadsAnnounced, ResendRequested

if TYPE_CHECKING:
    from shared.messaging.broker import Producer

AT_ONCE = 300
"""Streams asked for in one round, and heads told in one event."""


async def ask(transport: Transport, producer: "Producer") -> int:
    """Ask the publishers for what has been missing for too long; returns the number of streams.

    Meant for a consumer that has read its topics to their end: what lies there unread is late, not lost.
    """
    async with transport.db.transaction() as conn:
        rows = await conn.fetch(SQL["gaps"], transport.settings.gap_seconds, AT_ONCE)
    wanted = []
    for row in rows:
        first, last = Heard(row["contiguous"], set(row["ahead"]), row["head"]).missing()
        if last >= first:
            data = ResendRequested(
                occurred_at=transport.settings.clock.now(),
                publisher=row["source"],
                consumer=transport.service,
                first=first,
                last=last,
            )
            wanted.append(_outgoing(transport, row["subject"], data))
            metrics.count("overstap_gaps_total", service=transport.service, source=row["source"])
    if wanted:
        get_logger(service=transport.service).warning("gap_noticed", streams=len(wanted))
        await producer.send(wanted)
    return len(wanted)


async def announce(transport: Transport, producer: "Producer") -> int:
    """Tell how far every stream of this service has come; returns the number of streams."""
    async with transport.db.acquire() as conn:
        rows = await conn.fetch(SQL["heads"])
    for start in range(0, len(rows), AT_ONCE):
        part = {row["subject"]: row["last_sequence"] for row in rows[start : start + AT_ONCE]}
        data = HeadsAnnounced(occurred_at=transport.settings.clock.now(), publisher=transport.service, heads=part)
        await producer.send([_outgoing(transport, transport.service, data)])
    return len(rows)


def _outgoing(transport: Transport, subject: str, data: EventData) -> Outgoing:
    settings = transport.settings
    headers = records.envelope(settings.source(transport.service), new_id(), type(data), data.occurred_at, subject)
    value = data.model_dump_json().encode()
    return Outgoing(settings.topic("repairs"), subject.encode(), value, (*headers, ("content-type", records.JSON)))


async def take(transport: Transport, batch: Sequence[Record]) -> None:
    """Answer requests meant for this service, and note the heads of publishers it listens to."""
    wanted: list[tuple[str, ResendRequested]] = []
    for record in batch:
        event = records.decode(record, transport.settings, transport.keys)
        if isinstance(event, Event):
            match event.data:
                case ResendRequested(publisher=transport.service):
                    wanted.append((event.subject, event.data))
                case HeadsAnnounced(publisher=publisher) if publisher in publishers_heard(transport.service):
                    await _note_heads(transport, event.data)
                case _:
                    pass
    if wanted:
        await _resend(transport, wanted)


async def _resend(transport: Transport, wanted: Sequence[tuple[str, ResendRequested]]) -> None:
    subjects = [subject for subject, _ in wanted]
    firsts, lasts = [request.first for _, request in wanted], [request.last for _, request in wanted]
    async with transport.db.transaction() as conn:
        await lock(conn, subjects)
        done = await conn.execute(SQL["resend"], subjects, firsts, lasts)
        await conn.execute("SELECT pg_notify($1, '')", channel(transport.service))
    if count := int(done.split()[-1]):
        by = sorted({request.consumer for _, request in wanted})
        get_logger(service=transport.service).warning("gap_resent", count=count, by=by)


async def _note_heads(transport: Transport, told: HeadsAnnounced) -> None:
    heads = {s: n for s, n in told.heads.items() if hears(transport.service, told.publisher, s)}
    async with transport.db.transaction() as conn:
        await conn.execute(SQL["heard_heads"], told.publisher, list(heads), list(heads.values()))


def hears(service: str, publisher: str, subject: str) -> bool:
    """Whether a service receives this stream."""
    return len(subject) >= subject_length(service, publisher)
