"""The regional picture in a browser: good at both widths, and usable without JavaScript."""

import pytest

from services.signals.app import snapshot
from shared.core.actor import Actor, Role
from shared.messaging.outbox import Transport
from shared.web.auth import SESSION_COOKIE
from tests.browser.checks import WIDTHS, check_page
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.signals.conftest import Tell, admin, settings, tell, web, worker
from tests.integration.signals.region import COHORT, ON, the_region
from tests.integration.signals.visiting import cookie, site

__all__ = ["admin", "settings", "tell", "web", "worker"]
pytestmark = pytest.mark.browser
COORDINATOR = Actor("19", Role.REGION_COORDINATOR, "person-1")


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_regional_picture_is_good(
    browser_page: BrowserPage, serve: Serve, worker: Transport, web: Transport, tell: Tell, width: int
) -> None:
    async with serve(site(web)) as url:
        page = await browser_page(width)
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie(web, COORDINATOR), "url": url}])
        await page.goto(f"{url}/signals/")
        await check_page(page, "region-none")
        await tell(the_region())
        await snapshot(worker, COHORT, ON)
        await page.goto(f"{url}/signals/")
        await check_page(page, "region")


async def test_another_region_is_chosen_without_javascript(
    browser_page: BrowserPage, serve: Serve, worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON)
    async with serve(site(web)) as url:
        page = await browser_page(390, javascript=False)
        await page.context.add_cookies([{"name": SESSION_COOKIE, "value": cookie(web, COORDINATOR), "url": url}])
        await page.goto(f"{url}/signals/")
        await page.get_by_label("Regio", exact=True).select_option("20")
        await page.get_by_role("button", name="Toon").click()
        assert await page.get_by_text("Doorstroompuntregio 20").is_visible()
