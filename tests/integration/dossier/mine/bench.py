"""What the tests of the pupil's own pages share: a school with two pupils, and a browser of one of them."""

import re
import zlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from struct import pack
from typing import Any

import httpx

from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from shared.storage import queries
from tests.integration.dossier.bench import BASE, MENTOR, SITE, Bench, opened, organisations, pupil_list
from tests.support import open_transport

AUDIT = queries.load(Path(__file__).parents[4] / "services/dossier/sql/audit.sql")
CODE = re.compile(r'<p class="os-code">([A-Z0-9-]+)</p>')
ACTIVITY = {
    "title": "Open dag",
    "day": "2027-02-10",
    "goal": "Kijken of techniek bij mij past",
    "competences": ["work_exploration", "motives"],
}
PDF = b"%PDF-1.4\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n"


def part(name: bytes, data: bytes) -> bytes:
    """A part of a PNG."""
    return pack(">I", len(data)) + name + data + pack(">I", zlib.crc32(name + data))


PNG = b"\x89PNG\r\n\x1a\n" + b"".join(
    part(*p)
    for p in (
        (b"IHDR", pack(">IIBBBBB", 1, 1, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(b"\0\xff\0\0")),
        (b"IEND", b""),
    )
)


@asynccontextmanager
async def school(database_url: str, make_settings: Callable[..., Settings], **changed: Any) -> AsyncIterator[Bench]:
    """A school with pupils 0 and 1; at the end everything must add up, for who may see no more than that."""
    async with opened(database_url, make_settings, **changed) as made:
        await made.tell(*organisations())
        await made.send("pupil", pupil_list(0, 1))
        yield made
        reader = await open_transport(made.settings, "dossier", "reader")
        async with reader.db.transaction() as conn:
            await conn.execute("SET LOCAL search_path = dossier")
            found = {rule: await conn.fetch(query) for rule, query in AUDIT.items() if "$1" not in query}
        await reader.db.close()
        assert not {rule: rows for rule, rows in found.items() if rows}


def pupil(bench: Bench, n: int = 0) -> Actor:
    """Pupil n, as they are once signed in."""
    return Actor(SITE, Role.PUPIL, bench.ref(n))


def nobody(bench: Bench) -> httpx.AsyncClient:
    """A browser in which nobody is signed in."""
    return httpx.AsyncClient(transport=bench.client._transport, base_url=BASE, follow_redirects=True)


async def code_of(bench: Bench, n: int = 0, who: Actor = MENTOR) -> str:
    """A new code for pupil n, as it stands in the letter."""
    async with await bench.sign_in(who) as browser:
        page = await browser.post(f"/dossier/pupils/{bench.ref(n)}/invitation")
    assert page.status_code == 200
    code: str = CODE.findall(page.text)[0]
    return code


async def enter(browser: httpx.AsyncClient, code: str) -> httpx.Response:
    """Type a code."""
    return await browser.post("/dossier/mine/signin", data={"code": code})


async def write(browser: httpx.AsyncClient, section: str = "career", kind: str = "activity", **fields: Any) -> None:
    """Write one entry."""
    page = await browser.post(f"/dossier/mine/{section}/new/{kind}", data=ACTIVITY | fields)
    assert "Het is bewaard" in page.text


async def put_in(
    browser: httpx.AsyncClient, data: bytes = PDF, name: str = "diploma.pdf", title: str = "Diploma"
) -> httpx.Response:
    """Put in a file."""
    return await browser.post("/dossier/mine/career/files", data={"title": title}, files={"file": (name, data)})
