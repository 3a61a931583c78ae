"""The `overstap` command on a running stack, as an operator uses it: good files, wrong files, the same file twice."""

import asyncio
import csv
import json
import os
import re
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from services.coordination import agreement
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local.processes import free_port
from shared.local.sample import FOLDER
from shared.local.sample.chain import SPOILED, Wanted, pieces
from shared.local.sample.chain import rows as chain_rows
from shared.schemas.catalog import SERVICES
from tests.running import Region, started

pytestmark = pytest.mark.timeout(300)
COUNTS = ("received", "applied", "unchanged", "skipped", "quarantined")


@pytest.fixture(scope="module")
async def region(server_dir: Path) -> AsyncIterator[Region]:
    """One stack for all commands of this module; the tests build on each other's files."""
    async with started(server_dir / f"command-{time.monotonic_ns()}") as region:
        yield region


async def overstap(region: Region | None, *words: str, given: str = "") -> tuple[int, str, str]:
    """Exit code, standard output and standard error of one command; `given`: on its standard input."""
    variables = {k: v for k, v in os.environ.items() if not k.startswith("OVERSTAP_")}
    variables["OVERSTAP_DATA_DIR"] = str(region.data_dir) if region else "/nonexistent"
    if not region:
        variables["OVERSTAP_WEB_PORT"] = str(free_port())
    command = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "shared.cli",
        *words,
        env=variables,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await command.communicate(given.encode())
    return command.returncode or 0, out.decode(), err.decode()


async def receipts(region: Region, *words: str) -> tuple[int, list[dict[str, Any]]]:
    code, out, err = await overstap(region, "import", "--json", *words)
    assert out, err
    return code, json.loads(out)["files"]


def site_files() -> list[str]:
    names = ("organisaties", "contactpersonen", "leerlingen-99AC00", "keuzes-99AC00")
    return [str(FOLDER / f"{name}.csv") for name in names]


async def test_nothing_runs_is_said_in_one_line_with_exit_code_3() -> None:
    for words in (("status",), ("audit",), ("import", str(FOLDER / "organisaties.csv")), ("quarantine", "list")):
        code, _, err = await overstap(None, *words)
        assert code == 3, (words, err)
        assert "Traceback" not in err


async def test_a_wrong_option_is_said_in_words_with_exit_code_2() -> None:
    wrong = {
        ("simulate", "--region", "99"): "Doorstroompunt region, 01 to 40",
        ("snapshot", "--cohort", "2027", "--on", "gisteren"): "a day as YYYY-MM-DD",
        ("token", "XX"): "a vo site such as 99AC00",
    }
    for words, told in wrong.items():
        code, _, err = await overstap(None, *words)
        assert code == 2, (words, err)
        assert told in err
        assert "Usage: overstap" in err
        assert "Traceback" not in err


async def test_files_go_in_at_the_door_their_header_tells_and_every_row_is_accounted_for(region: Region) -> None:
    code, files = await receipts(region, *site_files())
    assert code == 1, "rows were set aside"
    assert [file["kind"] for file in files] == ["organisations", "contacts", "pupil-list", "choices"]
    for file in files:
        assert file["received"] == sum(file[name] for name in COUNTS[1:])
    pupils = files[2]
    assert (pupils["applied"], pupils["quarantined"], len(pupils["faults"])) == (120, 2, 2)


async def test_the_same_files_again_change_nothing(region: Region) -> None:
    await region.quiet()
    before = (await region.audit()).events
    _, files = await receipts(region, *site_files())
    assert all(file["applied"] == 0 for file in files)
    await region.quiet()
    assert (await region.audit()).events == before


async def test_an_export_of_the_chain_goes_in_and_a_shadow_of_it_is_linked(region: Region, tmp_path: Path) -> None:
    path, keys = tmp_path / "export.csv", load_keys(Settings(_env_file=None, data_dir=region.data_dir))
    wanted = Wanted(60, bad=2)
    path.write_bytes(b"".join(pieces(wanted)))
    code, (file,) = await receipts(region, str(path))
    assert (code, file["kind"], file["received"], file["quarantined"], len(file["faults"])) == (
        1,
        "application-export",
        60,
        2,
        2,
    )
    _, (again,) = await receipts(region, str(path))
    assert (again["applied"], again["unchanged"]) == (0, 58)
    await region.quiet()
    rows = list(csv.DictReader((FOLDER / "leerlingen-99AC00.csv").read_text("utf-8-sig").splitlines(), delimiter=";"))
    known = await region.open_transitions()
    pgn = next(row["pgn"] for row in rows if keys.pupil_ref(row["pgn"]) in known)
    good = next(row for row in chain_rows(wanted) if not {*SPOILED.values()} & {*row.values()})
    shadow = keys.chain_ref(good["bsnhash"])
    code, out, err = await overstap(region, "link-shadow", shadow, given=f"{pgn}\n")
    assert (code, pgn in out + err) == (0, False), err
    assert keys.pupil_ref(pgn) in out
    await region.quiet()
    assert (await region.audit()).violations == []


async def test_a_region_adopts_an_agreement_and_takes_open_transitions_over_to_it(
    region: Region, tmp_path: Path
) -> None:
    path, default = tmp_path / "region.yaml", agreement.load().version
    for name in ("default.yaml", "examples/utrecht.yaml"):
        code, out, _ = await overstap(None, "agreement", "check", "--json", str(agreement.FOLDER / name))
        assert (code, json.loads(out)["version"]) == (0, agreement.load(agreement.FOLDER / name).version)
    text = f'version: region-19-a\nbased_on: {default}\nregion: "19"\nvalid_from: 2030-01-01\nsource: made up\n'
    path.write_text(text + "due_huor: 16\n")
    code, _, err = await overstap(region, "agreement", "adopt", str(path))
    assert (code, "region.yaml line 6: due_huor: a field that exists; perhaps due_hour" in err) == (2, True), err
    path.write_text(text)
    code, _, err = await overstap(region, "agreement", "adopt", str(path))
    assert code == 0, err
    before = len(await region.open_transitions())
    code, out, _ = await overstap(region, "agreement", "move", default, "region-19-a", "--region", "19", "--json")
    assert (code, json.loads(out)) == (0, {"transitions": before})
    await region.quiet()
    report = await region.audit()
    assert (report.violations, report.events["agreement-adopted"], report.events["norms-agreed"]) == ([], 1, 1)


async def test_the_story_of_a_pupil_is_told_from_the_first_custodian_on(region: Region) -> None:
    ref = (await region.open_transitions())[0]
    code, out, _ = await overstap(region, "explain", "--json", ref)
    (story,) = json.loads(out)["stories"]
    assert (code, story["refs"], story["cohort"]) == (0, [ref], 2027)
    types = [event["type"] for event in story["events"]]
    assert types.index("pupil-expected") < types.index("transition-opened") <= types.index("custody-changed")
    code, _, err = await overstap(region, "explain", "a" * 26)
    assert (code, "Traceback" in err) == (2, False)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("utf16", "brin_vestiging;cohort".encode("utf-16")),
        ("empty", b""),
        ("header", b"naam;klas\nJan;4a\n"),
        ("binary", bytes(range(256))),
    ],
)
async def test_a_file_that_is_no_such_file_is_refused_in_words(
    region: Region, tmp_path: Path, name: str, content: bytes
) -> None:
    path = tmp_path / f"{name}.csv"
    path.write_bytes(content)
    code, out, err = await overstap(region, "import", str(path))
    assert code == 2
    assert "Traceback" not in out + err
    assert "docs/csv.md" in out + err


async def test_a_file_of_no_known_kind_says_what_it_lacks_and_the_files_beside_it_go_in(
    region: Region, tmp_path: Path
) -> None:
    path = tmp_path / "half.csv"
    path.write_text("brin_vestiging;cohort;leerlingnummer\n99AC00;2027;1\n")
    code, (unknown, known) = await receipts(region, str(path), str(FOLDER / "organisaties.csv"))
    assert code == 2
    assert unknown["file"] == "half.csv"
    assert "nearest is pupil-list, which also has achternaam" in unknown["text"]
    assert known["received"] == sum(known[name] for name in COUNTS[1:]) > 0


async def test_of_ten_rows_of_which_one_is_good_one_goes_on(region: Region, tmp_path: Path) -> None:
    header = (FOLDER / "keuzes-99AC00.csv").read_text("utf-8-sig").splitlines()[0]
    good = "99AC00;2027;30012;99MA;25251;1;BOL;3;2027-08-30"
    bad = ["99AC00;2027;30004;99MA;25607;7;BOL;1;2027-08-30"] * 5 + ["99AC00;2027;99999;99MA;25607;2;BOL;1;"] * 4
    path = tmp_path / "keuzes.csv"
    path.write_text("\n".join([header.replace(";", ","), *(row.replace(";", ",") for row in (good, *bad))]) + "\n")
    code, (file,) = await receipts(region, str(path))
    assert code == 1
    assert (file["received"], file["applied"], file["quarantined"]) == (10, 1, 9)


async def test_what_waits_is_listed_retried_and_discarded_with_a_reason(region: Region) -> None:
    code, out, _ = await overstap(region, "quarantine", "list", "--json")
    waiting = json.loads(out)["waiting"]
    assert code == 1
    assert waiting
    row = next(w for w in waiting if w["entrance"] == "file:pupil-list")
    code, out, err = await overstap(region, "quarantine", "retry", row["service"], row["id"])
    assert (code, "still not accepted" in out) == (1, True), err
    code, _, _ = await overstap(region, "quarantine", "discard", row["service"], row["id"], "--reason", "typing error")
    assert code == 0
    code, _, _ = await overstap(region, "quarantine", "discard", row["service"], row["id"], "--reason", "again")
    assert code == 2
    _, out, _ = await overstap(region, "quarantine", "list", "--json")
    assert row["id"] not in {w["id"] for w in json.loads(out)["waiting"]}


async def test_a_snapshot_is_published_once_per_date(region: Region) -> None:
    await region.quiet()
    for _ in range(2):
        code, out, err = await overstap(region, "snapshot", "--cohort", "2027", "--on", "2026-11-02")
        assert code == 0, out + err
    await region.quiet()
    assert (await region.audit()).events["snapshot-published"] > 0


async def test_the_audit_and_the_status_speak_to_people_and_machines(region: Region) -> None:
    await region.quiet()
    code, out, err = await overstap(region, "audit")
    assert code == 0, out + err
    assert "120 pupils in, 120 accounted for" in out
    code, out, _ = await overstap(region, "audit", "--json")
    assert json.loads(out)["violations"] == []
    code, out, _ = await overstap(region, "status", "--json")
    assert code == 0
    told = json.loads(out)
    assert told["waiting"] == {"outbox": 0, "behind": 0, "timers": 0, "work": 0}
    async with httpx.AsyncClient(base_url=told["addresses"]["worker"]) as worker:
        assert [(await worker.get(path)).status_code for path in ("/livez", "/readyz", "/metrics")] == [200, 200, 200]
        told = (await worker.get("/metrics")).text
        assert 'overstap_consumed_total{fate="applied",service="coordination",topic="dossiers"}' in told
        assert not re.findall(r"[\"/][a-z2-7]{26}[\"/]", told), "no pupil in a label"


async def test_a_year_is_rehearsed_under_the_same_agreement_without_a_difference(region: Region) -> None:
    wanted = ("--from", "2027", "--capacity", "mentor=10")
    code, out, err = await overstap(region, "rehearse", "--json", str(agreement.FOLDER / "default.yaml"), *wanted)
    assert code == 0, err
    told = json.loads(out)
    assert (told["same"], told["pupils"]) == (True, 120)
    code, _, err = await overstap(region, "rehearse", str(FOLDER / "organisaties.csv"))
    assert (code, "Traceback" in err) == (2, False)


async def test_the_lag_tells_what_stands_still_and_what_is_behind(region: Region) -> None:
    await region.quiet()
    code, out, err = await overstap(region, "lag")
    assert (code, "0 events behind, nothing stands still" in out) == (0, True), out + err
    code, out, _ = await overstap(region, "lag", "--json")
    told = json.loads(out)
    assert (code, told["still"]) == (0, [])
    assert {topic["service"] for topic in told["topics"]} == set(SERVICES)


async def test_a_lost_topic_is_filled_again_from_the_history(region: Region) -> None:
    before = (await region.audit()).events
    code, out, _ = await overstap(region, "republish", "dossier")
    assert (code, "events wait" in out) == (0, True)
    await region.quiet()
    assert (await region.audit()).events == before


async def test_the_doctor_finds_nothing_on_a_running_stack(region: Region) -> None:
    code, out, err = await overstap(region, "doctor", "--json")
    assert code == 0, err
    answer = json.loads(out)
    assert answer["findings"] == []
    assert "keys" in answer["checks"]


async def test_the_doctor_tells_what_to_do_where_nothing_runs() -> None:
    code, out, _ = await overstap(None, "doctor")
    assert code == 3
    assert "overstap up" in out
