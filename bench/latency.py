"""From a command at an HTTP door to the row of the alert it touches in another service, at a steady load.

The command is an application by API. Its pupil has an open alert that no application was seen. The application goes
through web, database, outbox, relay and broker to coordination, which clears the signal; that goes the same way to
notifications, which closes the alert.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import islice
from typing import Any

import asyncpg
import httpx

from bench import files, story
from bench.meter import Meter, milliseconds, spent
from bench.place import Place, running
from shared.core.actor import Actor, Role
from shared.core.clock import local_instant
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.local.mailbox import Mailbox
from shared.local.processes import free_port, port_answers
from shared.operate import doors, quiet

AFTER_THE_DATE = local_instant(date(2027, 4, 2), 9)
PER_SECOND = 100
GLANCE = 0.02
UP_SECONDS = 60.0
LAST_SECONDS = 60.0
CLOSED = "SELECT DISTINCT pupil_ref FROM notifications.alert WHERE pupil_ref = ANY($1::text[]) AND status = 'resolved'"
SENDER = Actor(story.MBO, Role.SCHOOL_SYSTEM, "system-1")


@dataclass
class Arrivals:
    """When each command was sent, and when its alert row was there for others to see."""

    sent: dict[str, float] = field(default_factory=dict)
    answered: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    async def look(self, conn: asyncpg.Connection, wanted: int) -> None:
        """Look again and again until every row was seen."""
        async with asyncio.timeout(wanted / PER_SECOND + LAST_SECONDS):
            while len(self.seconds) < wanted:
                for row in await conn.fetch(CLOSED, list(self.sent)):
                    self.seconds.append(time.perf_counter() - self.sent.pop(row["pupil_ref"]))
                await asyncio.sleep(GLANCE)


async def measure(place: Place, commands: int) -> dict[str, Any]:
    """Latencies of so many commands at 100 a second, and what all processes used."""
    async with _region(place, commands) as (settings, meter, client):
        keys, arrivals = load_keys(settings), Arrivals()
        conn = await asyncpg.connect(settings.database_url)
        async with meter.watching():
            before, looking = meter.cpu(), asyncio.create_task(arrivals.look(conn, commands))
            await _send_all(client, keys, commands, arrivals)
            await looking
            after = meter.cpu()
        await conn.close()
    return {
        "commands": commands,
        "per_second": PER_SECOND,
        "http_ms": milliseconds(arrivals.answered),
        "row_ms": milliseconds(arrivals.seconds),
        "cpu_per_1000": spent(before, after, commands),
        "memory_mb": meter.memory_summary(),
    }


@asynccontextmanager
async def _region(place: Place, pupils: int) -> AsyncIterator[tuple[Settings, Meter, httpx.AsyncClient]]:
    """All services in a web and a worker process, and so many pupils with an open alert."""
    port, mailbox = free_port(), Mailbox(place.folder)
    address = f"http://127.0.0.1:{port}"
    values = {"web_port": port, "public_url": address, "smtp_port": await mailbox.start(free_port())}
    settings = await place.room(AFTER_THE_DATE, **values)
    with (
        running("web", ["shared.cli", "run", "all", "web"], settings) as web,
        running("worker", ["shared.cli", "run", "all", "worker"], settings) as worker,
    ):
        async with httpx.AsyncClient(base_url=address, timeout=60) as client:
            await answers(port)
            for file in (story.ORGANISATIONS.encode(), story.CONTACTS.encode(), files.pupils(pupils)):
                await doors.deliver(client, load_keys(settings), file)
            await _quiet(settings)
            assert web.pid
            assert worker.pid
            yield settings, Meter({"web": web.pid, "worker": worker.pid, **place.pids()}), client
    await mailbox.stop()


async def answers(port: int) -> None:
    """Wait until somebody listens."""
    async with asyncio.timeout(UP_SECONDS):
        while not port_answers(port):
            await asyncio.sleep(GLANCE)


async def _quiet(settings: Settings) -> None:
    database = await quiet.reader(settings)
    try:
        await quiet.until_quiet(settings, database)
    finally:
        await database.close()


async def _send_all(client: httpx.AsyncClient, keys: Keys, commands: int, arrivals: Arrivals) -> None:
    """One command every hundredth of a second, whether or not the ones before were answered."""
    headers, started = {"authorization": f"Bearer {keys.api_token(SENDER)}"}, time.perf_counter()
    async with asyncio.TaskGroup() as group:
        for number, pgn in enumerate(islice(files.numbers(), commands)):
            await asyncio.sleep(max(0.0, started + number / PER_SECOND - time.perf_counter()))
            arrivals.sent[keys.pupil_ref(pgn)] = time.perf_counter()
            group.create_task(_send(client, headers, _application(number, pgn), arrivals))


async def _send(client: httpx.AsyncClient, headers: dict[str, str], body: dict[str, Any], arrivals: Arrivals) -> None:
    started = time.perf_counter()
    (await client.post("/intake/api/v1/applications", json=body, headers=headers)).raise_for_status()
    arrivals.answered.append(time.perf_counter() - started)


def _application(number: int, pgn: str) -> dict[str, Any]:
    return {
        "own_id": f"A{number}",
        "version": 1,
        "pgn": pgn,
        "first_name": "Noor",
        "last_name": "Verzonnen",
        "birth_date": "2011-03-24",
        "municipality": "0344",
        "programme": story.CREBO,
        "pathway": "bol",
        "status": "received",
        "status_at": datetime(2027, 4, 1, 9, tzinfo=UTC).isoformat(),
    }
