"""The pages of the dossier in a browser: accessible at both widths, silent, and usable without JavaScript."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from shared.core.settings import Settings
from tests.browser.checks import WIDTHS, check_page, enter, search
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    Bench,
    coordination,
    opened,
    organisations,
    pupil_list,
    pupil_row,
)
from tests.support import write_people

pytestmark = pytest.mark.browser
PEOPLE = [(DECAAN, "Voorbeeldcollege", "Mirjam Voorbeeld"), (INTAKER, "ROC Denkbeeldig", "Sanne Proef")]


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A school with a pupil in every group of its class list."""
    async with opened(database_url, make_settings, demo=True) as made:
        write_people(made.settings.data_dir, *PEOPLE)
        await made.tell(*organisations())
        await made.send("pupil", pupil_list(*range(8)))
        await made.send("pupil", pupil_list(*range(7)), confirm=True)
        asked = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
        for n in (1, 2, 3, 4, 5):
            await made.post(f"/pupils/{made.ref(n)}/choices", DECAAN, asked | {"preference": 1})
        await made.apply_for(2)
        for n in (2, 5):
            await made.complete(n)
            await made.inform(n)
        await made.complete(1, "support")
        for n, moves in ((3, ()), (4, ("open",)), (5, ("open", "accept")), (6, ("open", "refuse"))):
            await made.handed_over(n, *moves)
        await made.tell(*coordination(made.ref(6)))
        yield made


async def hand_in(page: Page, url: str, file: Path) -> None:
    """A pupil list with a fault that drops most of the pupils, up to its preview."""
    file.write_text(pupil_list(0) + "\n" + pupil_row(1, geboortedatum="gisteren"))
    await page.goto(f"{url}/dossier/import")
    await page.check("input[value=pupil-list]")
    await page.set_input_files("#file", file)
    await page.click("text=Bestand controleren")


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_of_the_school_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, tmp_path: Path, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, "/dossier/", "Mirjam Voorbeeld")
        await check_page(page, "dossier-classlist")
        await page.goto(f"{url}/dossier/?class_name=4kb1")
        await search(page, "noor2")
        await check_page(page, "dossier-filtered")
        for name, path in {
            "pupil": f"/dossier/pupils/{bench.ref(6)}",
            "not-listed": f"/dossier/pupils/{bench.ref(7)}",
            "handover-check": f"/dossier/pupils/{bench.ref(2)}/handover",
            "handover-obstacles": f"/dossier/pupils/{bench.ref(1)}/handover",
            "parts": f"/dossier/pupils/{bench.ref(1)}/parts",
            "section": f"/dossier/pupils/{bench.ref(1)}/parts/support",
            "informing": f"/dossier/pupils/{bench.ref(1)}/informing",
            "objections": f"/dossier/pupils/{bench.ref(1)}/objections",
            "choice": f"/dossier/pupils/{bench.ref(0)}/choice",
            "import": "/dossier/import",
        }.items():
            await page.goto(url + path)
            await check_page(page, f"dossier-{name}")
        await page.goto(f"{url}/dossier/pupils/{bench.ref(0)}/choice")
        await page.click("text=Keuze opslaan")
        await check_page(page, "dossier-choice-refused", 422)
        await hand_in(page, url, tmp_path / "leerlingen.csv")
        await check_page(page, "dossier-preview")
        await page.click("text=Bestand nu inlezen")
        await check_page(page, "dossier-preview-refused", 422)
        await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
        await page.goto(f"{url}/dossier/pupils/{bench.ref(0)}")
        await check_page(page, "dossier-erased")


@pytest.mark.parametrize("width", WIDTHS)
async def test_what_is_done_for_several_pupils_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, "/dossier/", "Mirjam Voorbeeld")
        await page.goto(f"{url}/dossier/?group=no-choice&tick=no-choice")
        await check_page(page, "dossier-ticked")
        for name, text in (("bulk-invite", "Uitnodigen"), ("bulk-inform", "Informeren vastleggen")):
            await page.goto(f"{url}/dossier/?group=no-choice&tick=no-choice")
            await page.click(f"button:has-text('{text}')")
            await check_page(page, f"dossier-{name}")
        await page.goto(f"{url}/dossier/")
        await page.click("button:has-text('Uitnodigen')")
        await check_page(page, "dossier-bulk-nobody", 422)


async def test_no_page_of_the_school_scrolls_sideways_at_320_pixels(
    bench: Bench, serve: Serve, browser_page: BrowserPage
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(320)
        await enter(page, url, "/dossier/", "Mirjam Voorbeeld")
        for name, path in {
            "classlist": "/dossier/",
            "pupil": f"/dossier/pupils/{bench.ref(6)}",
            "handover-check": f"/dossier/pupils/{bench.ref(2)}/handover",
            "parts": f"/dossier/pupils/{bench.ref(1)}/parts",
            "section": f"/dossier/pupils/{bench.ref(1)}/parts/results",
            "objections": f"/dossier/pupils/{bench.ref(1)}/objections",
        }.items():
            await page.goto(url + path)
            await check_page(page, f"dossier-{name}", axe=False)


async def test_a_pupil_is_found_and_handed_over_with_the_keyboard_alone(
    bench: Bench, serve: Serve, browser_page: BrowserPage
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(1280)
        await enter(page, url, "/dossier/", "Mirjam Voorbeeld")
        await tab_to(page, "#q")
        await page.keyboard.type("noor2")
        await press(page, "Enter")
        await tab_to(page, "a[href='#list']")
        await page.keyboard.press("Enter")
        await tab_to(page, "a.os-name")
        await press(page, "Enter")
        await tab_to(page, "a.nl-button--primary")
        await press(page, "Enter")
        await tab_to(page, "input[name=kind][value=cold]")
        await page.keyboard.press("ArrowDown")
        await tab_to(page, "form[action$='/handover'] button")
        await press(page, "Enter")
        assert "is aangeboden aan ROC Denkbeeldig" in await page.inner_text("main")
        assert "U vroeg om een gesprek" in await page.inner_text("main"), "the arrow chose the warm handover"
        assert await page.evaluate("document.activeElement.closest('.os-note') !== null"), "the message has the focus"
        await check_page(page, "dossier-offered-by-school")


MOST_STOPS = 80
FOCUS = "at => [document.activeElement.matches(at), getComputedStyle(document.activeElement).outlineStyle]"


async def tab_to(page: Page, selector: str) -> None:
    """Go on with the Tab key until this has the focus, which must be seen at every stop."""
    for _ in range(MOST_STOPS):
        await page.keyboard.press("Tab")
        at, outline = await page.evaluate(FOCUS, selector)
        assert outline != "none", await page.evaluate("document.activeElement.outerHTML.slice(0, 200)")
        if at:
            return
    raise AssertionError(f"no way to {selector}")


async def press(page: Page, key: str) -> None:
    """A key that leads to another page."""
    async with page.expect_navigation():
        await page.keyboard.press(key)


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_of_the_institution_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, "/dossier/received", "Sanne Proef")
        await check_page(page, "dossier-received")
        await page.click("text=Noor3 van Verzonnen3")
        await check_page(page, "dossier-offered")
        await page.click("text=Open dossier")
        await check_page(page, "dossier-opened")
        await page.click("button:has-text('Weigeren')")
        await check_page(page, "dossier-refusal-refused", 422)
        await page.goto(f"{url}/dossier/received")
        await page.click("text=Noor5 van Verzonnen5")
        await check_page(page, "dossier-taken-over")
        await page.click("text=Zorgdeel lezen")
        await check_page(page, "dossier-care-part")
        assert "Over support van 5" in await page.inner_text("main")


async def test_both_sides_do_their_work_without_javascript(
    bench: Bench, serve: Serve, browser_page: BrowserPage, tmp_path: Path
) -> None:
    async with serve(bench.site) as url:
        school, institution = [await browser_page(1280, javascript=False) for _ in PEOPLE]
        await enter(school, url, f"/dossier/pupils/{bench.ref(2)}/handover", "Mirjam Voorbeeld")
        await school.click("button:has-text('Dossier overdragen')")
        assert "is aangeboden aan ROC Denkbeeldig" in await school.inner_text("main")
        await enter(institution, url, "/dossier/received", "Sanne Proef")
        await institution.click("text=Noor2 van Verzonnen2")
        await institution.click("text=Open dossier")
        await institution.click("button:has-text('Overnemen')")
        assert "is overgenomen" in await institution.inner_text("main")

        await hand_in(school, url, tmp_path / "leerlingen.csv")
        await school.click("text=Bestand nu inlezen")
        assert (await school.title()).startswith("Fout: ")
        await school.check("#confirm")
        await school.click("text=Bestand nu inlezen")
        assert "1 apart gezet" in await school.inner_text("main")
