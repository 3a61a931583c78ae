"""The pages of the dossier in a browser: accessible at both widths, silent, and usable without JavaScript."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from shared.core.settings import Settings
from tests.browser.checks import WIDTHS, check_page, search
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

pytestmark = pytest.mark.browser
PEOPLE = [(DECAAN, "Voorbeeldcollege", "Mirjam Voorbeeld"), (INTAKER, "ROC Denkbeeldig", "Sanne Proef")]


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A school with a pupil in every group of its class list."""
    async with opened(database_url, make_settings, demo=True) as made:
        people = [
            {
                "organisation": who.organisation,
                "organisation_name": organisation,
                "role": who.role,
                "person_ref": who.person_ref,
                "name": name,
            }
            for who, organisation, name in PEOPLE
        ]
        (made.settings.data_dir / "demo-identities.json").write_text(json.dumps(people))
        await made.tell(*organisations())
        await made.send("pupil", pupil_list(*range(8)))
        await made.send("pupil", pupil_list(*range(7)), confirm=True)
        asked = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
        for n in (1, 2, 3, 4, 5):
            await made.post(f"/pupils/{made.ref(n)}/choices", DECAAN, asked | {"preference": 1})
        await made.apply_for(2)
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


async def enter(page: Page, url: str, path: str, name: str) -> None:
    await page.goto(f"{url}/signin?next={path}")
    await page.click(f"text={name}")


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
            "handover-nobody": f"/dossier/pupils/{bench.ref(1)}/handover",
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
