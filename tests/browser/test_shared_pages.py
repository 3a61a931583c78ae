"""The pages of no service, a sample of every component, and proof that the check can fail."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, Request
from starlette.responses import HTMLResponse, Response

from shared.core.actor import Actor
from shared.core.errors import Fault
from shared.core.settings import Settings
from shared.web.app import create_app, front
from shared.web.auth import page_actor
from shared.web.charts import Bar, bar
from shared.web.lists import Column, Facet, Group, View, WorkList, show
from shared.web.pages import Undo, environment, redirect, render
from tests.browser.checks import WIDTHS, check_page, search
from tests.browser.conftest import BrowserPage, Serve

pytestmark = pytest.mark.browser

PEOPLE = [
    ("99XX00", "Voorbeeldcollege", "decaan", "Mirjam Voorbeeld"),
    ("99XX00", "Voorbeeldcollege", "mentor", "Karim Verzonnen"),
    ("99YY", "ROC Denkbeeldig", "intake_coordinator", "Sanne Proef"),
    ("99YY", "ROC Denkbeeldig", "slber", "Youssef Nergens"),
    ("9999", "Gemeente Nergenshuizen", "leerplicht", "Fatima Gefingeerd"),
]
GOOD = (
    '<!doctype html><html lang="nl"><head><title>Goed</title><link rel="icon" href="/static/icon.svg"></head>'
    "<body><main><h1>Goed</h1>{}</main></body></html>"
)
FAULTS = {
    "axe label": GOOD.format('<input type="text">'),
    "axe image-alt": GOOD.format('<img src="/static/icon.svg">'),
    "axe heading-order": GOOD.format("<h4>Te diep</h4>"),
    "lang: not nl": GOOD.format("").replace(' lang="nl"', ""),
    "title: none": GOOD.format("").replace("Goed</title>", "</title>"),
    "h1: 0": GOOD.format("").replace("h1", "h2"),
    "sideways scrolling": GOOD.format("<p>" + "x" * 2000 + "</p>"),
    "CSP: style-src": GOOD.format('<p style="color: red">Rood</p>'),
    "CSP: script-src": GOOD.format("<script>1</script>"),
    "console": GOOD.format('<script src="/static/absent.js"></script>'),
}
GALLERY = Path(__file__).with_name("gallery.html").read_text()
LIST = Path(__file__).with_name("gallery_list.html").read_text()
ROWS = [
    ("Daan Verzonnen", "17 jaar, Nergenshuizen", "Wel aangemeld, niet gestart", "new", "Nieuw", 1, True, "Niemand"),
    ("Aylin Proef", "16 jaar, Verweg", "Geen aanmelding voor het mbo", "busy", "In behandeling", 0, True, "Karim"),
    ("Sem Fictief", "18 jaar, Elders", "Verzuim: 16 uur in 4 weken", "escalated", "Doorgeschoven", -2, True, "Sanne"),
    ("Noor Denkbeeldig", "17 jaar, Elders", "Dossier niet overgedragen", "received", "Bevestigd", 4, False, "Niemand"),
    ("Mees Gefingeerd", "16 jaar, Verweg", "Switch van opleiding", "done", "Opgelost", 10, False, "Sanne"),
]
NAMES = ("name", "where", "what", "kind", "status", "days", "urgent", "owner")
pages = APIRouter(include_in_schema=False)


class Views:
    """A database that holds one view that somebody kept."""

    @asynccontextmanager
    async def as_actor(self, _actor: Actor) -> AsyncIterator["Views"]:
        yield self

    async def fetch(self, *_: object) -> list[dict[str, str]]:
        return [{"name": "Nog te bellen, vóór de herfstvakantie", "query": "kind=busy"}]


@pages.get("/list")
@pages.post("/list")
async def work_list(request: Request, actor: Annotated[Actor, Depends(page_actor)]) -> Response:
    rows = [dict(zip(NAMES, row, strict=True)) for row in ROWS * 5]
    work: WorkList[dict[str, Any]] = WorkList(
        "gallery",
        "/dossier/list",
        "Signalen",
        environment().from_string(LIST),  # type: ignore[arg-type]
        rows,
        facets=(
            Facet("kind", "Status", lambda row: row["kind"], order=("new", "busy")),
            Facet("where", "Gemeente", lambda row: row["where"], everything="Alle gemeenten"),
        ),
        groups=(Group("late", "Termijn verloopt", "Reageer nu."), Group("rest", "Nieuw", "Oudste eerst.", tick=True)),
        group=lambda row: "late" if row["urgent"] else "rest",
        searched=lambda row: row["name"],
        columns=(Column("naam", lambda row: row["name"]),),
        count=lambda n: f"{n} signalen",
        search_label="Zoek op naam",
        views=(View("", "Alle signalen"), View("late", "Termijn verloopt", lambda row: row["urgent"])),
        bulk="/dossier/",
        context={"day": date(2026, 11, 24)},
    )
    return await show(request, actor, work)


@pages.get("/")
async def gallery(request: Request) -> Response:
    bars = [Bar("Voorbeeldcollege", 92.4, "92,4%"), Bar("Lyceum <Elders>", 61, "61%"), Bar("Praktijkschool", None, "c")]
    return render(
        request,
        environment().from_string(GALLERY),  # type: ignore[arg-type]
        rows=[dict(zip(NAMES, row, strict=True)) for row in ROWS],
        day=date(2026, 11, 24),
        at=datetime(2026, 11, 24, 9, 14, tzinfo=UTC),
        errors=[Fault("crebo", "Fill this in", "missing"), Fault("outcome", "Fill this in", "missing")],
        chart=bar("applied", "Aangemeld op 1 april", "Het Voorbeeldcollege zit boven de norm van 90%.", bars, top=100),
    )


@pages.post("/")
async def confirm(request: Request) -> Response:
    return redirect(request, "/dossier/", "Ontvangst bevestigd voor Daan Verzonnen.", Undo("/dossier/", {"id": "7"}))


@pages.get("/fault")
async def fault(name: str) -> Response:
    return HTMLResponse(FAULTS.get(name, GOOD.format("")))


@pytest.fixture(scope="module")
async def site(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    folder = tmp_path_factory.mktemp("site")
    fields = ("organisation", "organisation_name", "role", "name")
    people = [{**dict(zip(fields, row, strict=True)), "person_ref": f"person-{n}"} for n, row in enumerate(PEOPLE)]
    (folder / "demo-identities.json").write_text(json.dumps(people))
    settings = Settings(data_dir=folder, demo=True)
    async with serve(
        front({"dossier": create_app("dossier", [pages], {"database": Views()}, settings)}, settings)
    ) as url:
        yield url


@pytest.mark.parametrize("width", WIDTHS)
async def test_start_and_sign_in_are_good(browser_page: BrowserPage, site: str, width: int) -> None:
    page = await browser_page(width)
    await page.goto(f"{site}/")
    await check_page(page, "start-signed-out")
    await page.goto(f"{site}/signin")
    await check_page(page, "signin")
    await page.get_by_role("button", name="Mirjam Voorbeeld").click()
    await check_page(page, "start")
    await page.goto(f"{site}/nowhere")
    await check_page(page, "not-found", 404)


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_component_is_good(browser_page: BrowserPage, site: str, width: int) -> None:
    page = await browser_page(width)
    await page.goto(f"{site}/signin")
    await page.get_by_role("button", name="Mirjam Voorbeeld").click()
    await page.goto(f"{site}/dossier/")
    await check_page(page, "components")
    await page.get_by_label("Kies Daan Verzonnen").check()
    assert await page.locator("output").inner_text() == "1 signaal gekozen"
    await page.get_by_role("button", name="Bevestigen voor Daan Verzonnen").click()
    assert await page.get_by_text("Ontvangst bevestigd voor Daan Verzonnen.").is_visible()
    await check_page(page, "components-message")


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_a_work_list_is_good(browser_page: BrowserPage, site: str, width: int) -> None:
    page = await browser_page(width)
    await page.goto(f"{site}/signin?next=/dossier/list")
    await page.get_by_role("button", name="Mirjam Voorbeeld").click()
    await check_page(page, "list")
    await page.goto(f"{site}/dossier/list?kind=busy")
    await check_page(page, "list-kept-view")
    await page.goto(f"{site}/dossier/list?where=Mars")
    await check_page(page, "list-empty")


async def test_a_work_list_is_used_without_javascript(browser_page: BrowserPage, site: str) -> None:
    page = await browser_page(390, javascript=False)
    await page.goto(f"{site}/signin?next=/dossier/list")
    await page.get_by_role("button", name="Mirjam Voorbeeld").click()
    await search(page, "aylin")
    await page.get_by_role("button", name="verwijder filter").or_(page.get_by_text("Wis alle filters")).first.click()
    await page.get_by_role("link", name="Kies alle 10 regels die u ziet").click()
    assert await page.locator(".os-tick input:checked").count() == 10
    await search(page, "noor")
    await page.get_by_role("button", name="Kies alle 5 regels die u ziet").click()
    assert await page.locator(".os-tick input:checked").count() == 5
    assert "noor" not in page.url


async def test_the_road_works_without_javascript(browser_page: BrowserPage, site: str) -> None:
    page = await browser_page(390, javascript=False)
    await page.goto(f"{site}/signin?next=/dossier/")
    await page.get_by_role("button", name="Mirjam Voorbeeld").click()
    await page.get_by_role("button", name="Bevestigen voor Daan Verzonnen").click()
    await page.get_by_role("button", name="Ongedaan maken").click()
    await page.get_by_role("button", name="Uitloggen").click()
    assert await page.get_by_role("button", name="Uitloggen").count() == 0


@pytest.mark.parametrize("fault", FAULTS)
async def test_a_planted_fault_is_found(browser_page: BrowserPage, site: str, fault: str) -> None:
    page = await browser_page(1280)
    await page.goto(f"{site}/dossier/fault?name={fault}")
    with pytest.raises(AssertionError, match=fault):
        await check_page(page, "planted-fault")


async def test_the_page_without_the_faults_is_good(browser_page: BrowserPage, site: str) -> None:
    page = await browser_page(1280)
    await page.goto(f"{site}/dossier/fault?name=none")
    await check_page(page, "no-fault")
