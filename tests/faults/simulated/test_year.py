"""A simulated year comes out the same with one worker or three, in one pass or after five times kill -9."""

import asyncio
import json
import os
import random
import shutil
import signal
from pathlib import Path

import asyncpg
import psutil
import pytest

from shared.local import state
from shared.local.postgres import Postgres
from tests.simulated import PUPILS, report, started
from tests.stacks import require_java

pytestmark = pytest.mark.timeout(1800)
WINTER = (*PUPILS, "--until", "2027-02-02")
THREE = (*WINTER, "--stack", "apache", "--workers", "3")
KILLED_AT = {
    "2026-10-20": "everything",
    "2026-11-10": "worker-2",
    "2026-12-08": "everything",
    "2027-01-15": "worker",
    "2027-01-29": "everything",
}
"""From which day of the story on what is killed; `everything`: the command itself, and with it all that it started."""
COMES_OUT = {
    "transitions": "SELECT pupil_ref, cohort, position, outcome, origin, region, agreement, opened_at FROM transition",
    "custodians": """SELECT DISTINCT ON (pupil_ref, cohort) pupil_ref, cohort, organisation, role, contact, basis
        FROM custody ORDER BY pupil_ref, cohort, n DESC""",
    "signals": "SELECT pupil_ref, cohort, rule, about, severity, fired_at, cleared_at, route FROM risk",
    "actions": "SELECT pupil_ref, cohort, kind, organisation, role, contact, due_at, severity FROM action WHERE open",
}


async def lived(data_dir: Path) -> str:
    """The last instant of the story that is behind us."""
    path = data_dir / "simulate.json"
    return str(json.loads(path.read_text())["until"]) if path.exists() else ""


async def hurt(data_dir: Path, dice: random.Random) -> None:
    """Kill what is planned, each at a moment drawn by lot after its day; start again what was killed whole."""
    running = await started(data_dir, *THREE)
    told = asyncio.create_task(running.communicate())
    for day, what in KILLED_AT.items():
        while await lived(data_dir) < day:
            assert running.returncode is None, (await told)[1].decode()
            await asyncio.sleep(0.05)
        await asyncio.sleep(dice.uniform(0, 1))  # the moment is what is being tested
        if what == "everything":
            children = psutil.Process(running.pid).children(recursive=True)
            running.kill()
            await told
            await asyncio.to_thread(psutil.wait_procs, children, 30)
            running = await started(data_dir, *THREE)
            told = asyncio.create_task(running.communicate())
        elif (now := state.read(data_dir)) and (process := now.processes[what].process()):
            process.send_signal(signal.SIGKILL)
    out, err = await told
    assert running.returncode == 0, (out.decode(), err.decode())


async def comes_out(data_dir: Path) -> dict[str, list[str]]:
    """Everything that was decided, as it is stored."""
    server = Postgres(data_dir)
    server.start()
    conn = await asyncpg.connect(server.url())
    try:
        await conn.execute("SET search_path = coordination")
        return {name: sorted(str(tuple(row)) for row in await conn.fetch(query)) for name, query in COMES_OUT.items()}
    finally:
        await conn.close()
        server.stop()


async def test_one_worker_in_one_pass_and_three_after_five_kills_give_the_same_year(server_dir: Path) -> None:
    require_java()
    seed = int(os.environ.get("OVERSTAP_TEST_SEED") or 1)
    print(f"OVERSTAP_TEST_SEED={seed}")
    calm, hurried = server_dir / "year-calm", server_dir / "year-hurried"
    winter = await report(await started(calm, *WINTER))
    assert sum(line["found"] for line in winter["signals"]) > 0
    hurried.mkdir()
    for kept in ("keys.json", "api-keys.json"):  # They make the pseudonyms.
        shutil.copy2(calm / kept, hurried)
    await hurt(hurried, random.Random(seed))
    first = await comes_out(calm)
    assert await comes_out(hurried) == first
    assert first["signals"]
