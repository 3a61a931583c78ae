"""`overstap simulate`: a stack, a plan, the player, and whether everything that came out is as it must be."""

import time
from collections import defaultdict
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any

import httpx

from shared.core.clock import civil_date, local_instant
from shared.core.errors import Fault, Invalid
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local import demo, identities, virtual_time
from shared.local.simulate import spool
from shared.local.simulate.deeds import ANSWER, Signal
from shared.local.simulate.identities import people
from shared.local.simulate.plan import Wanted, calendar, plan
from shared.local.simulate.player import Player, Tally, World
from shared.local.simulate.truth.agreed import agreed
from shared.local.simulate.truth.check import RULES, Line, check, fired, truth
from shared.local.simulate.truth.holders import Difference, Holding, differences, held, must_hold
from shared.local.simulate.truth.silence import Voices
from shared.local.simulate.truth.story import Around
from shared.local.stack import Kind, Stack
from shared.operate.audit import audit
from shared.operate.commands import publish_figures, reading, republish_all, settings_of_running, tell
from shared.operate.show import Teller
from shared.schemas.catalog import SERVICES
from shared.storage.migrate import migrate

SESSION_SECONDS = 3
TELL_SECONDS = 5
LAST_HOUR = 20
SHOWN = 20
IN_MEMORY = 150_000
"""Events that the embedded broker is good for: it keeps all of them in memory."""
EVENTS_A_DAY = 0.4
"""Of a pupil, of all services, over a year: between what a region and the country made (docs/simulate.md)."""


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
    began: float = field(default_factory=time.monotonic)
    told: float = 0
    stops: int = 0
    now: datetime = field(init=False)

    def __post_init__(self) -> None:
        self.now = self.first

    def moved(self, instant: datetime) -> None:
        """Time moved to this instant."""
        self.stops += 1
        self.now = instant
        if time.monotonic() - self.told < TELL_SECONDS or instant <= self.first:
            return
        self.told = time.monotonic()
        left = self.seconds * (self.last - instant) / (instant - self.first)
        self.say.note(
            f"{civil_date(instant)}  {self.pupils} pupils, {self.stops} stops, "
            f"{self.rate:.0f} hours a second, about {left / 60:.1f} minutes to go"
        )

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.monotonic() - self.began

    @property
    def rate(self) -> float:
        """Business hours lived in a second."""
        return (self.now - self.first).total_seconds() / 3600 / self.seconds


def require_room(asked: Asked) -> None:
    """Raise `Invalid`, with what can be done, when the embedded broker is too small for so many pupils for so long."""
    days = (asked.until - civil_date(begin_at(asked.wanted))).days
    most = int(IN_MEMORY / EVENTS_A_DAY / days)
    if asked.kafka == "embedded" and asked.wanted.pupils > most:
        events = round(asked.wanted.pupils * EVENTS_A_DAY * days, -4)
        told = f"{asked.wanted.pupils} pupils until {asked.until} make about {events:,.0f} events"
        room = f"the embedded broker keeps all in memory and is good for {IN_MEMORY:,}"
        do = f"--stack apache (needs Java 17 and Maven), --pupils {most} at most, or an earlier --until"
        raise Invalid([Fault("--pupils", f"{do}; {told}, and {room}")])


async def simulate(asked: Asked, say: Teller) -> int:
    """Live a planned school year and tell what came of it; 1 when anything is not as it must be, or
    when it was ended before that could be told."""
    require_room(asked)
    settings = Settings(kafka_session_seconds=SESSION_SECONDS, demo=True, virtual_time=True)
    if (settings.data_dir / demo.PROGRESS).exists():
        raise Invalid([Fault(str(settings.data_dir), "another OVERSTAP_DATA_DIR: here lives the sample region")])
    load_keys(settings)
    virtual_time.begin(settings, begin_at(asked.wanted))
    folder = settings.data_dir / "plan"
    with say.busy("drawing the plan"):
        deeds = spool.write(asked.wanted, folder)
        identities.write(settings, people(plan(asked.wanted)))
    say.note(f"{asked.wanted.pupils} pupils, {deeds} deeds planned")
    code = None
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
            await publish_figures(settings_of_running(settings), asked.wanted.cohort, None)
            say.note(f"Pages: {settings_of_running(settings).public_url}. Ctrl-C ends it.")
            await stack.wait()
    if code is None:
        say.note("ended before the year was through; the same command goes on where it was")
        return 1
    return code


def begin_at(wanted: Wanted) -> datetime:
    """Business time at which the year begins: the night before the first lists."""
    return local_instant(date(wanted.cohort - 1, 10, 1))


async def _lived(settings: Settings, asked: Asked, say: Teller) -> int:
    until, keys = local_instant(asked.until, LAST_HOUR), load_keys(settings)
    progress = Progress(say, settings.clock.now(), until, asked.wanted.pupils)
    async with reading(settings) as database, httpx.AsyncClient(base_url=settings.public_url, timeout=120) as client:
        known = {keys.pupil_ref(pupil): pupil for pupil in _pupils(asked.wanted)}
        world = World(settings, database, keys, client, asked.wanted.cohort, known, progress.moved)
        player = Player(world, settings.data_dir / "simulate.json")
        await player.play(spool.read(settings.data_dir / "plan"), until)
        seconds = progress.seconds
        must = _truth(asked.wanted, until)
        async with database.acquire() as conn:
            report = await audit(conn, settings)
            lines = check(must.signals, await fired(conn, keys, known.values()), agreed().names)
            others = differences(must.holdings, await held(conn, keys, known.values()))
    code = max(_told_truth(say, lines), _told_custody(say, must, others))
    _told_figures(say, player.tally, progress, seconds)
    if say.as_json:
        told = {"signals": [asdict(line) for line in lines], "custody": _custody(must, others)}
        say.result({"audit": asdict(report), "not_as_planned": player.tally.wrong} | told)
        audited = 0 if report.good else 1
    else:
        audited = tell(report, say)
    return max(code, audited, 1 if player.tally.wrong else 0)


def _pupils(wanted: Wanted) -> set[str]:
    """Personal numbers of everybody in a plan."""
    return {deed.pupil for part in plan(wanted) for deed in part.deeds if deed.pupil}


@dataclass(slots=True)
class Truth:
    """What must come out of a plan."""

    signals: list[Signal] = field(default_factory=list)
    holdings: list[Holding] = field(default_factory=list)


def _truth(wanted: Wanted, until: datetime) -> Truth:
    """What must have come out of a plan by an instant."""
    must, answers = Truth(), defaultdict[str, list[datetime]](list)
    voices: dict[str, Voices] = {}
    for part in plan(wanted):
        for deed in part.deeds:
            if deed.kind == ANSWER:
                answers[deed.sender].append(deed.at)
        around = Around(wanted.cohort, calendar(part.place), part.place.region)
        heard = voices.setdefault(part.place.region, Voices(around.calendar))
        must.signals += truth(part.deeds, around, until, heard)
        must.holdings += must_hold(part.deeds, around, answers, until)
    must.signals += [signal for heard in voices.values() for signal in heard.silent(agreed(), until)]
    return must


def _custody(must: Truth, others: list[Difference]) -> dict[str, Any]:
    """In figures: pupils, times that one passed to another organisation or role, and who was with others than
    planned."""
    passed = sum(len(one.holders) - 1 for one in must.holdings)
    return {"pupils": len(must.holdings), "passed": passed, "others": [asdict(one) for one in others]}


def _told_custody(say: Teller, must: Truth, others: list[Difference]) -> int:
    """Who had the pupils; 1 when anybody was with others than planned."""
    told = _custody(must, others)
    say.note(
        f"{told['pupils']} pupils passed {told['passed']} times to another organisation or role, "
        f"{len(others)} otherwise than planned"
    )
    for one in others[:SHOWN]:
        say.note(f"OTHERS {one.pupil} {one.cohort} planned: {one.planned}; came out: {one.came}")
    return 1 if others else 0


def _told_truth(say: Teller, lines: list[Line]) -> int:
    """The table of the truth; 1 when anything was missed or had no cause."""
    rows = [(one.rule, one.expected, one.found, len(one.missed), len(one.without_cause)) for one in lines]
    say.table("Signals", ("rule", "planned", "came out", "missed", "without cause"), rows)
    on = agreed().names
    say.note(f"not yet in this installation: {', '.join(rule for rule in RULES if rule not in on) or 'nothing'}")
    if unread := set(on).difference(line.rule for line in lines):
        say.note(f"on, and not checked by this plan: {', '.join(sorted(unread))}")
    for line in lines:
        for what, signals in (("MISSED", line.missed), ("WITHOUT CAUSE", line.without_cause)):
            for one in signals[:SHOWN]:
                say.note(
                    f"{what} {one.rule} {one.severity} {one.about} {one.officer} {one.at:%Y-%m-%d %H:%M} {one.pupil}"
                )
    return 0 if all(line.good for line in lines) else 1


def _told_figures(say: Teller, tally: Tally, progress: Progress, seconds: float) -> None:
    for line in tally.wrong[:SHOWN]:
        say.note(f"NOT AS PLANNED {line}")
    say.note(f"{tally.files} files, {dict(tally.rows)}, {tally.refused} refused as a whole, steps {dict(tally.steps)}")
    say.note(f"{seconds:.0f} seconds, {progress.stops} stops, {progress.rate:.0f} hours a second")
