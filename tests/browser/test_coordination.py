"""The pages of coordination in a browser: accessible at both widths, silent, and usable without JavaScript."""

import json
from collections.abc import AsyncIterator
from datetime import date, timedelta

import httpx
import pytest
from starlette.types import ASGIApp

from shared.messaging.outbox import Transport
from shared.service import Service
from shared.web.app import create_app, front
from tests.browser.checks import WIDTHS, check_page, enter
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.coordination import conftest
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import COORDINATOR, MENTOR, OFFICER, post_file
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, SITE, day, ref

pytestmark = pytest.mark.browser
settings, service, worker, web = conftest.settings, conftest.service, conftest.worker, conftest.web
client, admin = conftest.client, conftest.admin
NAMES = ("Noor", "Bilal", "Femke", "Daan", "Amina")


@pytest.fixture
async def url(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, serve: Serve
) -> AsyncIterator[str]:
    """The pages with pupils in every position."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200
    for n, name in enumerate(NAMES, 1):
        await tell(worker, service, made.recorded(n, first_name=name, last_name="Proef"))
        await tell(worker, service, made.expected(n, sequence=2, mentor=MENTOR.person_ref))
    await tell(worker, service, made.applied(2), made.applied(3, "offered"), made.applied(4, "enrolled"))
    await tell(
        worker, service, made.handover(2, sequence=4, at=day(1, 11), offered=day(1, 11)), made.chosen(5, sequence=3)
    )
    await run_until(worker, service, day(4, 7))
    web.settings.clock.instant = day(4, 7) + timedelta(hours=1)
    async with serve(_front(web, service)) as served:
        yield served


@pytest.fixture
async def on_offer(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, serve: Serve
) -> AsyncIterator[str]:
    """The pages on the day after two pupils were offered to leerplicht by law."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200
    for n, name in enumerate(NAMES[:2], 1):
        await tell(worker, service, made.recorded(n, born=date(2010, 10, 5), first_name=name, last_name="Proef"))
        await tell(worker, service, made.expected(n, sequence=2, mentor=MENTOR.person_ref))
    await run_until(worker, service, day(9, 20))
    web.settings.clock.instant = day(9, 20) + timedelta(hours=1)
    async with serve(_front(web, service)) as served:
        yield served


def _front(web: Transport, service: Service) -> ASGIApp:
    """The pages, with three people to sign in as."""
    people = [
        {
            "organisation": a.organisation,
            "organisation_name": a.organisation,
            "role": a.role,
            "person_ref": a.person_ref,
        }
        for a in (MENTOR, OFFICER, COORDINATOR)
    ]
    named = [person | {"name": f"Proef {n}"} for n, person in enumerate(people, 1)]
    (web.settings.data_dir / "demo-identities.json").write_text(json.dumps(named))
    state = {"transport": web, "database": web.db, "clock": web.settings.clock}
    application = create_app("coordination", service.routers, state, web.settings)
    return front({"coordination": application}, web.settings)


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_every_page_is_accessible_and_works_without_javascript(
    browser_page: BrowserPage, url: str, width: int
) -> None:
    script = await browser_page(width)
    await script.goto(f"{url}/signin?next=/coordination/")
    await script.click("text=Proef 2")
    await check_page(script, "coordination-list")
    await script.click("text=Noor Proef")
    await check_page(script, "coordination-pupil")
    await script.click("main a:has-text('Het hele verhaal')")
    await check_page(script, "coordination-timeline")

    await script.goto(f"{url}/signin?next=/coordination/")
    await script.click("text=Proef 3")
    await check_page(script, "coordination-list-of-the-region")
    await script.click("main a:has-text('De regio in cijfers')")
    await check_page(script, "coordination-region")
    await script.goto(f"{url}/coordination/contacts")
    await check_page(script, "coordination-contacts")
    await script.click("main a[href='/coordination/import']")
    await check_page(script, "coordination-import")

    await script.goto(f"{url}/signin?next=/coordination/case-tables")
    await script.click("text=Proef 2")
    await check_page(script, "coordination-case-tables-empty")
    await script.click("main button:has-text('Plan')")
    await check_page(script, "coordination-case-tables-refused", 422)
    await script.fill("#held_on", day(4, 20).date().isoformat())
    for code in (SITE, MBO):
        await script.check(f"input[value='{code}']")
    await script.click("main button:has-text('Plan')")
    await check_page(script, "coordination-case-table")
    await script.click("main button:has-text('Spreek af')")
    await check_page(script, "coordination-case-table-agreed")
    await script.click("text=Verslag")
    await check_page(script, "coordination-minutes")
    await script.goto(f"{url}/coordination/case-tables")
    await check_page(script, "coordination-case-tables")

    plain = await browser_page(width, javascript=False)
    await plain.goto(f"{url}/signin?next=/coordination/pupils/{ref(1)}")
    await plain.click("text=Proef 2")
    await plain.click("details:has(form[action$='/done']) summary")
    await plain.select_option("form[action$='/done'] select", "spoken")
    await plain.click("form button:has-text('Sluit deze actie')")
    assert "De actie is gesloten" in await plain.inner_text("main")


@pytest.mark.parametrize("width", [*WIDTHS, 320])
async def test_pupils_on_offer_are_answered_without_a_script_and_by_everybody_who_can_read_the_page(
    browser_page: BrowserPage, on_offer: str, width: int
) -> None:
    script = await browser_page(width)
    await enter(script, on_offer, "/coordination/", "Proef 2")
    await script.click("main a:has-text('Aangeboden leerlingen')")
    await check_page(script, "coordination-offers")
    await script.click("main a:has-text('Noor Proef')")
    await check_page(script, "coordination-pupil-on-offer")
    await script.click("main form[action$='/return'] button")
    await check_page(script, "coordination-offers-refused", 422)
    await enter(script, on_offer, f"/coordination/pupils/{ref(1)}", "Proef 1")
    await check_page(script, "coordination-pupil-offered-to-another")

    plain = await browser_page(width, javascript=False)
    await enter(plain, on_offer, "/coordination/custody-offers", "Proef 2")
    await plain.click("main details summary >> nth=0")
    await plain.select_option("main form[action$='/return'] select >> nth=0", "not_resident")
    await plain.fill("main form[action$='/return'] textarea >> nth=0", "Woont bij oma")
    await plain.click("main form[action$='/return'] button >> nth=0")
    assert "De leerling is teruggegeven" in await plain.inner_text("main")
    await plain.click("main form[action$='/acceptance'] button")
    assert "Er wordt nu niemand aan uw organisatie aangeboden" in await plain.inner_text("main")
    await check_page(plain, "coordination-offers-none", axe=False)
    await enter(script, on_offer, "/coordination/region", "Proef 3")
    await check_page(script, "coordination-region-given-back")
