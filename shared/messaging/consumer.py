"""A batch of records, of mixed types, taken in one transaction: decode, claim, handle, write, count, commit, ack.

`Rejected` sends one event to quarantine, found by halving the batch; `Unavailable` waits and tries again; anything
else is our bug: the batch is handed back and will be delivered again.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from shared.core import metrics, tracing
from shared.core.actor import system
from shared.core.errors import Rejected, Unavailable
from shared.core.logging import get_logger
from shared.messaging import inbox, outbox, quarantine, records
from shared.messaging.outbox import SQL, Transport
from shared.messaging.quarantine import Held
from shared.messaging.records import Record, Skipped
from shared.messaging.repair import hears
from shared.schemas.envelope import Event, Outcome, Receipt
from shared.storage.pool import Connection

BatchHandler = Callable[[Connection, Sequence[Event]], Awaitable[Outcome]]
WAITS = (0.1, 0.5, 1, 2, 5, 10, 20)
"""Seconds between tries while a dependency is away; together less than the broker's poll interval."""
BRAKE_LEAST, BRAKE_SHARE = 20, 0.5
"""The brake is put on when a batch has at least this many rejected records, and at least this share.
Those sent before an operator took it off do not count: somebody has looked at them."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A record with what it turned out to be."""

    record: Record
    found: Event | Skipped | Held


class Consumer:
    """Takes batches of one topic for one service."""

    def __init__(self, transport: Transport, topic: str, handle: BatchHandler):
        self.transport, self.topic, self.handle = transport, topic, handle
        self.log = get_logger(service=transport.service, topic=topic)

    async def take(self, batch: Sequence[Record]) -> None:
        """Apply a batch completely, or raise with nothing changed by the part that failed."""
        started = time.perf_counter()
        await self._take_patiently(batch)
        labels = {"service": self.transport.service, "topic": self.topic}
        metrics.observe("overstap_batch_seconds", time.perf_counter() - started, **labels)
        metrics.observe("overstap_batch_records", len(batch), **labels)

    async def _take_patiently(self, batch: Sequence[Record]) -> None:
        for wait in (*WAITS, None):
            try:
                await self._take(batch)
            except Unavailable as error:
                if wait is None:
                    raise
                self.log.warning("consumer_paused", seconds=wait, error=str(error))
                self.transport.beats.beat(f"consumer:{self.topic}")
                await asyncio.sleep(wait)
            else:
                if wait != WAITS[0]:
                    self.log.info("consumer_resumed")
                return

    async def _take(self, batch: Sequence[Record]) -> None:
        async with self.transport.db.acquire() as conn:
            brake = await conn.fetchrow(SQL["brake"], self.topic)
        if brake and brake["released_at"] is None:
            raise Braked(self.topic)
        settings, keys = self.transport.settings, self.transport.keys
        taken = [Taken(record, records.decode(record, settings, keys)) for record in batch]
        looked_at = brake["released_at"].timestamp() * 1000 if brake else 0
        held = [t.found for t in taken if isinstance(t.found, Held) and t.record.timestamp > looked_at]
        if len(held) >= BRAKE_LEAST and len(held) >= BRAKE_SHARE * len(batch):
            await self._put_brake(held[0].reason)
            raise Braked(self.topic)
        with tracing.logged(t.found.traceparent for t in taken if isinstance(t.found, Event)):
            await self._apply(taken)

    async def _apply(self, taken: Sequence[Taken]) -> None:
        try:
            receipt = await self._commit(taken)
        except Rejected as error:
            if len(taken) > 1:
                middle = len(taken) // 2
                await self._apply(taken[:middle])
                return await self._apply(taken[middle:])
            receipt = await self._commit_rejected(taken[0], error)
        self._tell(receipt)
        return None

    async def _commit(self, taken: Sequence[Taken]) -> Receipt:
        events = [t.found for t in taken if isinstance(t.found, Event)]
        held = [t.found for t in taken if isinstance(t.found, Held)]
        now = max((event.time for event in events), default=self.transport.settings.clock.now())
        async with self.transport.db.transaction() as conn:
            await outbox.lock(conn, (event.subject for event in events))
            fresh = await inbox.claim(conn, events)
            with tracing.handling(self.topic, ((e.subject, e.type, e.traceparent) for e in fresh)):
                outcome = await self._handled(conn, fresh) if fresh else Outcome()
                await outbox.write(self.transport, conn, outcome, system(self.transport.service), now)
            healed = await inbox.note_heard(conn, self._of_whole_streams(events))
            await quarantine.keep(conn, held, self.transport.keys, now)
            receipt = Receipt(
                self.topic,
                received=len(taken),
                applied=len(fresh) - outcome.unchanged,
                unchanged=len(events) - len(fresh) + outcome.unchanged,
                skipped=len(taken) - len(events) - len(held),
                quarantined=len(held),
            )
            await outbox.count_fates(conn, receipt)
        service, again = self.transport.service, len(events) - len(fresh)
        metrics.count("overstap_duplicates_total", again, service=service, topic=self.topic)
        metrics.count("overstap_gaps_healed_total", healed, service=service)
        for one in held:
            self.log.warning("event_quarantined", place=one.place, reason=one.reason)
        return receipt

    def _of_whole_streams(self, events: Sequence[Event]) -> list[Event]:
        """Events of streams that this service hears from the first number to the last; others have holes for it."""
        return [event for event in events if hears(self.transport.service, event.source, event.subject)]

    async def _handled(self, conn: Connection, fresh: Sequence[Event]) -> Outcome:
        try:
            return await self.handle(conn, fresh)
        except OverflowError as error:
            raise Rejected("a date outside what can be reckoned with") from error

    async def _commit_rejected(self, one: Taken, error: Rejected) -> Receipt:
        """Keep the one event that can not be applied, and remember that it has arrived."""
        assert isinstance(one.found, Event)
        event, settings = one.found, self.transport.settings
        held = records.hold(one.record, settings, error.reason, error.faults)
        receipt = Receipt(self.topic, received=1, quarantined=1)
        async with self.transport.db.transaction() as conn:
            await outbox.lock(conn, [event.subject])
            await inbox.claim(conn, [event])
            await inbox.note_heard(conn, self._of_whole_streams([event]))
            await quarantine.keep(conn, [held], self.transport.keys, event.time)
            await outbox.count_fates(conn, receipt)
        with tracing.logged([event.traceparent]):
            self.log.warning("event_quarantined", place=held.place, reason=held.reason)
        return receipt

    async def retry(self, record: Record) -> bool:
        """Apply one record that was set apart before; False when it is rejected again.

        Its number was noted and its id claimed when it was set apart, so it is handled without claiming it again.
        """
        found = records.decode(record, self.transport.settings, self.transport.keys)
        if not isinstance(found, Event):
            return False
        try:
            async with self.transport.db.transaction() as conn:
                await outbox.lock(conn, [found.subject])
                await inbox.claim(conn, [found])
                with tracing.handling(self.topic, [(found.subject, found.type, found.traceparent)]):
                    outcome = await self._handled(conn, [found])
                    await outbox.write(self.transport, conn, outcome, system(self.transport.service), found.time)
                await inbox.note_heard(conn, self._of_whole_streams([found]))
        except Rejected:
            return False
        return True

    async def _put_brake(self, reason: str) -> None:
        async with self.transport.db.transaction() as conn:
            await conn.execute(SQL["put_brake"], self.topic, self.transport.settings.clock.now(), reason)
        self.log.error("brake_on", reason=reason)

    def _tell(self, receipt: Receipt) -> None:
        self.log.debug("batch_applied", received=receipt.received, applied=receipt.applied)
        for fate in ("applied", "unchanged", "skipped", "quarantined"):
            amount = getattr(receipt, fate)
            service = self.transport.service
            metrics.count("overstap_consumed_total", amount, service=service, topic=self.topic, fate=fate)


class Braked(Exception):
    """The consumer stands still until an operator has looked: `overstap quarantine release TOPIC`."""
