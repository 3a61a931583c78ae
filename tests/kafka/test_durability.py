"""What the node acknowledged is there after it was killed: same address, same topics, same offsets."""

import os
import signal
from collections.abc import Callable

from shared.core.settings import Settings
from shared.local.apache_kafka import ApacheKafka
from shared.messaging.broker import Producer
from shared.messaging.records import Outgoing
from shared.messaging.topics import catalogued
from tests.kafka.reading import everything

BLOCKS, SIZE = 20, 100


async def test_every_acknowledged_record_is_there_after_the_node_was_killed(
    node: ApacheKafka, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings(kafka_bootstrap_servers=node.bootstrap)
    await node.create_topics(catalogued(settings), settings.partitions)
    topic, address = settings.topic("dossiers"), node.bootstrap
    producer, acknowledged = Producer(settings), list[bytes | None]()
    for block in range(BLOCKS):
        records = [Outgoing(topic, f"pupil-{n}".encode(), f"{block}.{n}".encode(), ()) for n in range(SIZE)]
        acks = await producer.send(records)
        acknowledged += [record.value for record, acked in zip(records, acks, strict=True) if acked]
    before = await everything(settings, topic)
    assert node.pid is not None
    os.kill(node.pid, signal.SIGKILL)
    await node.start()
    await producer.close()
    assert node.bootstrap == address
    after = await everything(settings, topic)
    assert [(r.partition, r.offset, r.value) for r in after] == [(r.partition, r.offset, r.value) for r in before]
    assert {r.value for r in after} == set(acknowledged)
    assert len(after) == len(acknowledged) == BLOCKS * SIZE
