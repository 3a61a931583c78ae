"""The pages of agreements in a browser: read, compared, refused, adopted and taken over, also without JavaScript."""

import pytest

from services.coordination import agreement
from tests.browser import test_coordination
from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage

pytestmark = pytest.mark.browser
settings, service = test_coordination.settings, test_coordination.service
worker, web = test_coordination.worker, test_coordination.web
client, admin, url = test_coordination.client, test_coordination.admin, test_coordination.url
EXAMPLE = agreement.FOLDER / "examples" / "utrecht.yaml"
HOME = "/coordination/agreements"


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_an_agreement_is_read_checked_and_adopted(browser_page: BrowserPage, url: str, width: int) -> None:
    page = await browser_page(width)
    await enter(page, url, HOME, "Proef 3")
    await check_page(page, "agreements")
    await page.click("main .os-name")
    await check_page(page, "agreement-default")

    await page.goto(f"{url}{HOME}/new")
    await check_page(page, "agreement-new")
    wrong = EXAMPLE.read_text().replace("small_number: 5", "small_numbr: 5")
    file = {"name": "region.yaml", "mimeType": "application/yaml", "buffer": wrong.encode()}
    await page.set_input_files("input[type=file]", file)
    await page.click("main button:has-text('Kijk de tekst na')")
    await check_page(page, "agreement-refused", 422)
    await page.fill("#text", EXAMPLE.read_text())
    await page.click("main button:has-text('Kijk de tekst na')")
    await check_page(page, "agreement-checked")

    plain = await browser_page(width, javascript=False)
    await enter(plain, url, f"{HOME}/new", "Proef 3")
    await plain.set_input_files("input[type=file]", EXAMPLE)
    await plain.click("main button:has-text('Kijk de tekst na')")
    await plain.click("main button:has-text('Stel vast')")
    assert "De afspraak is vastgesteld" in await plain.inner_text("main")

    await page.goto(f"{url}{HOME}/region-19-2027.1")
    await check_page(page, "agreement-version")
    await page.click("main button:has-text('Laat zien wat er anders is')")
    await check_page(page, "agreement-differences")
    await plain.click("main button:has-text('Zet deze over')")
    assert "gaan verder onder deze versie" in await plain.inner_text("main")
