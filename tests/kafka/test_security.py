"""A node with TLS, accounts and rights: each service can do its own work, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from shared.cli import app
from shared.core.errors import Unavailable
from shared.core.settings import Settings, as_environment
from shared.local.apache_kafka import ApacheKafka, Security
from shared.messaging.address import client_arguments
from shared.messaging.broker import Producer, Subscribers
from shared.messaging.records import Outgoing
from shared.messaging.topics import admin_of, catalogued, cluster_id, create_topics, grant
from shared.schemas.catalog import SERVICES, TOPICS, TOPICS_JOB, consumed_topics
from tests.kafka.certificates import NODE, issue
from tests.stacks import require_java

ADMINISTRATOR = "administrator"
PREFIX = "secured"
ACCOUNTS = {ADMINISTRATOR: "of-the-cluster", **{f"{PREFIX}.{s}": f"of-{s}" for s in (*SERVICES, TOPICS_JOB)}}


@dataclass(frozen=True)
class Secured:
    """A node on which the topics and rights of the catalogue are."""

    node: ApacheKafka
    security: Security
    folder: Path

    def settings(self, account: str, **overrides: Any) -> Settings:
        values: dict[str, Any] = {**self.security.settings_of(account), "topic_prefix": PREFIX, **overrides}
        return Settings(_env_file=None, data_dir=self.folder, kafka_bootstrap_servers=self.node.bootstrap, **values)

    def of(self, service: str, **overrides: Any) -> Settings:
        """Settings of the worker of a service."""
        return self.settings(f"{PREFIX}.{service}", kafka_session_seconds=3, **overrides)


@pytest.fixture(scope="module")
async def secured(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Secured]:
    require_java()
    folder = tmp_path_factory.mktemp("secured")
    security = Security(*issue(folder), f"CN={NODE}", ACCOUNTS)
    node = ApacheKafka(folder, security)
    await node.start()
    secured = Secured(node, security, folder)
    administrator, job = secured.settings(ADMINISTRATOR), secured.settings(f"{PREFIX}.{TOPICS_JOB}")
    given, taken = await grant(administrator, node.bootstrap, **client_arguments(administrator))
    assert (given > 50, taken) == (True, 0)
    await create_topics(node.bootstrap, catalogued(job), job.partitions, **client_arguments(job))
    for topic in TOPICS:
        # A topic shows up before its partitions have their leader.
        while not await sent(administrator, topic):
            pass
    yield secured
    node.stop()


def record(settings: Settings, topic: str) -> Outgoing:
    return Outgoing(settings.topic(topic), b"key", settings.kafka_sasl_username.encode(), ())  # type: ignore[union-attr]


async def sent(settings: Settings, topic: str) -> bool:
    producer = Producer(settings)
    try:
        return all(await producer.send([record(settings, topic)]))
    except Unavailable as error:
        # The broker may say so when it is asked where the topic is, before anything is sent.
        if f"TopicAuthorizationFailedError: {settings.topic(topic)}" not in str(error):
            raise
        return False
    finally:
        await producer.close()


@pytest.mark.parametrize("service", SERVICES)
async def test_the_account_of_a_service_may_write_its_own_topics_and_no_other(secured: Secured, service: str) -> None:
    settings = secured.of(service)
    allowed = {topic: await sent(settings, topic) for topic in TOPICS}
    own = {name for name, topic in TOPICS.items() if topic.publisher == service} | {"repairs"}
    assert {topic for topic, may in allowed.items() if may} == own


@pytest.mark.parametrize("service", SERVICES)
async def test_the_account_of_a_service_reads_what_it_listens_to_in_its_own_groups(
    secured: Secured, service: str
) -> None:
    listens = {topic.name for topic in consumed_topics(service)} | {"repairs"}
    for topic in listens:
        publisher = TOPICS[topic].publisher or service
        assert await sent(secured.of(publisher), topic)
    heard: dict[str, list[Any]] = {topic: [] for topic in listens}
    complete = asyncio.Event()

    def taker(topic: str) -> Any:
        async def take(batch: Sequence[Any]) -> None:
            heard[topic] += batch
            if all(heard.values()):
                complete.set()

        return take

    subscribers = Subscribers(secured.of(service), service, {topic: taker(topic) for topic in listens})
    await subscribers.start()
    try:
        async with asyncio.timeout(60):
            await complete.wait()
    finally:
        await subscribers.stop()


async def nothing(_batch: Sequence[Any]) -> None: ...


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_that_reads_what_is_not_for_it_is_told_so(secured: Secured, service: str) -> None:
    settings = secured.of(service)
    visible = {t.name for t in consumed_topics(service)} | {"repairs"}
    visible |= {name for name, topic in TOPICS.items() if topic.publisher == service}
    for topic in TOPICS.keys() - visible:
        with pytest.raises(Unavailable, match=rf"{PREFIX}\.{topic}: TopicAuthorizationFailedError"):
            await Subscribers(settings, service, {topic: nothing}).start()


async def test_a_service_can_not_join_the_group_of_another(secured: Secured) -> None:
    intruder = Subscribers(secured.of("intake"), "signals", {"dossiers": nothing})
    with pytest.raises(Unavailable, match="GroupAuthorizationFailedError"):
        await intruder.start()


async def test_who_has_no_encryption_no_password_or_no_certificate_is_refused_and_told_why(secured: Secured) -> None:
    plain = {"kafka_security_protocol": "PLAINTEXT"}
    for overrides, reason in (
        (plain, "hangs up on PLAINTEXT; see OVERSTAP_KAFKA_SECURITY_PROTOCOL"),
        ({"kafka_sasl_password": "wrong"}, "SaslAuthenticationFailed"),
        ({"kafka_sasl_password": None}, "needs OVERSTAP_KAFKA_SASL_USERNAME and OVERSTAP_KAFKA_SASL_PASSWORD"),
        ({"kafka_ca_file": None}, "CERTIFICATE_VERIFY_FAILED"),
        ({"kafka_ca_file": secured.folder / "absent.pem"}, "OVERSTAP_KAFKA_CA_FILE .*No such file"),
    ):
        settings = secured.of("dossier", **overrides)
        with pytest.raises(Unavailable, match=reason):
            await sent(settings, "dossiers")
        with pytest.raises(Unavailable, match=reason):
            await cluster_id(secured.node.bootstrap, **client_arguments(settings))


async def test_the_account_that_makes_topics_can_do_only_that(secured: Secured) -> None:
    job = secured.settings(f"{PREFIX}.{TOPICS_JOB}")
    assert not await sent(job, "dossiers")
    with pytest.raises(Unavailable, match="GroupAuthorizationFailedError"):
        await Subscribers(job, TOPICS_JOB, {"dossiers": nothing}).start()
    with pytest.raises(Unavailable, match=r"TopicAuthorizationFailedError|could not be created"):
        await create_topics(secured.node.bootstrap, ["another.name"], 1, **client_arguments(job))
    with pytest.raises(Unavailable, match="ClusterAuthorizationFailedError"):
        await grant(job, secured.node.bootstrap, **client_arguments(job))


async def test_a_right_that_is_not_in_the_catalogue_is_taken_by_the_command(secured: Secured) -> None:
    from aiokafka.protocol.admin import CreateAclsRequest

    administrator = secured.settings(ADMINISTRATOR)
    topic = administrator.topic("intakes")
    async with admin_of(secured.node.bootstrap, **client_arguments(administrator)) as admin:
        await admin._send_request(CreateAclsRequest(2, topic, 3, f"User:{PREFIX}.dossier", "*", 4, 3))
    result = await asyncio.to_thread(CliRunner().invoke, app, ["topics", "--acls"], env=as_environment(administrator))
    assert result.exit_code == 0, result.output
    assert "rights: 0 given, 1 taken" in result.output
    assert not await sent(secured.of("dossier"), "intakes")
