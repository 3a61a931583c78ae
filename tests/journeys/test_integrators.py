"""docs/integrators.md does what it says: its commands, as they stand there, on a live region."""

import asyncio
import json
import os
import re
import shlex
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest

from shared.local import state
from shared.local.sample import FOLDER
from tests.node.tools import installed
from tests.running import Region, started
from tests.tools import require

pytestmark = pytest.mark.timeout(300)
ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/integrators.md").read_text(encoding="utf-8")
EXAMPLES = sorted((ROOT / "docs/examples").iterdir())
CHOICES = 162
"""Good rows of the sample's list of choices of this school."""


@pytest.fixture(scope="module")
async def region(server_dir: Path) -> AsyncIterator[Region]:
    """A region that knows its organisations and contacts; the school's lists go in by the page's commands."""
    async with started(server_dir / f"integrators-{time.monotonic_ns()}") as region:
        for name in ("organisaties", "contactpersonen"):
            code, out = await ended(await begun(region, f"overstap import deploy/sample/{name}.csv"))
            assert code == 0, out
        yield region


def line(start: str) -> str:
    """The command on the page that begins so."""
    return next(found for found in PAGE.splitlines() if found.startswith(start))


async def begun(region: Region, command: str) -> Process:
    """Start a command of the page, with the addresses of this region instead of those on the page."""
    running = state.read(region.data_dir)
    assert running
    command = command.replace("http://127.0.0.1:8400", running.addresses["web"])
    command = command.replace("127.0.0.1:9092", running.addresses["broker"])
    python = shlex.quote(sys.executable)
    programs = {"overstap": f"{python} -m shared.cli", "python": python, "node": "node"}
    command = command.replace("overstap token", f"{python} -m shared.cli token")
    command = re.sub("^(overstap|python|node)", lambda found: f"exec {programs[found[1]]}", command)
    variables = {**os.environ, "OVERSTAP_DATA_DIR": str(region.data_dir), "PYTHONPATH": str(ROOT)}
    return await asyncio.create_subprocess_shell(command, stdout=PIPE, stderr=PIPE, env=variables, cwd=ROOT)


async def ended(command: Process) -> tuple[int, str]:
    """Exit code and standard output of a command that ends by itself."""
    out, err = await command.communicate()
    return command.returncode or 0, out.decode() or err.decode()


@asynccontextmanager
async def following(region: Region, command: str) -> AsyncIterator[Callable[[], Awaitable[list[str]]]]:
    """A program of the page that reads for ever; gives a function that waits for its next line, in words."""
    process = await begun(region, command)
    assert process.stdout
    lines = process.stdout

    async def words() -> list[str]:
        async with asyncio.timeout(60):
            found = await lines.readline()
        assert found, (await process.communicate())[1].decode()
        return found.decode().split()

    try:
        yield words
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def hand_in(region: Region, file: str) -> tuple[int, dict[str, object]]:
    command = line("TOKEN=").replace("deploy/sample/leerlingen-99AC00.csv", file)
    code, out = await ended(await begun(region, command))
    return code, json.loads(out)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_a_program_on_the_page_is_the_program_in_the_folder(path: Path) -> None:
    language = {".sh": "sh", ".py": "python", ".mjs": "js"}[path.suffix]
    assert f"```{language}\n{path.read_text(encoding='utf-8')}```\n" in PAGE


async def test_a_list_is_taken_in_with_every_fault_and_the_same_list_again_changes_nothing(region: Region) -> None:
    require("curl")
    code, first = await hand_in(region, "deploy/sample/leerlingen-99AC00.csv")
    answer = re.search(r"```json\n(.*?)```", PAGE, re.DOTALL)
    assert answer
    assert code == 1, "rows wait in quarantine"
    shown = json.loads(answer[1])
    assert {**first, "faults": None} == {**shown, "faults": None}
    assert [fault["where"] for fault in first["faults"]] == [fault["where"] for fault in shown["faults"]]  # type: ignore[attr-defined]

    code, again = await hand_in(region, "deploy/sample/leerlingen-99AC00.csv")
    assert (again["applied"], again["unchanged"], again["quarantined"]) == (0, 120, 2)
    code, out = await ended(await begun(region, line("overstap quarantine list")))
    assert code == 1
    assert out.count("file:pupil-list") >= 2


async def test_a_file_that_is_no_pupil_list_is_refused_with_all_its_faults(region: Region) -> None:
    require("curl")
    code, problem = await hand_in(region, "deploy/sample/keuzes-99AC00.csv")
    assert (code, problem["status"]) == (2, 400)
    assert {fault["code"] for fault in problem["errors"]} == {"missing_column", "unknown_column"}  # type: ignore[attr-defined]


async def test_a_token_speaks_for_one_organisation_and_ends(region: Region) -> None:
    code, out = await ended(await begun(region, line("overstap token")))
    assert code == 0, out
    async with httpx.AsyncClient(base_url=region.settings.public_url) as client:
        for token, status in ((out.strip(), 200), (out.strip()[:-4], 401), ("", 401)):
            headers = {"authorization": f"Bearer {token}"} if token else {}
            assert (await client.get("/dossier/api/v1/pupils", headers=headers)).status_code == status
        data = (FOLDER / "leerlingen-99AB00.csv").read_bytes()
        headers = {"authorization": f"Bearer {out.strip()}", "content-type": "text/csv"}
        refused = await client.post("/dossier/api/v1/pupil-lists", headers=headers, content=data)
        assert refused.status_code in (400, 403), refused.text


async def follows(region: Region, command: str) -> None:
    """Every choice, no state of it twice whatever is sent again, and then what is new."""
    newest: dict[str, str] = {}
    async with following(region, command) as words:
        while len(newest) < CHOICES:
            keep(newest, await words())
        code, out = await ended(await begun(region, "overstap republish dossier"))
        assert code == 0, out
        await region.quiet()
        gone = await withdraw(region)
        while True:
            found = await words()
            keep(newest, found)
            if found[0] == gone:
                break
    assert found[2] == "nl.overstappen.choice-withdrawn.v1"


def keep(newest: dict[str, str], found: list[str]) -> None:
    """What a program prints is newer than all it printed of that choice."""
    choice, sequence, *_ = found
    assert sequence > newest.get(choice, "")
    newest[choice] = sequence


async def withdraw(region: Region) -> str:
    """Let a pupil drop a choice; gives its key."""
    _, token = await ended(await begun(region, line("overstap token")))
    headers = {"authorization": f"Bearer {token.strip()}"}
    base = f"{region.settings.public_url}/dossier/api/v1/pupils"
    async with httpx.AsyncClient(headers=headers, timeout=30) as client:
        for listed in (await client.get(base)).json()["items"]:
            pupil = (await client.get(f"{base}/{listed['pupil_ref']}")).json()
            for choice in (one for one in pupil["choices"] if not one["withdrawn"]):
                answer = await client.post(f"{base}/{pupil['pupil_ref']}/choices/{choice['choice_id']}/withdrawal")
                assert answer.status_code == 202, answer.text
                return str(choice["choice_id"])
    raise AssertionError("every choice is withdrawn")


@pytest.fixture(scope="module")
async def chosen(region: Region) -> Region:
    """The region in which the school's pupils and choices are known."""
    for name in ("leerlingen", "keuzes"):
        await ended(await begun(region, f"overstap import deploy/sample/{name}-99AC00.csv"))
    await region.quiet()
    return region


async def test_the_program_in_python_keeps_the_newest_state_of_every_choice(chosen: Region, tmp_path: Path) -> None:
    await follows(chosen, line("python docs/examples/follow.py").replace("choices.db", str(tmp_path / "choices.db")))


@pytest.mark.node
async def test_the_program_in_node_keeps_the_newest_state_of_every_choice(chosen: Region, tmp_path: Path) -> None:
    (tmp_path / "node_modules").symlink_to(installed())
    (tmp_path / "follow.mjs").write_bytes((ROOT / "docs/examples/follow.mjs").read_bytes())
    await follows(chosen, line("node docs/examples/follow.mjs").replace("docs/examples", str(tmp_path)))
