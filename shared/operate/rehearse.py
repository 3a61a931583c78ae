"""`overstap rehearse`: what last year would have been under another agreement. Reads the histories, writes nothing."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from shared.core.clock import civil_date, local_instant
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.operate.commands import reading
from shared.operate.quiet import SQL
from shared.operate.show import Teller
from shared.schemas.catalog import EVENTS, TOPICS
from shared.schemas.envelope import Event, read
from shared.storage.pool import Connection

PAGE = 200
"""Children at a time: what is in memory does not grow with their number."""
Desk = tuple[str, str]
Week = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Asked:
    """An agreement to try on a year."""

    path: Path
    cohort: int | None = None
    """School year of the intended start; None: the last one that began."""
    capacity: Sequence[str] = ()
    """``ROLE=N``: alerts that somebody in a role can deal with in a week."""


async def rehearse(settings: Settings, asked: Asked, say: Teller) -> int:
    """Live a year again under the present agreement and under the one in a file, and tell the difference.

    Raises `Invalid` with every fault of the file at once, and `NotFound` when nobody moved in that year.
    """
    room, now = _room(asked.capacity), settings.clock.now()
    cohort = asked.cohort or _begun(now)
    async with reading(settings) as database, database.acquire() as conn:
        async with conn.transaction():
            await conn.execute("SET LOCAL search_path = coordination")
            until = min(now, local_instant(date(cohort + 1, 8, 1), 0))
            stage = await import_module("services.coordination.handlers.rehearsal").rehearsal(conn, asked.path, until)
        async with conn.transaction(isolation="repeatable_read", readonly=True):
            with say.busy("the year is lived again"):
                async for events in children(conn, load_keys(settings), cohort):
                    stage.live(events)
    if not stage.found.children:
        raise NotFound(f"nobody has a transition in cohort {cohort}")
    _tell(cohort, stage.found, room, say)
    return 0


def _begun(now: datetime) -> int:
    today = civil_date(now)
    return today.year - (today.month < 8)


def _room(given: Sequence[str]) -> dict[str, int]:
    pairs = [text.partition("=") for text in given]
    if wrong := [role for role, _, n in pairs if not role or not n.isdecimal()]:
        raise Invalid([Fault("--capacity", f"ROLE=N, a number of alerts a week: {', '.join(wrong)}", "invalid")])
    return {role: int(n) for role, _, n in pairs}


async def children(conn: Connection, keys: Keys, cohort: int) -> AsyncIterator[list[Event]]:
    """The events of one child after another, in the order in which they were recorded."""
    stage = import_module("services.coordination.handlers.rehearsal")
    wanted = {"dossier": stage.HEARD, "intake": stage.HEARD, "coordination": stage.OWN}
    cursor = await conn.cursor(SQL["children"], cohort)
    while page := [row["refs"] for row in await cursor.fetch(PAGE)]:
        told: dict[str, list[Event]] = defaultdict(list)
        every = [ref for refs in page for ref in refs]
        for service, types in wanted.items():
            for row in await conn.fetch(SQL["year_of"].format(service=service), every, cohort, types):
                told[row["subject"]].append(_event(service, row, keys))
        for refs in page:
            yield sorted(
                (e for ref in refs for e in told[ref]), key=lambda e: (e.time, e.source, e.subject, e.sequence)
            )


def _event(service: str, row: Any, keys: Keys) -> Event:
    payload = keys.decrypt(row["payload"]) if TOPICS[row["topic"]].encrypted else row["payload"]
    data = read(EVENTS[row["type"]], payload)
    return Event(row["event_id"], service, row["recorded_at"], row["subject"], row["sequence"], data)


def _tell(cohort: int, found: Any, room: Mapping[str, int], say: Teller) -> None:
    desks = [_desk(desk, found, room) for desk in found.desks]
    signals = [_signal(rule, severity, moved) for (rule, severity), moved in sorted(found.signals.items())]
    columns = ("signal", "same day", "earlier", "later", "median days", "most days", "new", "no longer")
    say.table("Signals: of the present agreement, under the other one", columns, [list(s.values()) for s in signals])
    landed = (
        "organisation, role",
        "alerts",
        "other",
        "most in a week",
        "other",
        "weeks over",
        "other",
        "pupils",
        "other",
    )
    rows = [[f"{d['organisation']} {d['role']}", *(n for key in NUMBERS for n in d[key])] for d in desks]
    say.table("Where it lands: now, and under the other agreement", landed, rows)
    over = [
        f"over capacity: {d['organisation']} {d['role']} in {', '.join(weeks)} ({name})"
        for d in desks
        for name, weeks in d["over"].items()
        if weeks
    ]
    last = "no difference to anybody" if found.same else _sum(found)
    value = {"cohort": cohort, "pupils": found.children, "same": found.same, "signals": signals, "desks": desks}
    say.result(value, *over, f"cohort {cohort}, {found.children} pupils: {last}")


NUMBERS = ("alerts", "busiest", "weeks_over", "pupils")
"""Of a desk: each under the present agreement and under the other one."""


def _sum(found: Any) -> str:
    before, after = (side.alerts.total() for side in (found.before, found.after))
    return f"{before} alerts, and {after} under the other agreement"


def _desk(desk: Desk, found: Any, room: Mapping[str, int]) -> dict[str, Any]:
    weeks = {"present": found.before.weeks(desk), "changed": found.after.weeks(desk)}
    most = room.get(desk[1])
    over = {
        name: [_named(week) for week, n in sorted(per.items()) if most is not None and n > most]
        for name, per in weeks.items()
    }
    return {
        "organisation": desk[0],
        "role": desk[1],
        "alerts": [sum(per.values()) for per in weeks.values()],
        "busiest": [max(per.values(), default=0) for per in weeks.values()],
        "weeks_over": [len(names) if most is not None else "-" for names in over.values()],
        "pupils": [found.before.held[desk], found.after.held[desk]],
        "weeks": {name: {_named(week): n for week, n in sorted(per.items())} for name, per in weeks.items()},
        "over": over,
    }


def _named(week: Week) -> str:
    return f"{week[0]}-W{week[1]:02}"


def _signal(rule: str, severity: str, moved: Any) -> dict[str, Any]:
    shifted = {days: n for days, n in moved.days.items() if days}
    every = sorted(days for days, n in shifted.items() for _ in range(n))
    return {
        "signal": f"{rule} {severity}",
        "same_day": moved.days[0],
        "earlier": sum(days < 0 for days in every),
        "later": sum(days > 0 for days in every),
        "median_days": every[(len(every) - 1) // 2] if every else 0,
        "most_days": max(every, key=abs, default=0),
        "new": moved.new,
        "no_longer": moved.gone,
    }
