"""Does memory stay flat? A million events through our path, with the memory of every process noted each second."""

import time
from collections.abc import Sequence
from typing import Any

from bench import story
from bench.drain import Run, prepared
from bench.meter import Meter
from bench.place import Place, running

SERVICE = "coordination"
FLAT_SHARE, FLAT_MB = 0.05, 20.0
"""Flat: the last third uses on average at most this much more than the second."""


async def measure(place: Place, wanted: int) -> dict[str, Any]:
    """Memory of every process over so many events, and whether it is flat."""
    settings = await prepared(place, SERVICE)
    notes = settings.data_dir / "notes"
    with running("worker", ["bench.worker", "whole", SERVICE, str(notes)], settings) as child:
        run = Run(child, settings, SERVICE, notes, sends=True)
        assert child.pid
        meter, started = Meter({"worker": child.pid, **place.pids()}), time.perf_counter()
        async with meter.watching():
            events = await story.produce(settings, SERVICE, wanted)
            await run.until(events)
            following = await run.sent()
        seconds = time.perf_counter() - started
    return {
        "events": events,
        "following": following,
        "events_per_second": round(events / seconds),
        "processes": {name: verdict(mb, events) for name, mb in meter.memory.items()},
        "series_mb": {name: thinned(mb) for name, mb in meter.memory.items()},
    }


def verdict(mb: Sequence[float], events: int) -> dict[str, Any]:
    """Mean of the second and last third of the run, and what grew between them per 100,000 events."""
    third = max(1, len(mb) // 3)
    second, last = _mean(mb[third : 2 * third]), _mean(mb[-third:])
    grown = last - second
    return {
        "second_third_mb": round(second, 1),
        "last_third_mb": round(last, 1),
        "peak_mb": round(max(mb), 1),
        "mb_per_100k_events": round(grown / (events / 3) * 100_000, 2),
        "flat": grown <= max(FLAT_MB, FLAT_SHARE * second),
    }


def thinned(mb: Sequence[float], points: int = 60) -> list[float]:
    """At most so many of the values, evenly over time."""
    step = max(1, len(mb) // points)
    return [round(value, 1) for value in mb[::step]]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 0.0
