"""All that a topic holds, read by a client of our settings that belongs to no group."""

from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

from shared.core.settings import Settings


async def everything(settings: Settings, topic: str) -> list[Any]:
    """Every record of a topic, by partition and offset."""
    consumer = AIOKafkaConsumer(bootstrap_servers=settings.kafka_bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        places = [TopicPartition(topic, number) for number in range(settings.partitions)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends, found = await consumer.end_offsets(places), []
        while [place for place in places if await consumer.position(place) < ends[place]]:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += records
    finally:
        await consumer.stop()
    return sorted(found, key=lambda record: (record.partition, record.offset))
