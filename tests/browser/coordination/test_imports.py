"""Handing in who works where and who is away, in a browser: looked at first, and usable without JavaScript."""

from pathlib import Path

import pytest

from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage
from tests.browser.test_coordination import admin, client, service, settings, url, web, worker

__all__ = ["admin", "client", "service", "settings", "url", "web", "worker"]
pytestmark = pytest.mark.browser
ROWS = "99AA00;mentor@zilverlinde.example;2027-04-01;2027-05-01\n99AA00;nobody@zilverlinde.example;2027-04-01;\n"


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_a_file_of_absences_is_looked_at_before_it_is_taken_in(
    browser_page: BrowserPage, url: str, tmp_path: Path, width: int
) -> None:
    file = tmp_path / "afwezigheid.csv"
    file.write_text("organisatie;email;afwezig_vanaf;terug_op\n" + ROWS)
    script = width != 320
    page = await browser_page(width, javascript=script)
    await enter(page, url, "/coordination/import", "Proef 3")
    await check_page(page, "staff-import", axe=script)
    await page.click("main button:has-text('Bestand controleren')")
    await check_page(page, "staff-import-refused", 422, axe=script)
    await page.check("input[value=staff-absences]")
    await page.set_input_files("#file", file)
    await page.click("main button:has-text('Bestand controleren')")
    await check_page(page, "staff-import-check", axe=script)
    assert "Leerlingen die meteen een ander krijgen" in await page.inner_text("main")
    await page.click("main button:has-text('Bestand nu inlezen')")
    await check_page(page, "staff-import-taken-in", axe=False)
    assert page.url == f"{url}/coordination/contacts"
