"""A school year of a region: what schools and institutions tell of 2,500 pupils is put in their histories month by
month, and business time moves through every timer of the year, only while all is quiet. Five services in one worker
process; the clock runs from its start until the last event was taken by whoever listens."""

import json
import time
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bench import drain, story
from bench.meter import Meter, beside, spent, taken
from bench.place import Place, running
from shared.core.actor import system
from shared.core.clock import civil_date
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local import virtual_time
from shared.local.mailbox import Mailbox
from shared.local.processes import free_port
from shared.messaging import outbox
from shared.messaging.outbox import Transport
from shared.operate.quiet import reader
from shared.schemas.catalog import EVENTS, SERVICES
from shared.schemas.envelope import Draft, Outcome
from shared.service import transport

TELLERS = ("dossier", "intake")
BLOCK = 500
LONGEST = 3600.0
TOLD = "SELECT count(*) FROM {service}.event_log"


@dataclass(frozen=True)
class Year:
    """How many pupils, and how many things are told of each."""

    pupils: int
    things: int
    days: int
    """Between one thing and the next."""


WHOLE = Year(pupils=2_500, things=12, days=28)


def steps(year: Year) -> Sequence[story.Step]:
    """What schools and institutions tell of a pupil, in order of time."""
    return [step for step in story.steps() if step.source in TELLERS][: year.things]


async def measure(place: Place, year: Year) -> dict[str, Any]:
    """Events per second over the year, with all that follows, and what every process used."""
    mailbox = Mailbox(place.folder)
    settings = await drain.prepared(place, "coordination", smtp_port=await mailbox.start(free_port()))
    found: dict[str, Any] = {}
    with running("worker", ["shared.cli", "run", "all", "worker"], settings) as worker:
        assert worker.pid
        meter, started = Meter({"worker": worker.pid, **place.pids()}), time.perf_counter()
        before, around = meter.cpu(), taken()
        async for number, stops in _lived(settings, year):
            seconds, events = time.perf_counter() - started, await _events(settings)
            found = {
                "pupils": year.pupils,
                "told": number * year.pupils,
                "until": civil_date(settings.clock.now()).isoformat(),
                "events": events,
                "stops": stops,
                "seconds": round(seconds, 1),
                "events_per_second": round(events / seconds),
                "cpu_per_1000": spent(before, meter.cpu(), events),
                "cores_beside": beside(around, taken(), seconds),
            }
            print(f"{place.kind}: {json.dumps(found)}", flush=True)
    await mailbox.stop()
    return found


async def _lived(settings: Settings, year: Year) -> AsyncIterator[tuple[int, int]]:
    """Tell and let time pass, thing by thing; how many things were told, and at how many instants time stopped."""
    stops: list[datetime] = []
    database = await reader(settings)
    sides = {name: transport(settings, load_keys(settings), name, "worker") for name in TELLERS}
    try:
        for side in sides.values():
            await side.db.open()
        for number, step in enumerate(steps(year), 1):
            await _tell(sides[step.source], step, year.pupils)
            to = story.NOW + timedelta(days=number * year.days)
            await virtual_time.advance(settings, database, to, stops.append, LONGEST)
            yield number, len(stops)
    finally:
        for side in sides.values():
            await side.db.close()
        await database.close()


async def _tell(side: Transport, step: story.Step, pupils: int) -> None:
    """One thing of every pupil, into the history of who tells it."""
    now = side.settings.clock.now()
    for first in range(0, pupils, BLOCK):
        drafts = [*_drafts(step, range(first, min(first + BLOCK, pupils)), now)]
        async with side.db.transaction() as conn:
            await outbox.write(side, conn, Outcome(events=drafts), system(side.service), now)


def _drafts(step: story.Step, pupils: range, now: datetime) -> Iterator[Draft]:
    for pupil in pupils:
        kind, _, text = step.endings[pupil % len(step.endings)]
        yield Draft(story.ref(pupil), EVENTS[kind].model_validate_json(text.replace(story.PUPIL, str(pupil))), now)


async def _events(settings: Settings) -> int:
    database = await reader(settings)
    try:
        async with database.acquire() as conn:
            return sum([await conn.fetchval(TOLD.format(service=name)) for name in SERVICES])
    finally:
        await database.close()
