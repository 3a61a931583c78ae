"""Every command in README and docs is run by a test: by this one, or by the one that is named here."""

import asyncio
import re
import shlex
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from shared.cli import app
from tests.journeys.test_command import overstap
from tests.running import Region, started

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^ *```(?:sh|shell|bash)\n(.*?)^ *```", re.DOTALL | re.MULTILINE)
INLINE = re.compile(r"`((?:overstap|make) [a-z][^`]*)`")
COMMENT = re.compile(r"\s+# .*$")
STAND_IN = {"FILE...": "deploy/sample/organisaties.csv", "SERVICE": "dossier"}
"""Words of a page in capitals stand for something the reader fills in."""

HERE = {
    "overstap status": 0,
    "overstap import FILE...": 0,
    "overstap quarantine list": 0,
    "overstap doctor": 0,
    "overstap doctor --json": 0,
    "overstap lag": 0,
    "overstap lag --json": 0,
    "overstap audit": 0,
    "overstap audit --json": 0,
    "overstap audit --keep": 0,
    "overstap audit --last": 0,
    "overstap snapshot --cohort 2027": 0,
    "overstap down": 0,
}
"""Run by this test, in this order, on a region in which nothing has happened yet; with their exit code."""

ELSEWHERE = {
    "make run": ("tests/journeys/test_demo.py", '"up", "--once"'),
    "make test": (".ci/run", "make test\n"),
    "make test-kafka": (".ci/run", "make test-kafka\n"),
    "make bench": (".ci/run", "make bench-quick\n"),
    ". .venv/bin/activate": ("Makefile", "VENV := .venv"),
    "overstap up": ("tests/journeys/test_demo.py", '"up", "--once"'),
    "overstap simulate": ("tests/journeys/test_simulate.py", '"simulate", *YEAR'),
    "overstap token": ("tests/journeys/test_integrators.py", 'line("overstap token")'),
    "TOKEN=$(overstap token": ("tests/journeys/test_integrators.py", 'line("TOKEN=")'),
    "python docs/examples/follow.py": ("tests/journeys/test_integrators.py", 'line("python docs/examples/follow.py")'),
    "node docs/examples/follow.mjs": ("tests/journeys/test_integrators.py", 'line("node docs/examples/follow.mjs")'),
    "overstap link-shadow": ("tests/journeys/test_command.py", '"link-shadow", shadow'),
    "overstap agreement": ("tests/journeys/test_command.py", '"agreement", "adopt"'),
    "overstap rehearse": ("tests/journeys/test_command.py", '"rehearse", "--json"'),
    "overstap explain": ("tests/journeys/test_command.py", '"explain", "--json", ref'),
    "overstap erasures export": ("deploy/backup", "overstap erasures export"),
    "deploy/backup": ("tests/chaos/test_restore.py", 'run(data_dir, url, "backup"'),
    "deploy/restore": ("tests/chaos/test_restore.py", 'run(data_dir, server.url(), "restore"'),
    "deploy/make-secrets": ("tests/image/test_compose.py", '"deploy" / "make-secrets"'),
    # Where no engine runs, the file is held to its specification and the image's steps are carried out without one.
    "docker compose": ("tests/image/test_compose.py", "docker-compose.yml"),
    "kcat": ("tests/kafka/test_kcat.py", 'line.startswith("kcat ")'),
}
"""How a line begins → the file in which it is run, and the text there that does it."""


def commands() -> Iterator[tuple[str, str]]:
    """Page and command, of every line in a block of shell; a program is compared with its file elsewhere."""
    for page in PAGES:
        for block in BLOCK.findall(page.read_text(encoding="utf-8")):
            if not block.startswith("#!"):
                lines = [line.strip() for line in block.replace("\\\n", " ").splitlines()]
                yield from ((page.name, COMMENT.sub("", line)) for line in lines if line and not line.startswith("#"))


def mentioned() -> Iterator[tuple[str, str]]:
    """Page and command, of every command in a text."""
    for page in PAGES:
        yield from ((page.name, found) for found in INLINE.findall(page.read_text(encoding="utf-8")))


def test_every_command_in_a_block_is_run_by_a_test() -> None:
    unknown = [
        f"{page}: {line}" for page, line in commands() if line not in HERE and not line.startswith(tuple(ELSEWHERE))
    ]
    assert not unknown, "name in tests/journeys/test_documentation.py the test that runs it"


def test_no_command_is_named_here_that_no_page_shows() -> None:
    shown = [line for _, line in commands()]
    assert not [line for line in HERE if line not in shown]
    assert not [start for start in ELSEWHERE if not any(line.startswith(start) for line in shown)]


@pytest.mark.parametrize("start", ELSEWHERE)
def test_the_test_that_runs_it_is_there(start: str) -> None:
    file, proof = ELSEWHERE[start]
    assert proof in (ROOT / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("line", sorted({line for _, line in (*commands(), *mentioned()) if line.startswith("make ")}))
def test_every_target_of_make_that_a_page_names_exists(line: str) -> None:
    done = subprocess.run(["make", "--dry-run", *line.split()[1:]], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "line", sorted({line for _, line in (*commands(), *mentioned()) if line.startswith("overstap")})
)
def test_every_word_and_option_of_the_command_that_a_page_names_exists(line: str) -> None:
    command: Any = typer.main.get_command(app)
    for word in shlex.split(line)[1:]:
        if hasattr(command, "commands"):
            assert word in command.commands, f"no such command: {word}"
            command = command.commands[word]
        elif word.startswith("--"):
            assert word in {option for parameter in command.params for option in parameter.opts}, word


@pytest.fixture(scope="module")
async def region(server_dir: Path) -> AsyncIterator[Region]:
    async with started(server_dir / f"documentation-{time.monotonic_ns()}") as region:
        yield region


@pytest.mark.timeout(300)
@pytest.mark.parametrize("line", HERE)
async def test_a_command_does_what_the_page_says(region: Region, line: str) -> None:
    words = [STAND_IN.get(word, word) for word in shlex.split(line)[1:]]
    # Whoever started the stack must take note of its end, or `down` sees it live on.
    seen = asyncio.create_task(asyncio.to_thread(region.supervisor.wait)) if line == "overstap down" else None
    code, out, err = await overstap(region, *words)
    assert code == HERE[line], out + err
    assert out or err
    if seen:
        await seen
