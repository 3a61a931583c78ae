"""The pages of contacts in a browser: accessible at every width, silent, and usable without JavaScript."""

import httpx
import pytest

from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage
from tests.browser.test_coordination import admin, client, service, settings, url, web, worker

__all__ = ["admin", "client", "service", "settings", "url", "web", "worker"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_the_pages_of_contacts_are_accessible(browser_page: BrowserPage, url: str, width: int) -> None:
    page = await browser_page(width)
    await enter(page, url, "/coordination/contacts", "Proef 3")
    await check_page(page, "contacts-own")
    await page.click("main a:has-text('Wie u in de regio bereikt')")
    await check_page(page, "contacts-region")
    await page.click("main .os-views a >> nth=1")
    await check_page(page, "contacts-region-nobody")
    await page.goto(f"{url}/coordination/contacts/organisations?region=19")
    await page.click("main a:has-text('De Zilverlinde')")
    await check_page(page, "contacts-organisation")
    await page.click("main a:has-text('Joris Vos')")
    await page.fill("#since", "2027-04-06")
    await page.fill("#until", "2027-04-20")
    await page.click("main button:has-text('Bewaar de afwezigheid')")
    await check_page(page, "contacts-person")
    await page.fill("#since", "2027-04-12")
    await page.fill("#until", "2027-04-08")
    await page.click("main button:has-text('Bewaar de afwezigheid')")
    await check_page(page, "contacts-person-refused", 422)
    await page.click("main a:has-text('Wijzig')")
    await check_page(page, "contacts-change")
    await page.fill("#team", "Boven bouw")
    await page.click("main button:has-text('Bewaren')")
    await check_page(page, "contacts-change-refused", 422)
    await page.goto(f"{url}/coordination/contacts/organisations/99AA00")
    await page.click("main a:has-text('Voeg iemand toe')")
    await check_page(page, "contacts-new")


async def test_a_contact_changes_by_keyboard_and_without_javascript(
    browser_page: BrowserPage, url: str, client: httpx.AsyncClient
) -> None:
    page = await browser_page(390, javascript=False)
    await enter(page, url, "/coordination/contacts/organisations/99AA00", "Proef 3")
    await page.click("main a:has-text('Joris Vos')")
    await page.click("main a:has-text('Wijzig')")
    stale = page.url
    await page.focus("#valid_until")
    await page.fill("#valid_until", "2028-08-01")
    await page.press("#valid_until", "Enter")
    assert "is bewaard" in await page.inner_text("main")
    await page.click("main button:has-text('Ongedaan maken')")
    assert "is bewaard" in await page.inner_text("main")
    await page.goto(stale)
    assert await page.input_value("#valid_until") == ""
    await page.evaluate("document.querySelector('[name=version]').value = 2")
    await page.fill("#team", "onderbouw")
    await page.click("main button:has-text('Bewaren')")
    await check_page(page, "contacts-change-stale", 422, axe=False)
    assert "Controleer het en bewaar opnieuw" in await page.inner_text("main")
