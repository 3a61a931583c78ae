"""The three files of a vo site, through the doors that schools use, on a real PostgreSQL."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    CHOICES,
    COHORT,
    HANDOVERS,
    INTAKER,
    MBO,
    MENTOR,
    OTHER_DECAAN,
    OTHER_SITE,
    PGNS,
    PUPILS,
    SITE,
    SYSTEM,
    Bench,
    opened,
    pupil_list,
    pupil_row,
)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        yield made


async def test_a_new_pupil_is_recorded_and_expected(bench: Bench) -> None:
    assert await bench.counts("pupil", pupil_list(0), SYSTEM) == {"received": 1, "applied": 1}
    (recorded, ref, who), (expected, _, what) = await bench.events()
    assert (recorded, expected, ref) == ("pupil-recorded", "pupil-expected", bench.ref(0))
    assert (who["first_name"], who["prefix"], who["last_name"]) == ("Noor0", "van", "Verzonnen0")
    assert (what["vo_site"], what["cohort"], what["track"]) == (SITE, COHORT, "vmbo-kb")
    assert len(what["mentor"]) == 26
    assert what["deputy"] is None


async def test_the_same_list_twice_is_unchanged_and_silent(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1, 2))
    before = await bench.events()
    assert await bench.counts("pupil", pupil_list(2, 0, 1)) == {"received": 3, "unchanged": 3}
    assert await bench.events() == before


async def test_only_what_others_must_know_is_told_of_a_change(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1, 2))
    rows = [pupil_row(0, klas="4kb2"), pupil_row(1, roepnaam="Noortje"), pupil_row(2, leerweg="vmbo-gl")]
    assert await bench.counts("pupil", PUPILS + "\n".join(rows)) == {"received": 3, "applied": 3}
    told = (await bench.events())[6:]
    assert [(kind, ref) for kind, ref, _ in told] == [
        ("pupil-recorded", bench.ref(1)),
        ("pupil-expected", bench.ref(2)),
    ]


async def test_who_is_missing_is_told_once_and_stays_and_may_come_back(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(*range(11)))
    for _ in range(2):
        answer = (await bench.send("pupil", pupil_list(*range(10)))).json()
    assert (answer["unchanged"], answer["not_listed"]) == (10, 0)
    assert (await bench.told_types(bench.ref(10)))[2:] == ["pupil-not-listed"]
    assert len(await bench.rows("SELECT pupil_ref FROM pupil")) == 11
    assert await bench.counts("pupil", pupil_list(*range(11))) == {"received": 11, "applied": 1, "unchanged": 10}
    assert (await bench.told_types(bench.ref(10)))[3:] == ["pupil-expected"]


async def test_a_list_that_drops_more_than_one_in_ten_asks_for_confirmation(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(*range(10)))
    refused = await bench.send("pupil", pupil_list(*range(8)))
    assert refused.status_code == 400
    assert [error["code"] for error in refused.json()["errors"]] == ["confirm_drop"]
    assert (await bench.send("pupil", pupil_list(*range(9)))).status_code == 200
    assert (await bench.send("pupil", pupil_list(*range(7)), confirm=True)).json()["not_listed"] == 2


async def test_good_rows_go_on_and_bad_rows_wait_with_every_fault(bench: Bench) -> None:
    rows = [
        pupil_row(0),
        pupil_row(1, geboortedatum="gisteren", leerweg="gymnasium"),
        pupil_row(2, site=OTHER_SITE),
        pupil_row(0, number=9),
        pupil_row(3, number=0),
        pupil_row(4, cohort="2028"),
        pupil_row(5),
    ]
    answer = (await bench.send("pupil", PUPILS + "\n".join(rows))).json()
    assert {n: answer[n] for n in ("received", "applied", "quarantined")} == {
        "received": 7,
        "applied": 2,
        "quarantined": 5,
    }
    assert [(fault["where"].split(",")[0], fault["code"]) for fault in answer["faults"]] == [
        ("regel 3", "invalid"),
        ("regel 3", "invalid"),
        ("regel 4", "other_site"),
        ("regel 5", "duplicate_row"),
        ("regel 6", "duplicate_row"),
        ("regel 7", "other_cohort"),
    ]
    held = await bench.rows("SELECT entrance, organisation, payload FROM quarantine ORDER BY place")
    assert {(row["entrance"], row["organisation"]) for row in held} == {("file:pupil-list", SITE)}
    again = [bench.worker.keys.unseal(row["payload"]) for row in held]
    assert all(text.startswith("brin_vestiging;") and len(text.strip().splitlines()) == 2 for text in again)
    assert [row["received"] for row in await bench.rows("SELECT received FROM tally")] == [7]


async def test_a_pupil_whose_row_is_bad_is_not_missing(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1))
    answer = (await bench.send("pupil", PUPILS + pupil_row(0) + "\n" + pupil_row(1, geboortedatum="gisteren"))).json()
    assert (answer["unchanged"], answer["quarantined"], answer["not_listed"]) == (1, 1, 0)


async def test_two_sites_may_list_the_same_pupil_and_each_sees_its_own(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    other = PUPILS + pupil_row(0, site=OTHER_SITE, leerweg="vmbo-gl")
    assert await bench.counts("pupil", other, OTHER_DECAAN) == {"received": 1, "applied": 1}
    assert [data["vo_site"] for kind, _, data in await bench.events() if kind == "pupil-expected"] == [SITE, OTHER_SITE]


async def test_the_personal_number_is_nowhere_in_the_clear(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    sealed = (await bench.rows("SELECT pgn FROM pupil"))[0]["pgn"]
    assert PGNS[0].encode() not in sealed
    assert bench.worker.keys.unseal(sealed) == PGNS[0]
    assert PGNS[0] not in str(await bench.events())


@pytest.mark.parametrize("text", ["", "kolom;onzin\n1;2", "\xff"])
async def test_a_file_that_can_not_be_used_is_refused_whole(bench: Bench, text: str) -> None:
    answer = await bench.send("pupil", text)
    assert answer.status_code == 400
    assert answer.json()["errors"]
    assert not await bench.rows("SELECT entrance FROM tally")


async def test_a_mentor_or_an_institution_sends_no_files(bench: Bench) -> None:
    assert (await bench.send("pupil", pupil_list(0), MENTOR)).status_code == 403
    assert (await bench.send("choice", CHOICES, INTAKER)).status_code == 403


async def test_choices_are_registered_changed_and_silent_when_repeated(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1))
    first = f"{SITE};{COHORT};1000;{MBO};25655;3;BOL;1;2027-08-30"
    rows = f"{first}\n{SITE};{COHORT};1001;{MBO};25655;3;BBL;1;\n{SITE};{COHORT};7777;{MBO};25655;3;BBL;1;"
    assert await bench.counts("choice", CHOICES + rows) == {"received": 3, "applied": 2, "quarantined": 1}
    assert await bench.counts("choice", CHOICES + rows) == {"received": 3, "unchanged": 2, "quarantined": 1}
    assert await bench.counts("choice", CHOICES + first.replace(";3;", ";2;")) == {"received": 1, "applied": 1}
    told = [data for kind, ref, data in await bench.events() if kind == "choice-registered" and ref == bench.ref(0)]
    assert [(data["level"], data["start"]) for data in told] == [(3, "2027-08-30"), (2, "2027-08-30")]


async def test_a_choice_is_registered_and_withdrawn_by_the_api(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    asked = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
    path = f"/pupils/{bench.ref(0)}/choices"
    made = await bench.post(path, MENTOR, asked | {"preference": 1})
    assert made.status_code == 202
    withdrawal = f"{path}/{made.json()['choice_id']}/withdrawal"
    for _ in range(2):
        assert (await bench.post(withdrawal, MENTOR)).status_code == 202
    assert (await bench.told_types(bench.ref(0)))[2:] == ["choice-registered", "choice-withdrawn"]
    wrong = await bench.post(path, MENTOR, asked | {"level": 9, "colour": "blue"})
    assert wrong.status_code == 400
    assert {error["where"] for error in wrong.json()["errors"]} == {"/body/level", "/body/preference", "/body/colour"}
    assert (await bench.post(path, OTHER_DECAAN, asked | {"preference": 1})).status_code == 404


async def test_a_file_of_handovers_offers_what_may_be_offered_once(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1, 2))
    await bench.apply_for(0)
    await bench.apply_for(1, "submitted")
    rows = "\n".join(f"{SITE};{COHORT};{number};{MBO};{kind}" for number, kind in ((1000, "warm"), (1001, "koud")))
    answer = (await bench.send("handover", HANDOVERS + rows)).json()
    assert (answer["applied"], answer["quarantined"]) == (1, 1)
    assert [fault["code"] for fault in answer["faults"]] == ["no_application"]
    await bench.apply_for(1, sequence=2)
    assert await bench.counts("handover", HANDOVERS + rows) == {"received": 2, "applied": 1, "unchanged": 1}
    offered = [data for kind, _, data in await bench.events() if kind == "dossier-handed-over"]
    assert [(data["kind"], data["status"]) for data in offered] == [("warm", "offered"), ("cold", "offered")]
