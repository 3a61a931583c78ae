"""What can go wrong, as things a test does to a running region. Each leaves the region able to recover by itself."""

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from shared.schemas.catalog import TOPICS
from tests.faults.ground import SESSION_SECONDS, Region
from tests.faults.proxy import Api

Fault = Callable[[Region, random.Random], Awaitable[None]]
Headers = list[tuple[str, bytes | None]]
POISON: tuple[tuple[bytes | None, bytes | None, Headers], ...] = (
    (b"k", b"{}", [("ce_type", b"\xff\xfe")]),
    (b"k", b"{}", [("other", b"\xff"), ("ce_type", None)]),
    (None, b"", []),
    (b"k", None, []),
    (b"k", b"\x00\xff", [("ce_type", b"nl.overstappen.pupil-expected.v1")]),
    (b"k", b"{}", [("ce_type", b"nl.overstappen.never-heard-of.v1")]),
    (b"k", b"{}", [("ce_type", b"nl.overstappen.pupil-expected.v9")]),
    (b"\xff", b'{"a": 1}', [("ce_type", b"nl.overstappen.pupil-expected.v1"), ("ce_id", b"no")]),
    (b"k", b"[" * 999, [("ce_type", b"nl.overstappen.action-opened.v1"), ("ce_source", b"urn:systeem:dossier")]),
)
"""Key, value and headers of records that nobody should have sent."""


async def broker_killed(region: Region, _: random.Random) -> None:
    await region.ground.kill_broker()


async def postgres_killed(region: Region, _: random.Random) -> None:
    await region.ground.kill_postgres()


async def worker_killed(region: Region, dice: random.Random) -> None:
    region.kill(dice.choice(region.running()))
    await region.start_worker()


async def leader_killed(region: Region, _: random.Random) -> None:
    """A second worker takes over what the leading one did."""
    leader = region.leader()
    await region.start_worker()
    region.kill(leader)


async def worker_replaced(region: Region, dice: random.Random) -> None:
    """In order, as in a rolling restart."""
    old = dice.choice(region.running())
    await region.start_worker()
    await region.end(old)


async def worker_frozen(region: Region, dice: random.Random) -> None:
    """It stands still for longer than its session and loses its partitions, then goes on as if nothing happened."""
    worker = dice.choice(region.running())
    worker.send_signal(signal.SIGSTOP)
    try:
        await asyncio.sleep(SESSION_SECONDS + dice.uniform(0.5, 2))  # how long it stands still is the fault
    finally:
        worker.send_signal(signal.SIGCONT)


async def kafka_cut(region: Region, _: random.Random) -> None:
    region.ground.kafka.wire.cut()


async def postgres_cut(region: Region, _: random.Random) -> None:
    region.ground.to_postgres.cut()


async def commit_unanswered(region: Region, dice: random.Random) -> None:
    """PostgreSQL commits a transaction of a worker, and the worker never hears it."""
    region.ground.to_postgres.arm(dice.randint(1, 10))


async def send_unanswered(region: Region, _: random.Random) -> None:
    """Kafka keeps the records, and the relay never hears it."""
    region.ground.kafka.wire.arm(Api.PRODUCE, "after")


async def send_lost(region: Region, _: random.Random) -> None:
    region.ground.kafka.wire.arm(Api.PRODUCE, "before")


async def ack_lost(region: Region, _: random.Random) -> None:
    """Between a database commit and the acknowledgement to Kafka."""
    region.ground.kafka.wire.arm(Api.OFFSET_COMMIT, "before")


async def ack_unanswered(region: Region, _: random.Random) -> None:
    region.ground.kafka.wire.arm(Api.OFFSET_COMMIT, "after")


async def poisoned(region: Region, dice: random.Random) -> None:
    """Garbage on every topic, too little to put on the brake."""
    topics = [topic.name for topic in TOPICS.values()]
    await throw(region, [(dice.choice(topics), kind) for kind in range(len(POISON)) for _ in range(3)])


async def throw(region: Region, garbage: list[tuple[str, int]]) -> None:
    """Send garbage of these kinds to these topics, again when the broker was away: it may come twice."""
    async with asyncio.timeout(60):
        while True:
            producer = AIOKafkaProducer(bootstrap_servers=region.settings.kafka_bootstrap_servers)
            try:
                await producer.start()
                for topic, kind in garbage:
                    key, value, headers = POISON[kind]
                    await producer.send(region.settings.topic(topic), value, key=key, headers=headers)
                await producer.flush()
                return
            except (KafkaError, OSError):
                await asyncio.sleep(0.5)
            finally:
                await producer.stop()


FAULTS: tuple[Fault, ...] = (
    broker_killed,
    postgres_killed,
    worker_killed,
    leader_killed,
    worker_replaced,
    worker_frozen,
    kafka_cut,
    postgres_cut,
    commit_unanswered,
    send_unanswered,
    send_lost,
    ack_lost,
    ack_unanswered,
    poisoned,
)


def plan(dice: random.Random, number: int) -> list[Fault]:
    """Which faults happen, in which order."""
    return dice.sample(FAULTS, number)
