"""Topics are made here and nowhere else: with the right number of partitions, before anybody reads or writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partialmethod
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.protocol.metadata import MetadataRequest

from shared.core.errors import OverstapError, Unavailable
from shared.core.settings import Settings
from shared.schemas.catalog import TOPICS, Topic

REQUEST_TIMEOUT = 5.0  # seconds
COPIES = 3  # of every partition, where there are that many brokers
VISIBLE_WITHIN = 10.0  # seconds until every new topic shows up in the metadata
_DAY_MS = 24 * 60 * 60 * 1000

# A client that merely asks about a topic would create it, with the broker's default number of partitions. aiokafka
# sends that permission with every metadata request and has no option to withhold it.
MetadataRequest.__init__ = partialmethod(MetadataRequest.__init__, allow_auto_topic_creation=False)


class WrongTopic(OverstapError):
    """A topic exists with another number of partitions. That number is fixed for ever: make a new topic."""


def catalogued(settings: Settings) -> dict[str, Topic]:
    """Every topic of the catalogue under its full name in this installation."""
    return {settings.topic(name): topic for name, topic in TOPICS.items()}


async def create_topics(bootstrap: str, topics: Mapping[str, Topic | None] | Iterable[str], partitions: int) -> None:
    """Create what is missing and check what is there; harmless to repeat.

    `topics` are full names, with their retention where it is known; a topic without gets the broker's own.
    Raises :class:`WrongTopic` when one has another number of partitions, :class:`Unavailable` when the broker
    does not answer.
    """
    wanted = dict(topics) if isinstance(topics, Mapping) else dict.fromkeys(topics)
    async with _admin(bootstrap) as admin:
        present = await _partition_counts(admin, list(wanted))
        missing = {name: topic for name, topic in wanted.items() if name not in present}
        if missing:
            await _create(admin, missing, partitions)
            present = await _until_visible(admin, list(wanted))
    wrong = [f"{name} has {found}" for name, found in sorted(present.items()) if found != partitions]
    if wrong:
        raise WrongTopic(f"expected {partitions} partitions per topic, but {', '.join(wrong)}")


async def describe_topics(bootstrap: str, names: Iterable[str]) -> dict[str, int]:
    """The number of partitions of each of these topics; one that does not exist is left out."""
    async with _admin(bootstrap) as admin:
        return await _partition_counts(admin, list(names))


async def cluster_id(bootstrap: str) -> str:
    """The identity of the cluster that answers at this address."""
    async with _admin(bootstrap) as admin:
        return str((await admin.describe_cluster())["cluster_id"])


@asynccontextmanager
async def _admin(bootstrap: str) -> AsyncIterator[Any]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(REQUEST_TIMEOUT * 1000))
    try:
        async with asyncio.timeout(2 * (REQUEST_TIMEOUT + VISIBLE_WITHIN)):
            await admin.start()
            yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        raise Unavailable(f"Kafka at {bootstrap}: {error or type(error).__name__}") from error
    finally:
        await admin.close()


async def _partition_counts(admin: Any, names: list[str]) -> dict[str, int]:
    described = await admin.describe_topics(names) if names else []
    return {topic["topic"]: len(topic["partitions"]) for topic in described if topic["error_code"] == 0}


async def _create(admin: Any, topics: Mapping[str, Topic | None], partitions: int) -> None:
    copies = min(COPIES, len((await admin.describe_cluster())["brokers"]))
    answer = await admin.create_topics(
        [NewTopic(name, partitions, copies, topic_configs=_configs(topic)) for name, topic in topics.items()]
    )
    for name, code, *_ in answer.topic_errors:
        if code not in (0, TopicAlreadyExistsError.errno):
            raise Unavailable(f"topic {name} could not be created: {for_code(code).__name__}")


def _configs(topic: Topic | None) -> dict[str, str]:
    if topic is None:
        return {}
    if topic.compacted:
        return {"cleanup.policy": "compact"}
    return {"cleanup.policy": "delete", "retention.ms": str(topic.retention_days * _DAY_MS)}


async def _until_visible(admin: Any, names: list[str]) -> dict[str, int]:
    """Kafka answers the creation before every broker knows the topic."""
    deadline = time.monotonic() + VISIBLE_WITHIN
    while len(present := await _partition_counts(admin, names)) < len(names):
        if time.monotonic() > deadline:
            raise Unavailable(f"topics do not show up: {', '.join(sorted(set(names) - set(present)))}")
        await asyncio.sleep(0.1)
    return present
