"""The transport on a real PostgreSQL and a real Kafka-protocol broker: outbox, relay, consumer, inbox, repair."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from shared.core.actor import Role
from shared.core.errors import Rejected
from shared.core.settings import Settings
from shared.messaging.broker import Producer
from shared.messaging.consumer import BatchHandler
from shared.messaging.outbox import SQL, Transport, perform, republish
from shared.messaging.records import Outgoing
from shared.messaging.topics import catalogued, create_topics
from shared.schemas.dossiers import PupilExpected
from shared.schemas.envelope import Draft, Event, Outcome
from shared.service import Service, work
from tests.support import actor, open_transport

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
PUPILS = [letter * 26 for letter in "abcdefghij"]


@dataclass(frozen=True)
class Expect:
    """A command of these tests: the school expects these pupils."""

    subjects: Sequence[str]


async def expect(_conn: Any, command: Expect, _actor: Any, now: datetime) -> Outcome:
    data = PupilExpected(occurred_at=now, cohort=2027, vo_site="99AA00", track="vmbo-kb")
    return Outcome([Draft(subject, data) for subject in command.subjects])


async def nothing(_conn: Any, _events: Sequence[Event]) -> Outcome:
    return Outcome()


@dataclass
class Bench:
    """Dossier publishes, intake listens; the handler writes what it was given to a table."""

    settings: Settings
    publisher: Transport
    admin: asyncpg.Connection

    async def publish(self, *subjects: str) -> None:
        await perform(self.publisher, actor("99AA00", Role.DECAAN), expect, Expect(subjects))

    async def seen(self) -> list[tuple[str, int]]:
        rows = await self.admin.fetch("SELECT subject, sequence FROM intake.seen ORDER BY seq")
        return [(row["subject"], row["sequence"]) for row in rows]

    async def tally(self) -> dict[str, int]:
        row = await self.admin.fetchrow("SELECT * FROM intake.tally WHERE entrance = 'dossiers'")
        return {name: row[name] for name in ("received", "applied", "unchanged", "skipped", "quarantined")}


async def write_down(conn: Any, events: Sequence[Event]) -> Outcome:
    await conn.executemany(
        "INSERT INTO seen (subject, sequence) VALUES ($1, $2)", [(e.subject, e.sequence) for e in events]
    )
    return Outcome()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30) -> None:
    """Wait for a condition, not for a time."""
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.05)


@pytest.fixture
async def bench(database_url: str, kafka: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    settings = make_settings(
        database_url=database_url,
        kafka_bootstrap_servers=kafka,
        gap_seconds=0.5,
        heads_seconds=1,
        kafka_session_seconds=3,
    )
    await create_topics(kafka, catalogued(settings), settings.partitions)
    admin = await asyncpg.connect(database_url)
    await admin.execute(
        """DROP TABLE IF EXISTS intake.seen; CREATE TABLE intake.seen (seq serial, subject text, sequence int);
        GRANT USAGE ON SEQUENCE intake.seen_seq_seq TO intake_worker;
        TRUNCATE dossier.stream, dossier.event_log, dossier.outbox, intake.inbox, intake.heard, intake.tally,
            intake.quarantine, intake.brake"""
    )
    publisher = await open_transport(settings, "dossier", "web")
    yield Bench(settings, publisher, admin)
    await publisher.db.close()
    await admin.close()


@asynccontextmanager
async def running(bench: Bench, handle: BatchHandler = write_down) -> AsyncIterator[None]:
    """Both workers run."""
    stop = asyncio.Event()
    services = [Service("dossier", nothing), Service("intake", handle)]
    task = asyncio.create_task(work(services, bench.settings, stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 30)


async def test_what_a_command_decides_reaches_the_other_service_once_and_in_order_per_pupil(bench: Bench) -> None:
    async with running(bench):
        for _ in range(5):
            await bench.publish(*PUPILS)

        async def all_seen() -> bool:
            return len(await bench.seen()) >= 50

        await until(all_seen)
    seen = await bench.seen()
    assert sorted(seen) == sorted((pupil, n) for pupil in PUPILS for n in range(1, 6))
    for pupil in PUPILS:
        assert [n for subject, n in seen if subject == pupil] == [1, 2, 3, 4, 5]
    assert await bench.admin.fetchval("SELECT count(*) FROM dossier.outbox") == 0


async def test_the_whole_history_sent_again_changes_nothing(bench: Bench) -> None:
    await bench.publish(*PUPILS)
    async with running(bench):

        async def received(n: int) -> bool:
            return await bench.admin.fetchval("SELECT coalesce(sum(received), 0) FROM intake.tally") >= n

        await until(lambda: received(10))
        await bench.admin.execute("SET search_path = dossier")
        await republish(bench.admin)
        await until(lambda: received(20))
    assert len(await bench.seen()) == 10
    assert await bench.tally() == {"received": 20, "applied": 10, "unchanged": 10, "skipped": 0, "quarantined": 0}


async def test_the_history_is_sent_again_in_the_order_of_every_subject(bench: Bench) -> None:
    """Also where a later event was recorded as of an earlier moment, because what caused it was older."""
    pupil = PUPILS[0]
    for _ in range(3):
        await bench.publish(pupil)
    await bench.admin.execute("SET search_path = dossier")
    await bench.admin.execute("UPDATE event_log SET recorded_at = recorded_at + interval '1 day' WHERE sequence = 1")
    await bench.admin.execute("DELETE FROM outbox")
    await republish(bench.admin)
    rows = await bench.admin.fetch("SELECT sequence FROM outbox ORDER BY seq")
    assert [row["sequence"] for row in rows] == [1, 2, 3]


async def test_a_record_lost_in_the_middle_and_one_at_the_end_are_noticed_and_sent_again(bench: Bench) -> None:
    a, b = PUPILS[0], PUPILS[1]
    for _ in range(3):
        await bench.publish(a, b)
    await bench.admin.execute(
        "DELETE FROM dossier.outbox WHERE (subject = $1 AND sequence = 2) OR (subject = $2 AND sequence = 3)", a, b
    )
    async with running(bench):

        async def healed() -> bool:
            return len(await bench.seen()) == 6

        await until(healed)
        assert sorted(await bench.seen()) == [(a, 1), (a, 2), (a, 3), (b, 1), (b, 2), (b, 3)]


async def test_every_kind_of_bad_record_is_accounted_for_and_the_others_go_on(bench: Bench) -> None:
    await bench.publish(*PUPILS[:2])
    topic, key = bench.settings.topic("dossiers"), PUPILS[0].encode()
    good = (
        ("ce_specversion", b"1.0"),
        ("ce_source", bench.settings.source("dossier").encode()),
        ("ce_type", b"nl.overstappen.pupil-expected.v1"),
    )
    bad: list[Outgoing] = [
        Outgoing(topic, key, b"not json", good),
        Outgoing(topic, key, b"{}", (*good, ("ce_time", b"\xff"))),
        Outgoing(topic, key, b"{}", (("other", b"\xff"), ("empty", b""))),
        Outgoing(topic, key, None, ()),
        Outgoing(topic, key, b"{}", (("ce_type", b"nl.overstappen.something-else.v1"),)),
        Outgoing(topic, key, b"{}", (("ce_type", b"nl.overstappen.pupil-expected.v9"),)),
        Outgoing(topic, key, b"x" * 70_000, good),
    ]
    producer = Producer(bench.settings)
    assert all(await producer.send(bad))
    await producer.close()
    async with running(bench):

        async def received() -> bool:
            return await bench.admin.fetchval("SELECT coalesce(sum(received), 0) FROM intake.tally") >= 9

        await until(received)
    assert await bench.tally() == {"received": 9, "applied": 2, "unchanged": 0, "skipped": 3, "quarantined": 4}
    reasons = {row["reason"] for row in await bench.admin.fetch("SELECT reason FROM intake.quarantine")}
    assert reasons == {
        "data does not fit the schema",
        "header is not UTF-8",
        "no ce_type header",
        "oversized or empty",
    }


async def test_one_event_that_can_never_be_applied_is_found_and_set_apart(bench: Bench) -> None:
    async def picky(conn: Any, events: Sequence[Event]) -> Outcome:
        if any(event.subject == PUPILS[3] for event in events):
            raise Rejected("not this one")
        return await write_down(conn, events)

    await bench.publish(*PUPILS)
    await bench.publish(*PUPILS)
    async with running(bench, picky):

        async def received() -> bool:
            return await bench.admin.fetchval("SELECT coalesce(sum(received), 0) FROM intake.tally") >= 20

        await until(received)
    assert await bench.tally() == {"received": 20, "applied": 18, "unchanged": 0, "skipped": 0, "quarantined": 2}
    assert {pupil for pupil, _ in await bench.seen()} == set(PUPILS) - {PUPILS[3]}


async def storm(bench: Bench) -> None:
    topic = bench.settings.topic("dossiers")
    producer = Producer(bench.settings)
    await producer.send([Outgoing(topic, b"a" * 26, b"{}", (("ce_type", b"\xff"),)) for _ in range(40)])
    await producer.close()


async def test_a_storm_of_unreadable_records_stops_the_consumer_until_somebody_looks(bench: Bench) -> None:
    await storm(bench)
    async with running(bench):

        async def braked() -> bool:
            return await bench.admin.fetchval("SELECT count(*) FROM intake.brake WHERE released_at IS NULL") == 1

        await until(braked)
        assert await bench.admin.fetchval("SELECT count(*) FROM intake.quarantine") == 0
        await bench.publish(*PUPILS)
        await bench.admin.execute("SET search_path = intake")
        assert await bench.admin.fetchval(SQL["release_brake"], "dossiers") == "dossiers"

        async def all_through() -> bool:
            return len(await bench.seen()) == len(PUPILS)

        await until(all_through)
        tally = await bench.tally()
        assert (tally["quarantined"], tally["applied"]) == (40, len(PUPILS))
        await storm(bench)
        await until(braked)


async def test_a_batch_over_several_partitions_that_fails_once_is_delivered_again_whole(bench: Bench) -> None:
    failed: list[int] = []

    async def fails_first(conn: Any, events: Sequence[Event]) -> Outcome:
        if not failed:
            failed.append(len(events))
            raise ZeroDivisionError
        return await write_down(conn, events)

    for _ in range(4):
        await bench.publish(*PUPILS)
    async with running(bench, fails_first):

        async def all_seen() -> bool:
            return len(await bench.seen()) >= 40

        await until(all_seen)
    assert failed
    assert sorted(await bench.seen()) == sorted((pupil, n) for pupil in PUPILS for n in range(1, 5))
