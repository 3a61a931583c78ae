"""A browser and a server on 127.0.0.1. Without Chromium these tests are skipped, or fail where it must be there."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
import uvicorn
from playwright.async_api import Browser, Page, async_playwright
from starlette.types import ASGIApp

from tests.browser.checks import watched_page
from tests.tools import absent

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
Serve = Callable[[ASGIApp], AbstractAsyncContextManager[str]]
BrowserPage = Callable[..., Awaitable[Page]]


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """Debian's Chromium, headless."""
    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        absent("Chromium is not installed")
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield started
        await started.close()


@pytest.fixture
async def browser_page(browser: Browser) -> AsyncIterator[BrowserPage]:
    """`await browser_page(390, javascript=False)`: a watched page of that width; closed after the test."""
    opened: list[Page] = []

    async def open_page(width: int, *, javascript: bool = True) -> Page:
        opened.append(await watched_page(browser, width, javascript=javascript))
        return opened[-1]

    yield open_page
    for page in opened:
        await page.context.close()


@pytest.fixture(scope="session")
def serve() -> Serve:
    """`async with serve(app) as url`: the application behind a real server, on a free port."""
    return _serving


@asynccontextmanager
async def _serving(app: ASGIApp) -> AsyncIterator[str]:
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", access_log=False))
    running = asyncio.create_task(server.serve())
    while not server.started:
        if running.done():
            running.result()
        await asyncio.sleep(0.01)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await running
