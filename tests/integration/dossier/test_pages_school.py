"""What a school does for one pupil on its pages: write the dossier, inform, check, hand over, and follow."""

from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta

import httpx
import pytest

from services.dossier.pages.offering import answer_day
from shared.core.actor import Role
from shared.core.clock import local_instant
from shared.core.settings import Settings
from shared.schemas.intakes import EnrolmentEnded, StudentStarted
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    MENTOR,
    MENTOR_REF,
    NOW,
    OTHER_DECAAN,
    SITE,
    Bench,
    application,
    coordination,
    opened,
    organisations,
    pupil_list,
    pupil_row,
)
from tests.support import Told, actor

OWN_MENTOR = actor(SITE, Role.MENTOR, MENTOR_REF)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.tell(*organisations())
        await made.send("pupil", pupil_list(0, 1))
        yield made


def page_of(bench: Bench, n: int = 0) -> str:
    return f"/dossier/pupils/{bench.ref(n)}"


async def titles(browser: httpx.AsyncClient, path: str) -> list[str]:
    """Headings of the timeline."""
    page = (await browser.get(path)).text.partition('class="os-timeline"')[2].partition("</ol>")[0]
    return [part.partition("</h3>")[0].partition(">")[2] for part in page.split("<h3")[1:]]


async def test_a_mentor_begins_with_their_own_pupils(bench: Bench) -> None:
    row = pupil_row(2, mentor_email="iemand.anders@school.example")
    await bench.send("pupil", pupil_list(0, 1) + "\n" + row)
    async with await bench.sign_in(OWN_MENTOR) as mentor, await bench.sign_in(DECAAN) as decaan:
        own = (await mentor.get("/dossier/")).text
        everybody = (await mentor.get("/dossier/?view=all")).text
        assert "Noor2" in (await decaan.get("/dossier/")).text
    assert ["Noor0" in own, "Noor2" in own] == [True, False]
    assert "Noor2" in everybody


async def test_an_earlier_cohort_stands_in_a_view_of_its_own(bench: Bench) -> None:
    older = pupil_list(3).replace(f";{COHORT};", f";{COHORT - 1};")
    await bench.send("pupil", older)
    async with await bench.sign_in(DECAAN) as browser:
        assert "Noor3" not in (await browser.get("/dossier/")).text
        assert "Noor3" in (await browser.get(f"/dossier/?view={COHORT - 1}")).text


async def test_the_list_leaves_as_a_file_that_is_written_down(bench: Bench) -> None:
    await bench.apply_for(1)
    async with await bench.sign_in(DECAAN) as browser:
        file = (await browser.post("/dossier/export?group=incomplete")).content.decode("utf-8-sig")
        assert "1 leerling" in (await browser.get("/dossier/?group=incomplete")).text
        assert "Dossier niet compleet" in (await browser.get("/dossier/exports")).text
    header, row = file.splitlines()
    assert header.startswith("leerlingnummer;roepnaam;tussenvoegsel;achternaam;klas;leerweg;mentor;te_doen;naar;keuze")
    assert row.startswith(
        "1001;Noor1;van;Verzonnen1;4kb1;vmbo-kb;Ada Mentor;Dossier niet compleet;ROC Denkbeeldig;ja;nee"
    )


async def test_a_category_is_written_and_two_who_write_it_hear_of_each_other(bench: Bench) -> None:
    path = f"{page_of(bench)}/parts/results"
    async with await bench.sign_in(DECAAN) as decaan, await bench.sign_in(MENTOR) as mentor:
        form = {"text": "Wiskunde 7", "state": "complete", "version": "0"}
        assert "is opgeslagen" in (await decaan.post(path, data=form)).text
        late = await mentor.post(path, data={"text": "Wiskunde 6", "state": "complete", "version": "0"})
        assert late.status_code == 422
        assert [text in late.text for text in ("Iemand anders (decaan)", "Wiskunde 7", "Wiskunde 6")] == [True] * 3
        assert 'name="version" value="1"' in late.text
        again = await mentor.post(path, data={"text": "Wiskunde 6", "state": "complete", "version": "1"})
        assert "is opgeslagen" in again.text
        empty = await decaan.post(path, data={"text": "", "state": "complete", "version": "2"})
        assert (empty.status_code, "Een tekst, want dit is klaar" in empty.text) == (422, True)
        assert (await decaan.get(f"{page_of(bench)}/parts/administrative")).status_code == 404


async def test_the_care_part_is_for_who_may_read_it(bench: Bench) -> None:
    path = f"{page_of(bench)}/parts"
    async with await bench.sign_in(MENTOR) as stranger, await bench.sign_in(OWN_MENTOR) as mentor:
        assert f"{path}/support" not in (await stranger.get(path)).text
        assert (await stranger.get(f"{path}/support")).status_code == 403
        assert f"{path}/support" in (await mentor.get(path)).text
        assert (await mentor.get(f"{path}/support")).status_code == 200
    async with await bench.sign_in(OTHER_DECAAN) as other:
        for page in ("parts", "parts/results", "informing", "objections", "handover"):
            assert (await other.get(f"{page_of(bench)}/{page}")).status_code == 404


async def test_everything_in_the_way_of_handing_over_is_told_at_once_with_where_to_mend_it(bench: Bench) -> None:
    await bench.complete(0, "advice")
    path = page_of(bench)
    async with await bench.sign_in(DECAAN) as browser:
        page = (await browser.get(f"{path}/handover")).text
        for part in (
            "Geen instelling heeft een aanmelding van deze leerling ontvangen",
            "Ouders of leerling weten nog niet wat er meegaat",
        ):
            assert part in page
        assert f'href="{path}/informing?back=handover"' in page
        assert "<form" not in page.partition("<main")[2], "nothing can be sent yet"
        assert (
            await browser.post(f"{path}/handover", data={"mbo_institution": MBO, "kind": "cold"})
        ).status_code == 422

        await bench.apply_for(0)
        told = {"informed_on": "2027-02-26", "whom": "parents", "how": "letter", "version": "0", "back": "handover"}
        checked = await browser.post(f"{path}/informing", data=told)
        assert checked.url.path == f"{path}/handover"
        assert "De ouders, op 26 februari 2027" in checked.text
        assert "Niet aanwezig" in checked.text.partition("Advies van de school")[2].partition("</div>")[0]
        assert "Gaat mee" in checked.text.partition("Resultaten")[2].partition("</div>")[0]

        await browser.post(
            f"{path}/objections", data={"category": "everything", "raised_by": "parent", "reason": "Nee"}
        )
        assert "maakt bezwaar tegen de overdracht" in (await browser.get(f"{path}/handover")).text


async def test_what_somebody_objects_to_is_held_back_until_that_is_undone(bench: Bench) -> None:
    await bench.apply_for(0)
    await bench.complete(0)
    await bench.inform(0)
    path = page_of(bench)
    async with await bench.sign_in(MENTOR) as browser:
        asked = {"category": "results", "raised_by": "pupil", "reason": "Te oud"}
        done = await browser.post(f"{path}/objections", data=asked)
        assert "Ongedaan maken" in done.text
        page = (await browser.get(f"{path}/handover")).text
        assert "Achtergehouden na bezwaar" in page.partition("Resultaten")[2].partition("</div>")[0]
        undo = done.text.partition(f"{path}/objections/")[2].partition('"')[0]
        assert "is ingetrokken" in (await browser.post(f"{path}/objections/{undo}")).text
        assert "Achtergehouden" not in (await browser.get(f"{path}/handover")).text
        assert (await browser.post(f"{path}/objections", data=asked | {"reason": ""})).status_code == 422
        happened = await titles(browser, path)
    assert {"Bezwaar tegen: Resultaten", "Bezwaar ingetrokken: Resultaten"} <= set(happened)
    assert "Geïnformeerd over het dossier: de ouders, op 1 maart 2027" in happened


async def test_informing_the_wrong_person_is_refused_with_the_reason(bench: Bench) -> None:
    path = f"{page_of(bench)}/informing"
    async with await bench.sign_in(DECAAN) as browser:
        told = {"informed_on": "2027-02-26", "whom": "pupil", "how": "talk", "version": "0"}
        refused = await browser.post(path, data=told)
        assert (refused.status_code, "De ouders, want de leerling was" in refused.text) == (422, True)
        assert "Vastgelegd" in (await browser.post(path, data=told | {"whom": "parents"})).text
        late = await browser.post(path, data=told | {"whom": "parents", "how": "mail"})
        assert (late.status_code, "intussen vastgelegd" in late.text) == (422, True)


async def test_after_handing_over_the_school_reads_what_happens_next_and_may_take_it_back(bench: Bench) -> None:
    await bench.apply_for(0)
    async with await bench.sign_in(MENTOR) as browser:
        asked = {"mbo_institution": MBO, "kind": "warm"}
        page = await browser.post(f"{page_of(bench)}/handover", data=asked)
        assert page.url.path.endswith("/offered")
        assert "De instelling opent het dossier uiterlijk 15 maart 2027" in page.text
        assert "U vroeg om een gesprek" in page.text
        back = page.url.path.replace("/offered", "/withdraw")
        assert "teruggenomen" in (await browser.post(back, data={"reason": "error"})).text
        assert (await browser.get("/dossier/handovers/nothing/offered")).status_code == 404


def test_the_day_to_open_by_counts_school_days_where_the_pupil_lives() -> None:
    before_holidays = local_instant(date(2027, 2, 10), 12)
    assert answer_day("0344", local_instant(date(2027, 3, 1), 12)) == date(2027, 3, 15)
    assert answer_day(None, before_holidays) == answer_day("0344", before_holidays) > date(2027, 2, 24)


async def test_a_pupil_shows_where_they_are_and_everything_that_happened(bench: Bench) -> None:
    path = page_of(bench)
    asked = {
        "cohort": COHORT,
        "mbo_institution": MBO,
        "programme": "25655",
        "level": 2,
        "pathway": "bol",
        "preference": 1,
    }
    await bench.post(f"/pupils/{bench.ref(0)}/choices", MENTOR, asked)
    await bench.handed_over(0, "open")
    await bench.apply_for(0, "enrolled", sequence=2)
    await bench.tell(*coordination(bench.ref(0)))
    async with await bench.sign_in(DECAAN) as browser:
        page = (await browser.get(path)).text
        happened = await titles(browser, path)
    assert sorted(happened) == [
        "Aanmelding ontvangen door ROC Denkbeeldig",
        "De school verwacht deze leerling op het mbo",
        "Dossier aangeboden aan ROC Denkbeeldig",
        "Dossier geopend door ROC Denkbeeldig",
        "Ingeschreven bij ROC Denkbeeldig",
        "Keuze vastgelegd: Mbo-Verpleegkundige (25655) bij ROC Denkbeeldig",
        "Vanaf nu verantwoordelijk: Ada Mentor, mentor, Voorbeeldcollege",
    ]
    road = page.partition('class="os-road"')[2].partition("</ol>")[0]
    assert road.count("os-road__reached") == 5
    assert "Nog niets gehoord van een instelling" in road.partition("Gestart")[2]


async def test_another_school_does_not_see_what_happened_to_a_shared_pupil(bench: Bench) -> None:
    """Two sites may list one child; each sees what it did itself, and both what institutions told."""
    await bench.send("pupil", pupil_list(0, site=OTHER_DECAAN.organisation), OTHER_DECAAN)
    await bench.handed_over(0)
    async with await bench.sign_in(OTHER_DECAAN) as other:
        happened = await titles(other, page_of(bench))
    assert sorted(happened) == [
        "Aanmelding ontvangen door ROC Denkbeeldig",
        "De school verwacht deze leerling op het mbo",
    ]
    async with bench.service_database().as_actor(INTAKER) as conn:
        assert await conn.fetch("SELECT * FROM own_history($1, $2)", bench.ref(0), COHORT) == []
        assert await conn.fetch("SELECT * FROM step") == []


async def test_several_pupils_are_invited_after_a_look_and_who_has_a_code_keeps_it(bench: Bench) -> None:
    ids = [bench.ref(0), bench.ref(1)]
    async with await bench.sign_in(DECAAN) as browser:
        await browser.post(f"{page_of(bench, 1)}/invitation")
        nobody = await browser.post("/dossier/bulk", data={"act": "invite", "back": "class_name=4kb1"})
        assert (nobody.status_code, 'href="#list"' in nobody.text) == (422, True)
        asked = await browser.post("/dossier/bulk", data={"act": "invite", "id": ids, "back": "class_name=4kb1"})
        assert "Nodig 1 leerling uit" in asked.text
        assert "Noor1 van Verzonnen1: heeft al een code" in asked.text
        assert 'href="/dossier/?class_name=4kb1"' in asked.text
        made = await browser.post("/dossier/bulk/invitations", data={"id": ids})
        assert ["Noor0" in made.text, "Noor1" in made.text] == [True, False]
        again = await browser.post("/dossier/bulk/invitations", data={"id": ids})
        assert "hebben al een code" in again.text
    assert len(await bench.rows("SELECT pupil_ref FROM invitation")) == 2


async def test_informing_is_recorded_for_several_pupils_and_never_over_what_stands(bench: Bench) -> None:
    await bench.inform(1)
    ids = [bench.ref(0), bench.ref(1)]
    async with await bench.sign_in(MENTOR) as browser:
        asked = await browser.post("/dossier/bulk", data={"act": "inform", "id": ids})
        assert "Noor1 van Verzonnen1: was al vastgelegd" in asked.text
        wrong = await browser.post(
            "/dossier/bulk/informing", data={"id": ids, "informed_on": "2030-01-01", "how": "mail"}
        )
        assert (wrong.status_code, "niet in de toekomst" in wrong.text) == (422, True)
        done = await browser.post(
            "/dossier/bulk/informing", data={"id": ids, "informed_on": "2027-02-20", "how": "mail"}
        )
        assert "vastgelegd voor 1 leerling" in done.text
    rows = await bench.rows("SELECT how FROM information ORDER BY how")
    assert [row["how"] for row in rows] == ["mail", "talk"]
    async with await bench.sign_in(INTAKER) as institution:
        assert (await institution.post("/dossier/bulk", data={"act": "inform", "id": ids})).status_code == 403


async def test_of_another_school_nobody_is_chosen(bench: Bench) -> None:
    async with await bench.sign_in(OTHER_DECAAN) as other:
        assert (await other.post("/dossier/bulk", data={"act": "inform", "id": [bench.ref(0)]})).status_code == 422
        sent = {"id": [bench.ref(0)], "informed_on": "2027-02-20", "how": "mail"}
        await other.post("/dossier/bulk/informing", data=sent)
    assert await bench.rows("SELECT how FROM information") == []


def started(ref: str, day: date) -> Told:
    """The institution saw a student in class."""
    data = StudentStarted(
        occurred_at=local_instant(day, 9),
        application_id=f"a-{ref}-{MBO}",
        cohort=COHORT,
        mbo_institution=MBO,
        programme="25655",
        pathway="bol",
        first_day=day,
    )
    return Told("intake", ref, data, local_instant(day, 9), 5)


def ended(ref: str, day: date, sequence: int = 6) -> Told:
    """The institution ended an enrolment."""
    data = EnrolmentEnded(
        occurred_at=local_instant(day, 9),
        application_id=f"a-{ref}-{MBO}",
        cohort=COHORT,
        mbo_institution=MBO,
        programme="25655",
        pathway="bol",
        ended_on=day,
        reason=4,
    )
    return Told("intake", ref, data, local_instant(day, 9), sequence)


def go_to(bench: Bench, moment: datetime) -> None:
    bench.settings.clock.instant = moment  # type: ignore[attr-defined]


async def test_a_school_follows_its_pupils_until_the_count_date_and_not_a_day_longer(bench: Bench) -> None:
    await bench.apply_for(0, "enrolled")
    await bench.tell(*coordination(bench.ref(0)))
    await bench.tell(started(bench.ref(0), date(2027, 8, 30)))
    async with await bench.sign_in(DECAAN) as browser:
        go_to(bench, local_instant(date(2027, 10, 1), 23))
        assert "Nu verantwoordelijk" in (await browser.get(page_of(bench))).text
        await bench.tell(ended(bench.ref(0), date(2027, 10, 20)))
        go_to(bench, local_instant(date(2027, 10, 21), 9))
        page = (await browser.get(page_of(bench))).text
        happened = await titles(browser, page_of(bench))
    assert "Tot en met 1 oktober 2027 kon u deze leerling op het mbo volgen" in page
    assert "Nu verantwoordelijk" not in page
    assert "Gestart bij ROC Denkbeeldig op 30 augustus 2027" in happened
    assert "De inschrijving bij ROC Denkbeeldig is gestopt" not in happened


async def test_an_application_stays_as_it_was_when_following_ended(bench: Bench) -> None:
    later = application(bench.ref(0), "rejected", sequence=2)
    moved = later.data.model_copy(
        update={"status_at": NOW + timedelta(days=300), "occurred_at": NOW + timedelta(days=300)}
    )
    await bench.apply_for(0)
    await bench.tell(Told("intake", bench.ref(0), moved, NOW + timedelta(days=300), 2))
    async with await bench.sign_in(DECAAN) as browser:
        go_to(bench, NOW + timedelta(days=301))
        page = (await browser.get(page_of(bench))).text
    assert "Aanmelding ontvangen" in page
    assert "Aanmelding afgewezen" not in page


def groups(page: str) -> dict[str, str]:
    """Group of the list → its rows."""
    parts = page.split('<section class="os-group" aria-labelledby="')[1:]
    return {part.partition('"')[0]: part for part in parts}


async def test_talks_exams_and_other_routes_decide_what_must_be_done(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(*range(4)))
    for n in range(3):
        await bench.handed_over(n, "open", "accept")
    asked = {"pupil_ref": bench.ref(0), "cohort": COHORT, "mbo_institution": MBO}
    (await bench.post("/talks", DECAAN, asked)).raise_for_status()
    async with await bench.sign_in(DECAAN) as browser:
        sent = {"route": "work", "since": "2027-02-01", "until": "", "note": "", "version": "0"}
        await browser.post(f"{page_of(bench, 3)}/route/register", data=sent)
        in_march = groups((await browser.get("/dossier/")).text)
        go_to(bench, local_instant(date(2027, 6, 25), 9))
        in_june = groups((await browser.get("/dossier/")).text)
    assert [list(in_march), list(in_june)] == [["talk", "other-route", "done"], ["talk", "exam", "other-route"]]
    assert ["Noor0" in in_march["talk"], "Noor3" in in_march["other-route"]] == [True, True]
