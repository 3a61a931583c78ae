"""The pages of the dossier, as a browser without JavaScript sends and follows them."""

import re
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import httpx
import pytest

from shared.core.settings import Settings
from shared.schemas.alerts import AlertRaised, AlertStatus
from shared.schemas.coordination import Severity
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    MENTOR,
    NOW,
    OPERATOR,
    OTHER_DECAAN,
    OTHER_INTAKER,
    SITE,
    Bench,
    coordination,
    opened,
    organisations,
    pupil_list,
    pupil_row,
)
from tests.support import Told, search


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.tell(*organisations())
        yield made


async def upload(browser: httpx.AsyncClient, kind: str, text: str) -> httpx.Response:
    files = {"file": ("bestand.csv", text.encode(), "text/csv")}
    return await browser.post("/dossier/import", data={"kind": kind}, files=files)


async def test_the_class_list_is_grouped_by_what_must_be_done(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(*range(9)))
    asked = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
    await bench.post(f"/pupils/{bench.ref(1)}/choices", DECAAN, asked | {"preference": 1})
    for n in (2, 3, 4):
        await bench.apply_for(n)
    await bench.complete(3)
    await bench.complete(4)
    await bench.inform(4)
    await bench.handed_over(5)
    await bench.handed_over(6, "open")
    await bench.handed_over(7, "open", "accept")
    await bench.handed_over(8, "open", "refuse")
    async with await bench.sign_in(MENTOR) as browser:
        page = (await browser.get("/dossier/")).text
    headings = [part.partition("</h2>")[0] for part in page.split("<h2")[1:]]
    titles = [part.partition(">")[2].partition(" <")[0] for part in headings]
    assert titles == [
        "Dossier geweigerd",
        "Nog geen keuze",
        "Nog geen aanmelding",
        "Dossier niet compleet",
        "Nog te informeren",
        "Klaar om over te dragen",
        "Overgedragen, nog niet geopend",
        "Geopend, nog niet overgenomen",
        "Klaar",
    ]
    order = [page.index(f"Noor{n} van Verzonnen{n}</a>") for n in (8, *range(8))]
    assert order == sorted(order)
    assert "Ada Mentor" in page
    assert "/dossier/import" not in page


async def test_the_class_list_is_searched_and_filtered(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1) + "\n" + pupil_row(2, klas="4gl1"))
    async with await bench.sign_in(DECAAN) as browser:
        by_name = (await search(browser, "/dossier/", "noor1")).text
        by_number = (await search(browser, "/dossier/", "1000")).text
        by_both = (await search(browser, "/dossier/?class_name=4gl1&group=no-choice", "noor")).text
        by_address = (await browser.get("/dossier/?q=noor1")).text
        by_class = (await browser.get("/dossier/?class_name=4gl1")).text
        nobody = (await search(browser, "/dossier/", "zzz")).text
    assert ["Noor0" in by_name, "Noor1" in by_name] == [False, True]
    assert ["Noor0" in by_number, "Noor1" in by_number] == [True, False]
    assert ["Noor0" in by_class, "Noor2" in by_class] == [False, True]
    assert ["Noor0" in by_both, "Noor2" in by_both] == [False, True]
    assert ["Noor0" in by_address, "Noor1" in by_address] == [True, True], "an address is not searched for names"
    assert "Niets met deze filters" in nobody


async def test_a_school_without_pupils_is_told_how_to_begin(bench: Bench) -> None:
    async with await bench.sign_in(DECAAN) as browser:
        assert "Lees de leerlingenlijst van uw vestiging in" in (await browser.get("/dossier/")).text
    async with await bench.sign_in(MENTOR) as browser:
        assert "De decaan leest de leerlingenlijst in" in (await browser.get("/dossier/")).text


async def test_a_file_is_previewed_with_every_fault_and_then_taken_in(bench: Bench) -> None:
    text = pupil_list(0) + "\n" + pupil_row(1, geboortedatum="gisteren")
    async with await bench.sign_in(DECAAN) as browser:
        page = await upload(browser, "pupil-list", text)
        assert page.status_code == 200
        assert "regel 3, kolom geboortedatum" in page.text
        assert await bench.rows("SELECT pupil_ref FROM pupil") == []
        assert await bench.rows("SELECT id FROM quarantine") == []
        done = await browser.post(confirmation(page))
        assert "1 nieuw" in done.text
        assert await bench.rows("SELECT upload_id FROM upload") == []
        assert (await browser.post(confirmation(page))).status_code == 404
    assert len(await bench.rows("SELECT pupil_ref FROM pupil")) == 1
    assert len(await bench.rows("SELECT id FROM quarantine")) == 1


async def test_a_large_drop_is_taken_in_only_after_a_tick(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1, 2))
    async with await bench.sign_in(DECAAN) as browser:
        page = await upload(browser, "pupil-list", pupil_list(0))
        assert "Meer dan een op de tien" in page.text
        refused = await browser.post(confirmation(page))
        assert (refused.status_code, 'href="#confirm"' in refused.text) == (422, True)
        assert (await browser.post(confirmation(page), data={"confirm": "yes"})).status_code == 200
    assert len(await bench.rows("SELECT pupil_ref FROM pupil WHERE NOT listed")) == 2


async def test_a_wrong_upload_shows_the_form_again(bench: Bench) -> None:
    async with await bench.sign_in(DECAAN) as browser:
        for answer in (
            await upload(browser, "pupil-list", "kolom\n1"),
            await upload(browser, "iets anders", pupil_list(0)),
            await browser.post("/dossier/import", data={"kind": "choices"}),
        ):
            assert answer.status_code == 422
            assert "niet goed ingevuld" in answer.text


async def test_a_file_that_is_never_confirmed_is_forgotten(bench: Bench) -> None:
    async with await bench.sign_in(DECAAN) as browser:
        await upload(browser, "pupil-list", pupil_list(0))
    (kept,) = await bench.rows("SELECT content FROM upload")
    assert b"Verzonnen0" not in kept["content"]
    bench.settings.clock.instant += timedelta(hours=1)  # type: ignore[attr-defined]
    assert await bench.fire_timers() == 1
    assert await bench.rows("SELECT content FROM upload") == []


async def test_a_pupil_is_shown_with_who_is_responsible_and_what_comes_next(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.handed_over(0, "open", "refuse")
    await bench.tell(*coordination(bench.ref(0)))
    await bench.tell(
        Told("notifications", bench.ref(0), alert(SITE), NOW, 1),
        Told("notifications", bench.ref(0), alert(MBO), NOW, 2),
    )
    async with await bench.sign_in(DECAAN) as browser:
        page = (await browser.get(f"/dossier/pupils/{bench.ref(0)}")).text
    assert "Ada Mentor, mentor, Voorbeeldcollege" in page
    assert "Zorg dat de leerling zich aanmeldt: Ada Mentor, mentor, Voorbeeldcollege, uiterlijk 10 maart 2027" in page
    assert "Nu bij: Ada Mentor, mentor, Voorbeeldcollege" in page
    assert "Nog 7 schooldagen" in page
    assert "Dossier geweigerd door ROC Denkbeeldig" in page
    assert "De opleiding is vol" in page
    assert page.count("Signaal: Geen aanmelding voor het mbo") == 1


def alert(organisation: str) -> AlertRaised:
    return AlertRaised(
        occurred_at=NOW,
        alert_id=f"alert-{organisation}",
        cohort=COHORT,
        rule="no-application",
        severity=Severity.NOTICE,
        organisation=organisation,
        role="mentor",
        status=AlertStatus.RAISED,
        step=1,
        raised_at=NOW,
    )


async def test_a_choice_is_recorded_on_the_page_undone_and_checked(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    path = f"/dossier/pupils/{bench.ref(0)}"
    filled = {"mbo_institution": MBO, "programme": "25655", "level": "2", "pathway": "bol", "preference": "1"}
    async with await bench.sign_in(MENTOR) as browser:
        assert "ROC Denkbeeldig" in (await browser.get(f"{path}/choice")).text
        wrong = await browser.post(f"{path}/choice", data=filled | {"programme": "abc", "level": ""})
        assert (wrong.status_code, wrong.text.count('class="os-fault"')) == (422, 2)
        done = (await browser.post(f"{path}/choice", data=filled)).text
        assert "is vastgelegd" in done
        undo = done.partition("/choices/")[2].partition("/withdraw")[0]
        gone = (await browser.post(f"{path}/choices/{undo}/withdraw")).text
        assert "ingetrokken" in gone
        fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="(\w+)">', gone))
        assert fields == filled
        assert "is vastgelegd" in (await browser.post(f"{path}/choice", data=fields)).text
    told = (await bench.told_types(bench.ref(0)))[2:]
    assert told == ["choice-registered", "choice-withdrawn", "choice-registered"]


async def test_a_dossier_goes_from_check_to_taken_over_on_the_pages(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.apply_for(0)
    path = f"/dossier/pupils/{bench.ref(0)}"
    async with await bench.sign_in(MENTOR) as school, await bench.sign_in(INTAKER) as institution:
        assert "ROC Denkbeeldig" in (await school.get(f"{path}/handover")).text
        assert (await school.post(f"{path}/handover", data={"kind": "cold"})).status_code == 422
        offered = await school.post(f"{path}/handover", data={"mbo_institution": MBO, "kind": "warm"})
        assert "is aangeboden aan ROC Denkbeeldig" in offered.text
        assert "Overgenomen" not in offered.text.partition("<h3")[2].partition("Nog niet")[0]

        received = (await institution.get("/dossier/")).text
        assert "Noor0 van Verzonnen0" in received
        dossier = "/dossier/handovers/" + received.partition("/dossier/handovers/")[2].partition('"')[0]
        assert "24 maart 2011" not in (await institution.get(dossier)).text
        assert "24 maart 2011" in (await institution.post(f"{dossier}/open")).text
        assert (await institution.post(f"{dossier}/open")).status_code == 409
        assert (await institution.post(f"{dossier}/refuse", data={"reason": "other"})).status_code == 422
        assert "is overgenomen" in (await institution.post(f"{dossier}/accept")).text
        history = (await school.get(path)).text
    assert "Dossier overgenomen door ROC Denkbeeldig" in history
    assert "Dossier gelezen" in history


async def test_an_offer_is_taken_back_on_the_page_and_the_dossier_closes(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    handover_id = await bench.handed_over(0, "open")
    async with await bench.sign_in(DECAAN) as school, await bench.sign_in(INTAKER) as institution:
        path = f"/dossier/handovers/{handover_id}"
        assert "24 maart 2011" in (await institution.get(path)).text
        assert (await institution.post(f"{path}/withdraw", data={"reason": "error"})).status_code == 403
        taken_back = await school.post(f"{path}/withdraw", data={"reason": "objection"})
        assert "maakt bezwaar" in taken_back.text
        closed = (await institution.get(path)).text
    assert "24 maart 2011" not in closed
    assert "Noor0" not in closed
    assert "niet meer lezen" in closed


async def test_nobody_else_sees_a_page(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    handover_id = await bench.handed_over(0)
    pupil, dossier = f"/dossier/pupils/{bench.ref(0)}", f"/dossier/handovers/{handover_id}"
    for who, path, status in (
        (OTHER_DECAAN, pupil, 404),
        (OTHER_DECAAN, dossier, 404),
        (OTHER_INTAKER, dossier, 404),
        (INTAKER, pupil, 403),
        (INTAKER, "/dossier/import", 403),
        (MENTOR, "/dossier/import", 403),
        (MENTOR, "/dossier/received", 403),
        (OPERATOR, "/dossier/", 403),
        (OPERATOR, dossier, 404),
    ):
        async with await bench.sign_in(who) as browser:
            assert (await browser.get(path)).status_code == status, (who, path)
    assert "/signin" in str((await bench.client.get(pupil)).headers["location"])


async def test_an_erased_pupil_is_shown_as_erased_with_who_confirmed(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
    async with await bench.sign_in(DECAAN) as browser:
        page = (await browser.get(f"/dossier/pupils/{bench.ref(0)}")).text
    assert "Noor0" not in page
    assert page.count("Nog niet bevestigd") == 4


def confirmation(page: httpx.Response) -> str:
    return "/dossier/import/" + page.text.partition('action="/dossier/import/')[2].partition('"')[0]
