"""The pages of a pupil in a browser: on a phone first, accessible, silent, and usable without JavaScript."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from playwright.async_api import Page

from shared.core.settings import Settings
from tests.browser.checks import WIDTHS, check_page
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.dossier.bench import INTAKER, MENTOR, Bench, coordination
from tests.integration.dossier.mine.bench import PDF, code_of, pupil, put_in, school, write

pytestmark = pytest.mark.browser
NARROW = 320
MINE = "/dossier/mine"

# The browser makes a picture of its own, and says how wide one is that it can still draw.
PHOTO_WIDTH = 390
PHOTO = f"""async kind => {{
    const canvas = new OffscreenCanvas({PHOTO_WIDTH}, 260)
    const pen = canvas.getContext('2d')
    for (let row = 0; row < 26; row++) {{
        pen.fillStyle = `hsl(${{row * 10}} 80% 50%)`
        pen.fillRect(0, row * 10, {PHOTO_WIDTH}, 10)
    }}
    return [...new Uint8Array(await (await canvas.convertToBlob({{type: kind}})).arrayBuffer())]
}}"""
WIDTH = "async bytes => (await createImageBitmap(new Blob([new Uint8Array(bytes)]))).width"


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A school of two pupils; the first has written, shared and been read."""
    async with school(database_url, make_settings) as made:
        await made.tell(*coordination(made.ref(0)))
        async with await made.sign_in(pupil(made)) as own:
            await write(own)
            await write(own, "career", "talk", title="Mijn moeder", look_back="Wat ik leuk vind")
            await write(own, "plus", "plus", title="EHBO")
            await put_in(own)
            await own.post(f"{MINE}/sharing/pupil", data={"answer": "yes"})
            await own.post(f"{MINE}/sharing/plus", data={"answer": "yes"})
            (file,) = await made.rows("SELECT file_id FROM pupil_file")
            await own.post(f"{MINE}/sharing/{file['file_id']}", data={"answer": "yes"})
            await made.handed_over(0, "open")
        async with await made.sign_in(INTAKER) as mbo:
            (held,) = await made.rows("SELECT handover_id FROM handover")
            await mbo.get(f"/dossier/handovers/{held['handover_id']}")
        yield made


async def enter(page: Page, url: str, code: str) -> None:
    """Sign in with a code, as it is typed."""
    await page.goto(f"{url}{MINE}/signin")
    await page.fill("#code", code.lower())
    await page.click("main button")


async def become(page: Page, url: str, bench: Bench, who: object) -> None:
    """Somebody of a school, without a sign-in page."""
    async with await bench.sign_in(who) as client:  # type: ignore[arg-type]
        cookies = [{"name": name, "value": value, "url": url} for name, value in client.cookies.items()]
    await page.context.add_cookies(cookies)  # type: ignore[arg-type]


@pytest.mark.parametrize("width", [*WIDTHS, NARROW])
async def test_every_page_of_a_pupil_is_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await page.goto(f"{url}{MINE}")
        await check_page(page, "mine-signin")
        await enter(page, url, "ABCD-EFGH-JKMN")
        await check_page(page, "mine-signin-refused", 422)
        await enter(page, url, await code_of(bench))
        await check_page(page, "mine-home")
        (entry,) = await bench.rows("SELECT entry_id FROM career_entry WHERE kind = 'activity'")
        for name, path in {
            "career": "career",
            "plus": "plus",
            "entry": f"career/entries/{entry['entry_id']}",
            "talk": "career/new/talk",
            "file": "career/files/new",
            "sharing": "sharing",
            "share": "sharing/pupil",
            "readers": "readers",
            "school": "school",
            "objection": "school/objection/results",
            "code": "code",
        }.items():
            await page.goto(f"{url}{MINE}/{path}")
            await check_page(page, f"mine-{name}")
        await page.click("main button:has-text('Code maken')")
        await check_page(page, "mine-code-made")
        await page.goto(f"{url}{MINE}/career/new/activity")
        await page.click("main button:has-text('Bewaren')")
        await check_page(page, "mine-entry-refused", 422)
        await page.goto(f"{url}/dossier/")
        await check_page(page, "mine-not-yours", 403)


async def test_a_pupil_does_everything_without_javascript(
    bench: Bench, serve: Serve, browser_page: BrowserPage, tmp_path: Path
) -> None:
    (tmp_path / "diploma.pdf").write_bytes(PDF)
    async with serve(bench.site) as url:
        page = await browser_page(WIDTHS[1], javascript=False)
        await enter(page, url, await code_of(bench, 1))
        await page.click("text=Mijn loopbaandossier")
        await page.click("a:has-text('Activiteit toevoegen')")
        await page.fill("#title", "Meelopen bij de bakker")
        await page.check("input[value=motives]")
        await page.click("main button:has-text('Bewaren')")
        assert "Meelopen bij de bakker" in await page.inner_text("main")
        await page.click("a:has-text('Bestand toevoegen')")
        await page.fill("#title", "Diploma zwemmen")
        await page.set_input_files("#file", tmp_path / "diploma.pdf")
        await page.click("main button:has-text('Bestand toevoegen')")
        assert "Diploma zwemmen" in await page.inner_text("main")
        await page.click("main button:has-text('Dit is klaar')")
        await page.click("nav >> text=Delen")
        await page.click("a:has-text('Mijn loopbaandossier')")
        await page.click("main button:has-text('Ja, delen')")
        assert "Je deelt nu" in await page.inner_text("main")
        await page.click("main button:has-text('Ongedaan maken')")
        assert "Je deelt niet" in await page.inner_text("main")


async def test_a_photo_of_a_camera_is_still_a_photo_after_it_was_cleaned(
    bench: Bench, serve: Serve, browser_page: BrowserPage, tmp_path: Path
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(WIDTHS[1])
        await enter(page, url, await code_of(bench))
        blank = await browser_page(WIDTHS[1])
        for kind, name in (("jpeg", "foto.jpg"), ("png", "foto.png")):
            path = tmp_path / name
            path.write_bytes(bytes(await blank.evaluate(PHOTO, f"image/{kind}")) + b"film of a phone")
            await page.goto(f"{url}{MINE}/career/files/new")
            await page.fill("#title", name)
            await page.set_input_files("#file", path)
            await page.click("main button:has-text('Bestand toevoegen')")
            async with page.expect_download() as started:
                await page.click(f"a:text-is('{name}')")
            kept = Path(await (await started.value).path()).read_bytes()
            assert b"film of a phone" not in kept
            assert await blank.evaluate(WIDTH, [*kept]) == PHOTO_WIDTH


@pytest.mark.parametrize("width", WIDTHS)
async def test_the_pages_of_who_invites_and_who_reads_are_accessible(
    bench: Bench, serve: Serve, browser_page: BrowserPage, width: int
) -> None:
    async with serve(bench.site) as url:
        page = await browser_page(width)
        await become(page, url, bench, MENTOR)
        for name, path in {
            "along": f"/dossier/pupils/{bench.ref(0)}/career",
            "invitation": f"/dossier/pupils/{bench.ref(0)}/invitation",
            "invitations": "/dossier/invitations",
        }.items():
            await page.goto(url + path)
            await check_page(page, f"mine-{name}")
        await page.check("input[name=class_name]")
        await page.click("main button:has-text('Brieven maken')")
        await check_page(page, "mine-letters")
        (held,) = await bench.rows("SELECT handover_id FROM handover")
        mbo = await browser_page(width)
        await become(mbo, url, bench, INTAKER)
        await mbo.goto(f"{url}/dossier/handovers/{held['handover_id']}")
        await check_page(mbo, "mine-shared")
        assert "Mijn moeder" in await mbo.inner_text("main")
