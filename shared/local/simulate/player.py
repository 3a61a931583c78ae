"""Lives a plan through the real doors: files with their kind of door, steps over the API, and time in between."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path

import httpx

from shared.core.keys import Keys
from shared.core.settings import Settings
from shared.core.tabular import write
from shared.local.sample.files import kind_of
from shared.local.simulate import work
from shared.local.simulate.deeds import ANSWER, FILES, WORK, WRONG, Deed
from shared.local.simulate.steps import Steps
from shared.local.virtual_time import advance
from shared.operate.doors import Refused, deliver
from shared.storage.pool import Database

AT_ONCE = 4
"""Organisations that hand in at the same time."""


@dataclass(frozen=True, slots=True)
class World:
    """Where the plan is lived."""

    settings: Settings
    database: Database
    keys: Keys
    client: httpx.AsyncClient
    cohort: int
    pupils: Mapping[str, str]
    """Reference to personal number, of everybody in the plan."""
    moved: Callable[[datetime], None]
    """Told of every stop of time."""


@dataclass(slots=True)
class Tally:
    """What came of the deeds."""

    rows: Counter[str] = field(default_factory=Counter)
    """Per fate: received, applied, unchanged, skipped, quarantined."""
    files: int = 0
    refused: int = 0
    """Files that were refused as a whole."""
    steps: Counter[str] = field(default_factory=Counter)
    """Steps over the API, by kind; `impossible` when the state did not allow one."""
    wrong: list[str] = field(default_factory=list)
    """Files of which more or less was set apart than planned."""


@dataclass(slots=True)
class Player:
    """Goes through the instants of a plan; what is done is remembered, so that it goes on where it stopped."""

    world: World
    path: Path
    """Where it is remembered."""
    tally: Tally = field(default_factory=Tally)
    steps: Steps = field(init=False)

    def __post_init__(self) -> None:
        self.steps = Steps(self.world.client, self.world.keys, self.world.cohort, self.tally.steps)

    async def play(self, deeds: Iterable[Deed], until: datetime) -> None:
        """Live the deeds in order of time and let time pass up to `until`, with everything that comes due."""
        done = json.loads(self.path.read_text())["until"] if self.path.exists() else ""
        for instant, together in groupby(deeds, key=lambda deed: deed.at):
            if instant > until:
                break
            if instant.isoformat() > done:
                await self._to(instant)
                await self._do(list(together))
                self._remember(instant)
        await self._to(until)

    def _remember(self, instant: datetime) -> None:
        """In one go: whoever ends us without warning leaves no half a file."""
        fresh = self.path.with_suffix(".new")
        fresh.write_text(json.dumps({"until": instant.isoformat()}))
        fresh.replace(self.path)

    async def _to(self, instant: datetime) -> None:
        await advance(self.world.settings, self.world.database, instant, self.world.moved)

    async def _do(self, deeds: list[Deed]) -> None:
        """Deeds of one instant: kind after kind, the organisations side by side."""
        for kind, same in groupby(deeds, key=lambda deed: deed.kind):
            parts = [list(part) for _, part in groupby(same, key=lambda deed: deed.sender)]
            limit = asyncio.Semaphore(AT_ONCE)
            async with asyncio.TaskGroup() as group:
                for part in parts:
                    group.create_task(_limited(limit, self._part(kind, part)))

    async def _part(self, kind: str, deeds: list[Deed]) -> None:
        if kind in FILES:
            await self._hand_in(kind, deeds)
        elif kind == WRONG:
            await self._wrong(deeds)
        elif kind == ANSWER:
            world = self.world
            self.tally.steps += await work.answer(world.client, world.keys, deeds[0].sender, world.pupils)
        elif kind == WORK:
            self.tally.steps += await work.through(self.world.client, self.world.keys, deeds[0].sender)
        else:
            for deed in deeds:
                await self.steps.make(deed)

    async def _hand_in(self, kind: str, deeds: list[Deed]) -> None:
        rows = [deed.row for deed in deeds]
        columns = [column.name for column in kind_of(kind).columns if column.always or column.name in rows[0]]
        data = write(columns, rows)
        receipt = await deliver(self.world.client, self.world.keys, data, confirm=True)
        self.tally.files += 1
        self.tally.rows.update({fate: receipt[fate] for fate in work.FATES})
        bad = sum(deed.bad for deed in deeds)
        if receipt["quarantined"] != bad:
            faults = [f["where"].split(",")[-1] + ": " + f["expected"] for f in receipt.get("faults", [])]
            told = f"{deeds[0].at:%Y-%m-%d} {kind} {deeds[0].sender}: {receipt['quarantined']} set apart, {bad} planned"
            self.tally.wrong.append(f"{told} {Counter(faults).most_common(4)}")

    async def _wrong(self, deeds: list[Deed]) -> None:
        rows = [deed.row for deed in deeds]
        try:
            await deliver(self.world.client, self.world.keys, write(tuple(rows[0]), rows))
        except Refused:
            self.tally.refused += 1
        else:
            self.tally.wrong.append(f"{deeds[0].at:%Y-%m-%d} a file without its columns was taken in")


async def _limited(limit: asyncio.Semaphore, job: Awaitable[None]) -> None:
    async with limit:
        await job
