"""Throughput: events wait on the topics; a worker on one of the roads takes them; the clock runs from its first batch
until everything was taken and everything that follows was sent."""

import asyncio
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bench import story
from bench.meter import Meter, milliseconds, spent
from bench.place import OPERATOR, Place, running
from services.coordination.handlers.staff.lists import (
    ImportContacts,
    ImportOrganisations,
    import_contacts,
    import_organisations,
)
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.core.tabular import kinds
from shared.local.processes import Child
from shared.messaging.outbox import perform
from shared.service import transport

GLANCE = 0.05
LONGEST = 3600.0
TELLING = ("whole", "one_by_one")
"""Roads that end with what was sent."""


@dataclass(frozen=True)
class Run:
    """A worker on its way."""

    child: Child
    settings: Settings
    service: str
    notes: Path
    sends: bool

    def taken(self) -> int:
        """Events taken so far."""
        text = self.notes.read_text() if self.notes.exists() else ""
        return int(text or 0)

    async def until(self, events: int) -> None:
        """Wait until so many were taken. Raises when the worker ends or takes too long."""
        async with asyncio.timeout(LONGEST):
            while self.taken() < events:
                if not self.child.alive():
                    raise RuntimeError(f"the worker ended:\n{self.child.log.read_text()[-2000:]}")
                await asyncio.sleep(GLANCE)

    async def sent(self) -> int:
        """Wait until everything that follows was sent; returns how many events that were."""
        conn = await asyncpg.connect(self.settings.database_url, server_settings={"search_path": self.service})
        try:
            async with asyncio.timeout(LONGEST):
                while self.sends and await conn.fetchval("SELECT EXISTS (SELECT FROM outbox)"):
                    await asyncio.sleep(GLANCE)
            return int(await conn.fetchval("SELECT count(*) FROM event_log"))
        finally:
            await conn.close()


async def measure(place: Place, road: str, service: str, wanted: int) -> dict[str, Any]:
    """Events per second, batch latency, CPU and memory of a service on a road, with this many events waiting."""
    settings = await prepared(place, service)
    events = await story.produce(settings, service, wanted)
    notes = settings.data_dir / "notes"
    with running("worker", ["bench.worker", road, service, str(notes)], settings) as child:
        run = Run(child, settings, service, notes, road in TELLING)
        await run.until(1)
        assert child.pid
        meter = Meter({"worker": child.pid, **place.pids()})
        async with meter.watching():
            first, before, started = run.taken(), meter.cpu(), time.perf_counter()
            await run.until(events)
            following = await run.sent()
            seconds, after = time.perf_counter() - started, meter.cpu()
    rest = max(1, events - first)
    return {
        "road": road,
        "service": service,
        "events": rest,
        "following": following,
        "types": len(story.types_heard_by(service)),
        "events_per_second": round(rest / seconds),
        "batch_ms": milliseconds(json.loads(notes.with_suffix(".json").read_text())),
        "cpu_per_1000": spent(before, after, rest),
        "memory_mb": meter.memory_summary(),
    }


async def prepared(place: Place, service: str, **values: Any) -> Settings:
    """A room in which coordination knows who can be reached."""
    settings = await place.room(story.NOW, **values)
    if service == "coordination":
        await told_who_is_where(settings, story.ORGANISATIONS, story.CONTACTS)
    return settings


async def told_who_is_where(settings: Settings, organisations: str, contacts: str) -> None:
    """Hand coordination these lists."""
    side = transport(settings, load_keys(settings), "coordination", "web")
    await side.db.open()
    of_organisations = ImportOrganisations(kinds.ORGANISATIONS.read(organisations.encode()))
    of_contacts = ImportContacts(kinds.CONTACTS.read(contacts.encode()))
    await perform(side, OPERATOR, import_organisations, of_organisations)
    await perform(side, OPERATOR, import_contacts, of_contacts)
    await side.db.close()
