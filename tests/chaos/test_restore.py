"""The rehearsal: a backup, more events and an erasure, everything destroyed, the backup put back."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import asyncpg
import httpx
import pytest

from shared.core.actor import Actor, Role
from shared.core.keys import load_keys
from shared.core.reference import load
from shared.core.tabular import kinds
from shared.local.postgres import BINARIES, Postgres
from shared.local.sample import OPENING, deliveries
from tests.chaos.test_erasure import TRANSPORT, only_the_fact, tables_with
from tests.chaos.test_kills import opening
from tests.running import Region, started

pytestmark = pytest.mark.timeout(600)
DEPLOY = Path(__file__).parents[2] / "deploy"
BEFORE, AFTER = "99AC00", "99AD00"
"""Sites whose files come before and after the backup."""


def run(data_dir: Path, url: str, script: str, *words: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """One of the scripts, with PostgreSQL's tools and the command in its path."""
    tools = data_dir / "tools"
    tools.mkdir(exist_ok=True)
    (tools / "overstap").write_text(f'#!/bin/sh\nexec {sys.executable} -m shared.cli "$@"\n')
    (tools / "overstap").chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{tools}:{BINARIES}:{os.environ['PATH']}",
        "OVERSTAP_DATABASE_URL": url,
        "OVERSTAP_DATA_DIR": str(data_dir),
        "OVERSTAP_VIRTUAL_TIME": "1",
        "OVERSTAP_DEMO": "1",
        **settings,
    }
    command = [str(DEPLOY / script), *words]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, cwd=data_dir)


async def fresh_database(server: Postgres) -> None:
    """What is left of a machine that burned down: nothing."""
    conn = await asyncpg.connect(server.url("postgres"))
    await conn.execute("DROP DATABASE overstap WITH (FORCE)")
    await conn.execute("CREATE DATABASE overstap")
    await conn.close()


async def erase(region: Region, site: str) -> str:
    """The school erases the first pupil on its list; returns the reference."""
    keys = load_keys(region.settings)
    file = next(d.data for d in deliveries() if d.kind == "leerlingen" and d.organisation == site)
    ref = keys.pupil_ref(kinds.pupils(load(), OPENING).read(file).rows[0]["pgn"])
    headers = {"authorization": f"Bearer {keys.api_token(Actor(site, Role.DECAAN, 'person-1'))}"}
    async with httpx.AsyncClient(base_url=region.settings.public_url, headers=headers) as client:
        (await client.post(f"/dossier/api/v1/pupils/{ref}/erasure")).raise_for_status()
    return ref


async def test_a_backup_put_back_is_whole_and_who_was_erased_since_stays_away(server_dir: Path) -> None:
    data_dir = server_dir / "restored"
    dumps, erasures = data_dir / "dumps", data_dir / "elsewhere.csv"
    data_dir.mkdir()
    async with started(data_dir) as region:
        await region.hand_in([d for d in opening() if d.organisation in ("", BEFORE)])
        await region.quiet()
        url = str(region.settings.database_url)
        made = run(data_dir, url, "backup", str(dumps), str(erasures))
        assert made.returncode == 0, made.stderr
        dump = made.stdout.splitlines()[-1]
        await region.hand_in([d for d in opening() if d.organisation == AFTER])
        await region.quiet()
        ref = await erase(region, BEFORE)
        await region.quiet()
        again = run(data_dir, url, "backup", str(data_dir / "later"), str(erasures))
        assert "1 erasures added" in again.stdout, again.stderr

    server = Postgres(data_dir)
    server.start()
    await fresh_database(server)
    refused = run(data_dir, server.url(), "restore", dump, str(erasures))
    assert refused.returncode == 2
    assert "OVERSTAP_TOPIC_PREFIX" in refused.stderr
    done = run(data_dir, server.url(), "restore", dump, str(erasures), KAFKA_IS_EMPTY="yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 on the list, 1 erased again" in done.stdout
    twice = run(data_dir, server.url(), "restore", dump, str(erasures), KAFKA_IS_EMPTY="yes")
    assert "not empty" in twice.stderr
    server.stop()

    async with started(data_dir) as region:
        await region.quiet()
        report = await region.audit()
        assert report.violations == []
        assert report.pupils_in == report.accounted_for > 0
        left = {name for name in await tables_with(region, ref) if name.split(".")[1] not in TRANSPORT}
        for name in left:
            await only_the_fact(region, name, ref)
        before = report.pupils_in
        await region.hand_in([d for d in opening() if d.organisation in (BEFORE, AFTER)])
        await region.quiet()
        report = await region.audit()
        assert report.violations == []
        assert report.pupils_in == report.accounted_for > before, "what was lost is simply handed in again"
    shutil.rmtree(dumps)
