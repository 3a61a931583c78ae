"""What the faults happen to: one Apache Kafka and one PostgreSQL for all tests, and a small region of its own for each.

Workers reach both through wires that can be cut; the doors and the checker go straight to PostgreSQL.
"""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx

from shared.core.clock import FileClock
from shared.core.ids import new_id
from shared.core.keys import load_keys
from shared.core.settings import Settings, as_environment
from shared.local import demo, virtual_time
from shared.local.apache_kafka import ApacheKafka
from shared.local.mailbox import Mailbox
from shared.local.postgres import Postgres
from shared.local.processes import free_port, spawn
from shared.messaging.outbox import Transport
from shared.messaging.topics import catalogued, create_topics
from shared.operate import quiet
from shared.operate.doors import deliver
from shared.schemas.catalog import SERVICES
from shared.service import load, web
from shared.storage.migrate import migrate
from shared.storage.pool import Database
from tests.faults.proxy import KafkaWire, PostgresWire
from tests.faults.worker import TOLD, WITNESS

PARTITIONS = 4
SESSION_SECONDS = 3
QUIET_SECONDS = 90
END_SECONDS = 30
UNHEALED = 3600
"""Seconds: holes are not asked for, so that what the transport itself loses stays lost and is found."""


class WiredKafka(ApacheKafka):
    """Tells its clients the address of a wire instead of its own."""

    def __init__(self, data_dir: Path):
        super().__init__(data_dir)
        self.wire = KafkaWire(lambda: self._port)

    def _configure(self) -> None:
        super()._configure()
        file = self._home / "server.properties"
        mine = f"advertised.listeners=CLIENTS://127.0.0.1:{self._port}"
        text = file.read_text()
        assert mine in text
        file.write_text(text.replace(mine, f"advertised.listeners=CLIENTS://127.0.0.1:{self.wire.port}"))


@dataclass
class Ground:
    """The servers that all tests share, each of which may be killed and comes back with what it held."""

    folder: Path
    kafka: WiredKafka
    postgres: Postgres
    to_postgres: PostgresWire
    template: str = ""

    async def kill_broker(self, away: float = 0) -> None:
        """End the broker without warning; it is back after `away` seconds and the time it takes to start."""
        _kill(self.kafka.pid)
        self.kafka.wire.cut()
        await asyncio.sleep(away)  # how long it is away is the fault
        await self.kafka.start()

    async def kill_postgres(self) -> None:
        _kill(self.postgres.pid)
        while self.postgres.alive():
            await asyncio.sleep(0.01)
        self.postgres.start()

    async def execute(self, statement: str) -> None:
        conn = await asyncpg.connect(self.postgres.url())
        try:
            await conn.execute(statement)
        finally:
            await conn.close()


@asynccontextmanager
async def ground(folder: Path) -> AsyncIterator[Ground]:
    """Start the servers and make a migrated database to copy; end them afterwards."""
    postgres = Postgres(folder)
    here = Ground(folder, WiredKafka(folder), postgres, PostgresWire(lambda: postgres.port))
    await here.kafka.wire.start()
    await here.to_postgres.start()
    postgres.start()
    try:
        await here.kafka.start()
        here.template = f"template_{new_id().hex}"
        await here.execute(f"CREATE DATABASE {here.template}")
        address = postgres.url(here.template)
        await migrate(address, SERVICES)
        conn = await asyncpg.connect(address)
        await conn.execute(WITNESS)
        await conn.close()
        yield here
    finally:
        await here.kafka.wire.stop()
        await here.to_postgres.stop()
        here.kafka.stop()
        postgres.stop()


_COUNTS = [
    f"SELECT count(*) FROM {service}.outbox UNION ALL SELECT coalesce(sum(received), 0) FROM {service}.tally"
    for service in SERVICES
]
CHANGES = (
    "SELECT array_agg(n) FROM (SELECT count(*) AS n FROM witness.handled UNION ALL "
    + " UNION ALL ".join(_COUNTS)
    + ") AS counts"
)
"""Everything that moves while a region works."""


@dataclass
class Region:
    """Five services on a database and topics of their own, with as many workers as a test starts."""

    ground: Ground
    settings: Settings
    """Straight to PostgreSQL; Kafka is behind the wire for everybody."""
    client: httpx.AsyncClient
    workers: list["subprocess.Popen[bytes]"] = field(default_factory=list)

    async def start_worker(self, *broken: str, **changes: float) -> "subprocess.Popen[bytes]":
        """Start one more worker of all services, and wait until it has joined its groups."""
        log = self.settings.data_dir / f"worker-{len(self.workers)}.log"
        wired = urlsplit(str(self.settings.database_url))
        port = f":{self.ground.to_postgres.port}"
        address = urlunsplit(wired._replace(netloc=wired.netloc.replace(f":{wired.port}", port)))
        settings = self.settings.model_copy(update={"database_url": address, **changes})
        command = [sys.executable, "-m", "tests.faults.worker", *broken]
        worker = spawn(command, log, as_environment(settings))
        self.workers.append(worker)
        async with asyncio.timeout(QUIET_SECONDS):
            while log.read_text().count("consumers_started") < len(SERVICES):
                assert worker.poll() is None, log.read_text()[-3000:]
                await asyncio.sleep(0.1)
        return worker

    def kill(self, worker: "subprocess.Popen[bytes]") -> None:
        worker.send_signal(signal.SIGKILL)
        worker.wait()

    def running(self) -> list["subprocess.Popen[bytes]"]:
        return [worker for worker in self.workers if worker.poll() is None]

    def leader(self) -> "subprocess.Popen[bytes]":
        """The worker that came to lead most lately; it leads at least one service."""
        leading = [worker for number, worker in enumerate(self.workers) if "relay_leader" in self._log(number)]
        return next(worker for worker in reversed(leading) if worker.poll() is None)

    def _log(self, number: int) -> str:
        return (self.settings.data_dir / f"worker-{number}.log").read_text(errors="replace")

    async def end(self, *workers: "subprocess.Popen[bytes]") -> None:
        """End workers in order, as a rolling restart does. One that does not end tells what it waits for."""
        for worker in workers:
            worker.terminate()
        for worker in workers:
            try:
                await asyncio.to_thread(worker.wait, END_SECONDS)
            except subprocess.TimeoutExpired:
                worker.send_signal(signal.SIGUSR1)
                await self._told(worker)
                self.kill(worker)
                raise AssertionError(self._log(self.workers.index(worker))[-20_000:]) from None

    async def _told(self, worker: "subprocess.Popen[bytes]") -> None:
        """Wait until a worker has written down where its tasks are."""
        async with asyncio.timeout(5):
            while TOLD not in self._log(self.workers.index(worker)):
                await asyncio.sleep(0.05)

    async def hand_in(self, files: Iterable[bytes]) -> None:
        keys = load_keys(self.settings)
        for file in files:
            await deliver(self.client, keys, file)

    async def quiet(self, seconds: float = QUIET_SECONDS) -> None:
        """Wait until nothing is on its way; raises TimeoutError with what is left."""
        database = await quiet.reader(self.settings)
        try:
            await quiet.until_quiet(self.settings, database, seconds)
        finally:
            await database.close()

    async def rest(self, seconds: float = 3) -> None:
        """Wait until nothing has changed for so long: for a build that may never get quiet."""
        before, since = None, asyncio.get_running_loop().time()
        while (now := asyncio.get_running_loop().time()) - since < seconds:
            if (found := await self.ask(CHANGES)) != before:
                before, since = found, now
            await asyncio.sleep(0.2)  # that nothing happens can only be seen by looking again

    async def ask(self, query: str, *arguments: object) -> Any:
        """One value from the database of this region."""
        conn = await asyncpg.connect(self.settings.database_url)
        try:
            return await conn.fetchval(query, *arguments)
        finally:
            await conn.close()

    async def until(self, query: str, *arguments: object) -> None:
        """Wait until this is true in the database of this region."""
        async with asyncio.timeout(QUIET_SECONDS):
            while not await self.ask(query, *arguments):
                await asyncio.sleep(0.05)

    @asynccontextmanager
    async def locked(self, statement: str) -> AsyncIterator[None]:
        """Hold what this statement locks, until the block ends."""
        conn = await asyncpg.connect(self.settings.database_url)
        try:
            async with conn.transaction():
                await conn.execute(statement)
                yield
        finally:
            await conn.close()

    def move_to(self, instant: datetime) -> None:
        """Let business time jump: everything that came due meanwhile comes late, each at its own instant."""
        FileClock(self.settings.data_dir / "clock").move(instant)

    async def transport(self, service: str) -> Transport:
        """A side of a service in the test itself; close its database."""
        assert self.settings.database_url
        database = await Database(self.settings.database_url, service, "worker").open()
        return Transport(service, self.settings, load_keys(self.settings), database)


@asynccontextmanager
async def region(here: Ground, mailbox_port: int) -> AsyncIterator[Region]:
    """A region without workers on virtual time; workers that still run afterwards are killed."""
    name = f"region_{new_id().hex}"
    await here.execute(f"CREATE DATABASE {name} TEMPLATE {here.template}")
    folder = here.folder / name
    settings = Settings(
        _env_file=None,
        data_dir=folder,
        database_url=here.postgres.url(name),
        kafka_bootstrap_servers=f"127.0.0.1:{here.kafka.wire.port}",
        topic_prefix=name,
        partitions=PARTITIONS,
        kafka_session_seconds=SESSION_SECONDS,
        virtual_time=True,
        smtp_port=mailbox_port,
        gap_seconds=UNHEALED,
        heads_seconds=UNHEALED,
        log_level="INFO",
    )
    virtual_time.begin(settings, demo.begin_at())
    await create_topics(str(settings.kafka_bootstrap_servers), catalogued(settings), PARTITIONS)
    app = web(load(settings), settings)
    async with app.router.lifespan_context(app):
        door = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=door, base_url=settings.public_url, timeout=60) as client:
            made = Region(here, settings, client)
            try:
                yield made
            finally:
                for worker in made.running():
                    made.kill(worker)
    await here.execute(f"DROP DATABASE {name} WITH (FORCE)")


@asynccontextmanager
async def mailbox(folder: Path) -> AsyncIterator[int]:
    """Where mails go; its port."""
    box = Mailbox(folder)
    yield await box.start(free_port())
    await box.stop()


def _kill(pid: int | None) -> None:
    assert pid
    os.kill(pid, signal.SIGKILL)
