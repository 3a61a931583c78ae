"""The pages about talks, exam results and other routes: who may, what is shown again, and who changed it meanwhile."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from shared.core.actor import Actor
from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    MENTOR,
    MENTOR_REF,
    OTHER_DECAAN,
    OTHER_INTAKER,
    Bench,
    opened,
    organisations,
    pupil_list,
)

PLAN = {"day": "2027-03-01", "time": "09:00", "form": "phone", "roles": ["mentor", "slber"], "vo_person": MENTOR_REF}
REPORT = {
    "day": "2027-03-01",
    "time": "09:00",
    "informed": "yes",
    "vo_person": MENTOR_REF,
    "mbo_person": "person-4",
    "action-1": "call_parents",
    "role-1": "mentor",
    "due-1": "2027-03-08",
}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        await made.tell(*organisations())
        await made.apply_for(0)
        yield made


async def asked(bench: Bench, browser: httpx.AsyncClient) -> str:
    """The address of a talk that somebody asked for."""
    path = f"/dossier/pupils/{bench.ref(0)}/cohorts/{COHORT}/talk"
    page = await browser.post(path, data={"mbo_institution": MBO, "hold_by": "", "note": "Bel na vijven"})
    assert "U hebt een gesprek aangevraagd" in page.text
    return page.url.path


async def test_a_talk_goes_from_asked_for_to_done_on_the_pages_of_both_sides(bench: Bench) -> None:
    school, institution = await bench.sign_in(DECAAN), await bench.sign_in(INTAKER)
    here = await asked(bench, school)
    listed = (await institution.get("/dossier/talks")).text
    assert "Gesprekken (1 te doen)" in listed
    assert "Noor0 van Verzonnen0" in listed
    assert "Bel na vijven" not in (await institution.get(here)).text
    assert "Bel na vijven" in (await school.get(here)).text
    page = await institution.post(f"{here}/plan", data=PLAN | {"version": "1"})
    assert "Het gesprek is gepland" in page.text
    assert "Ada Mentor" in page.text
    assert (await school.get(f"{here}/calendar.ics")).headers["content-type"].startswith("text/calendar")
    assert "Vast te leggen" in (await school.get("/dossier/talks?group=record")).text
    page = await institution.post(f"{here}/report", data=REPORT | {"version": "2"})
    assert "Bel de ouders" in page.text
    assert "Afvinken" not in page.text
    page = await school.post(f"{here}/follow-ups/0")
    assert "Afgevinkt" in page.text
    assert "Gesprekken (0 te doen)" in (await school.get("/dossier/talks")).text
    assert "Ongedaan maken" in page.text
    await school.post(f"{here}/follow-ups/0", data={"done": "no"})
    assert "Gesprekken (1 te doen)" in (await institution.get("/dossier/talks")).text


async def test_wrong_input_is_shown_again_with_everything_that_is_wrong(bench: Bench) -> None:
    school = await bench.sign_in(DECAAN)
    here = await asked(bench, school)
    page = await school.post(
        f"{here}/plan", data={"version": "1", "day": "gisteren", "time": "25:00", "note": "Mijn notitie"}
    )
    assert page.status_code == 422
    for field in ("day", "time", "form", "roles"):
        assert f'href="#{field}"' in page.text
    assert "Mijn notitie" in page.text
    await school.post(f"{here}/plan", data=PLAN | {"version": "1"})
    page = await school.post(f"{here}/report", data=REPORT | {"version": "2", "due-1": "2027-02-01", "mbo_person": ""})
    assert (page.status_code, 'href="#due-1"' in page.text, 'href="#mbo_person"' in page.text) == (422, True, True)
    page = await school.post(f"{here}/report", data=REPORT | {"version": "2", "role-1": "", "informed": ""})
    assert (page.status_code, 'href="#role-1"' in page.text, 'href="#informed"' in page.text) == (422, True, True)
    assert (await school.post(f"{here}/miss", data={"version": "2"})).status_code == 422


async def test_who_saw_an_older_talk_sees_what_now_stands_beside_what_they_typed(bench: Bench) -> None:
    school, institution = await bench.sign_in(DECAAN), await bench.sign_in(INTAKER)
    here = await asked(bench, school)
    await institution.post(f"{here}/plan", data=PLAN | {"version": "1", "day": "2027-04-05"})
    late = await school.post(f"{here}/plan", data=PLAN | {"version": "1", "day": "2027-04-06", "form": "on_site"})
    assert late.status_code == 422
    assert "ROC Denkbeeldig heeft dit gewijzigd" in late.text
    assert "5 april 2027" in late.text
    assert 'value="2027-04-06"' in late.text
    assert 'name="version" value="2"' in late.text
    assert (await bench.get("/talks", DECAAN)).json()["items"][0]["version"] == 2


@pytest.mark.parametrize("who", [OTHER_DECAAN, OTHER_INTAKER])
async def test_another_organisation_finds_no_page(bench: Bench, who: Actor) -> None:
    here = await asked(bench, await bench.sign_in(DECAAN))
    stranger = await bench.sign_in(who)
    for path in (here, f"{here}/plan", f"{here}/calendar.ics"):
        assert (await stranger.get(path)).status_code == 404
    assert (await stranger.post(f"{here}/plan", data=PLAN | {"version": "1"})).status_code == 404
    assert "Noor0" not in (await stranger.get("/dossier/talks")).text
    for path in ("route", "exam"):
        assert (await stranger.get(f"/dossier/pupils/{bench.ref(0)}/{path}")).status_code in (403, 404)


async def test_a_route_is_recorded_by_a_mentor_and_confirmed_by_the_careers_adviser(bench: Bench) -> None:
    mentor, adviser = await bench.sign_in(MENTOR), await bench.sign_in(DECAAN)
    path = f"/dossier/pupils/{bench.ref(0)}/route"
    wrong = await mentor.post(f"{path}/register", data={"version": "0", "since": "2027-08-30", "until": "2027-08-01"})
    assert (wrong.status_code, 'href="#route"' in wrong.text) == (422, True)
    page = await mentor.post(f"{path}/register", data={"version": "0", "route": "havo", "since": "2027-08-30"})
    assert "De decaan van uw school bevestigt dit" in page.text
    assert (await adviser.post(f"{path}/confirm", data={"version": "1"})).status_code == 422
    late = await adviser.post(f"{path}/confirm", data={"version": "0", "evidence": "enrolment"})
    assert (late.status_code, "mentor heeft dit gewijzigd" in late.text) == (422, True)
    page = await adviser.post(f"{path}/confirm", data={"version": "1", "evidence": "enrolment"})
    assert "Bewijs van inschrijving" in page.text
    assert "Gaat naar de havo (bevestigd)" in (await mentor.get(f"/dossier/pupils/{bench.ref(0)}")).text
    assert "ingetrokken" in (await adviser.post(f"{path}/withdraw", data={"version": "2"})).text


async def test_nobody_is_asked_for_evidence_of_a_death(bench: Bench) -> None:
    adviser = await bench.sign_in(DECAAN)
    path = f"/dossier/pupils/{bench.ref(0)}/route"
    page = await adviser.post(f"{path}/register", data={"version": "0", "route": "deceased", "since": "2027-02-20"})
    assert 'name="evidence"' not in page.text
    assert "stoppen alle berichten" in page.text
    assert "bevestigd" in (await adviser.post(f"{path}/confirm", data={"version": "1"})).text
    kind, _, data = (await bench.events())[-1]
    assert (kind, data["route"], data["status"]) == ("other-route-registered", "deceased", "confirmed")


async def test_a_class_is_saved_at_once_or_shown_again_with_every_fault(bench: Bench) -> None:
    school = await bench.sign_in(MENTOR)
    first, second = bench.ref(0), bench.ref(1)
    lines = {f"result-{first}": "passed", f"track-{first}": "", f"version-{first}": "0"}
    lines |= {f"result-{second}": "failed", f"track-{second}": "", f"version-{second}": "0"}
    wrong = await school.post("/dossier/exams", data=lines | {"decided_on": "2027-09-01", "sitting": "1"})
    assert wrong.status_code == 422
    assert f'href="#track-{first}"' in wrong.text
    assert 'href="#decided_on"' in wrong.text
    assert "exam-result-recorded" not in [kind for kind, _, _ in await bench.events()]
    lines[f"track-{first}"] = "vmbo-kb"
    when = {"decided_on": "2027-02-26", "sitting": "1"}
    assert "2 examenuitslagen zijn vastgelegd" in (await school.post("/dossier/exams", data=lines | when)).text
    lines |= {f"version-{first}": "1", f"version-{second}": "0", f"result-{second}": "resit"}
    late = await school.post("/dossier/exams", data=lines | when)
    assert (late.status_code, f'href="#result-{second}"' in late.text) == (422, True)
    lines[f"version-{second}"] = "1"
    assert "1 examenuitslag is vastgelegd" in (await school.post("/dossier/exams", data=lines | when)).text


async def test_the_result_of_one_pupil_turns_a_choice_that_fitted_into_a_caution(bench: Bench) -> None:
    school = await bench.sign_in(DECAAN)
    choice: dict[str, Any] = {
        "cohort": COHORT,
        "mbo_institution": MBO,
        "programme": "25655",
        "level": 4,
        "pathway": "bol",
    }
    await bench.post(f"/pupils/{bench.ref(0)}/choices", DECAAN, choice | {"preference": 1})
    record = f"/dossier/pupils/{bench.ref(0)}"
    before = (await school.get(record)).text
    assert "Let op" not in before
    assert 'rel="noopener noreferrer external"' in before
    assert "zoekresultaten?tag=Mbo-Verpleegkundige" in before
    failed = {"version": "0", "result": "failed", "track": "", "sitting": "1", "decided_on": "2027-02-26"}
    assert "is vastgelegd" in (await school.post(f"{record}/exam", data=failed)).text
    assert "met deze uitslag geeft vmbo-kb geen toegang meer tot niveau 4" in (await school.get(record)).text
    late = await school.post(f"{record}/exam", data=failed | {"result": "passed", "track": "vmbo-kb"})
    assert (late.status_code, "decaan heeft dit gewijzigd" in late.text) == (422, True)
