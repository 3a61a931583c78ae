"""Does a pupil cost more when there are more of them? Every 2,500 pupils are a region, with its schools of 100, its
institution and its municipality. What is told of them waits on the topics; coordination takes it and sends what
follows. Then business time moves over the winter, to the day after 1 February, and every date in it is dealt with:
actions that are late, schools that fell silent, pupils who did not apply.

Only work is counted, from the first batch until nothing waits: CPU seconds for each 1,000 events, taken or sent, so
that what else the machine does matters little."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import asyncpg

from bench import story
from bench.drain import Run, told_who_is_where
from bench.meter import Meter, beside, spent, taken
from bench.place import Place, running
from bench.region.homes import contacts, homes, moved, organisations
from shared.core.clock import FileClock, local_instant
from shared.core.settings import Settings

SERVICE = "coordination"
FOR_ALL, FOR_HALF = ("pupil-recorded", "pupil-expected"), "application-status-changed"
UNTIL = date(2027, 2, 2)
GLANCE = 0.5
SESSION_SECONDS = 45.0
"""As in production: a busy machine must not make the broker deal partitions again."""
LONGEST = 3600.0
AT_MOST = 1.25
"""Cost is linear when an event of the most pupils costs at most this much more than with any smaller number."""
WAITS = "SELECT EXISTS (SELECT FROM outbox) OR EXISTS (SELECT FROM timer WHERE due_at <= $1)"
HANDLED = "SELECT count(*) FROM inbox"
FOLLOWED = "SELECT count(*) FROM event_log"


async def measure(place: Place, ladder: Sequence[int]) -> dict[str, Any]:
    """What an event costs with each of these numbers of pupils, and whether that stays the same."""
    runs = []
    for pupils in sorted(ladder):
        runs.append(await _run(place, pupils))
        print(f"{place.kind}: {runs[-1]}", flush=True)
    return {"runs": runs, "linear": linear(runs)}


def linear(runs: Sequence[dict[str, Any]]) -> bool:
    """Whether an event costs no more with the most pupils than with fewer, but for noise."""
    *fewer, most = (run["cpu_per_1000"]["all"] for run in runs)
    return bool(most <= AT_MOST * min(fewer))


async def _run(place: Place, pupils: int) -> dict[str, Any]:
    at = homes(pupils)
    settings = await place.room(story.NOW, kafka_session_seconds=SESSION_SECONDS)
    await told_who_is_where(settings, organisations(at), contacts(at))
    waiting = await story.send(settings, story.encoded(settings, SERVICE, told(pupils), moved(at)))
    notes = settings.data_dir / "notes"
    with running("worker", ["bench.worker", "whole", SERVICE, str(notes)], settings) as child:
        run = Run(child, settings, SERVICE, notes, sends=True)
        await run.until(1)
        assert child.pid
        meter = Meter({"worker": child.pid, **place.pids()})
        async with meter.watching():
            before, around, started = meter.cpu(), taken(), time.perf_counter()
            await run.until(waiting)
            followed = await _passed(settings, waiting)
            seconds, after, later = time.perf_counter() - started, meter.cpu(), taken()
    events = waiting + followed
    return {
        "pupils": pupils,
        "schools": len({home.site for home in at}),
        "regions": len({home.region for home in at}),
        "told": waiting,
        "events": events,
        "seconds": round(seconds, 1),
        "events_per_second": round(events / seconds),
        "cpu_per_1000": spent(before, after, events),
        "memory_mb": meter.memory_summary(),
        "cores_beside": beside(around, later, seconds),
    }


def told(pupils: int) -> Iterator[tuple[int, story.Step]]:
    """What is told of every pupil, and that every second one applied."""
    heard = {step.endings[0][0]: step for step in reversed(story.heard_by(SERVICE))}
    for pupil, step in story.interleaved([heard[name] for name in (*FOR_ALL, FOR_HALF)], pupils):
        if pupil % 2 or step != heard[FOR_HALF]:
            yield pupil, step


async def _passed(settings: Settings, told: int) -> int:
    """Deal with what was told, let the winter pass, deal with what came of that; returns how many events followed."""
    conn = await asyncpg.connect(settings.database_url, server_settings={"search_path": SERVICE})
    try:
        async with asyncio.timeout(LONGEST):
            while await conn.fetchval(HANDLED) < told:
                await asyncio.sleep(GLANCE)
            await _quiet(conn, settings)
            FileClock(settings.data_dir / "clock").move(local_instant(UNTIL))
            await _quiet(conn, settings)
        return int(await conn.fetchval(FOLLOWED))
    finally:
        await conn.close()


async def _quiet(conn: asyncpg.Connection, settings: Settings) -> None:
    while await conn.fetchval(WAITS, settings.clock.now()):
        await asyncio.sleep(GLANCE)
