"""Files of a school without a coupling: what its dossiers hold, and whom it told of it."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.core.settings import Settings
from tests.integration.dossier.bench import DECAAN, MENTOR, SYSTEM, Bench, opened, pupil_list

DOSSIERS = "brin_vestiging;cohort;leerlingnummer;onderdeel;aanwezig;tekst\n"
INFORMED = "brin_vestiging;cohort;leerlingnummer;geinformeerd_op;wie;hoe\n"


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        yield made


async def test_a_file_fills_dossiers_and_the_same_file_again_changes_nothing(bench: Bench) -> None:
    rows = "99XA00;2027;1000;results;J;Sterk in wiskunde\n99XA00;2027;1000;advice;N;\n99XA00;2027;1001;support;J;Rust\n"
    assert await bench.counts("dossier", DOSSIERS + rows, SYSTEM) == {"received": 3, "applied": 3}
    assert await bench.counts("dossier", DOSSIERS + rows, SYSTEM) == {"received": 3, "unchanged": 3}
    listed = (await bench.get(f"/pupils/{bench.ref(0)}/transfer-data", DECAAN)).json()
    states = {one["category"]: (one["state"], one["version"]) for one in listed["sections"]}
    assert (states["results"], states["advice"]) == (("complete", 1), ("not_present", 1))


async def test_every_row_that_contradicts_itself_waits_and_the_others_go_on(bench: Bench) -> None:
    rows = (
        "99XA00;2027;1000;results;J;\n99XA00;2027;1000;advice;N;toch iets\n99XA00;2027;1000;administrative;J;x\n"
        "99XA00;2027;9999;results;J;x\n99XA00;2027;1001;results;J;goed\n99XA00;2027;1001;results;J;nog eens\n"
    )
    answer = (await bench.send("dossier", DOSSIERS + rows)).json()
    assert (answer["received"], answer["applied"], answer["quarantined"]) == (6, 1, 5)
    codes = {(fault["where"], fault["code"]) for fault in answer["faults"]}
    assert {("regel 2, kolom tekst", "missing"), ("regel 3, kolom tekst", "not_empty")} <= codes
    assert "toch iets" not in str(answer["faults"])


async def test_a_file_that_completes_a_part_tells_so_once(bench: Bench) -> None:
    parts = ("results", "internship_and_work", "advice", "cognitive", "social_emotional")
    rows = "".join(f"99XA00;2027;1000;{part};J;tekst\n" for part in parts)
    await bench.counts("dossier", DOSSIERS + rows)
    told = [data for kind, _, data in await bench.events() if kind == "dossier-completed"]
    assert [part["status"] for part in told[0]["parts"] if part["part"] == "mentor"] == ["complete"]
    assert len(told) == 1


async def test_a_file_tells_who_was_informed_and_whom_follows_from_the_age(bench: Bench) -> None:
    rows = "99XA00;2027;1000;15-02-2027;ouders;brief\n99XA00;2027;1001;15-02-2027;leerling;gesprek\n"
    answer = (await bench.send("information", INFORMED + rows)).json()
    assert (answer["applied"], answer["faults"][0]["code"]) == (1, "age")
    assert await bench.counts("information", INFORMED + rows) == {"received": 2, "unchanged": 1, "quarantined": 1}
    shown = (await bench.get(f"/pupils/{bench.ref(0)}/transfer-data", DECAAN)).json()["information"]
    assert shown == {"informed_on": "2027-02-15", "whom": "parents", "how": "letter", "version": 1}


@pytest.mark.parametrize("kind", ["dossier", "information"])
async def test_a_mentor_hands_in_no_files(bench: Bench, kind: str) -> None:
    text = {"dossier": DOSSIERS, "information": INFORMED}[kind]
    assert (await bench.send(kind, text + "99XA00;2027;1000;x;x;x\n", MENTOR)).status_code == 403


async def test_what_a_file_offers_without_informing_waits_with_the_reason(bench: Bench) -> None:
    await bench.counts("dossier", DOSSIERS + "99XA00;2027;1000;results;J;tekst\n")
    await bench.apply_for(0)
    rows = "brin_vestiging;cohort;leerlingnummer;mbo_brin;soort\n99XA00;2027;1000;99XM;koud\n"
    assert (await bench.send("handover", rows)).json()["faults"][0]["code"] == "not_informed"
    await bench.counts("information", INFORMED + "99XA00;2027;1000;15-02-2027;ouders;brief\n")
    assert await bench.counts("handover", rows) == {"received": 1, "applied": 1}
