"""Topics are made here and nowhere else: with the right number of partitions, before anybody reads or writes."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from functools import partialmethod
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaConnectionError, KafkaError, TopicAlreadyExistsError, for_code
from aiokafka.protocol.admin import CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest
from aiokafka.protocol.metadata import MetadataRequest

from shared.core.errors import OverstapError, Unavailable
from shared.core.settings import Settings
from shared.messaging.address import refusal
from shared.schemas.catalog import TOPICS, Grant, Topic, grants

REQUEST_TIMEOUT = 5.0  # seconds
COPIES = 3  # of every partition, where there are that many brokers
VISIBLE_WITHIN = 10.0  # seconds until every new topic shows up in the metadata
COMPACTED_WITHIN_DAYS = 1
"""How long a compacted topic may keep what was replaced or erased."""
_DAY_MS = 24 * 60 * 60 * 1000

# A client that merely asks about a topic would create it, with the broker's default number of partitions. aiokafka
# sends that permission with every metadata request and has no option to withhold it.
MetadataRequest.__init__ = partialmethod(MetadataRequest.__init__, allow_auto_topic_creation=False)


class WrongTopic(OverstapError):
    """A topic exists with another number of partitions, which is fixed for ever, or keeps its records otherwise."""


def catalogued(settings: Settings) -> dict[str, Topic]:
    """Every topic of the catalogue under its full name in this installation."""
    return {settings.topic(name): topic for name, topic in TOPICS.items()}


async def create_topics(
    bootstrap: str, topics: Mapping[str, Topic | None] | Iterable[str], partitions: int, **client: Any
) -> None:
    """Create what is missing and check what is there; harmless to repeat.

    `topics` are full names, with their retention where it is known; a topic without gets the broker's own. `client`
    are the arguments of :func:`shared.messaging.address.client_arguments`.
    Raises :class:`WrongTopic` when one has another number of partitions, :class:`Unavailable` when the broker
    does not answer.
    """
    wanted = dict(topics) if isinstance(topics, Mapping) else dict.fromkeys(topics)
    async with admin_of(bootstrap, **client) as admin:
        present = await _partition_counts(admin, list(wanted))
        missing = {name: topic for name, topic in wanted.items() if name not in present}
        if missing:
            await _create(admin, missing, partitions)
            present = await _until_visible(admin, list(wanted))
    wrong = [f"{name} has {n} partitions instead of {partitions}" for name, n in present.items() if n != partitions]
    if wrong:
        raise WrongTopic("; ".join(sorted(wrong)))


async def describe_topics(bootstrap: str, names: Iterable[str], **client: Any) -> dict[str, int]:
    """The number of partitions of each of these topics; one that does not exist is left out."""
    async with admin_of(bootstrap, **client) as admin:
        return await _partition_counts(admin, list(names))


async def other_retention(bootstrap: str, topics: Mapping[str, Topic], **client: Any) -> list[str]:
    """What topics are set to that the catalogue wants otherwise: compaction, and how long events are kept."""
    wanted = [ConfigResource(ConfigResourceType.TOPIC, name, dict.fromkeys(_configs(t))) for name, t in topics.items()]
    async with admin_of(bootstrap, **client) as admin:
        answers = await admin.describe_configs(wanted)
    return [
        f"{name} has {key} {value}, not {_configs(topics[name])[key]}"
        for answer in answers
        for _, _, _, name, entries in answer.resources
        for key, value, *_ in entries
        if key in _configs(topics[name]) and value != _configs(topics[name])[key]
    ]


async def check_kept(bootstrap: str, topics: Mapping[str, Topic], **client: Any) -> None:
    """Raises :class:`WrongTopic`, telling what, when topics keep their events otherwise than the catalogue says.

    Nothing is changed: events that a shorter retention removes do not come back. The embedded broker can not be asked.
    """
    if wrong := await other_retention(bootstrap, topics, **client):
        raise WrongTopic("; ".join(sorted(wrong)))


async def check_readable(bootstrap: str, names: Iterable[str], **client: Any) -> None:
    """Raises :class:`Unavailable`, naming them, when topics are not there or are kept from this account."""
    async with admin_of(bootstrap, **client) as admin:
        described = await admin.describe_topics(list(names))
    closed = [f"{t['topic']}: {for_code(t['error_code']).__name__}" for t in described if t["error_code"]]
    if closed:
        raise Unavailable(f"Kafka at {bootstrap}: {', '.join(sorted(closed))}; see 'overstap topics'")


async def cluster_id(bootstrap: str, **client: Any) -> str:
    """The identity of the cluster that answers at this address."""
    async with admin_of(bootstrap, **client) as admin:
        return str((await admin.describe_cluster())["cluster_id"])


@asynccontextmanager
async def admin_of(bootstrap: str, **client: Any) -> AsyncIterator[Any]:
    """An administrator's client; what Kafka does not answer or does not allow is `Unavailable`."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, request_timeout_ms=int(REQUEST_TIMEOUT * 1000), **client)
    try:
        async with asyncio.timeout(2 * (REQUEST_TIMEOUT + VISIBLE_WITHIN)):
            await admin.start()
            yield admin
    except (KafkaError, OSError, TimeoutError) as error:
        why = await refusal(bootstrap, client) if isinstance(error, KafkaConnectionError) else None
        raise Unavailable(f"Kafka at {bootstrap}: {why or error or type(error).__name__}") from error
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
        # Without a limit a quiet topic keeps what was replaced or erased in its newest segment, for a week or longer.
        return {"cleanup.policy": "compact", "max.compaction.lag.ms": str(COMPACTED_WITHIN_DAYS * _DAY_MS)}
    return {"cleanup.policy": "delete", "retention.ms": str(topic.retention_days * _DAY_MS)}


async def _until_visible(admin: Any, names: list[str]) -> dict[str, int]:
    """Kafka answers the creation before every broker knows the topic."""
    deadline = time.monotonic() + VISIBLE_WITHIN
    while len(present := await _partition_counts(admin, names)) < len(names):
        if time.monotonic() > deadline:
            raise Unavailable(f"topics do not show up: {', '.join(sorted(set(names) - set(present)))}")
        await asyncio.sleep(0.1)
    return present


# Rights. aiokafka knows the requests, its administrator's client has no methods for them.
ANY, ALLOW, EVERYWHERE = 1, 3, "*"
_RESOURCES = {"topic": 2, "group": 3}
_OPERATIONS = {"read": 3, "write": 4, "create": 5, "describe": 8, "describe_configs": 10}
_LITERAL, _BEGINS_WITH = 3, 4
Right = tuple[int, str, int, str, str, int, int]
"""Kind of resource, its name, exact or beginning, principal, host, operation, allowed or denied."""


async def grant(settings: Settings, bootstrap: str, **client: Any) -> tuple[int, int]:
    """Give every account of this installation its rights and take what else it has; returns (given, taken).

    Harmless to repeat. For an account that may alter the cluster. Raises :class:`Unavailable` when it may not.
    """
    wanted = {_right(settings, one) for one in grants()}
    async with admin_of(bootstrap, **client) as admin:
        present: set[Right] = set()
        for principal in sorted({right[3] for right in wanted}):
            present |= await _rights_of(admin, principal)
        given, taken = wanted - present, present - wanted
        for right in sorted(given):
            answer = await admin._send_request(CreateAclsRequest(*right))
            _accepted(answer.creation_responses[0][0])
        for right in sorted(taken):
            answer = await admin._send_request(DeleteAclsRequest(*right))
            _accepted(answer.filter_responses[0][0])
    return len(given), len(taken)


def _right(settings: Settings, one: Grant) -> Right:
    pattern = _BEGINS_WITH if one.begins_with else _LITERAL
    principal = f"User:{settings.topic(one.account)}"
    place = _RESOURCES[one.resource], settings.topic(one.name), pattern
    return *place, principal, EVERYWHERE, _OPERATIONS[one.operation], ALLOW


async def _rights_of(admin: Any, principal: str) -> set[Right]:
    answer = await admin._send_request(DescribeAclsRequest(ANY, None, ANY, principal, None, ANY, ANY))
    _accepted(answer.error_code)
    return {(kind, name, pattern, *acl) for kind, name, pattern, acls in answer.resources for acl in acls}


def _accepted(code: int) -> None:
    if code:
        raise Unavailable(f"Kafka: the rights could not be read or changed: {for_code(code).__name__}")
