"""Concerns in a browser: accessible, narrow ones too, and usable without JavaScript."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.core.actor import Role
from shared.core.settings import Settings
from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.dossier.bench import COHORT, DECAAN, MBO, Bench, opened, organisations, pupil_list
from tests.support import actor, write_people

pytestmark = pytest.mark.browser
SLBER = actor(MBO, Role.SLBER, "person-7")
PEOPLE = [(DECAAN, "Voorbeeldcollege", "Mirjam Voorbeeld"), (SLBER, "ROC Denkbeeldig", "Sanne Proef")]


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A school with a concern in every group."""
    async with opened(database_url, make_settings, demo=True) as made:
        write_people(made.settings.data_dir, *PEOPLE)
        await made.tell(*organisations())
        await made.send("pupil", pupil_list(*range(4)))
        for n in range(4):
            await made.apply_for(n)
        for n, reason in enumerate(("contact_lost", "wants_to_stop", "progress")):
            asked = {"pupil_ref": made.ref(n), "cohort": COHORT, "reason": reason, "mbo_institution": MBO}
            route = {"route": ["decaan"] if n == 0 else ["intake_coordinator", "leerplicht"], "note": "Bel na vijven"}
            answer = (await made.post("/concerns", DECAAN, asked | route)).raise_for_status()
            if n == 2:
                end = f"/concerns/{answer.json()['concern_id']}/resolution"
                (await made.post(end, SLBER, {"resolution": "talked"})).raise_for_status()
        yield made


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_every_page_about_concerns_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, "/dossier/concerns", "Mirjam Voorbeeld")
        await check_page(page, "concerns")
        assert len(await page.locator("section.os-group").all()) == 3
        for number, name in ((0, "open"), (2, "ended")):
            await page.goto(f"{url}/dossier/concerns")
            await page.click(f"a.os-name:has-text('Noor{number} van')")
            await check_page(page, f"concern-{name}")
        await page.goto(f"{url}/dossier/concerns")
        await page.click("a.os-name:has-text('Noor0 van')")
        await page.click("form.os-form button")
        await check_page(page, "concern-refused", 422)
        await page.goto(f"{url}/dossier/pupils/{bench.ref(0)}")
        await check_page(page, "pupil-with-concern")
        await page.click("text=Zorg melden")
        await check_page(page, "concern-raise")
        await page.click("form.os-form button")
        await check_page(page, "concern-raise-refused", 422)


async def test_a_concern_goes_all_the_way_without_javascript(
    bench: Bench, serve: Serve, browser_page: BrowserPage
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(1280, javascript=False)
        await enter(page, url, f"/dossier/pupils/{bench.ref(3)}/cohorts/{COHORT}/concern", "Sanne Proef")
        await page.check("text=Is vaak afwezig")
        await page.check("text=decaan")
        await page.fill("#note", "Maandag gebeld")
        await page.click("form.os-form button")
        assert "De zorg is gemeld" in await page.inner_text("body")
        await page.check("text=Begeleiding is geregeld")
        await page.click("form.os-form button")
        assert "De zorg is afgerond" in await page.inner_text("body")
