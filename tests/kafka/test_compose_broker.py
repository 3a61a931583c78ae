"""The node of docker-compose.yml, started from the same settings by the program that the image starts with."""

import asyncio
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.local.apache_kafka import DEPLOY, JARS, fetch_jars
from shared.local.processes import free_port, spawn
from shared.messaging.address import client_arguments
from shared.messaging.broker import Producer
from shared.messaging.records import Outgoing
from shared.messaging.topics import catalogued, cluster_id, create_topics, grant, other_retention
from tests.image.compose import load, variables
from tests.stacks import require_java

UP_SECONDS = 60


@pytest.fixture(scope="module")
def containers() -> dict[str, Any]:
    """Every password is the name of its variable."""
    return dict(load({one.name: one.name for one in variables()})["services"])


@pytest.fixture(scope="module")
def node(containers: dict[str, Any], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Its address. Only where it listens and keeps its data is of this machine."""
    require_java()
    fetch_jars()
    folder, port, controller = tmp_path_factory.mktemp("node"), free_port(), free_port()
    places = []
    for name in ("default", "mounted", "final"):
        (folder / name).mkdir()
        places += [f"--{name}-configs-dir", str(folder / name)]
    shutil.copy(DEPLOY / "server.properties", folder / "mounted")
    own = {
        "KAFKA_LISTENERS": f"CLIENT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
        "KAFKA_ADVERTISED_LISTENERS": f"CLIENT://127.0.0.1:{port}",
        "KAFKA_CONTROLLER_QUORUM_VOTERS": f"1@127.0.0.1:{controller}",
        "KAFKA_LOG_DIRS": str(folder / "data"),
    }
    environment = {**containers["kafka"]["environment"], **own, "PATH": "/usr/bin:/bin"}
    java = ["java", "-Xmx512m", "-Dlog4j2.level=WARN", "-cp", f"{JARS}/*"]
    setup = [*java, "kafka.docker.KafkaDockerWrapper", "setup", *places]
    subprocess.run(setup, env=environment, check=True)
    process = spawn([*java, "kafka.Kafka", folder / "final" / "server.properties"], folder / "log", environment)
    yield f"127.0.0.1:{port}"
    process.send_signal(signal.SIGTERM)
    process.wait(60)


def settings_of(container: dict[str, Any], node: str, tmp_path: Path, **changed: str) -> Settings:
    given = {k.removeprefix("OVERSTAP_").lower(): v for k, v in container["environment"].items() if "KAFKA" in k}
    return Settings(_env_file=None, data_dir=tmp_path, **{**given, "kafka_bootstrap_servers": node, **changed})


async def test_the_topics_job_makes_topics_and_rights_with_which_each_worker_can_do_its_own_work(
    containers: dict[str, Any], node: str, tmp_path: Path
) -> None:
    job = settings_of(containers["topics"], node, tmp_path)
    async with asyncio.timeout(UP_SECONDS):
        while not await _answers(job, node):
            await asyncio.sleep(0.2)
    await create_topics(node, catalogued(job), job.partitions, **client_arguments(job))
    given, _ = await grant(job, node, **client_arguments(job))
    assert given
    assert await other_retention(node, catalogued(job), **client_arguments(job)) == []
    dossier = settings_of(containers["worker-dossier"], node, tmp_path)
    async with asyncio.timeout(UP_SECONDS):
        while not await _sent(dossier, "dossiers"):  # the node learns of rights a moment after they were given
            await asyncio.sleep(0.2)
    assert not await _sent(dossier, "signals")


async def test_a_wrong_password_is_refused(containers: dict[str, Any], node: str, tmp_path: Path) -> None:
    settings = settings_of(containers["worker-intake"], node, tmp_path, kafka_sasl_password="wrong")
    with pytest.raises(Unavailable):
        await cluster_id(node, **client_arguments(settings))


async def test_a_topic_that_is_kept_otherwise_is_told(containers: dict[str, Any], node: str, tmp_path: Path) -> None:
    job = settings_of(containers["topics"], node, tmp_path, topic_prefix="other")
    await create_topics(node, [job.topic("pupils")], job.partitions, **client_arguments(job))
    wanted = {job.topic("pupils"): catalogued(job)[job.topic("pupils")]}
    told = "; ".join(await other_retention(node, wanted, **client_arguments(job)))
    assert "other.pupils has cleanup.policy delete, not compact" in told
    assert "not 86400000" in told, "a day until what was erased is gone"


async def _answers(settings: Settings, node: str) -> bool:
    try:
        await cluster_id(node, **client_arguments(settings))
    except Unavailable:
        return False
    return True


async def _sent(settings: Settings, topic: str) -> bool:
    producer = Producer(settings)
    try:
        return all(await producer.send([Outgoing(settings.topic(topic), b"key", b"value", ())]))
    except Unavailable as error:
        if "TopicAuthorizationFailedError" not in str(error):
            raise
        return False
    finally:
        await producer.close()
