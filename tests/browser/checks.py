"""What every page must pass in a real browser."""

from pathlib import Path
from weakref import WeakKeyDictionary

from playwright.async_api import Browser, ConsoleMessage, Error, Page, Response

AXE = Path(__file__).with_name("axe.min.js").read_text()
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RESULTS = Path(__file__).parents[2] / "test-results"
WIDTHS = (1280, 390)
HEIGHTS = {1280: 900, 390: 844}

TIMEOUT_MS = 10_000
PICTURE_TRIES = 5

_heard: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()
_status: WeakKeyDictionary[Page, int] = WeakKeyDictionary()


async def watched_page(browser: Browser, width: int, *, javascript: bool = True) -> Page:
    """A fresh page, signed in as nobody, whose every message and policy violation is noted from the start."""
    context = await browser.new_context(
        viewport={"width": width, "height": HEIGHTS.get(width, 900)}, java_script_enabled=javascript, locale="nl-NL"
    )
    await context.add_init_script(
        "addEventListener('securitypolicyviolation', e => console.error('CSP: ' + e.violatedDirective))"
    )
    page = await context.new_page()
    page.set_default_timeout(TIMEOUT_MS)
    heard = _heard[page] = []

    def hear(message: ConsoleMessage) -> None:
        # A page with an error status is itself reported as "Failed to load resource".
        if message.location["url"] != page.url or "Failed to load resource" not in message.text:
            heard.append(f"console: {message.text}")

    def note(response: Response) -> None:
        if response.request.is_navigation_request():
            _status[page] = response.status

    page.on("console", hear)
    page.on("response", note)
    page.on("pageerror", lambda error: heard.append(f"script error: {error}"))
    return page


async def search(page: Page, text: str) -> None:
    """Look for a name in the list that is shown; it must not come to stand in the address."""
    await page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    address = page.url
    async with page.expect_navigation():
        await page.fill("#q", text)
        await page.press("#q", "Enter")
    assert page.url.partition("?")[0] == address.partition("?")[0]
    assert f"={text}" not in page.url


async def check_page(page: Page, name: str, status: int = 200, *, axe: bool = True) -> None:
    """Raise `AssertionError` with everything wrong with the page as it now stands; keeps a picture of it.

    `status` is what the page should have been answered with; a form with faults is a good page with 422.
    `axe`: it can not look at a page whose scripts are switched off.
    """
    width = (page.viewport_size or {"width": 0})["width"]
    await keep_picture(page, f"{name}-{width}")
    await page.evaluate("document.querySelectorAll('details').forEach(part => { part.open = true })")
    wrong_status = [f"status: {_status[page]}"] if _status[page] != status else []
    found = [*wrong_status, *_heard[page], *await _structure(page), *await _overflow(page)]
    found += await _axe(page) if axe else []
    assert not found, f"{name} at {width} px:\n" + "\n".join(found)


async def keep_picture(page: Page, name: str) -> None:
    """A picture of the whole page, for people to look at."""
    RESULTS.mkdir(exist_ok=True)
    await page.wait_for_load_state()
    for refused in range(PICTURE_TRIES):
        try:
            await page.screenshot(path=RESULTS / f"{name}.png", full_page=True)
            return
        except Error as error:
            # Chromium now and then has no frame yet of a page that has just come, and says so instead of waiting.
            if "Unable to capture screenshot" not in error.message or refused == PICTURE_TRIES - 1:
                raise


async def _structure(page: Page) -> list[str]:
    found = []
    if await page.locator("h1").count() != 1:
        found.append(f"h1: {await page.locator('h1').count()} instead of 1")
    if not (await page.title()).strip():
        found.append("title: none")
    if await page.locator("html").get_attribute("lang") != "nl":
        found.append("lang: not nl")
    return found


async def _overflow(page: Page) -> list[str]:
    too_wide = await page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth",
    )
    return [f"sideways scrolling: {too_wide} px"] if too_wide > 0 else []


async def _axe(page: Page) -> list[str]:
    await page.evaluate(AXE)
    result = await page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}})",
        STANDARDS,
    )
    return [
        f"axe {violation['id']}: {violation['help']} | {violation['nodes'][0]['html'][:160]}"
        for violation in result["violations"]
    ]


async def enter(page: Page, url: str, path: str, name: str) -> None:
    """Sign in as somebody of the demo, and wait for the page behind it: before, a key that is pressed goes nowhere."""
    await page.goto(f"{url}/signin?next={path}")
    async with page.expect_navigation():
        await page.click(f"text={name}")
