"""Every page of a running region that a menu or a list leads to, for each role of the demo."""

import asyncio
import csv
import json
import re
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

import httpx
import pytest
from playwright.async_api import Browser, Page

from shared.core.actor import Role
from shared.core.clock import local_instant
from shared.local import demo
from shared.local.sample import OPENING, Delivery, deliveries
from shared.web.tour import STOPS
from tests.browser.checks import WIDTHS, check_page, watched_page
from tests.browser.conftest import browser
from tests.running import Region, started

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.timeout(900)]

SITE, INSTITUTION = "99AA00", "99MA"
ORGANISATIONS = (SITE, INSTITUTION, "0344", "19", "lob-19")
PUPILS = 120
APPLIED, SEEN = date(2027, 1, 29), date(2027, 3, 3)
"""Days on which the institution hands in its files, and on which the pages are looked at: after 1 February and 1 March
pupils without an application have given signals, and dossiers wait unanswered."""
PAGES = 60
"""Pages asked for per role."""
EACH = 3
"""Pages of one shape that are asked for: three pupils say as much as all."""
REFERENCE = re.compile(r"[0-9a-z-]{20,}|(?<=/)[0-9]{2}[0-9A-Z]{0,4}(?=/|$)")
"""Of a pupil, a case or a person; or the code of an organisation."""


class Links(HTMLParser):
    """The addresses that a page links to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        href = dict(attrs).get("href")
        if tag == "a" and href:
            self.found.append(href)


@dataclass(frozen=True)
class Lived:
    """A region in which something has happened, and what must never be in an address."""

    url: str
    people: list[dict[str, Any]]
    personal: frozenset[str]


def part(delivery: Delivery, column: str, wanted: set[str]) -> Delivery:
    """The rows of a file that are about these pupils."""
    header, *lines = delivery.data.decode("utf-8-sig").splitlines()
    index = header.split(";").index(column)
    kept = [line for line in lines if line.split(";")[index] in wanted]
    return Delivery(delivery.day, delivery.organisation, delivery.kind, "\n".join([header, *kept, ""]).encode())


def files() -> tuple[list[Delivery], list[Delivery], list[dict[str, str]]]:
    """What the school hands in at the opening, what comes in before the signals, and the pupils it is about."""
    of = {(d.kind, d.organisation): d for d in deliveries() if d.day <= OPENING or d.organisation == SITE}
    text = of["leerlingen", SITE].data.decode("utf-8-sig")
    rows = list(csv.DictReader(text.splitlines(), delimiter=";"))[:PUPILS]
    numbers, pgns = {row["leerlingnummer"] for row in rows}, {row["pgn"] for row in rows}
    school = [part(of[kind, SITE], "leerlingnummer", numbers) for kind in ("leerlingen", "keuzes", "overdrachten")]
    told = [part(d, "pgn", pgns) for d in deliveries() if d.organisation == INSTITUTION and d.day <= APPLIED]
    told.sort(key=lambda d: (d.kind, d.day))
    return [of["organisaties", ""], of["contactpersonen", ""], *school[:2]], [*told, school[2]], rows


@pytest.fixture(scope="module")
async def lived(server_dir: Path) -> AsyncIterator[Lived]:
    """One school and one institution have lived until March."""
    opening, later, pupils = files()
    async with started(server_dir / "journey") as region:
        await region.hand_in(opening)
        await region.move_to(local_instant(APPLIED, demo.OFFICE_HOUR))
        await region.hand_in(later)
        await region.move_to(local_instant(SEEN, demo.OFFICE_HOUR))
        yield Lived(region.settings.public_url, people_of(region), frozenset(personal(pupils)))


def people_of(region: Region) -> list[dict[str, Any]]:
    """One person of each role of the demo."""
    demo.write_identities(region.settings)
    people = json.loads((region.settings.data_dir / "demo-identities.json").read_text())
    return [person for person in people if person["organisation"] in ORGANISATIONS]


def personal(pupils: list[dict[str, str]]) -> Iterator[str]:
    """Whatever tells who somebody is, in lower case."""
    for row in pupils:
        for column in ("leerlingnummer", "pgn", "achternaam", "roepnaam", "geboortedatum", "postcode"):
            yield row[column].lower()


def shape(path: str) -> str:
    """An address without the reference to whom or what it is about, and without the values of filters."""
    parts = urlsplit(path)
    keys = sorted(pair.split("=")[0] for pair in parts.query.split("&"))
    return REFERENCE.sub("*", parts.path) + "?" + "&".join(keys)


async def crawl(client: httpx.AsyncClient) -> list[str]:
    """Ask for every page that the start page leads to, breadth-first, and a few of each shape; what was answered."""
    waiting, known = deque(["/"]), {"/"}
    asked: list[str] = []
    of_shape: dict[str, int] = {}
    while waiting and len(asked) < PAGES:
        path = waiting.popleft()
        of_shape[shape(path)] = of_shape.get(shape(path), 0) + 1
        if of_shape[shape(path)] > EACH:
            continue
        answer = await client.get(path)
        assert answer.status_code < 400, f"{answer.status_code}: {path}"
        asked.append(path)
        if answer.headers["content-type"].startswith("text/html"):
            for link in links(answer):
                if link not in known:
                    known.add(link)
                    waiting.append(link)
    return asked


def links(answer: httpx.Response) -> Iterator[str]:
    """Addresses on the same site, as paths."""
    page = Links()
    page.feed(answer.text)
    here = urlsplit(str(answer.url))
    for href in page.found:
        target = urlsplit(urljoin(str(answer.url), href))
        if target.netloc == here.netloc:
            yield target._replace(scheme="", netloc="", fragment="").geturl()


def names_somebody(path: str, secret: frozenset[str]) -> bool:
    """Whether any word in an address tells who somebody is."""
    return "@" in unquote(path) or not secret.isdisjoint(re.split(r"[^\w-]+", unquote(path).lower()))


async def signed_in(browser: Browser, lived: Lived, person: dict[str, Any], *, javascript: bool = True) -> Page:
    """A page of somebody who has signed in."""
    page = await watched_page(browser, WIDTHS[0], javascript=javascript)
    await page.goto(f"{lived.url}/signin")
    await page.click(f"button[value='{person['person_ref']}']")
    return page


async def offered(page: Page, lived: Lived, role: str) -> list[str]:
    """Every page that somebody who has signed in is led to, with what the role comes to do; none names anybody in its
    address, and each answers."""
    cookies = {cookie["name"]: cookie["value"] for cookie in await page.context.cookies()}
    async with httpx.AsyncClient(base_url=lived.url, cookies=cookies, follow_redirects=True) as client:
        paths = await crawl(client)
    assert {stop.path.partition("#")[0] for stop in STOPS[Role(role)]} <= set(paths), paths
    assert not [path for path in paths if names_somebody(path, lived.personal)]
    return [path for path in paths if not path.endswith(".csv") and ".csv?" not in path]


async def visit(page: Page, url: str, path: str, name: str, *, axe: bool = True) -> None:
    """See one page at every width."""
    await page.goto(url + path)
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await check_page(page, name, axe=axe)


async def look_around(browser: Browser, lived: Lived, person: dict[str, Any], seen: set[str]) -> None:
    """Somebody sees one page of each shape; a list with filters only if nobody saw that before."""
    page = await signed_in(browser, lived, person)
    mine: set[str] = set()
    for path in await offered(page, lived, person["role"]):
        known = seen if "?" in path else mine
        if shape(path) not in known:
            known.add(shape(path))
            await visit(page, lived.url, path, f"every-{person['role']}-{len(mine) + len(seen)}")
    await page.context.close()


async def test_every_page_answers_is_accessible_and_names_nobody_in_its_address(lived: Lived, browser: Browser) -> None:
    assert {person["role"] for person in lived.people} == {role.value for role in STOPS}
    seen: set[str] = set()

    async def one_after_another(people: list[dict[str, Any]]) -> None:
        for person in people:
            await look_around(browser, lived, person, seen)

    await asyncio.gather(one_after_another(lived.people[::2]), one_after_another(lived.people[1::2]))


async def test_every_page_of_an_adviser_is_as_good_without_javascript(lived: Lived, browser: Browser) -> None:
    person = next(person for person in lived.people if person["role"] == "decaan")
    page = await signed_in(browser, lived, person, javascript=False)
    paths = {shape(path): path for path in await offered(page, lived, person["role"])}
    for number, path in enumerate(paths.values()):
        await visit(page, lived.url, path, f"every-plain-{number}", axe=False)
    await page.context.close()
