"""The ladder of the handover through the API: what each side may do, see and read, and who comes first."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from shared.core.actor import Actor
from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    ERROR,
    INTAKER,
    MBO,
    NOW,
    OTHER_DECAAN,
    OTHER_INTAKER,
    OTHER_MBO,
    SECOND_INTAKER,
    SITE,
    STEPS,
    Bench,
    opened,
    pupil_list,
)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        yield made


async def test_every_step_is_told_whole_with_its_moment(bench: Bench) -> None:
    handover_id = await bench.handed_over(0, "open", "accept")
    told = [(kind, data) for kind, _, data in await bench.events() if "handover_id" in data]
    assert [kind for kind, _ in told] == ["dossier-handed-over", "handover-opened", "handover-accepted"]
    last = told[-1][1]
    moment = NOW.isoformat().replace("+00:00", "Z")
    assert {name: last[name] for name in ("offered_at", "opened_at", "accepted_at", "ended_at")} == {
        "offered_at": moment,
        "opened_at": moment,
        "accepted_at": moment,
        "ended_at": None,
    }
    assert (last["handover_id"], last["vo_site"], last["mbo_institution"]) == (handover_id, SITE, MBO)
    assert last["categories"] == ["administrative", "education_history"]


async def test_a_refusal_needs_a_code_and_a_text_and_the_text_stays_inside(bench: Bench) -> None:
    handover_id = await bench.handed_over(0, "open")
    path = f"/handovers/{handover_id}/refusal"
    for wrong in ({}, {"reason": "capacity"}, {"reason": "no idea", "text": "x"}, {"reason": "capacity", "text": ""}):
        assert (await bench.post(path, INTAKER, wrong)).status_code == 400
    told = {"reason": "wrong-level", "text": "Niveau 2 past beter"}
    assert (await bench.post(path, INTAKER, told)).json()["status"] == "refused"
    _, _, data = (await bench.events())[-1]
    assert (data["status"], data["reason"]) == ("refused", "wrong-level")
    assert "Niveau 2" not in str(await bench.events())
    assert (await bench.get(f"/handovers/{handover_id}", DECAAN)).json()["reason_text"] == "Niveau 2 past beter"


async def test_nothing_is_offered_before_the_institution_has_received_an_application(bench: Bench) -> None:
    assert (await bench.offer(0)).status_code == 409
    for sequence, status in enumerate(("submitted", "rejected", "withdrawn"), 1):
        await bench.apply_for(0, status, sequence=sequence)
        assert (await bench.offer(0)).json()["state"] == "no application received"
    await bench.apply_for(0, "offered", sequence=4)
    assert (await bench.offer(0, OTHER_MBO)).status_code == 409
    assert (await bench.offer(0)).status_code == 202


async def test_an_illegal_move_names_the_state_and_the_open_moves(bench: Bench) -> None:
    handover_id = await bench.handed_over(0)
    answer = await bench.post(f"/handovers/{handover_id}/acceptance", INTAKER)
    assert answer.status_code == 409
    assert {n: answer.json()[n] for n in ("state", "open_moves")} == {"state": "offered", "open_moves": ["open"]}
    assert (await bench.offer(0)).json()["open_moves"] == ["withdraw", "supplement"]
    assert (await bench.post(f"/handovers/{handover_id}/withdrawal", INTAKER, ERROR)).status_code == 403
    assert (await bench.post(f"/handovers/{handover_id}/opening", DECAAN)).status_code == 403


async def test_after_a_refusal_the_dossier_may_be_offered_again(bench: Bench) -> None:
    first = await bench.handed_over(0, "open", "refuse")
    second = (await bench.offer(0)).json()["handover_id"]
    assert first != second


@pytest.mark.parametrize(
    ("who", "rival"),
    [((INTAKER, "open"), (SECOND_INTAKER, "open")), ((INTAKER, "accept"), (DECAAN, "withdraw"))],
)
async def test_of_two_racing_moves_one_wins_and_the_other_is_told(
    bench: Bench, who: tuple[Actor, str], rival: tuple[Actor, str]
) -> None:
    handover_id = await bench.handed_over(0, *(["open"] if who[1] == "accept" else []))
    moves = [bench.post(f"/handovers/{handover_id}/{STEPS[move]}", actor, ERROR) for actor, move in (who, rival)]
    answers = await asyncio.gather(*moves)
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    kinds = [kind for kind, _, data in await bench.events() if data.get("handover_id") == handover_id]
    assert len(kinds) == (2 if who[1] == "open" else 3)


async def test_the_institution_reads_only_after_opening_and_every_reading_is_written_down(bench: Bench) -> None:
    handover_id = await bench.handed_over(0)
    path = f"/handovers/{handover_id}"
    assert (await bench.get(path, INTAKER)).json()["dossier"] is None
    await bench.post(f"{path}/opening", INTAKER)
    dossier = (await bench.get(path, SECOND_INTAKER)).json()["dossier"]
    assert dossier["administrative"]["first_name"] == "Noor0"
    assert dossier["education_history"]["track"] == "vmbo-kb"
    read = await bench.rows("SELECT person_ref, purpose, opening, categories FROM access ORDER BY opening DESC")
    assert [(row["person_ref"], row["purpose"], row["opening"]) for row in read] == [
        (INTAKER.person_ref, "handover", True),
        (SECOND_INTAKER.person_ref, "handover", False),
    ]
    assert all(row["categories"] == ["administrative", "education_history"] for row in read)


async def test_only_choices_for_the_institution_itself_are_part_of_the_dossier(bench: Bench) -> None:
    for institution, preference in ((MBO, 1), (OTHER_MBO, 2)):
        asked = {"cohort": COHORT, "mbo_institution": institution, "programme": "25655", "level": 2, "pathway": "bol"}
        await bench.post(f"/pupils/{bench.ref(0)}/choices", DECAAN, asked | {"preference": preference})
    handover_id = await bench.handed_over(0, "open")
    dossier = (await bench.get(f"/handovers/{handover_id}", INTAKER)).json()["dossier"]
    assert [choice["programme"] for choice in dossier["education_history"]["choices"]] == ["25655"]


@pytest.mark.parametrize("move", ["refuse", "withdraw"])
async def test_access_ends_when_the_offer_ends(bench: Bench, move: str) -> None:
    handover_id = await bench.handed_over(0, "open", move)
    answer = (await bench.get(f"/handovers/{handover_id}", INTAKER)).json()
    assert answer["dossier"] is None
    assert answer["status"] in ("refused", "withdrawn")


async def test_a_handover_is_seen_by_its_two_sides_alone(bench: Bench) -> None:
    handover_id = await bench.handed_over(0)
    for who, status in ((DECAAN, 200), (INTAKER, 200), (OTHER_DECAAN, 404), (OTHER_INTAKER, 404)):
        assert (await bench.get(f"/handovers/{handover_id}", who)).status_code == status
        listed = (await bench.get("/handovers", who)).json()["items"]
        assert [handover["handover_id"] for handover in listed] == ([handover_id] if status == 200 else [])
    assert (await bench.post(f"/handovers/{handover_id}/opening", OTHER_INTAKER)).status_code == 404
