"""The embedded broker is a new one at every start, and clients hear of it only when its topics are there."""

import os
import signal
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.local.broker import Broker
from shared.messaging import address
from shared.messaging.topics import WrongTopic, catalogued, create_topics, describe_topics
from shared.schemas.catalog import TOPICS


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncIterator[Broker]:
    broker = Broker(tmp_path)
    await broker.start()
    yield broker
    broker.stop()


async def test_every_topic_of_the_catalogue_gets_the_partitions_asked_for(
    kafka: str, make_settings: Callable[..., Settings]
) -> None:
    topics = catalogued(make_settings())
    await create_topics(kafka, topics, 12)
    assert await describe_topics(kafka, topics) == dict.fromkeys(topics, 12)
    assert len(topics) == len(TOPICS)


async def test_topics_that_are_there_already_are_left_alone(kafka: str, topic_prefix: str) -> None:
    await create_topics(kafka, [f"{topic_prefix}.one"], 3)
    await create_topics(kafka, [f"{topic_prefix}.one", f"{topic_prefix}.two"], 3)
    assert await describe_topics(kafka, [f"{topic_prefix}.one", f"{topic_prefix}.two"]) == {
        f"{topic_prefix}.one": 3,
        f"{topic_prefix}.two": 3,
    }


async def test_another_number_of_partitions_is_refused_by_name(kafka: str, topic_prefix: str) -> None:
    await create_topics(kafka, [f"{topic_prefix}.one"], 3)
    with pytest.raises(WrongTopic, match=rf"{topic_prefix}.one has 3 partitions instead of 12"):
        await create_topics(kafka, [f"{topic_prefix}.one"], 12)


async def test_asking_about_a_topic_does_not_create_it(kafka: str, topic_prefix: str) -> None:
    for _ in range(2):
        assert await describe_topics(kafka, [f"{topic_prefix}.unknown"]) == {}


async def test_a_broker_that_is_not_there_is_unavailable(broker: Broker) -> None:
    broker.stop()
    with pytest.raises(Unavailable, match=r"Kafka at 127\.0\.0\.1"):
        await describe_topics(broker.bootstrap, ["any"])


async def test_after_kill_9_the_next_broker_has_a_new_address_and_generation(
    broker: Broker, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings()
    await _announce(broker, settings)
    first = address.bootstrap(settings)
    for _ in range(3):
        assert broker.pid is not None
        os.kill(broker.pid, signal.SIGKILL)
        await broker.start()
        await _announce(broker, settings)
    servers, generation = address.bootstrap(settings)
    assert servers != first[0]
    assert generation == first[1] + 3
    assert await describe_topics(servers, [settings.topic("pupils")]) == {settings.topic("pupils"): 12}


async def test_the_address_is_told_only_when_the_topics_are_there(
    broker: Broker, make_settings: Callable[..., Settings]
) -> None:
    settings = make_settings()
    with pytest.raises(Unavailable, match="not ready"):
        address.bootstrap(settings)
    await _announce(broker, settings)
    assert address.bootstrap(settings) == (broker.bootstrap, 1)
    await broker.start()
    with pytest.raises(Unavailable, match="not ready"):
        address.bootstrap(settings)


async def test_the_address_of_a_broker_long_gone_is_replaced(
    tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    address.publish(tmp_path, "127.0.0.1:1", 7)
    settings, broker = make_settings(), Broker(tmp_path)
    await broker.start()
    with pytest.raises(Unavailable):
        address.bootstrap(settings)
    await _announce(broker, settings)
    assert address.bootstrap(settings) == (broker.bootstrap, 8)
    broker.stop()


def test_a_given_address_never_changes(make_settings: Callable[..., Settings]) -> None:
    assert address.bootstrap(make_settings(kafka_bootstrap_servers="kafka:9092")) == ("kafka:9092", 0)


async def _announce(broker: Broker, settings: Settings) -> None:
    await broker.create_topics(catalogued(settings), settings.partitions)
    broker.publish()
