"""A work list behind real pages and a real database: views that are kept, files that are written down."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

import asyncpg
import httpx
import pytest
import structlog
from fastapi import APIRouter, Depends, Request
from jinja2 import DictLoader
from starlette.responses import Response

from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.storage.pool import Database
from shared.web.app import create_app, front
from shared.web.auth import SESSION_COOKIE, page_actor, require
from shared.web.lists import Column, Facet, Group, View, WorkList, doors, kept, show
from shared.web.pages import environment
from tests.support import write_people

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
SANNE = Actor("99XA", Role.INTAKER, "person-1")
KARIM = Actor("99XA", Role.INTAKER, "person-2")
HEAD = Actor("99XA", Role.INTAKE_COORDINATOR, "person-3")
OTHER = Actor("99XB", Role.INTAKE_COORDINATOR, "person-4")
ROWS = [("Daan", "4"), ("Noor", "5"), ("=Sem", "5")]
TEMPLATE = """{% extends "lists.html" %}{% block rows scoped %}{% for row in shelf.lines %}<i>{{ row[0] }}</i>
{% endfor %}{% endblock %}"""
pages = APIRouter(include_in_schema=False)


async def opened(_request: Request, actor: Actor) -> WorkList[tuple[str, str]]:
    require(actor, Role.INTAKER, Role.INTAKE_COORDINATOR)
    return WorkList(
        "pupils",
        "/intake/",
        "Leerlingen",
        "a_list.html",
        ROWS if actor.organisation == "99XA" else [],
        facets=(Facet("year", "Leerjaar", lambda row: row[1]),),
        groups=(Group("all", "Iedereen", "Alle leerlingen", tick=True),),
        group=lambda _row: "all",
        searched=lambda row: row[0],
        columns=(Column("naam", lambda row: row[0]),),
        count=lambda n: f"{n} leerlingen",
        search_label="Zoek op naam",
        views=(View("", "Alles"), View("five", "Vijf", lambda row: row[1] == "5")),
    )


@pages.get("/")
@pages.post("/")
async def home(request: Request, actor: Annotated[Actor, Depends(page_actor)]) -> Response:
    return await show(request, actor, await opened(request, actor))


pages.include_router(doors(opened))


class Site:
    """The list, signed in as somebody."""

    def __init__(self, client: httpx.AsyncClient, settings: Settings, database: Database):
        self.client, self.settings, self.database = client, settings, database

    async def sign_in(self, who: Actor) -> None:
        write_people(self.settings.data_dir, (who, "ROC", "Proef"))
        answer = await self.client.post("/signin", data={"person_ref": str(who.person_ref)})
        self.client.cookies.set(SESSION_COOKIE, answer.cookies[SESSION_COOKIE])

    async def page(self, path: str = "/intake/") -> str:
        answer = await self.client.get(path)
        assert answer.status_code == 200, answer.text
        return answer.text

    async def keep(self, name: str, query: str = "", code: int = 303) -> httpx.Response:
        answer = await self.client.post("/intake/views", data={"name": name, "query": query})
        assert answer.status_code == code, answer.text
        return answer


@pytest.fixture
async def site(
    database_url: str, make_settings: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Site]:
    loader: Any = environment().loader
    monkeypatch.setattr(loader, "loaders", [*loader.loaders, DictLoader({"a_list.html": TEMPLATE})])
    settings = make_settings(database_url=database_url, demo=True)
    database = await Database(database_url, "intake", "web").open()
    state = {"database": database, "clock": FixedClock(NOW)}
    app = front({"intake": create_app("intake", [pages], state, settings)}, settings)
    conn = await asyncpg.connect(database_url)
    await conn.execute("TRUNCATE intake.saved_view, intake.export_log")
    await conn.close()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        made = Site(client, settings, database)
        await made.sign_in(SANNE)
        yield made
    await database.close()


async def test_a_view_is_kept_under_a_name_for_one_person_and_can_be_taken_back(site: Site) -> None:
    page = await site.page("/intake/?year=5")
    assert "<h1" in page
    assert "Leerlingen (2)" in page
    assert "Bewaar deze weergave" in page
    assert (await site.keep(" Vijfde  klas ", "year=5&q=Noor&colour=red")).headers["location"] == "/intake/?year=5"
    page = await site.page("/intake/?year=5")
    assert "De weergave ‘Vijfde klas’ is bewaard." in page
    assert "Verwijder deze weergave" in page
    assert 'aria-current="true">Vijfde klas <span class="os-count os-count--soft">2</span>' in page
    await site.sign_in(KARIM)
    assert "Vijfde klas" not in await site.page()
    assert (await site.client.post("/intake/views/gone", data={"name": "Vijfde klas"})).status_code == 404
    await site.sign_in(SANNE)
    gone = await site.client.post("/intake/views/gone", data={"name": "Vijfde klas"})
    assert gone.headers["location"] == "/intake/?year=5"
    page = await site.page()
    assert "is verwijderd" in page
    assert '<input type="hidden" name="query" value="year=5">' in page, "the undo keeps it again"


async def test_a_name_is_checked_and_there_is_an_end_to_views(site: Site) -> None:
    for name in ("", "   ", "x" * 41, "a\tb"):
        answer = await site.keep(name, "year=5", 422)
        assert 'href="#name"' in answer.text
        assert "Leerlingen (2)" in answer.text, "the list stays as it was"
    for n in range(kept.MOST_VIEWS):
        await site.keep(f"W{n}")
    assert "U kunt 10 weergaven bewaren" in (await site.keep("Een te veel", code=422)).text
    await site.keep("W3", "year=4")


async def test_the_file_holds_what_the_filters_and_the_search_leave_and_is_written_down(site: Site) -> None:
    with structlog.testing.capture_logs() as logged:
        answer = await site.client.post("/intake/export?year=5", data={"q": "noor"})
    assert (answer.status_code, answer.content.decode("utf-8-sig")) == (200, "naam\r\nNoor\r\n")
    assert answer.headers["content-disposition"] == 'attachment; filename="pupils-2026-11-24.csv"'
    assert answer.headers["cache-control"] == "no-store"
    assert [line for line in logged if line["event"] == "list_exported"] == [
        {"event": "list_exported", "log_level": "info", "page": "pupils", "rows": 1}
    ]
    assert (await site.client.post("/intake/export")).content.decode("utf-8-sig").splitlines()[-1] == "'=Sem"
    async with site.database.as_actor(SANNE) as conn:
        rows = await conn.fetch("SELECT person_ref, filter, searched, rows FROM export_log ORDER BY n")
    assert [tuple(row) for row in rows] == [("person-1", "year=5", True, 1), ("person-1", "", False, 3)]


async def test_a_file_has_a_most_and_says_so(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shared.web.lists.pages.MOST_ROWS", 2)
    assert "Exporteer" not in await site.page()
    refused = await site.client.post("/intake/export")
    assert refused.status_code == 422
    assert "Een bestand heeft hooguit 2 regels. Kies eerst filters." in refused.text
    assert "Exporteer 2 leerlingen (CSV)" in await site.page("/intake/?year=5")


async def test_who_exported_what_is_seen_by_oneself_and_the_coordinator_of_the_organisation(site: Site) -> None:
    await site.client.post("/intake/export?year=5", data={"q": "noor"})
    own = await site.page("/intake/exports")
    assert "Leerjaar: 5" in own
    assert "en een zoekopdracht" in own
    assert "noor" not in own
    for who, sees in ((KARIM, False), (HEAD, True), (OTHER, False)):
        await site.sign_in(who)
        assert ("Leerjaar: 5" in await site.page("/intake/exports")) is sees


async def test_the_database_alone_keeps_views_and_exports_to_whom_they_belong(site: Site) -> None:
    await site.keep("Vijf", "year=5")
    await site.client.post("/intake/export")
    count = "SELECT (SELECT count(*) FROM saved_view), (SELECT count(*) FROM export_log)"
    for who, sees in ((SANNE, (1, 1)), (KARIM, (0, 0)), (HEAD, (0, 1)), (OTHER, (0, 0))):
        async with site.database.as_actor(who) as conn:
            assert tuple(await conn.fetchrow(count)) == sees
    async with site.database.transaction() as conn:
        assert tuple(await conn.fetchrow(count)) == (0, 0), "without an actor nobody sees anything"
    for statement in ("DELETE FROM export_log", "UPDATE export_log SET rows = 0"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with site.database.as_actor(SANNE) as conn:
                await conn.execute(statement)
    line = kept.Export(NOW, "pupils", "person-1", Role.INTAKER, "", False, 1)
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with site.database.as_actor(KARIM) as conn:
            await kept.log_export(conn, SANNE, line)


async def test_the_code_alone_keeps_views_and_exports_to_whom_they_belong(site: Site, database_url: str) -> None:
    await site.keep("Vijf", "year=5")
    await site.client.post("/intake/export")
    worker = await Database(database_url, "intake", "worker").open()
    async with worker.transaction() as conn:  # This role sees every row.
        for who, sees in ((SANNE, (1, 1)), (KARIM, (0, 0)), (HEAD, (0, 1)), (OTHER, (0, 0))):
            assert (len(await kept.views(conn, who, "pupils")), len(await kept.exports(conn, who))) == sees
        assert await kept.drop_view(conn, KARIM, "pupils", "Vijf") is None
    await worker.close()


async def test_all_rows_of_a_group_are_ticked_by_a_link(site: Site) -> None:
    page = await site.page("/intake/?year=5")
    assert 'href="/intake/?year=5&amp;tick=all#all"' in page
    assert "tick=all" not in await site.page("/intake/?year=5&tick=all")
