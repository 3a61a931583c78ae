"""The region in numbers: what its coordinator sees of who has how many, what is late, and what nobody answers for."""

from datetime import timedelta
from typing import Any

import pytest

from shared.core.actor import Actor, Role
from shared.core.tabular import Column, read
from shared.messaging.outbox import Transport
from shared.service import Service
from shared.web.texts import in_short
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import API, COORDINATOR, MENTOR, bearer, page, post_file, signed_in
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, REGION, SITE, day

WITHOUT_INTAKE = "\n".join(line for line in CONTACTS.splitlines() if "intake_coordinator" not in line) + "\n"


@pytest.fixture
async def year(client: Any, web: Transport, worker: Transport, service: Service) -> None:
    """Three pupils of one school, on 7 April: two without application, one who applied where nobody is named."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", WITHOUT_INTAKE)):
        assert (await post_file(client, web, kind, text)).status_code == 200
    await tell(worker, service, made.recorded(1))
    for n in (1, 2, 3):
        await tell(worker, service, made.expected(n, sequence=2, mentor=MENTOR.person_ref))
    await tell(worker, service, made.applied(3))
    await run_until(worker, service, day(4, 7))
    web.settings.clock.instant = day(4, 7) + timedelta(hours=1)


async def numbers(web: Transport) -> dict[tuple[str, str, str], int]:
    from services.coordination.store import views

    now = web.settings.clock.now()
    async with web.db.as_actor(COORDINATOR) as conn:
        rows = await views.region_numbers(conn, now, now + timedelta(days=7))
    return {(row["figure"], row["label"], row["detail"]): row["n"] for row in rows}


async def test_it_counts_who_has_pupils_in_which_role_and_what_is_late_for_how_long(web: Transport, year: None):
    found = await numbers(web)
    assert found["position", "none", ""] == 2
    assert found["holder", SITE, "mentor"] == 3
    late = {(label, detail): n for (figure, label, detail), n in found.items() if figure == "late"}
    assert sum(late.values()) >= 2
    assert {detail for _, detail in late} <= {"week", "month", "longer"}
    assert found["not-known", "identity", ""] == 2
    assert sum(n for (figure, label, _), n in found.items() if figure == "risk" and label == "no-application") == 2


async def test_how_long_an_action_is_late_counts_from_the_first_time_it_was(
    web: Transport, worker: Transport, service: Service, year: None, admin: Any
):
    later = day(5, 20)
    await run_until(worker, service, later)
    web.settings.clock.instant = later
    newest = await admin.fetch("SELECT escalated_at FROM action WHERE open AND step > 1")
    assert newest
    assert all(later - row["escalated_at"] < timedelta(days=28) for row in newest), "the last step alone says less"
    longer = sum(n for (figure, _, detail), n in (await numbers(web)).items() if (figure, detail) == ("late", "longer"))
    assert longer >= 2


async def test_closing_what_is_still_asked_for_does_not_change_since_when_it_is_late(
    web: Transport, client: Any, year: None, admin: Any
):
    before = {key: n for key, n in (await numbers(web)).items() if key[0] == "late"}
    assert ("late", SITE, "week") in before
    mine = await admin.fetch("SELECT action_id, contact FROM action WHERE open AND step > 0 AND role = 'mentor'")
    assert mine
    for row in mine:
        path, mentor = f"{API}/actions/{row['action_id']}/completion", Actor(SITE, Role.MENTOR, row["contact"])
        assert (await client.post(path, json={"reason": "not-reached"}, headers=bearer(web, mentor))).status_code == 202
    assert {key: n for key, n in (await numbers(web)).items() if key[0] == "late"} == before


async def test_a_role_that_nobody_fills_is_named_with_how_many_wait_for_it(
    web: Transport, worker: Transport, service: Service, year: None
):
    assert not [key for key in await numbers(web) if key[0] == "vacant"], "the coordinator of the region stands in"
    await tell(worker, service, made.applied(4))
    assert {key: n for key, n in (await numbers(web)).items() if key[0] == "vacant"} == {
        ("vacant", MBO, "intake_coordinator"): 1
    }


async def test_the_page_names_no_pupil(client: Any, web: Transport, year: None):
    text = await page(client, web, "/region", COORDINATOR)
    assert "Made" not in text
    assert made.ref(1) not in text
    assert "De Zilverlinde" in text
    assert "Geen aanmelding voor het mbo" in text
    assert in_short(day(3, 29)) in text, "the last whole week"


async def test_it_is_for_the_coordinator_of_the_region_alone(client: Any, web: Transport, year: None):
    for who in (MENTOR, Actor(MBO, Role.INTAKE_COORDINATOR, "x"), Actor(REGION, Role.DOORSTROOMPUNT, "x")):
        await page(client, web, "/region", who, 403)
    elsewhere = await page(client, web, "/region", Actor("20", Role.REGION_COORDINATOR, "x"))
    assert "nog geen leerling onderweg" in elsewhere


async def test_the_file_holds_the_same_numbers_and_is_written_down(client: Any, web: Transport, year: None, admin: Any):
    client.cookies.clear()
    client.cookies.update(signed_in(web, COORDINATOR))
    answer = await client.post("/coordination/region/export")
    assert answer.status_code == 200
    heads = ("onderdeel", "code", "naam", "uitsplitsing", "aantal")
    rows = read(answer.content, [Column(name, required=False) for name in heads]).rows
    assert [row["aantal"] for row in rows if row["code"] == SITE and row["onderdeel"] == "Verantwoordelijk voor"] == [
        "3"
    ]
    kinds = [row["kind"] for row in await admin.fetch("SELECT kind FROM task WHERE open")]
    # One line says of how many pupils nobody knows because of a silence.
    unheard = "silent-partner" in kinds
    assert len(rows) == len(await numbers(web)) + len(kinds) + unheard
    logged = await admin.fetch("SELECT page, role, rows FROM export_log WHERE page = 'coordination-region'")
    assert [tuple(row) for row in logged] == [("coordination-region", "region_coordinator", len(rows))]
    assert "region_coordinator" not in await page(client, web, "/exports", COORDINATOR)
