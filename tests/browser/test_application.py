"""The page of one application and its forms in a browser: accessible at every width, and by keyboard alone."""

import json
from collections.abc import AsyncIterator

import pytest

from services.intake import app
from services.intake.pages.application.forms import FORMS
from shared.core.ids import opaque_ref
from shared.web.app import create_app, front
from tests.browser.checks import check_page
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import PGNS, Bench, status
from tests.integration.intake.test_steps_tenancy import ROWS

pytestmark = pytest.mark.browser
bench = intake_bench.bench
PERSON = {"organisation": "99XA", "organisation_name": "ROC Denkbeeldig", "role": "intake_coordinator"}
A1, A2 = (opaque_ref("application", "99XA", own) for own in ("A1", "A2"))


@pytest.fixture
async def url(bench: Bench, serve: Serve) -> AsyncIterator[str]:
    """The pages, with an application that was received and one of which everything is told."""
    await bench.statuses(
        status(PGNS[0], "ENROLLED", "2027-01-05", 1), status(PGNS[1], "RECEIVED", "2027-01-05", 1, id="A2")
    )
    for name, (kind, row) in ROWS.items():
        await bench.hand_in(name, "\n".join([";".join(kind.header), row]))
    settings = bench.web.settings.model_copy(update={"demo": True})
    people = [{**PERSON, "person_ref": "person-1", "name": "Sanne Proef"}]
    (settings.data_dir / "demo-identities.json").write_text(json.dumps(people))
    state = {"transport": bench.web, "database": bench.web.db, "clock": bench.web.settings.clock}
    service = create_app("intake", app.build(settings).routers, state, settings)
    async with serve(front({"intake": service}, settings)) as served:
        yield served


@pytest.mark.parametrize("width", [1280, 390, 320])
async def test_the_page_and_every_form_are_accessible(browser_page: BrowserPage, url: str, width: int) -> None:
    page = await browser_page(width)
    await page.goto(f"{url}/signin?next=/intake/applications/{A1}")
    await page.click("text=Sanne Proef")
    await check_page(page, "application-told")
    for name in FORMS:
        await page.goto(f"{url}/intake/applications/{A1}/{name}")
        await check_page(page, f"application-{name}")
    await page.goto(f"{url}/intake/applications/{A2}/appointment")
    await page.click("text=Afspraak opslaan")
    await check_page(page, "application-appointment-refused", 422)


async def test_an_intake_is_planned_by_keyboard_alone_and_without_javascript(
    browser_page: BrowserPage, url: str
) -> None:
    page = await browser_page(390, javascript=False)
    await page.goto(f"{url}/signin?next=/intake/applications/{A2}")
    await page.click("text=Sanne Proef")
    link = f"/intake/applications/{A2}/appointment"
    focused = "document.activeElement.getAttribute('href') || document.activeElement.id || document.activeElement.name"
    for _ in range(60):
        await page.keyboard.press("Tab")
        if await page.evaluate(focused) == link:
            break
    await page.keyboard.press("Enter")
    await page.wait_for_url(f"**{link}")
    await page.focus("#planned_at")
    await page.fill("#planned_at", "2027-03-08T13:30")
    for _ in range(10):
        if await page.evaluate(focused) == "form":
            break
        await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    async with page.expect_navigation():
        await page.keyboard.press("Enter")
    assert "De afspraak is vastgelegd." in await page.inner_text("main")
    assert "8 maart 2027 om 13.30 uur" in await page.inner_text("main")
