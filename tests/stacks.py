"""The parts that integration tests run on: embedded, in containers, or given.

``OVERSTAP_TEST_STACK=apache`` takes real Apache Kafka, ``=docker`` takes containers; ``OVERSTAP_TEST_DATABASE_URL`` and
``OVERSTAP_TEST_KAFKA`` name servers that run already. Whatever the server, every test module has its own database and
every test its own topics.
"""

import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from shared.core.ids import new_id
from shared.core.settings import Settings
from shared.local.apache_kafka import DEPLOY, ApacheKafka
from shared.local.broker import Broker
from shared.local.postgres import Postgres
from shared.local.processes import free_port
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import migrate
from tests.tools import require

STACK = os.environ.get("OVERSTAP_TEST_STACK", "embedded")
IN_CONTAINERS = STACK == "docker"
POSTGRES_IMAGE = "postgres:18"
KAFKA_IMAGE = "apache/kafka:4.4.0"


@pytest.fixture(scope="session")
def server_dir() -> Iterator[Path]:
    """Folder of the embedded servers; not under pytest's own, whose folders only one user may pass."""
    folder = Path(tempfile.mkdtemp(prefix="overstap-"))
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def stack_postgres(server_dir: Path) -> Iterator[str]:
    """Address of a PostgreSQL server on which databases may be made."""
    if given := os.environ.get("OVERSTAP_TEST_DATABASE_URL"):
        yield given
    elif IN_CONTAINERS:
        yield from _postgres_in_container()
    else:
        server = Postgres(server_dir, durable=False)
        server.start()
        yield server.url()
        server.stop()


@pytest.fixture(scope="session")
async def kafka(server_dir: Path) -> AsyncIterator[str]:
    """Bootstrap address of a broker. Topics are made by the test, under its own `topic_prefix`."""
    if given := os.environ.get("OVERSTAP_TEST_KAFKA"):
        yield given
    elif IN_CONTAINERS:
        for bootstrap in _kafka_in_container():
            yield bootstrap
    else:
        broker = Broker(server_dir) if STACK == "embedded" else ApacheKafka(server_dir)
        if STACK == "apache":
            require_java()
        await broker.start()
        yield broker.bootstrap
        broker.stop()


@pytest.fixture(scope="session")
async def template(stack_postgres: str) -> AsyncIterator[str]:
    """Name of a database in which every service is migrated, to copy from."""
    name = f"template_{new_id().hex}"
    await _execute(stack_postgres, f"CREATE DATABASE {name}")
    await migrate(_in_database(stack_postgres, name), SERVICES)
    yield name
    await _execute(stack_postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
async def database_url(stack_postgres: str, template: str) -> AsyncIterator[str]:
    """A fresh, migrated database for one test module."""
    name = f"test_{new_id().hex}"
    await _execute(stack_postgres, f"CREATE DATABASE {name} TEMPLATE {template}")
    yield _in_database(stack_postgres, name)
    await _execute(stack_postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def topic_prefix() -> str:
    """First part of the names of topics and groups of one test; never used again, so no client sees another's."""
    return f"test-{new_id().hex}"


@pytest.fixture
def make_settings(tmp_path: Path, topic_prefix: str) -> Callable[..., Settings]:
    """Settings of one test: a data directory of its own, no demo, nothing from the environment."""

    def make(**overrides: Any) -> Settings:
        values: dict[str, Any] = {"data_dir": tmp_path, "demo": False, "topic_prefix": topic_prefix, **overrides}
        return Settings(_env_file=None, **values)

    return make


async def _execute(url: str, statement: str) -> None:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(statement)
    finally:
        await conn.close()


def _in_database(url: str, name: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def _postgres_in_container() -> Iterator[str]:
    _require_engine()
    from testcontainers.community.postgres import PostgresContainer

    with PostgresContainer(POSTGRES_IMAGE, driver=None).with_command("postgres -c max_connections=200") as server:
        yield server.get_connection_url()


def _kafka_in_container() -> Iterator[str]:
    """The official image, which the containers of testcontainers' own Kafka module are not."""
    _require_engine()
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    # What a broker tells its clients as its address must be known before it starts.
    port = free_port()
    ready = LogMessageWaitStrategy("Kafka Server started").with_startup_timeout(60)
    node = DockerContainer(KAFKA_IMAGE).with_bind_ports(port, port).with_envs(**kafka_environment(port))
    with node.waiting_for(ready):
        yield f"127.0.0.1:{port}"


def kafka_environment(port: int) -> dict[str, str]:
    """`deploy/kafka/server.properties` and the listeners of one node, as the official image wants to hear them."""
    lines = [line for line in (DEPLOY / "server.properties").read_text().splitlines() if "=" in line and line[0] != "#"]
    settings = dict(line.split("=", 1) for line in lines) | {
        "listeners": f"PLAINTEXT://:{port},CONTROLLER://127.0.0.1:9093",
        "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": "1@127.0.0.1:9093",
        "log.dirs": "/tmp/kafka",
    }
    return {f"KAFKA_{name.upper().replace('.', '_')}": value for name, value in settings.items()}


def require_java() -> None:
    """Go on only where Apache Kafka can run."""
    require("java", "mvn")


def _require_engine() -> None:
    import docker  # type: ignore[import-untyped]

    try:
        docker.from_env().ping()
    except docker.errors.DockerException as error:
        pytest.skip(f"no container engine answers: {error}")
