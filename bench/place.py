"""Where measurements run: PostgreSQL and one broker; for each measurement a database, topics and keys of its own."""

import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from shared.core.actor import Actor, Role
from shared.core.clock import FileClock
from shared.core.keys import load_keys
from shared.core.settings import Settings, as_environment
from shared.local.apache_kafka import ApacheKafka
from shared.local.broker import Broker
from shared.local.postgres import Postgres
from shared.local.processes import Child
from shared.local.stack import BROKERS, Kind
from shared.messaging.topics import catalogued, create_topics
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import migrate

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
                "kafka_session_seconds": 3,
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
