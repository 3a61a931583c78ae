"""`overstap simulate`: a small year through the real doors; what had to fire fired, and nothing else."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from shared.local.processes import free_port

pytestmark = pytest.mark.timeout(300)
YEAR = ("--pupils", "60", "--until", "2027-02-05")
"""As in docs/simulate.md: with a boundary of every rule that is checked."""


async def simulate(data_dir: Path) -> tuple[int, dict[str, object], str]:
    """Exit code, result and what was told."""
    variables = {
        **os.environ,
        "OVERSTAP_DATA_DIR": str(data_dir),
        "OVERSTAP_WEB_PORT": str(free_port()),
        "OVERSTAP_SMTP_PORT": str(free_port()),
    }
    pipe = asyncio.subprocess.PIPE
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli", "simulate", *YEAR, "--json", env=variables, stdout=pipe, stderr=pipe
    )
    out, told = await command.communicate()
    return command.returncode or 0, json.loads(out or b"{}"), told.decode()


async def test_a_small_year_gives_exactly_the_planned_signals_and_goes_on_where_it_stopped(server_dir: Path) -> None:
    data_dir = server_dir / f"simulate-{time.monotonic_ns()}"
    code, report, told = await simulate(data_dir)
    assert code == 0, (report, told)
    assert (report["audit"]["pupils_in"], report["audit"]["violations"]) == (60, [])  # type: ignore[index]
    rules = {line["rule"]: line for line in report["signals"]}  # type: ignore[attr-defined]
    for rule in ("no-application", "last-path-lost"):
        assert rules[rule]["expected"] == rules[rule]["found"] > 0
        assert (rules[rule]["missed"], rules[rule]["without_cause"]) == ([], [])
    assert report["not_as_planned"] == []

    code, again, told = await simulate(data_dir)
    assert code == 0, told
    assert again["audit"]["events"] == report["audit"]["events"]  # type: ignore[index]
