"""All that touches Kafka's client libraries: one producer per process, and the subscribers of a service.

What was learned by measuring (`docs/architecture.md`, stack): no idempotent producer and no transactions, because they
hang when the broker is gone; a deadline around every call; our own parser, because FastStream's batch parser fails on
a header that is not UTF-8 and the next ack would then commit past the whole batch.
"""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from typing import Any, TypeVar, cast

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from faststream import AckPolicy
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.kafka.message import KafkaAckableMessage

from shared.core.errors import Unavailable
from shared.core.logging import get_logger
from shared.core.settings import Settings
from shared.messaging.address import bootstrap, client_arguments, refusal, security
from shared.messaging.records import Outgoing
from shared.messaging.topics import check_readable

SEND_SECONDS = 15.0
START_SECONDS = 60.0
STOP_SECONDS = 10.0
BATCH_REST_SECONDS = 1.0
BATCH_MS = 25
LINGER_MS = 2
REQUEST_MS = 5000
T = TypeVar("T")
TakeBatch = Callable[[Sequence[Any]], Awaitable[None]]


def timings(settings: Settings) -> dict[str, int]:
    """Timings of a consumer, in milliseconds. `start` lasts about half a session on the embedded broker."""
    session = int(settings.kafka_session_seconds * 1000)
    return {
        "session_timeout_ms": session,
        "heartbeat_interval_ms": min(3000, session // 6),
        "rebalance_timeout_ms": max(5000, min(60_000, session)),
        "max_poll_interval_ms": int(settings.kafka_poll_seconds * 1000),
        "fetch_max_wait_ms": 200,
    }


class Producer:
    """Sends records and tells which were acknowledged. Made anew after any failure; one per process."""

    def __init__(self, settings: Settings):
        self._settings = settings
        self._kafka: AIOKafkaProducer | None = None
        self._address: tuple[str, int] | None = None
        self._lock = asyncio.Lock()

    async def send(self, batch: Sequence[Outgoing]) -> list[bool]:
        """Send in order; for each record whether the broker has it. Raises `Unavailable` when there is no broker."""
        kafka = await self._connected()
        try:
            results = await within(SEND_SECONDS, _send_all(kafka, batch))
        except Unavailable:
            await self.close()
            raise
        acked = [not isinstance(result, BaseException) for result in results]
        if not all(acked):
            reasons = {str(result) for result in results if isinstance(result, BaseException)}
            get_logger().warning("send_refused", count=acked.count(False), reasons=sorted(reasons)[:5])
            await self.close()
        return acked

    async def _connected(self) -> AIOKafkaProducer:
        async with self._lock:
            if self._kafka and self._address != bootstrap(self._settings):
                await self._close()
            if not self._kafka:
                self._address = bootstrap(self._settings)
                kafka = AIOKafkaProducer(
                    bootstrap_servers=self._address[0],
                    acks="all",
                    linger_ms=LINGER_MS,
                    request_timeout_ms=REQUEST_MS,
                    **client_arguments(self._settings),
                )
                try:
                    await _started(kafka)
                except Unavailable as error:
                    why = await refusal(self._address[0], client_arguments(self._settings))
                    raise Unavailable(f"Kafka: {why}" if why else str(error)) from error
                self._kafka = kafka
            return self._kafka

    async def close(self) -> None:
        """Give up the connection, within a deadline; the next `send` makes a new one."""
        async with self._lock:
            await self._close()

    async def _close(self) -> None:
        kafka, self._kafka = self._kafka, None
        if kafka:
            await _quietly(kafka.stop())


async def _send_all(kafka: AIOKafkaProducer, batch: Sequence[Outgoing]) -> list[Any]:
    sent = [await kafka.send(r.topic, value=r.value, key=r.key, headers=list(r.headers)) for r in batch]
    return await asyncio.gather(*sent, return_exceptions=True)


async def _started(client: Any) -> None:
    try:
        await within(SEND_SECONDS, client.start())
    except Unavailable:
        await _quietly(client.stop())
        raise


async def within(seconds: float, job: Coroutine[Any, Any, T]) -> T:
    """Do a job of the client library under a deadline, in a task of its own; `Unavailable` when it fails or is late.

    The library cancels its own tasks when a connection breaks, and awaiting them here would cancel us: a relay would
    then end without a word.
    """
    task = asyncio.create_task(job)
    try:
        done, _ = await asyncio.wait({task}, timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
    if not done:
        raise Unavailable(f"Kafka: no answer within {seconds:.0f} seconds")
    if task.cancelled():
        raise Unavailable("Kafka: the connection was given up")
    if isinstance(error := task.exception(), KafkaError | TimeoutError | OSError):
        raise Unavailable(f"Kafka: {error or type(error).__name__}") from error
    return task.result()


async def _quietly(stopping: Coroutine[Any, Any, None]) -> None:
    """Closing a client of a broker that is gone may fail or hang; it is gone either way."""
    try:
        await within(STOP_SECONDS, stopping)
    except (Unavailable, RuntimeError) as error:
        get_logger().debug("consumers_stopped", reason=str(error))


class Subscribers:
    """The batch subscribers of one service, a group per topic; built anew when the broker has a new address."""

    def __init__(self, settings: Settings, service: str, takers: Mapping[str, TakeBatch]):
        self.address = bootstrap(settings)
        self._settings, self._service = settings, service
        self._brokers: list[KafkaBroker] = []
        self._busy: set[str] = set()
        self.unread: dict[tuple[str, int], int | None] = {}
        """Per topic and partition: records not yet fetched when :meth:`lag` last looked; None where not known."""
        self._log = get_logger(service=service)
        self._subscribed = {topic: self._subscribe(topic, take) for topic, take in takers.items()}

    def _subscribe(self, topic: str, take: TakeBatch) -> Any:
        # A broker object per topic, because one starts its subscribers one after the other, and each start waits for
        # its group.
        broker = KafkaBroker(
            self.address[0],
            client_id=f"overstap-{self._service}",
            security=security(self._settings),
            allow_auto_create_topics=False,
            consumer_only=True,
            graceful_timeout=2.0,
            logger=None,
        )
        self._brokers.append(broker)
        subscriber = broker.subscriber(
            self._settings.topic(topic),
            group_id=f"{self._settings.topic_prefix}.{self._service}.{topic}",
            group_instance_id=self._settings.worker_id or None,
            batch=True,
            max_records=self._settings.batch_size,
            batch_timeout_ms=BATCH_MS,
            auto_offset_reset="earliest",
            ack_policy=AckPolicy.NACK_ON_ERROR,
            **cast(Any, timings(self._settings)),
        )

        async def parse(batch: tuple[Any, ...]) -> KafkaMessage:
            self._busy.add(topic)
            return KafkaAckableMessage(body=batch, headers={}, raw_message=batch, consumer=subscriber.consumer)

        async def decode(message: KafkaMessage) -> Any:
            return message.body

        @subscriber(parser=parse, decoder=decode)  # type: ignore[untyped-decorator]
        async def handle(message: KafkaMessage) -> None:
            batch: Any = message.raw_message
            try:
                await take(batch)
            except Exception as error:
                self._log.error("batch_failed", topic=topic, error=type(error).__name__)
                # FastStream hands a failed batch back at once; without rest that would be a busy loop.
                await asyncio.sleep(BATCH_REST_SECONDS)
                raise
            finally:
                self._busy.discard(topic)

        return subscriber

    async def start(self) -> None:
        """Join the groups. Raises `Unavailable` when the broker does not answer or keeps a topic from this account."""
        topics = [self._settings.topic(topic) for topic in self._subscribed]
        await check_readable(self.address[0], topics, **client_arguments(self._settings))
        try:
            await asyncio.gather(*(within(START_SECONDS, broker.start()) for broker in self._brokers))
        except BaseException:
            # Also when it is cancelled: a member that stays behind keeps its partitions for a whole session.
            await self.stop()
            raise

    async def stop(self) -> None:
        """Finish the running batches and leave the groups, within a deadline."""
        await asyncio.gather(*(_quietly(broker.stop()) for broker in self._brokers))

    def polled(self) -> dict[str, float]:
        """Per topic: seconds since its last completed poll; 0 while one is under way."""
        # Neither library tells this in public; aiokafka itself judges `max_poll_interval_ms` by it.
        return {topic: float(s.consumer._subscription.fetcher_idle_time) for topic, s in self._consuming()}

    def joined(self) -> list[str]:
        """Topics whose group is in contact with its coordinator, as far as the last heartbeat told."""
        return [topic for topic, s in self._consuming() if s.consumer._coordinator.coordinator_id is not None]

    def _consuming(self) -> list[tuple[str, Any]]:
        return [(topic, subscriber) for topic, subscriber in self._subscribed.items() if subscriber.consumer]

    async def lag(self) -> dict[tuple[str, int], int | None]:
        """Per topic and partition of this process: records not yet consumed; None while a batch is being taken."""
        self.unread = await self._unread()
        return {place: None if place[0] in self._busy else records for place, records in self.unread.items()}

    async def _unread(self) -> dict[tuple[str, int], int | None]:
        lags: dict[tuple[str, int], int | None] = {}
        for topic, subscriber in self._subscribed.items():
            consumer: AIOKafkaConsumer | None = subscriber.consumer
            for partition in consumer.assignment() if consumer else ():
                lags[topic, partition.partition] = await _lag(consumer, partition)
        return lags


async def _lag(consumer: AIOKafkaConsumer, partition: TopicPartition) -> int | None:
    head = consumer.highwater(partition)
    if head is None:
        return None
    try:
        async with asyncio.timeout(1):
            return int(head - await consumer.position(partition))
    except (KafkaError, TimeoutError):
        return None
