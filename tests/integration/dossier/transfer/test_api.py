"""Transfer data through the API: what a school writes, whom it informs, who objects, and what then leaves."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    DECAAN,
    INTAKER,
    MBO,
    MENTOR,
    NOW,
    OPERATOR,
    OTHER_DECAAN,
    SITE,
    SYSTEM,
    Bench,
    opened,
    pupil_list,
)

SECRET = "Kan zich moeilijk concentreren, werkt beter alleen"
INFORMED = {"informed_on": "2027-02-15", "whom": "parents", "how": "talk"}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        yield made


async def put(bench: Bench, path: str, told: Any, who: Any = DECAAN, version: int | None = None) -> httpx.Response:
    headers = bench.headers(who) | ({"If-Match": f'"{version}"'} if version is not None else {})
    return await bench.client.put(f"/dossier/api/v1{path}", json=told, headers=headers)


async def write(bench: Bench, category: str, text: str = SECRET, state: str = "complete", who: Any = DECAAN) -> None:
    path = f"/pupils/{bench.ref(0)}/transfer-data/{category}"
    (await put(bench, path, {"state": state, "text": text}, who)).raise_for_status()


async def inform(bench: Bench) -> None:
    (await put(bench, f"/pupils/{bench.ref(0)}/information", INFORMED)).raise_for_status()


async def overview(bench: Bench) -> dict[str, Any]:
    answer: dict[str, Any] = (await bench.get(f"/pupils/{bench.ref(0)}/transfer-data", DECAAN)).json()
    return answer


async def objection(bench: Bench, category: str | None) -> str:
    told = {"category": category, "raised_by": "parent", "reason": "Dat is van jaren geleden"}
    answer = await bench.post(f"/pupils/{bench.ref(0)}/objections", DECAAN, told)
    key: str = answer.raise_for_status().json()["objection_id"]
    return key


async def test_a_category_is_written_read_and_told_of_without_its_text_in_the_list(bench: Bench) -> None:
    await write(bench, "results", "Sterk in wiskunde")
    listed = await bench.get(f"/pupils/{bench.ref(0)}/transfer-data", DECAAN)
    states = {one["category"]: one["state"] for one in listed.json()["sections"]}
    assert (states["administrative"], states["results"], states["advice"]) == ("listed", "complete", "open")
    assert "wiskunde" not in listed.text
    one = await bench.get(f"/pupils/{bench.ref(0)}/transfer-data/results", MENTOR)
    assert (one.json()["text"], one.json()["saved_role"], one.headers["etag"]) == ("Sterk in wiskunde", "decaan", '"1"')


async def test_of_two_who_write_at_once_the_second_hears_who_was_first(bench: Bench) -> None:
    path = f"/pupils/{bench.ref(0)}/transfer-data/advice"
    assert (await bench.get(path, DECAAN)).headers["etag"] == '"0"'
    told = {"state": "in_progress", "text": "Eerste"}
    assert (await put(bench, path, told, MENTOR, 0)).headers["etag"] == '"1"'
    late = await put(bench, path, told | {"text": "Tweede"}, DECAAN, 0)
    assert (late.status_code, late.json()["version"], late.json()["changed_by"]) == (412, 1, "mentor")
    assert (await put(bench, path, told, DECAAN, 1)).headers["etag"] == '"1"', "the same again changes nothing"


@pytest.mark.parametrize(
    ("state", "text", "code"),
    [("complete", "", "missing"), ("complete", "  ", "missing"), ("not_present", "x", "not_empty")],
)
async def test_a_finished_category_has_a_text_and_one_with_nothing_has_none(
    bench: Bench, state: str, text: str, code: str
) -> None:
    answer = await put(bench, f"/pupils/{bench.ref(0)}/transfer-data/advice", {"state": state, "text": text})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)


async def test_what_comes_from_the_pupil_list_is_not_written(bench: Bench) -> None:
    answer = await put(
        bench, f"/pupils/{bench.ref(0)}/transfer-data/administrative", {"state": "complete", "text": "x"}
    )
    assert answer.status_code == 400


async def test_the_dossier_is_told_when_a_part_becomes_complete_and_when_it_no_longer_is(bench: Bench) -> None:
    async def told() -> list[dict[str, Any]]:
        return [data for kind, _, data in await bench.events() if kind == "dossier-completed"]

    for category in ("results", "internship_and_work", "advice", "cognitive"):
        await write(bench, category, "", "not_present")
    assert await told() == []
    await write(bench, "social_emotional", "Werkt graag samen")
    await write(bench, "support", "", "not_present")
    await write(bench, "absence", "", "not_present")
    (mentor, care) = await told()
    assert {part["part"]: part["status"] for part in mentor["parts"]} == {
        "pupil": "open",
        "mentor": "complete",
        "care": "open",
        "plus": "not_applicable",
    }
    assert {part["part"]: part["status"] for part in care["parts"]}["care"] == "not_applicable"
    assert not care["complete"], "the pupil has not begun"
    assert care["parts"][1]["completed_at"] == mentor["parts"][1]["completed_at"]
    await write(bench, "social_emotional", "Werkt graag", "in_progress")
    assert (await told())[-1]["parts"][1] == {"part": "mentor", "status": "open", "completed_at": None}


async def test_beyond_who_and_where_from_nothing_is_offered_before_the_family_was_told(bench: Bench) -> None:
    await bench.apply_for(0)
    await write(bench, "results")
    assert (await overview(bench))["obstacles"] == ["not_informed"]
    answer = await bench.offer(0)
    assert (answer.status_code, answer.json()["state"]) == (409, "family not informed")
    await inform(bench)
    assert (await bench.offer(0)).status_code == 202
    _, _, data = (await bench.events())[-1]
    assert data["informed_on"] == "2027-02-15"
    assert data["categories"] == ["administrative", "education_history", "results"]


async def test_every_reason_that_keeps_a_dossier_from_being_offered_is_told_at_once(bench: Bench) -> None:
    await write(bench, "results")
    assert (await bench.offer(0)).json()["state"] == "no application received, family not informed"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"whom": "pupil"}, "whom"),
        ({"informed_on": "2027-03-02"}, "informed_on"),
        ({"informed_on": "2015-01-01"}, "informed_on"),
    ],
)
async def test_whom_to_inform_follows_from_the_age_on_that_day(
    bench: Bench, changed: dict[str, str], field: str
) -> None:
    answer = await put(bench, f"/pupils/{bench.ref(0)}/information", INFORMED | changed)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (400, field)


async def everything_that_left(bench: Bench, handover_id: str) -> str:
    """Every byte that leaves with the dossier: answers of the API, pages, and events. Who pupils are is told on a topic
    of its own, which is no part of it."""
    browser = await bench.sign_in(INTAKER)
    texts = [
        (await bench.get("/handovers", INTAKER)).text,
        (await bench.get(f"/handovers/{handover_id}", INTAKER)).text,
        (await bench.get(f"/handovers/{handover_id}/care-part", INTAKER)).text,
        (await browser.get("/dossier/received")).text,
        (await browser.get(f"/dossier/handovers/{handover_id}")).text,
        (await browser.get(f"/dossier/handovers/{handover_id}/care")).text,
        *(str(data) for kind, _, data in await bench.events() if kind != "pupil-recorded"),
    ]
    return "\n".join(texts)


async def offered(bench: Bench) -> str:
    for category in ("results", "support", "absence"):
        await write(bench, category, f"{category}: {SECRET}")
    await inform(bench)
    return await bench.handed_over(0)


@pytest.mark.parametrize("category", ["results", "support", "absence"])
async def test_what_is_withheld_is_in_no_byte_that_leaves_while_the_rest_is(bench: Bench, category: str) -> None:
    key = await objection(bench, category)
    handover_id = await offered(bench)
    for move in ("opening", "acceptance"):
        (await bench.post(f"/handovers/{handover_id}/{move}", INTAKER)).raise_for_status()
    left = await everything_that_left(bench, handover_id)
    others = {"results", "support", "absence"} - {category}
    assert f"{category}: {SECRET}" not in left
    assert all(f"{other}: {SECRET}" in left for other in others)
    _, _, data = (await bench.events())[-1]
    assert (data["withheld"], category in data["categories"]) == ([category], False)
    await bench.post(f"/pupils/{bench.ref(0)}/objections/{key}/withdrawal", DECAAN)
    assert f"{category}: {SECRET}" in await everything_that_left(bench, handover_id)


async def test_an_objection_after_acceptance_ends_access_at_once_and_leaves_it_accepted(bench: Bench) -> None:
    handover_id = await offered(bench)
    for move in ("opening", "acceptance"):
        (await bench.post(f"/handovers/{handover_id}/{move}", INTAKER)).raise_for_status()
    assert SECRET in await everything_that_left(bench, handover_id)
    await objection(bench, None)
    left = await everything_that_left(bench, handover_id)
    assert not [word for word in (SECRET, "Noor0", "Verzonnen0", "2011-03-24", "4kb1") if word in left]
    kind, _, data = (await bench.events())[-1]
    assert (kind, data["status"], data["categories"]) == ("handover-accepted", "accepted", [])
    assert len(data["withheld"]) == 5


async def test_an_objection_before_acceptance_takes_the_offer_back(bench: Bench) -> None:
    handover_id = await offered(bench)
    await bench.post(f"/handovers/{handover_id}/opening", INTAKER)
    await objection(bench, None)
    kind, _, data = (await bench.events())[-1]
    assert (kind, data["reason"]) == ("handover-withdrawn", "objection")
    late = await bench.post(f"/handovers/{handover_id}/acceptance", INTAKER)
    assert (late.status_code, late.json()["state"], late.json()["open_moves"]) == (409, "withdrawn", [])
    again = await bench.offer(0)
    assert (again.status_code, again.json()["state"]) == (409, "objection to the whole dossier")


async def test_the_reason_of_an_objection_stays_inside_and_raising_it_twice_changes_nothing(bench: Bench) -> None:
    await offered(bench)
    first = await objection(bench, "support")
    events = len(await bench.events())
    assert await objection(bench, "support") == first
    assert len(await bench.events()) == events
    assert "jaren geleden" not in str(await bench.events())
    listed = (await bench.get(f"/pupils/{bench.ref(0)}/objections", DECAAN)).json()["items"]
    assert [one["reason"] for one in listed] == ["Dat is van jaren geleden"]


async def test_a_dossier_pulled_by_its_address_comes_with_its_content_and_a_mark_of_it(bench: Bench) -> None:
    handover_id = await offered(bench)
    system = DECAAN.__class__(MBO, SYSTEM.role, "system-2")
    (told,) = [data for kind, _, data in await bench.events() if kind == "dossier-handed-over"]
    await bench.post(f"/handovers/{handover_id}/opening", system)
    first = await bench.client.get(told["dataref"], headers=bench.headers(system))
    assert SECRET in first.json()["dossier"]["results"]["text"]
    again = await bench.client.get(told["dataref"], headers=bench.headers(system))
    assert first.headers["etag"] == again.headers["etag"]
    await write(bench, "results", "Verbeterd")
    corrected = await bench.client.get(told["dataref"], headers=bench.headers(system))
    assert corrected.json()["dossier"]["results"]["text"] == "Verbeterd"
    assert corrected.headers["etag"] != first.headers["etag"]
    read = await bench.rows("SELECT role, purpose, opening FROM access ORDER BY opening DESC")
    assert [(row["role"], row["opening"]) for row in read] == [("school_system", True), *[("school_system", False)] * 3]


async def test_who_of_the_school_reads_the_care_part_is_written_down(bench: Bench) -> None:
    await write(bench, "support")
    await write(bench, "results")
    for category in ("support", "results"):
        await bench.get(f"/pupils/{bench.ref(0)}/transfer-data/{category}", DECAAN)
    (row,) = await bench.rows("SELECT category, role, person_ref, at FROM care_reading")
    assert row == {"category": "support", "role": "decaan", "person_ref": DECAAN.person_ref, "at": NOW}


async def test_of_another_school_nothing_is_seen_or_written(bench: Bench) -> None:
    base = f"/pupils/{bench.ref(0)}"
    for path in (f"{base}/transfer-data", f"{base}/transfer-data/results", f"{base}/objections"):
        assert (await bench.get(path, OTHER_DECAAN)).status_code == 404
        assert (await bench.get(path, INTAKER)).status_code == 403
    told = {"state": "complete", "text": "x"}
    assert (await put(bench, f"{base}/transfer-data/results", told, OTHER_DECAAN)).status_code == 404
    assert (await put(bench, f"{base}/information", INFORMED, OTHER_DECAAN)).status_code == 404


async def test_the_list_of_an_institution_counts_as_received_and_not_as_read(bench: Bench) -> None:
    handover_id = await bench.handed_over(0)
    assert (await bench.get(f"/handovers/{handover_id}", DECAAN)).json()["received_at"] is None
    for _ in range(2):
        await bench.get("/handovers", INTAKER)
    kinds = [kind for kind, _, data in await bench.events() if data.get("handover_id") == handover_id]
    assert kinds == ["dossier-handed-over", "dossier-handed-over"]
    held = (await bench.get(f"/handovers/{handover_id}", DECAAN)).json()
    assert (held["status"], held["opened_at"], held["received_at"] is None) == ("offered", None, False)


async def test_joining_two_references_brings_their_texts_together_and_erasing_takes_them_away(bench: Bench) -> None:
    await write(bench, "results", "Van de eerste")
    path = f"/pupils/{bench.ref(1)}/transfer-data/advice"
    await put(bench, path, {"state": "complete", "text": "Van de tweede"})
    await bench.post(f"/pupils/{bench.ref(1)}/objections", DECAAN, {"raised_by": "pupil", "reason": "Nee"})
    await bench.post(f"/pupils/{bench.ref(0)}/links", DECAAN, {"absorbed": bench.ref(1)})
    states = {one["category"]: one["state"] for one in (await overview(bench))["sections"]}
    assert (states["results"], states["advice"]) == ("complete", "complete")
    assert (await overview(bench))["obstacles"] == ["objection"]
    await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
    for table in ("section", "information", "objection", "completeness", "care_reading"):
        assert await bench.rows(f"SELECT 1 FROM {table} WHERE vo_site = $1", SITE) == []


async def test_what_one_reference_objected_to_is_held_back_when_two_turn_out_to_be_one_child(bench: Bench) -> None:
    handover_id = await offered(bench)
    for move in ("opening", "acceptance"):
        (await bench.post(f"/handovers/{handover_id}/{move}", INTAKER)).raise_for_status()
    told = {"category": "support", "raised_by": "parent", "reason": "Nee"}
    (await bench.post(f"/pupils/{bench.ref(1)}/objections", DECAAN, told)).raise_for_status()
    assert f"support: {SECRET}" in await everything_that_left(bench, handover_id)
    link = await bench.post(f"/pupils/{bench.ref(0)}/links", OPERATOR, {"absorbed": bench.ref(1)})
    assert link.status_code == 202
    assert f"support: {SECRET}" not in await everything_that_left(bench, handover_id)
    assert (await bench.events())[-1][2]["withheld"] == ["support"]


async def test_what_is_finished_later_goes_when_the_school_says_so_also_after_acceptance(
    bench: Bench,
) -> None:
    handover_id = await bench.handed_over(0, "open", "accept")
    path = f"/handovers/{handover_id}/supplement"
    events = len(await bench.events())
    assert (await bench.post(path, DECAAN)).json()["categories"] == ["administrative", "education_history"]
    assert len(await bench.events()) == events, "nothing new changes nothing"
    await write(bench, "support", f"support: {SECRET}")
    assert SECRET not in await everything_that_left(bench, handover_id)
    assert (await bench.post(path, DECAAN)).json()["state"] == "family not informed"
    await inform(bench)
    assert (await bench.post(path, INTAKER)).status_code == 403
    answer = (await bench.post(path, DECAAN)).json()
    assert (answer["status"], answer["categories"][-1], answer["informed_on"]) == ("accepted", "support", "2027-02-15")
    assert f"support: {SECRET}" in await everything_that_left(bench, handover_id)
    kind, _, data = [one for one in await bench.events() if "categories" in one[2]][-1]
    assert (kind, data["categories"]) == ("handover-accepted", answer["categories"])


async def test_what_has_ended_is_not_supplemented(bench: Bench) -> None:
    handover_id = await bench.handed_over(0, "open", "refuse")
    refused = await bench.post(f"/handovers/{handover_id}/supplement", DECAAN)
    assert (refused.status_code, refused.json()["state"]) == (409, "refused")


async def test_a_school_lets_what_is_new_go_from_the_page_of_the_pupil(bench: Bench) -> None:
    handover_id = await bench.handed_over(0, "open", "accept")
    await write(bench, "results")
    browser = await bench.sign_in(DECAAN)
    page = (await browser.get(f"/dossier/pupils/{bench.ref(0)}")).text
    assert "Leg eerst vast dat ouders of leerling het weten" in page
    await inform(bench)
    page = (await browser.get(f"/dossier/pupils/{bench.ref(0)}")).text
    assert f"/dossier/handovers/{handover_id}/supplement" in page
    done = await browser.post(f"/dossier/handovers/{handover_id}/supplement")
    assert "Wat nieuw is, gaat nu met het dossier mee." in done.text
    assert f"/dossier/handovers/{handover_id}/supplement" not in done.text
    assert SECRET in await everything_that_left(bench, handover_id)
