"""`overstap simulate`: a small year through the real doors; what had to fire fired, and nothing else."""

import asyncio
import json
import os
import signal
import sys
import time
from datetime import date
from pathlib import Path

import httpx
import psutil
import pytest

from shared.core.clock import FileClock, local_instant
from shared.local import state
from shared.local.processes import free_port

pytestmark = pytest.mark.timeout(300)
YEAR = ("--pupils", "60", "--until", "2027-02-05")
"""As in docs/simulate.md: with a boundary of every rule that is checked."""


def variables(data_dir: Path) -> dict[str, str]:
    ports = {f"OVERSTAP_{name}_PORT": str(free_port()) for name in ("WEB", "WORKER", "SMTP")}
    return {**os.environ, "OVERSTAP_DATA_DIR": str(data_dir), **ports}


async def simulate(data_dir: Path) -> tuple[int, dict[str, object], str]:
    """Exit code, result and what was told."""
    pipe, words = asyncio.subprocess.PIPE, ("-m", "shared.cli", "simulate", *YEAR, "--json")
    command = await asyncio.create_subprocess_exec(
        sys.executable, *words, env=variables(data_dir), stdout=pipe, stderr=pipe
    )
    out, told = await command.communicate()
    return command.returncode or 0, json.loads(out or b"{}"), told.decode()


async def test_a_small_year_gives_exactly_the_planned_signals_and_goes_on_where_it_stopped(server_dir: Path) -> None:
    data_dir = server_dir / f"simulate-{time.monotonic_ns()}"
    code, report, told = await simulate(data_dir)
    assert code == 0, (report, told)
    assert (report["audit"]["pupils_in"], report["audit"]["violations"]) == (60, [])  # type: ignore[index]
    rules = {line["rule"]: line for line in report["signals"]}  # type: ignore[attr-defined]
    for rule in ("no-application", "last-path-lost", "handover-unanswered", "concern", "silent-partner"):
        assert rules[rule]["expected"] == rules[rule]["found"] > 0
        assert (rules[rule]["missed"], rules[rule]["without_cause"]) == ([], [])
    assert (report["custody"]["pupils"], report["custody"]["others"]) == (60, [])  # type: ignore[index]
    assert report["not_as_planned"] == []

    code, again, told = await simulate(data_dir)
    assert code == 0, told
    assert again["audit"]["events"] == report["audit"]["events"]  # type: ignore[index]


@pytest.mark.parametrize(
    ("lived", "asked"), [("demo.json", ("simulate", "--until", "2026-10-07")), ("plan/whole", ("up", "--once"))]
)
async def test_the_sample_region_and_a_simulated_year_do_not_mix_in_one_folder(
    tmp_path: Path, lived: str, asked: tuple[str, ...]
) -> None:
    mark = tmp_path / lived
    mark.parent.mkdir(exist_ok=True)
    mark.write_text("{}")
    pipe = asyncio.subprocess.PIPE
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.cli", *asked), env=variables(tmp_path), stdout=pipe, stderr=pipe
    )
    _, told = await command.communicate()
    assert command.returncode == 2, told
    assert "another OVERSTAP_DATA_DIR" in " ".join(told.decode().split())
    assert [path.name for path in tmp_path.iterdir()] == [lived.partition("/")[0]]


async def test_a_year_that_is_ended_halfway_says_that_it_goes_on_where_it_was(server_dir: Path) -> None:
    data_dir = server_dir / f"halfway-{time.monotonic_ns()}"
    pipe = asyncio.subprocess.PIPE
    command = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.cli", "simulate", *YEAR), env=variables(data_dir), stdout=pipe, stderr=pipe
    )
    while not (data_dir / "simulate.json").exists():
        assert command.returncode is None
        await asyncio.sleep(0.05)
    command.send_signal(signal.SIGINT)
    out, told = await command.communicate()
    assert command.returncode == 1
    assert "goes on where it was" in out.decode() + told.decode()
    assert "Traceback" not in told.decode()


async def test_make_run_shows_a_simulated_year_at_a_chosen_day_until_ctrl_c(server_dir: Path) -> None:
    data_dir = server_dir / f"make-run-{time.monotonic_ns()}"
    # What is installed already is not installed again.
    command = await asyncio.create_subprocess_exec(
        *("make", "--old-file", ".venv/.ready", "run", "AT=2026-10-07"),
        cwd=Path(__file__).parents[2],
        env=variables(data_dir),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
    )
    assert command.stdout
    told = ""
    try:
        while "Ctrl-C ends it" not in told:
            line = (await command.stdout.readline()).decode()
            assert line, told
            told += line
        assert FileClock(data_dir / "clock").now() == local_instant(date(2026, 10, 7), 20)
        running = state.read(data_dir)
        assert running
        async with httpx.AsyncClient(base_url=running.addresses["web"], follow_redirects=True) as client:
            people = json.loads((data_dir / "demo-identities.json").read_text())
            (keeper,) = (one["person_ref"] for one in people if one["role"] == "region_coordinator")
            picture = await client.post("/signin", data={"person_ref": keeper, "next": "/signals/"})
        assert "Peildatum 7 oktober 2026." in picture.text
    finally:
        os.killpg(command.pid, signal.SIGINT)
        await command.communicate()
    assert not [p for p in psutil.process_iter(["cmdline"]) if str(data_dir) in " ".join(p.info["cmdline"] or ())]
