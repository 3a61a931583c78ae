"""`overstap simulate`: a stack, a plan, the player, and whether everything that came out is as it must be."""

import time
from dataclasses import dataclass
from datetime import date, datetime

import httpx

from shared.core.clock import civil_date, local_instant
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local import virtual_time
from shared.local.simulate import spool
from shared.local.simulate.plan import Wanted, plan
from shared.local.simulate.player import Player, Tally, World
from shared.local.stack import Kind, Stack
from shared.operate.audit import Report, audit
from shared.operate.commands import reading, republish_all, settings_of_running, tell
from shared.operate.show import Teller
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import migrate

SESSION_SECONDS = 3
TELL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """How `overstap simulate` was asked for."""

    wanted: Wanted
    until: date
    kafka: Kind = "embedded"
    workers: int = 1
    stay: bool = False
    """Keep everything running afterwards, until Ctrl-C."""


@dataclass(slots=True)
class Progress:
    """Tells now and then how far it is."""

    say: Teller
    first: datetime
    last: datetime
    pupils: int
    began: float = 0
    told: float = 0
    stops: int = 0

    def moved(self, instant: datetime) -> None:
        """Time moved to this instant."""
        self.stops += 1
        now = time.monotonic()
        if self.began == 0:
            self.began, self.first = now, instant
        if now - self.told < TELL_SECONDS or instant <= self.first:
            return
        self.told = now
        passed, rest = instant - self.first, self.last - instant
        rate = passed.total_seconds() / 3600 / (now - self.began)
        left = (now - self.began) * rest / passed
        self.say.note(
            f"{civil_date(instant)}  {self.pupils} pupils, {self.stops} stops, "
            f"{rate:.0f} hours a second, about {left / 60:.1f} minutes to go"
        )


async def simulate(asked: Asked, say: Teller) -> int:
    """Live a planned school year and tell what came of it; 1 when anything is not as it must be."""
    settings = Settings(kafka_session_seconds=SESSION_SECONDS, demo=True, virtual_time=True)
    load_keys(settings)
    virtual_time.begin(settings, begin_at(asked.wanted))
    folder = settings.data_dir / "plan"
    with say.busy("drawing the plan"):
        deeds = spool.write(plan(asked.wanted), folder)
    say.note(f"{asked.wanted.pupils} pupils, {deeds} deeds planned")
    async with Stack(settings, asked.kafka) as stack:

        async def history(_generation: int) -> int:
            return await republish_all(stack.settings)

        with say.busy("starting PostgreSQL, broker, pages and workers"):
            await stack.up(
                workers=asked.workers,
                on_database_started=lambda url: migrate(url, SERVICES),
                on_broker_started=history,
            )
        code = await _lived(settings_of_running(settings), asked, say)
        if asked.stay:
            say.note(f"Pages: {settings_of_running(settings).public_url}. Ctrl-C ends it.")
            await stack.wait()
    return code


def begin_at(wanted: Wanted) -> datetime:
    """Business time at which the year begins: the night before the first lists."""
    return local_instant(date(wanted.cohort - 1, 10, 1))


async def _lived(settings: Settings, asked: Asked, say: Teller) -> int:
    until = local_instant(asked.until, 20)
    progress = Progress(say, settings.clock.now(), until, asked.wanted.pupils)
    began = time.monotonic()
    async with reading(settings) as database, httpx.AsyncClient(base_url=settings.public_url, timeout=120) as client:
        world = World(settings, database, load_keys(settings), client, progress.moved)
        player = Player(world, settings.data_dir / "simulate.json")
        await player.play(spool.read(settings.data_dir / "plan"), until)
        async with database.acquire() as conn:
            report = await audit(conn, settings.clock.now())
    return _told(say, report, player.tally, progress, time.monotonic() - began)


def _told(say: Teller, report: Report, tally: Tally, progress: Progress, seconds: float) -> int:
    code = tell(report, say)
    for line in tally.wrong[:40]:
        say.note(f"NOT AS PLANNED {line}")
    say.note(f"{tally.files} files, {dict(tally.rows)}, {tally.refused} refused as a whole, steps {dict(tally.steps)}")
    say.note(f"{seconds:.0f} seconds, {progress.stops} stops")
    return max(code, 1 if tally.wrong else 0)
