"""The pages of notifications in a browser: good at both widths, and usable without JavaScript."""

import pytest

from shared.messaging.outbox import Transport
from tests.browser.checks import WIDTHS, check_page, search
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.notifications.conftest import admin, settings, web, worker
from tests.integration.notifications.region import OFFICE, cookie, fill, site

__all__ = ["admin", "settings", "web", "worker"]
pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", WIDTHS)
async def test_inbox_and_alert_are_good(
    browser_page: BrowserPage, serve: Serve, worker: Transport, web: Transport, width: int
) -> None:
    await fill(worker, web)
    async with serve(site(web)) as url:
        page = await browser_page(width)
        name, value = cookie(web, OFFICE)
        await page.context.add_cookies([{"name": name, "value": value, "url": url}])
        await page.goto(f"{url}/notifications/?rule=no-application&rule=not-started")
        await search(page, "a")
        await check_page(page, "signals-filtered")
        await page.goto(f"{url}/notifications/")
        await page.get_by_label("Kies Daan Verhoeven").check()
        assert await page.locator("output").inner_text() == "1 signaal gekozen"
        await page.get_by_role("button", name="Bevestigen voor Daan Verhoeven").click()
        await check_page(page, "signals")
        await page.goto(f"{url}/notifications/?view=done")
        await check_page(page, "signals-finished")
        await page.goto(f"{url}/notifications/")
        await search(page, "niemand")
        await check_page(page, "signals-none")
        await page.goto(f"{url}/notifications/")
        await page.get_by_role("link", name="Daan Verhoeven", exact=True).click()
        await check_page(page, "signal")
        await page.get_by_role("button", name="Signaal afronden").click()
        await check_page(page, "signal-faults", 422)
        await page.goto(f"{url}/notifications/alerts/unknown")
        await check_page(page, "signal-unknown", 404)


async def test_confirming_and_finishing_works_without_javascript(
    browser_page: BrowserPage, serve: Serve, worker: Transport, web: Transport
) -> None:
    await fill(worker, web, extra=1)
    async with serve(site(web)) as url:
        page = await browser_page(390, javascript=False)
        name, value = cookie(web, OFFICE)
        await page.context.add_cookies([{"name": name, "value": value, "url": url}])
        await page.goto(f"{url}/notifications/")
        await page.get_by_role("button", name="Bevestigen voor Noor Jansen").click()
        assert await page.get_by_text("Ontvangst bevestigd van het signaal over Noor Jansen.").is_visible()
        await page.get_by_role("button", name="Ongedaan maken").click()
        assert await page.get_by_text("1 bevestiging is ongedaan gemaakt.").is_visible()
        await page.get_by_role("link", name="Noor Jansen", exact=True).click()
        await page.get_by_label("Nuttig: ik kon er iets mee").check()
        await page.get_by_label("Reden").select_option(label="Er is iets geregeld")
        await page.get_by_role("button", name="Signaal afronden").click()
        assert await page.get_by_text("Het signaal is afgerond.").is_visible()
