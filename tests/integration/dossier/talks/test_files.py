"""Files of talks, exam results and other routes: every row has one fate, and a file twice changes nothing."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from shared.core.settings import Settings
from shared.core.tabular import year_end
from shared.storage import queries
from tests.integration.dossier.bench import (
    COHORT,
    MBO,
    MENTOR,
    OTHER_MBO,
    SITE,
    Bench,
    opened,
    organisations,
    pupil_list,
)

AUDIT = queries.load(Path(__file__).parents[4] / "services/dossier/sql/audit.sql")


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1, 2, 3))
        await made.tell(*organisations())
        for n in (0, 1):
            await made.apply_for(n)
        yield made
        for rule, query in AUDIT.items():
            assert await made.rows(query) == [], rule


def sheet(kind: str, *rows: str) -> str:
    (found,) = [one for one in year_end.KINDS if one.name == kind]
    return "\n".join([";".join(found.header), *(f"{SITE};{COHORT};{row}" for row in rows)])


async def faults(bench: Bench, door: str, text: str) -> list[tuple[str, str]]:
    answer = (await bench.send(door, text)).json()
    assert answer["received"] == answer["applied"] + answer["unchanged"] + answer["skipped"] + answer["quarantined"]
    return [(fault["where"], fault["code"]) for fault in answer["faults"]]


async def test_talks_are_brought_where_the_file_says_and_twice_the_same_is_nothing_new(bench: Bench) -> None:
    plan = f"{MBO};gepland;2027-03-01 09:30;telefoon;mentor slber;mentor@school.example;;;"
    for text in (sheet("gesprekken", f"1000;{plan}", f"1001;{MBO};gevraagd;;;;;;;"),):
        assert await bench.counts("talk", text) == {"received": 2, "applied": 2}
        assert await bench.counts("talk", text) == {"received": 2, "unchanged": 2}
    missed = sheet("gesprekken", f"1000;{MBO};gemist;;;;;;;pupil_absent")
    assert await bench.counts("talk", missed) == {"received": 1, "applied": 1}
    assert await bench.counts("talk", missed) == {"received": 1, "unchanged": 1}
    assert await bench.counts("talk", sheet("gesprekken", f"1000;{plan}")) == {"received": 1, "unchanged": 1}
    told = [(kind, data["status"]) for kind, _, data in await bench.events() if "talk_id" in data]
    assert sorted(status for _, status in told) == ["missed", "planned", "requested"]


async def test_every_fault_of_a_talk_is_told_at_once_and_the_good_rows_go_on(bench: Bench) -> None:
    found = await faults(
        bench,
        "talk",
        sheet(
            "gesprekken",
            f"1000;{MBO};gepland;;;;;;;",
            f"1001;{MBO};gehouden;2027-03-01 09:30;locatie;mentor;niemand@school.example;;J;",
            f"1002;{MBO};gevraagd;;;;;;;",
            f"1003;{OTHER_MBO};morgen;;;;;;;",
            f"9999;{MBO};gevraagd;;;;;;;",
        ),
    )
    assert found == [
        ("regel 2, kolom gespreksmoment", "missing"),
        ("regel 2, kolom gespreksvorm", "missing"),
        ("regel 2, kolom deelnemers", "missing"),
        ("regel 3, kolom mbo_email", "missing"),
        ("regel 4, kolom mbo_brin", "not_known_there"),
        ("regel 5, kolom gespreksstand", "invalid"),
        ("regel 6, kolom leerlingnummer", "unknown_pupil"),
    ]
    assert not [kind for kind, _, data in await bench.events() if "talk_id" in data]


async def test_exam_results_of_a_file_are_applied_or_set_aside_row_by_row(bench: Bench) -> None:
    text = sheet(
        "uitslagen", "1000;geslaagd;vmbo-kb;1;2027-02-26", "1001;gezakt;;1;2027-02-26", "1002;geslaagd;;1;2027-09-01"
    )
    assert await faults(bench, "exam-result", text) == [
        ("regel 4, kolom leerweg_diploma", "invalid"),
        ("regel 4, kolom uitslagdatum", "invalid"),
    ]
    assert await bench.counts("exam-result", text) == {"received": 3, "unchanged": 2, "quarantined": 1}
    assert await faults(bench, "exam-result", sheet("uitslagen", "1003;ingetrokken;;1;2027-02-26")) == [
        ("regel 2, kolom uitslag", "invalid")
    ]


async def test_routes_of_a_file_are_registered_confirmed_and_withdrawn(bench: Bench) -> None:
    text = sheet("routes", "1000;havo;gemeld;2027-08-30;;", "1001;deceased;bevestigd;2027-02-20;;")
    assert await bench.counts("route", text) == {"received": 2, "applied": 2}
    assert await bench.counts("route", text) == {"received": 2, "unchanged": 2}
    confirmed = sheet(
        "routes", "1000;havo;bevestigd;2027-08-30;;enrolment", "1002;work;bevestigd;2027-08-30;2027-08-01;"
    )
    assert await faults(bench, "route", confirmed) == [("regel 3, kolom tot", "invalid")]
    assert await faults(bench, "route", sheet("routes", "1000;work;gemeld;2027-08-30;;")) == [
        ("regel 2, kolom routestand", "illegal_move")
    ]
    gone = sheet("routes", "1000;havo;ingetrokken;2027-08-30;;", "1003;havo;ingetrokken;2027-08-30;;")
    assert await bench.counts("route", gone) == {"received": 2, "applied": 1, "unchanged": 1}
    told = [
        (data["route"], data["status"]) for kind, _, data in await bench.events() if kind == "other-route-registered"
    ]
    assert sorted(told) == [
        ("deceased", "confirmed"),
        ("havo", "confirmed"),
        ("havo", "registered"),
        ("havo", "withdrawn"),
    ]


@pytest.mark.parametrize("door", ["talk", "exam-result", "route"])
async def test_a_mentor_hands_in_no_file(bench: Bench, door: str) -> None:
    assert (await bench.send(door, "x", MENTOR)).status_code == 403
