"""The work list of an institution in a browser: at every width, with large text, by keyboard alone, and on paper."""

import json
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from playwright.async_api import Page

from services.intake import app
from services.intake.domain.intake import Missed, Planned, Result, Said
from services.intake.handlers.intakes import Move, MoveIntake, move_intake
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform
from shared.schemas.intakes import IntakeOutcome
from shared.web.app import create_app, front
from tests.browser.checks import WIDTHS, check_page, keep_picture
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import (
    COORDINATOR,
    NOW,
    PGNS,
    Bench,
    choice,
    handover,
    recorded,
    status,
    talk,
    told,
)

pytestmark = pytest.mark.browser
bench = intake_bench.bench
NAMES = ("Noor", "Daan", "Aylin", "Sem", "Mees", "Fatima", "Lisa", "Jayden")
PEOPLE = [("intake_coordinator", "Sanne Proef"), ("slber", "Youssef Nergens")]
STEPS: list[tuple[int, Move, Said]] = [
    (2, "plan", Planned(NOW + timedelta(hours=2), "on_site")),
    (3, "plan", Planned(NOW + timedelta(days=3), "online")),
    (3, "miss", Missed("pupil_cancelled")),
    (4, "record", Result(NOW.date(), IntakeOutcome.PROVISIONAL)),
]


@pytest.fixture
async def url(bench: Bench, serve: Serve) -> AsyncIterator[str]:
    """Eight pupils, in most of the groups of the list."""
    refs = [bench.ref(pgn) for pgn in PGNS]
    await bench.statuses(*(status(pgn, "RECEIVED", "2027-01-05", 1, id=f"A{n}") for n, pgn in enumerate(PGNS[:5])))
    await bench.statuses(*(status(PGNS[n], "ENROLLED", "2027-02-05", 1, id=f"A{n}") for n in (5, 6)))
    await bench.tell(*(told(ref, recorded(name), 1) for ref, name in zip(refs, NAMES, strict=True)))
    for n, move, said in STEPS:
        application = opaque_ref("application", "99XA", f"A{n}")
        await perform(bench.web, COORDINATOR, move_intake, MoveIntake(application, refs[n], move, said))
    await bench.tell(told(refs[1], handover(refs[1], "offered"), 2), told(refs[7], choice(refs[7]), 2))
    await bench.tell(told(refs[5], talk(refs[5]), 2), told(refs[6], talk(refs[6], held=True), 2))
    settings = bench.web.settings.model_copy(update={"demo": True})
    of = {"organisation": "99XA", "organisation_name": "ROC Denkbeeldig"}
    people = [{**of, "role": role, "name": name, "person_ref": f"person-{n}"} for n, (role, name) in enumerate(PEOPLE)]
    (settings.data_dir / "demo-identities.json").write_text(json.dumps(people))
    state = {"transport": bench.web, "database": bench.web.db, "clock": bench.web.settings.clock}
    service = create_app("intake", app.build(settings).routers, state, settings)
    async with serve(front({"intake": service}, settings)) as served:
        yield served


async def sign_in(page: Page, url: str, name: str = "Sanne Proef") -> None:
    await page.goto(f"{url}/signin?next=/intake/")
    await page.get_by_role("button", name=name).click()
    await page.wait_for_url("**/intake/", wait_until="load")


async def larger(page: Page) -> None:
    """Text of twice the size."""
    await page.evaluate("document.documentElement.style.fontSize = '200%'")


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_the_work_list_is_good_at_every_width_and_with_large_text(
    browser_page: BrowserPage, url: str, width: int
) -> None:
    page = await browser_page(width)
    await sign_in(page, url)
    await check_page(page, "worklist")
    await page.get_by_label("Kies Noor Voorbeeld").check()
    await page.get_by_label("Kies Sem Voorbeeld").check()
    await page.get_by_role("button", name="Uitnodigen van de gekozen leerlingen").click()
    await check_page(page, "worklist-invite")
    await page.get_by_role("button", name="Nodig 2 leerlingen uit").click()
    await check_page(page, "worklist-invited")
    await larger(page)
    await check_page(page, "worklist-large", axe=False)
    await page.goto(f"{url}/intake/exports")
    await check_page(page, "worklist-exports")
    await sign_in(page, url, "Youssef Nergens")
    await page.goto(f"{url}/intake/?view=all")
    await check_page(page, "worklist-slber")


async def test_two_applicants_are_invited_by_keyboard_alone(browser_page: BrowserPage, url: str) -> None:
    page = await browser_page(1280)
    await sign_in(page, url)
    await until(page, "Direct naar de lijst")
    await page.keyboard.press("Enter")
    for name in ("Kies Sem Voorbeeld", "Kies Noor Voorbeeld"):
        await until(page, name)
        await page.keyboard.press("Space")
    assert await page.locator("output").inner_text() == "2 leerlingen gekozen"
    await until(page, "Uitnodigen van de gekozen leerlingen", back=True)
    await page.keyboard.press("Enter")
    await page.get_by_role("heading", name="Nodig 2 leerlingen uit").wait_for()
    await until(page, "Nodig 2 leerlingen uit")
    await page.keyboard.press("Enter")
    await page.get_by_text("2 leerlingen zijn uitgenodigd.").wait_for()
    assert "2 leerlingen zijn uitgenodigd." in await page.locator(".os-note:focus").inner_text()
    await until(page, "Ongedaan maken")
    await page.keyboard.press("Enter")
    await page.get_by_text("2 uitnodigingen zijn teruggedraaid.").wait_for()


async def until(page: Page, name: str, *, back: bool = False) -> None:
    """Go from control to control until this one has the focus; every stop can be seen."""
    for _stop in range(60):
        await page.keyboard.press("Shift+Tab" if back else "Tab")
        focus = await page.evaluate(
            "e => (e = document.activeElement, [(e.labels?.[0] ?? e).textContent.trim().replace(/\\s+/g, ' '),"
            " getComputedStyle(e).outlineStyle])"
        )
        assert focus[1] != "none", focus
        if focus[0] == name:
            return
    raise AssertionError(f"{name} is not reached by keyboard")


async def test_several_are_invited_without_javascript(browser_page: BrowserPage, url: str) -> None:
    page = await browser_page(390, javascript=False)
    await sign_in(page, url)
    await page.get_by_role("link", name="Kies alle 2 regels die u ziet").click()
    await page.get_by_role("button", name="Uitnodigen van de gekozen leerlingen").click()
    await page.get_by_role("button", name="Nodig 2 leerlingen uit").click()
    assert "2 leerlingen zijn uitgenodigd." in await page.inner_text("main")
    await page.get_by_role("button", name="Ongedaan maken").click()
    assert "2 uitnodigingen zijn teruggedraaid." in await page.inner_text("main")


async def test_a_view_is_kept_and_a_file_taken_away(browser_page: BrowserPage, url: str) -> None:
    page = await browser_page(1280, javascript=False)
    await sign_in(page, url)
    await page.goto(f"{url}/intake/?dossier=offered")
    await page.get_by_text("Bewaar deze weergave").click()
    await page.fill("#name", "Dossiers")
    await page.get_by_role("button", name="Bewaren").click()
    await page.get_by_role("link", name="Iedereen").click()
    await page.get_by_role("link", name="Dossiers", exact=False).click()
    assert page.url.endswith("/intake/?dossier=offered")
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Exporteer 1 leerling (CSV)").click()
    assert (await download.value).suggested_filename == "intake-worklist-2027-03-01.csv"
    await page.goto(f"{url}/intake/exports")
    assert "Dossier: Dossier niet geopend" in await page.inner_text("main")


async def test_on_paper_the_list_stands_without_its_controls(browser_page: BrowserPage, url: str) -> None:
    page = await browser_page(1280)
    await sign_in(page, url)
    await page.emulate_media(media="print")
    for gone in (".os-filters", ".os-keep", ".os-bulk", ".os-tick", ".os-views", ".os-list .nl-button"):
        assert not await page.locator(gone).first.is_visible(), gone
    assert await page.get_by_role("link", name="Noor Voorbeeld").is_visible()
    await keep_picture(page, "worklist-print")
