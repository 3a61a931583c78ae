"""The audit of every night: looked at twice, kept as numbers, told by metrics (docs/decisions/0027)."""

import asyncio
import json
import sys
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from shared.core.clock import civil_date, local_instant
from shared.core.health import asked_to_stop
from shared.core.logging import get_logger
from shared.core.settings import Settings, as_environment
from shared.messaging.outbox import Transport
from shared.operate import quiet
from shared.operate.audit import Report, audit
from shared.service import Service
from shared.storage import queries
from shared.storage.pool import Database

SQL = queries.load(Path(__file__).parent / "queries.sql")
KEEPER = "coordination"
"""The service that keeps the audits, and whose leader starts them: one in the whole installation."""
AGAIN_SECONDS = 120.0
LOOK_SECONDS = 60.0
STOP_SECONDS = 5.0
COMMAND = (sys.executable, "-m", "shared.cli", "audit", "--keep", "--json")


@dataclass(frozen=True, slots=True)
class Run:
    """An audit that was kept."""

    started_at: datetime
    finished_at: datetime
    pupils_in: int
    accounted_for: int
    violations: int
    """Found twice, so that nothing that was only on its way counts."""
    passing: int
    """Found, and gone when looked at once more."""
    rules: dict[str, int]
    """Service and rule → violations."""

    @property
    def good(self) -> bool:
        return not self.violations and self.pupils_in == self.accounted_for


def with_nightly(services: list[Service], settings: Settings) -> list[Service]:
    """These services, of which the one that keeps audits also starts one every night.

    Not on virtual time, where a year of nights may pass in minutes.
    """
    if settings.audit_hour < 0 or settings.virtual_time:
        return services
    return [replace(one, tasks=(*one.tasks, audit_nightly)) if one.name == KEEPER else one for one in services]


def last_night(now: datetime, hour: int) -> datetime:
    """The latest instant at which a nightly audit should have begun, at this hour of the Netherlands' wall clock."""
    today = local_instant(civil_date(now), hour)
    return today if today <= now else local_instant(civil_date(now) - timedelta(days=1), hour)


async def audit_nightly(side: Transport) -> None:
    """Start an audit once a night, also when the worker was away at the hour. A task of the leader.

    In a process of its own: folding the history of a country costs minutes of processor time, and events must not
    wait for it.
    """
    while not asked_to_stop():
        async with side.db.acquire() as conn:
            since = await conn.fetchval(SQL["audited_until"])
        if since < last_night(side.settings.clock.now(), side.settings.audit_hour):
            await _start(side)
        await _rest(side, LOOK_SECONDS)


async def _start(side: Transport) -> None:
    process = await asyncio.create_subprocess_exec(
        *COMMAND, env=as_environment(side.settings), stdout=asyncio.subprocess.DEVNULL
    )
    try:
        while process.returncode is None:
            await _rest(side, 1.0)
    finally:
        if process.returncode is None:
            await _end(process)
    run = await last(side.db)
    told = get_logger(service=side.service)
    if process.returncode not in (0, 1) or run is None:
        told.error("audit_failed", code=process.returncode)
    else:
        told.info("audit_finished", violations=run.violations, passing=run.passing, rules=run.rules)


async def _end(process: asyncio.subprocess.Process) -> None:
    """End it, by force when it takes long: it only reads until its last moment."""
    process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _rest(side: Transport, seconds: float) -> None:
    side.beats.beat("leader:audit")
    await asyncio.sleep(seconds)


async def keep(settings: Settings, again_seconds: float = AGAIN_SECONDS) -> Report:
    """Audit now, look again at what was found, and keep the numbers. Raises `Unavailable` without a database."""
    assert settings.database_url
    started = settings.clock.now()
    reader = await quiet.reader(settings)
    try:
        first = second = await _looked(reader, settings)
        if not first.good:
            await asyncio.sleep(again_seconds)
            second = await _looked(reader, settings)
    finally:
        await reader.close()
    found = both(first, second)
    keeper = await Database(settings.database_url, KEEPER, "worker").open()
    try:
        await _write(keeper, found, len(first.violations) - len(found.violations), started, settings.clock.now())
    finally:
        await keeper.close()
    return found


async def _looked(reader: Database, settings: Settings) -> Report:
    async with reader.acquire() as conn:
        return await audit(conn, settings)


def both(first: Report, second: Report) -> Report:
    """The later of two looks, with only those faults that both found: what was on its way is not a violation."""
    lasting = [one for one in second.violations if one in set(first.violations)]
    balanced = next((one for one in (second, first) if one.pupils_in == one.accounted_for), second)
    return replace(second, violations=lasting, pupils_in=balanced.pupils_in, accounted_for=balanced.accounted_for)


async def _write(keeper: Database, report: Report, passing: int, started: datetime, finished: datetime) -> None:
    rules = Counter(f"{one.service} {one.rule}" for one in report.violations)
    numbers = (report.pupils_in, report.accounted_for, len(report.violations), passing, json.dumps(rules))
    async with keeper.transaction() as conn:
        await conn.execute(SQL["keep"], started, finished, *numbers)
        await conn.execute(SQL["forget"], started - timedelta(days=400))


async def last(database: Database) -> Run | None:
    """The audit that was kept most lately."""
    async with database.acquire() as conn:
        row: Any = await conn.fetchrow(SQL["last"])
    return Run(**{**row, "rules": json.loads(row["rules"])}) if row else None
