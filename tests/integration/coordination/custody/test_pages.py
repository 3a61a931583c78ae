"""Offers of custody on the pages: who sees them, who answers, what is told to whom."""

from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from shared.core.actor import Actor, Role
from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import (
    COORDINATOR,
    INTAKE,
    MENTOR,
    OFFICER,
    page,
    post_file,
    signed_in,
)
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import MUNICIPALITY, day, ref

LIST = "/custody-offers"
PUPIL = f"/pupils/{ref(1)}"
ASKED = "Aangeboden leerlingen"
DOORSTROOMPUNT = Actor("19", Role.DOORSTROOMPUNT, "x")


@pytest.fixture
async def offered(client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, admin: Any) -> str:
    """On 20 September leerplicht is offered a pupil who did not arrive; the address of the offer."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200
    await tell(worker, service, made.recorded(born=date(2010, 10, 5)), made.expected(sequence=2))
    await at(web, worker, service, 9, 20)
    return f"/coordination{LIST}/{await admin.fetchval('SELECT offer_id FROM offer ORDER BY n DESC LIMIT 1')}"


async def at(web: Transport, worker: Transport, service: Service, month: int, number: int) -> None:
    """Business time is the morning of a day."""
    await run_until(worker, service, day(month, number))
    web.settings.clock.instant = day(month, number) + timedelta(hours=1)


async def post(client: httpx.AsyncClient, web: Transport, path: str, who: Actor, **form: str) -> httpx.Response:
    client.cookies.clear()
    client.cookies.update(signed_in(web, who))
    return await client.post(path, data=form, headers={"Sec-Fetch-Site": "same-origin"})


async def holder(admin: Any) -> str:
    found: str = await admin.fetchval("SELECT organisation FROM custody ORDER BY n DESC LIMIT 1")
    return found


async def test_who_is_offered_a_pupil_sees_it_counted_in_the_menu_listed_with_why_and_on_the_pupils_page(
    client: httpx.AsyncClient, web: Transport, offered: str
):
    menu = await page(client, web, "/", OFFICER)
    assert f'{ASKED} <span class="os-count">1</span>' in menu
    listed = await page(client, web, LIST, OFFICER)
    assert "Made Up" in listed
    assert "onder de 18 en zonder startkwalificatie" in listed
    assert "Volgens de wet" in listed
    assert "De Zilverlinde" in listed
    shown = await page(client, web, PUPIL, OFFICER)
    assert "Straks verantwoordelijk" in shown
    assert "ook zonder antwoord" in shown
    assert f'action="{offered}/acceptance"' in shown


async def test_who_has_the_pupil_sees_who_is_asked_and_can_not_answer_for_them(
    client: httpx.AsyncClient, web: Transport, offered: str
):
    shown = await page(client, web, PUPIL, MENTOR)
    assert "Straks verantwoordelijk" in shown
    assert "/acceptance" not in shown
    await page(client, web, LIST, MENTOR, 403)
    for elsewhere in (COORDINATOR, INTAKE):
        assert "Made Up" not in await page(client, web, LIST, elsewhere)
        assert (await post(client, web, f"{offered}/acceptance", elsewhere)).status_code == 404
    assert (await post(client, web, f"{offered}/return", MENTOR, reason="other")).status_code == 403


async def test_a_yes_on_the_page_takes_effect_on_its_day_and_stays_in_sight_until_then(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, offered: str, admin: Any
):
    assert (await post(client, web, f"{offered}/acceptance", OFFICER)).status_code == 303
    assert "Made Up" not in await page(client, web, LIST, OFFICER)
    await tell(worker, service, made.expected(sequence=9, mentor="mentor-9", at=day(9, 21)))
    shown = await page(client, web, PUPIL, OFFICER)
    assert "neemt de leerling over vanaf 1 oktober" in shown
    assert (await post(client, web, f"{offered}/acceptance", OFFICER)).status_code == 409
    await at(web, worker, service, 10, 1)
    assert await holder(admin) == MUNICIPALITY
    assert "neemt de leerling over" not in await page(client, web, PUPIL, OFFICER)


async def test_what_took_effect_without_an_answer_is_confirmed_on_the_same_list(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, offered: str, admin: Any
):
    await at(web, worker, service, 10, 1)
    listed = await page(client, web, LIST, OFFICER)
    assert "Bevestig dat de leerling bij u is" in listed
    assert (await post(client, web, f"{offered}/acceptance", OFFICER)).status_code == 303
    assert await admin.fetchval("SELECT state FROM offer ORDER BY n DESC LIMIT 1") == "accepted"
    assert "confirm-custody" not in [r["kind"] for r in await admin.fetch("SELECT kind FROM action WHERE open")]


async def test_giving_back_asks_for_a_reason_and_shows_what_was_typed_again(
    client: httpx.AsyncClient, web: Transport, offered: str, admin: Any
):
    answer = await post(client, web, f"{offered}/return", OFFICER, reason="", note="woont elders")
    assert answer.status_code == 422
    assert "woont elders" in answer.text
    assert await admin.fetchval("SELECT count(*) FROM custody_note") == 0


async def test_a_pupil_given_back_is_settled_by_the_region_and_the_note_stays_inside_the_organisation(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, offered: str, admin: Any
):
    answer = await post(client, web, f"{offered}/return", OFFICER, reason="not_resident", note="Woont nu bij oma")
    assert answer.status_code == 303
    (returned,) = [data for kind, _, data in await published(worker) if kind == "custody-returned"]
    assert returned["reason"] == "not_resident"
    assert returned["note_ref"] == await admin.fetchval("SELECT note_ref FROM custody_note")
    assert not any("oma" in str(data) for _, _, data in await published(worker))
    for who in (MENTOR, COORDINATOR):
        shown = await page(client, web, PUPIL, who)
        assert "Woont niet in deze gemeente of regio" in shown
        assert "oma" not in shown
    await page(client, web, PUPIL, OFFICER, 404)
    for who in (MENTOR, COORDINATOR, OFFICER):
        async with web.db.as_actor(who) as conn:
            assert await conn.fetchval("SELECT count(*) FROM custody_note") == 0
    settle = await admin.fetchval("SELECT action_id FROM action WHERE open AND kind = 'settle-custody'")
    path = f"/coordination/actions/{settle}/done"
    assert (await post(client, web, path, COORDINATOR, reason="arranged")).status_code == 303
    assert "heeft het afgehandeld" in await page(client, web, PUPIL, MENTOR)
    await tell(worker, service, made.recorded(born=date(2010, 10, 5), municipality="0363", at=day(10, 12), sequence=20))
    await at(web, worker, service, 10, 14)
    await tell(worker, service, made.recorded(born=date(2010, 10, 5), at=day(10, 15), sequence=21))
    await at(web, worker, service, 10, 18)
    assert "oma" in await page(client, web, PUPIL, OFFICER), "the organisation that wrote it, when it is asked again"


async def test_what_came_back_waits_on_the_page_while_another_is_asked_and_nobody_is_asked_for_it_again(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, offered: str, admin: Any
):
    await post(client, web, f"{offered}/return", OFFICER, reason="not_resident")
    await tell(worker, service, made.recorded(born=date(2009, 11, 20), at=day(9, 22), sequence=20))
    await at(web, worker, service, 11, 1)
    newest = "SELECT offer_id FROM offer ORDER BY n DESC LIMIT 1"
    shown = await page(client, web, PUPIL, COORDINATOR)
    assert "Woont niet in deze gemeente of regio" in shown
    assert "Doorstroompunt" in shown.split("Woont niet in deze gemeente of regio")[0], "who is asked now stands first"
    region = f"/coordination{LIST}/{await admin.fetchval(newest)}/return"
    assert (await post(client, web, region, DOORSTROOMPUNT, reason="outside_task")).status_code == 303
    await at(web, worker, service, 11, 15)
    rows = await admin.fetch("SELECT organisation, state FROM offer ORDER BY n")
    assert [tuple(row) for row in rows][-2:] == [(MUNICIPALITY, "returned"), ("19", "returned")]
    assert await admin.fetchval("SELECT count(*) FROM action WHERE open AND kind = 'settle-custody'") == 2


async def test_erasing_a_pupil_erases_the_note(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, offered: str, admin: Any
):
    await post(client, web, f"{offered}/return", OFFICER, reason="other", note="Woont nu bij oma")
    await tell(worker, service, made.erased(at=day(9, 22)))
    assert await admin.fetchval("SELECT count(*) FROM custody_note") == 0


async def test_the_coordinator_of_the_region_sees_in_numbers_who_did_not_answer_in_time_and_who_gave_back(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, offered: str
):
    assert "Bij een ander dan afgesproken" not in await page(client, web, "/region", COORDINATOR)
    await tell(worker, service, made.recorded(2), made.expected(2, sequence=2), made.applied(2, status="enrolled"))
    await post(client, web, f"{offered}/return", OFFICER, reason="other")
    await at(web, worker, service, 10, 20)
    text = await page(client, web, "/region", COORDINATOR)
    assert "Bij een ander dan afgesproken" in text
    assert f'href="/coordination/contacts/organisations/{MUNICIPALITY}"' in text
    await page(client, web, f"/contacts/organisations/{MUNICIPALITY}", COORDINATOR)
    from services.coordination.store import views

    now = web.settings.clock.now()
    async with web.db.as_actor(COORDINATOR) as conn:
        rows = await views.region_numbers(conn, now, now)
    found = {(row["label"], row["detail"]): row["n"] for row in rows if row["figure"] == "elsewhere"}
    assert found == {("99MA", "offered"): 1, (MUNICIPALITY, "returned"): 1}
    async with web.db.as_actor(Actor("19", Role.DOORSTROOMPUNT, "x")) as conn:
        assert await views.region_numbers(conn, now, now) == []
