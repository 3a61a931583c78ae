"""A year that is lived in a hurry: three workers on real Apache Kafka, and kill -9 in every season."""

import asyncio
import json
import random
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from shared.local import state
from tests.simulated import PUPILS, report, started

THREE = (*PUPILS, "--stack", "apache", "--workers", "3")
EVERYTHING = "everything"
"""The command itself, and with it all that it started."""
KILLED_AT = {
    "2026-11-10": EVERYTHING,
    "2027-01-29": "worker-2",
    "2027-05-11": EVERYTHING,
    "2027-08-17": "worker",
    "2027-10-05": EVERYTHING,
}
"""From which day of the story on what is killed: autumn, winter, spring, summer, and after the next 1 October."""


async def hurried(data_dir: Path, dice: random.Random, words: Sequence[str] = THREE) -> dict[str, Any]:
    """Live the year in this folder and tell what came of it. What is killed, is so at a moment drawn by lot after its
    day; what was killed whole is begun again."""
    running = await started(data_dir, *words)
    told = asyncio.create_task(report(running))
    for day, what in KILLED_AT.items():
        await _until(day, data_dir, told)
        await asyncio.sleep(dice.uniform(0, 1))  # the moment is what is being tested
        if what == EVERYTHING:
            told.cancel()
            await _kill_all(running)
            running = await started(data_dir, *words)
            told = asyncio.create_task(report(running))
        else:
            _kill(data_dir, what)
    return await told


async def _until(day: str, data_dir: Path, told: asyncio.Task[dict[str, Any]]) -> None:
    """Wait until the story has come to this day; whoever ends before it has failed."""
    while _lived(data_dir) < day:
        assert not told.done(), await told
        await asyncio.sleep(0.05)


def _lived(data_dir: Path) -> str:
    """The last instant of the story that is behind us."""
    path = data_dir / "simulate.json"
    return str(json.loads(path.read_text())["until"]) if path.exists() else ""


async def _kill_all(running: asyncio.subprocess.Process) -> None:
    children = psutil.Process(running.pid).children(recursive=True)
    running.kill()
    await running.wait()
    await asyncio.to_thread(psutil.wait_procs, children, 30)


def _kill(data_dir: Path, name: str) -> None:
    now = state.read(data_dir)
    process = now and now.processes[name].process()
    assert process, f"{name} does not run"
    process.send_signal(signal.SIGKILL)
