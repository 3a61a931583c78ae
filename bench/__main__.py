"""`python -m bench` measures everything on both stacks; `python -m bench memory` a million events; `python -m bench
export` the status export of the national chain; `python -m bench year` the school year of a region; `python -m bench
growth` what more and more pupils cost. Each writes its figures in `bench/results` and the page `docs/performance.md`
anew; with `--to` all goes into another folder."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench import drain, importing, latency, memory, page, place
from bench.region import growth
from bench.region import year as a_year
from shared.core.clock import SystemClock, civil_date
from shared.core.logging import configure
from shared.local.apache_kafka import missing_tools
from shared.local.stack import Kind

LADDER = ("reading", "decoding", "claiming", "handling", "telling")
OTHERS = ("dossier", "intake", "notifications", "signals")


@dataclass(frozen=True)
class Sizes:
    """How much of everything."""

    whole: int = 20_000
    one_by_one: int = 1_500
    floor: int = 100_000
    ladder: int = 10_000
    others: int = 10_000
    commands: int = 1_500
    rows: int = 100_000
    memory: int = 1_000_000
    exported: tuple[int, ...] = (10_000, 100_000)
    year: a_year.Year = a_year.WHOLE
    growing: tuple[int, ...] = (2_500, 10_000, 25_000, 100_000)


QUICK = Sizes(
    **{"whole": 400, "one_by_one": 60, "floor": 400, "ladder": 200, "others": 200, "commands": 20, "rows": 200},
    memory=600,
    exported=(200, 400),
    year=a_year.Year(pupils=20, things=2, days=1),
    growing=(20, 40),
)


async def measure(kind: Kind, sizes: Sizes) -> dict[str, Any]:
    """Everything on one stack."""
    async with place.opened(kind) as here:

        async def road(name: str, events: int, service: str = "coordination") -> Any:
            print(f"{kind}: {name} {service} {events}", flush=True)
            return await drain.measure(here, name, service, events)

        found = {
            "servers": await place.versions(here),
            "whole": await road("whole", sizes.whole),
            "one_by_one": await road("one_by_one", sizes.one_by_one),
            "floor": await road("on_the_floor", sizes.floor),
            "ladder": [await road(name, sizes.ladder) for name in LADDER],
            "others": [await road("whole", sizes.others, service) for service in OTHERS],
        }
        print(f"{kind}: import {sizes.rows}", flush=True)
        found["import"] = await importing.measure(here, sizes.rows)
        print(f"{kind}: latency {sizes.commands}", flush=True)
        found["latency"] = await latency.measure(here, sizes.commands)
        return found


async def everything(stacks: list[Kind], sizes: Sizes) -> dict[str, Any]:
    """All measurements, with a reason for a stack that is skipped."""
    found: dict[str, Any] = {"machine": place.description(), "measured_on": today().isoformat(), "stacks": {}}
    for kind in stacks:
        lacking = missing_tools() if kind == "apache" else ""
        found["stacks"][kind] = {"skipped": f"needs {lacking}"} if lacking else await measure(kind, sizes)
    return found


async def remembering(stacks: list[Kind], sizes: Sizes) -> dict[str, Any]:
    """Memory over many events, on the first of the stacks that can run here."""
    return await _on_the_first(stacks, lambda here: memory.measure(here, sizes.memory))


async def exporting(stacks: list[Kind], sizes: Sizes) -> dict[str, Any]:
    """Exports of several sizes, on the first of the stacks that can run here."""

    async def each(here: place.Place) -> dict[str, Any]:
        return {"exports": [await importing.export(here, rows) for rows in sizes.exported]}

    return await _on_the_first(stacks, each)


async def living(stacks: list[Kind], sizes: Sizes) -> dict[str, Any]:
    """A region's year, on the first of the stacks that can run here."""
    return await _on_the_first(stacks, lambda here: a_year.measure(here, sizes.year))


async def growing(stacks: list[Kind], sizes: Sizes) -> dict[str, Any]:
    """The cost of more and more pupils, on the first of the stacks that can run here."""
    return await _on_the_first(stacks, lambda here: growth.measure(here, sizes.growing))


async def _on_the_first(stacks: list[Kind], job: Callable[[place.Place], Awaitable[dict[str, Any]]]) -> dict[str, Any]:
    kind = next(kind for kind in stacks if kind != "apache" or not missing_tools())
    async with place.opened(kind) as here:
        about = {"machine": place.description(), "measured_on": today().isoformat(), "stack": kind}
        return about | {"servers": await place.versions(here)} | await job(here)


def today() -> date:
    """The day of a measurement."""
    return civil_date(SystemClock().now())


JOBS: dict[str, Callable[[list[Kind], Sizes], Coroutine[Any, Any, dict[str, Any]]]] = {
    "latest": everything,
    "memory": remembering,
    "export": exporting,
    "year": living,
    "growth": growing,
}


def main() -> None:
    """Read the command line, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("job", nargs="?", choices=JOBS, default="latest")
    parser.add_argument("--stack", action="append", choices=("apache", "embedded"), help="default: both")
    parser.add_argument("--quick", action="store_true", help="a few events of everything: does it still work?")
    parser.add_argument("--to", type=Path, help="folder for figures and page, instead of the published ones")
    options = parser.parse_args()
    configure(level="WARNING")
    job, sizes = JOBS[options.job], QUICK if options.quick else Sizes()
    stacks: list[Kind] = options.stack or ["apache", "embedded"]
    found = asyncio.run(job(stacks, sizes))
    results = options.to or page.RESULTS
    results.mkdir(parents=True, exist_ok=True)
    (results / f"{options.job}.json").write_text(json.dumps(found, indent=1) + "\n")
    written = (options.to / "performance.md") if options.to else page.PAGE
    written.write_text(page.render(results), encoding="utf-8")
    print(f"written: {written}")


if __name__ == "__main__":
    main()
