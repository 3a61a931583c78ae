"""Feedback to the school in a browser: accessible, narrow ones too, and usable without JavaScript."""

from collections.abc import AsyncIterator, Callable
from datetime import date

import pytest

from shared.core.clock import FixedClock
from shared.core.settings import Settings
from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.dossier.bench import COHORT, DECAAN, MBO, NOW, Bench, opened, organisations
from tests.integration.dossier.feedback.test_feedback import LOB, OURS, SEPTEMBER, began, listed, make
from tests.integration.dossier.feedback.test_followed import EARLY, absent, applied, ended, tell
from tests.support import write_people

pytestmark = pytest.mark.browser
PEOPLE = [(DECAAN, "Voorbeeldcollege", "Mirjam Voorbeeld"), (LOB, "Expertisepunt LOB", "Bo Bedacht")]


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """Two schools of a region, of which one hears something of every kind about its pupils."""
    async with opened(database_url, make_settings, demo=True) as made:
        write_people(made.settings.data_dir, *PEOPLE)
        await made.tell(*organisations()[1:])
        await listed(made)
        await began(made, early=8)
        for n, status in enumerate(("offered", "rejected"), OURS[10]):
            await tell(made, [applied(NOW, status)], n, first=20)
        await tell(made, [absent(EARLY)], 12, first=20)
        await tell(made, [ended(date(COHORT, 9, 10))], 13, first=20)
        made.settings.clock = FixedClock(SEPTEMBER)
        yield made


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_every_page_of_feedback_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await enter(page, url, "/dossier/feedback/", "Mirjam Voorbeeld")
        await check_page(page, "feedback")
        assert len(await page.locator("section.os-group").all()) == 3
        await page.goto(f"{url}/dossier/feedback/figures")
        await check_page(page, "feedback-no-figures")
        await make(bench)
        await page.reload()
        await check_page(page, "feedback-figures-school")
        await page.goto(f"{url}/dossier/feedback/")
        assert "hoort u niet meer" in await page.inner_text("body")
        await check_page(page, "feedback-ended")
        lob = await browser_page(width)
        await enter(lob, url, "/dossier/feedback/figures", "Bo Bedacht")
        await check_page(lob, "feedback-figures-region")
        assert await lob.locator("thead th").count() == 4


async def test_an_adviser_finds_feedback_from_the_class_list_without_javascript(
    bench: Bench, serve: Serve, browser_page: BrowserPage
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(1280, javascript=False)
        await enter(page, url, "/dossier/", "Mirjam Voorbeeld")
        await page.click("text=Terugkoppeling")
        await page.check("input[name=kind][value=not-started]")
        await page.click("text=Filters toepassen")
        assert "Noor12" in await page.inner_text("main")
        assert "Noor13" not in await page.inner_text("main")
        async with page.expect_download() as file:
            await page.click("text=Exporteer")
        assert "Niet begonnen" in (await (await file.value).path()).read_text(encoding="utf-8-sig")
        assert MBO in await page.inner_text("main") or "ROC Denkbeeldig" in await page.inner_text("main")
