"""The audit of every night: when it begins, what it keeps, and that what is only on its way is no violation."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.clock import AMSTERDAM
from shared.core.settings import Settings
from shared.messaging.outbox import Transport
from shared.operate.audit import Finding, Report, audit, nightly
from shared.operate.audit.nightly import KEEPER, both, keep, last, last_night, with_nightly
from shared.sampling import sample
from shared.service import load
from tests.integration.operate.test_sampling import told
from tests.support import open_transport

BROKEN, LATE = (
    Finding("coordination", "stored", "p1", "not what history says"),
    Finding("signals", "handled", "p2", "e"),
)
SOUND = Report(10, 10, {}, {}, 0)
BRAKE = "INSERT INTO coordination.brake (topic, reason, since) VALUES ('pupils', 'too much was rejected', now())"
MADE = "UPDATE coordination.migration SET applied_at = now() - $1::interval"
instants = st.builds(lambda m: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=m), st.integers(0, 6 * 366 * 1440))


@pytest.fixture
async def side(
    database_url: str, admin: asyncpg.Connection, make_settings: Callable[..., Settings]
) -> AsyncIterator[Transport]:
    transport = await open_transport(make_settings(database_url=database_url), KEEPER)
    await admin.execute("TRUNCATE coordination.audit_run; DELETE FROM coordination.brake")
    yield transport
    await transport.db.close()


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(database_url)
    yield conn
    await conn.close()


@given(now=instants, hour=st.sampled_from([0, 1, 3, 4, 23]))
def test_the_last_night_began_at_the_hour_of_the_wall_clock_within_the_last_25_hours(now: datetime, hour: int) -> None:
    began = last_night(now, hour)
    assert began <= now < began + timedelta(hours=25)
    assert began.astimezone(AMSTERDAM).hour == hour


def test_only_what_two_looks_find_is_a_violation() -> None:
    first, second = replace(SOUND, violations=[BROKEN, LATE]), replace(SOUND, violations=[BROKEN])
    assert both(first, second).violations == [BROKEN]
    assert both(second, first).violations == [BROKEN]
    assert both(first, SOUND).good


def test_pupils_are_missing_only_when_both_looks_miss_some() -> None:
    short = replace(SOUND, accounted_for=9)
    assert both(short, SOUND).good
    assert both(SOUND, short).good
    assert not both(short, short).good


async def test_a_sound_installation_is_kept_as_such_and_told_by_metrics(side: Transport) -> None:
    assert await last(side.db) is None
    assert (await keep(side.settings)).good
    run = await last(side.db)
    assert run
    assert (run.good, run.violations, run.passing, run.rules) == (True, 0, 0, {})
    await sample(side)
    assert told("overstap_audit_violations", service=KEEPER) == 0
    assert 0 <= (told("overstap_audit_age_seconds", service=KEEPER) or 0) < 60


async def test_what_is_found_twice_is_kept_by_rule_and_told_by_metrics(
    side: Transport, admin: asyncpg.Connection
) -> None:
    await admin.execute(BRAKE)
    assert not (await keep(side.settings, again_seconds=0)).good
    run = await last(side.db)
    assert run
    assert (run.violations, run.rules) == (1, {"coordination brake": 1})
    await sample(side)
    assert told("overstap_audit_violations", service=KEEPER) == 1


async def test_what_is_gone_at_the_second_look_was_on_its_way(
    side: Transport, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admin.execute(BRAKE)

    async def and_release(conn: asyncpg.Connection, settings: Settings) -> Report:
        report = await audit(conn, settings)
        await admin.execute("DELETE FROM coordination.brake")
        return report

    monkeypatch.setattr(nightly, "audit", and_release)
    assert (await keep(side.settings, again_seconds=0)).good
    run = await last(side.db)
    assert run
    assert (run.violations, run.passing) == (0, 1)


async def test_it_runs_once_a_night_and_is_made_up_for_when_nobody_was_there(
    side: Transport, admin: asyncpg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    side.settings.__dict__["audit_hour"] = 3
    monkeypatch.setattr(nightly, "LOOK_SECONDS", 0.01)
    started: list[Transport] = []

    async def start(transport: Transport) -> None:
        started.append(transport)
        await keep(transport.settings)

    monkeypatch.setattr(nightly, "_start", start)

    async def nights() -> int:
        """How many audits have begun after it has looked five times."""
        looks = asyncio.Queue[None]()
        monkeypatch.setattr(side.beats, "beat", lambda *_: looks.put_nowait(None))
        task = asyncio.create_task(nightly.audit_nightly(side))
        for _ in range(5):
            async with asyncio.timeout(60):
                await looks.get()
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return len(started)

    await admin.execute(MADE, timedelta(days=3))
    assert await nights() == 1
    await admin.execute("UPDATE coordination.audit_run SET started_at = started_at - interval '26 hours'")
    assert await nights() == 2


async def test_the_leader_starts_it_as_a_process_of_its_own(side: Transport) -> None:
    side.settings.__dict__["virtual_time"] = False
    await nightly._start(side)
    run = await last(side.db)
    assert run
    assert run.good


async def test_a_process_that_is_under_way_ends_with_the_leader(
    side: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mark = tmp_path / "began"
    script = f"import os, pathlib, signal; pathlib.Path({str(mark)!r}).write_text(str(os.getpid())); signal.pause()"
    monkeypatch.setattr(nightly, "COMMAND", (sys.executable, "-c", script))
    task = asyncio.create_task(nightly._start(side))
    async with asyncio.timeout(60):
        while not (mark.exists() and mark.read_text()):
            await asyncio.sleep(0.05)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert not Path(f"/proc/{mark.read_text()}").exists()


def test_virtual_time_has_no_nights(make_settings: Callable[..., Settings]) -> None:
    def tasks(**changes: object) -> list[str]:
        settings = make_settings(**changes)
        return [t.__name__ for s in with_nightly(load(settings), settings) if s.name == KEEPER for t in s.tasks]

    assert "audit_nightly" in tasks(virtual_time=False)
    assert "audit_nightly" not in tasks(virtual_time=True)
    assert "audit_nightly" not in tasks(virtual_time=False, audit_hour=-1)
