"""Talks, exam results and other routes in a browser: accessible, narrow ones too, and usable without JavaScript."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from shared.core.settings import Settings
from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    MENTOR_REF,
    Bench,
    opened,
    organisations,
    pupil_list,
)
from tests.support import write_people

pytestmark = pytest.mark.browser
PEOPLE = [(DECAAN, "Voorbeeldcollege", "Mirjam Voorbeeld"), (INTAKER, "ROC Denkbeeldig", "Sanne Proef")]
PLAN: dict[str, Any] = {"form": "phone", "roles": ["mentor", "intaker"], "vo_person": MENTOR_REF}
MOMENTS = {1: "2027-03-02T09:00:00Z", 2: "2027-03-01T08:00:00Z", 3: "2027-03-01T08:00:00Z", 4: "2027-05-01T08:00:00Z"}
REPORT: dict[str, Any] = {
    "held_at": "2027-03-01T08:00:00Z",
    "informed": True,
    "mbo_person": "person-4",
    "follow_ups": [{"action": "call_parents", "role": "intaker", "due": "2027-03-15"}],
}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A school with a talk in every group."""
    async with opened(database_url, make_settings, demo=True) as made:
        write_people(made.settings.data_dir, *PEOPLE)
        await made.tell(*organisations())
        await made.send("pupil", pupil_list(*range(6)))
        choice = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25103", "level": 4, "pathway": "bol"}
        await made.post(f"/pupils/{made.ref(0)}/choices", DECAAN, choice | {"preference": 1})
        for n in range(6):
            await made.apply_for(n)
        for n in range(5):
            asked = {"pupil_ref": made.ref(n), "cohort": COHORT, "mbo_institution": MBO}
            talk = (await made.post("/talks", DECAAN, asked)).raise_for_status().json()["talk_id"]
            if n in MOMENTS:
                (await made.post(f"/talks/{talk}/plan", DECAAN, PLAN | {"planned_at": MOMENTS[n]})).raise_for_status()
            if n == 3:
                (await made.post(f"/talks/{talk}/report", INTAKER, REPORT)).raise_for_status()
        yield made


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_every_page_about_talks_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, "/dossier/talks", "Sanne Proef")
        await check_page(page, "talks")
        assert len(await page.locator("section.os-group").all()) == 5
        for number, name in ((3, "held"), (2, "to-record"), (0, "asked")):
            await page.goto(f"{url}/dossier/talks")
            await page.click(f"a.os-name:has-text('Noor{number} van')")
            await check_page(page, f"talk-{name}")
        await page.click("text=Gesprek plannen")
        await check_page(page, "talk-plan")
        await page.click("text=Afspraak opslaan")
        await check_page(page, "talk-plan-refused", 422)
        for move in ("report", "miss"):
            await page.goto(f"{url}/dossier/talks")
            await page.click("a.os-name:has-text('Noor2 van')")
            await page.goto(f"{page.url}/{move}")
            await check_page(page, f"talk-{move}")
            await page.click("form.os-form button")
            await check_page(page, f"talk-{move}-refused", 422)


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_every_page_of_the_end_of_the_year_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    record = f"/dossier/pupils/{bench.ref(0)}"
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, record, "Mirjam Voorbeeld")
        assert "deze opleiding is niveau 2" in await page.inner_text("main")
        await check_page(page, "pupil-with-caution")
        for name, path in {
            "talk-ask": f"/dossier/pupils/{bench.ref(5)}/cohorts/{COHORT}/talk",
            "exam": f"{record}/exam",
            "exams": "/dossier/exams",
            "route": f"{record}/route",
        }.items():
            await page.goto(url + path)
            await check_page(page, f"dossier-{name}")
        await page.click("form[action$=register] button")
        await check_page(page, "dossier-route-refused", 422)
        await page.select_option("#route", "havo")
        await page.fill("#since", "2027-08-30")
        await page.click("form[action$=register] button")
        await check_page(page, "dossier-route-registered")
        await page.goto(f"{url}/dossier/exams")
        await page.select_option(f"#result-{bench.ref(0)}", "passed")
        await page.click("text=Alle uitslagen opslaan")
        await check_page(page, "dossier-exams-refused", 422)


async def test_a_talk_goes_all_the_way_without_javascript(
    bench: Bench, serve: Serve, browser_page: BrowserPage
) -> None:
    async with serve(bench.site) as url:
        school, institution = [await browser_page(390, javascript=False) for _ in PEOPLE]
        await enter(school, url, f"/dossier/pupils/{bench.ref(5)}/cohorts/{COHORT}/talk", "Mirjam Voorbeeld")
        await school.click("button:has-text('Gesprek aanvragen')")
        assert "U hebt een gesprek aangevraagd" in await school.inner_text("main")
        await enter(institution, url, "/dossier/talks", "Sanne Proef")
        await institution.click("a.os-name:has-text('Noor5 van')")
        await institution.click("text=Gesprek plannen")
        await institution.fill("#day", "2027-03-01")
        await institution.fill("#time", "09:00")
        await institution.check("input[value=mentor]")
        await institution.select_option("#vo_person", label="Ada Mentor")
        await institution.select_option("#mbo_person", label="Uzelf")
        await institution.click("text=Afspraak opslaan")
        assert "Het gesprek is gepland" in await institution.inner_text("main")
        await school.reload()
        await school.click("text=Gesprek vastleggen")
        await school.check("input[value=yes]")
        await school.select_option("#action-0", "send_information")
        await school.select_option("#role-0", "mentor")
        await school.fill("#due-0", "2027-03-08")
        await school.click("text=Verslag opslaan")
        await school.click("button:has-text('Afvinken')")
        assert "Afgevinkt" in await school.inner_text("main")
        await institution.reload()
        assert "Gesprek geweest" in await institution.inner_text("main")
