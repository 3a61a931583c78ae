"""The Overstaptafel: who sees which case, what is agreed, and that sight ends with the table."""

from typing import Any

import asyncpg
import httpx
import pytest

from services.coordination.handlers.casetables import Decide, decide
from services.coordination.store import casetables, views
from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden, NotFound
from shared.messaging.outbox import Transport, perform
from shared.service import Service
from tests.integration.coordination import test_doors as doors
from tests.integration.coordination.steps import run_until, tell
from tests.integration.coordination.test_doors import API, COORDINATOR, INTAKE, MENTOR, OFFICER, bearer, page
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, MUNICIPALITY, OTHER_SITE, REGION, SITE, day, ref

region = doors.region
DECAAN = Actor(SITE, Role.DECAAN, doors.person("decaan@zilverlinde.example"))
STRANGER = Actor(OTHER_SITE, Role.DECAAN, "stranger")
SEATS = [SITE, MBO, MUNICIPALITY]


@pytest.fixture
async def cases(region: None, web: Transport, worker: Transport, service: Service) -> None:
    """On 22 March: 1 has no application, 2 lost the last one, 3 has one that lives; 4 is of another place."""
    for n in (1, 2, 3):
        await tell(worker, service, made.recorded(n, first_name=f"Kind{n}"))
        await tell(worker, service, made.expected(n, sequence=2, mentor=MENTOR.person_ref))
    await tell(worker, service, made.recorded(4, municipality="0363"), made.expected(4, sequence=2, vo_site=OTHER_SITE))
    await tell(worker, service, made.applied(2), made.applied(2, "rejected", at=day(3, 2), sequence=2))
    await tell(worker, service, made.applied(3))
    await run_until(worker, service, day(3, 22))


async def ask(client: httpx.AsyncClient, web: Transport, who: Actor, path: str, body: Any = None, **more: Any) -> Any:
    """What the API answers; a body is posted unless `method` says otherwise."""
    method = more.pop("method", "POST" if body is not None else "GET")
    headers = bearer(web, who) | more.pop("headers", {})
    return await client.request(method, f"{API}/case-tables{path}", json=body, headers=headers)


async def planned(client: httpx.AsyncClient, web: Transport, who: Actor = DECAAN, seats: Any = SEATS) -> str:
    answer = await ask(client, web, who, "", {"held_on": "2027-03-23", "organisations": seats})
    assert answer.status_code == 202, answer.text
    return answer.json()["table_id"]


def decision(n: int, **more: Any) -> dict[str, Any]:
    fields = {"pupil_ref": ref(n), "cohort": COHORT, "kind": "call_pupil", "organisation": MBO}
    return fields | {"role": "intake_coordinator", "within_school_days": 5} | more


async def test_each_sees_the_cases_in_which_it_is_involved_and_the_number_of_the_others(client, web, cases):
    table = await planned(client, web)
    seen = {}
    for who in (DECAAN, OFFICER, INTAKE, COORDINATOR):
        body = (await ask(client, web, who, f"/{table}")).json()
        seen[who.organisation] = ({case["pupil_ref"] for case in body["cases"]}, body["mine"], body["everybody"])
    # Both live in the municipality; at the institution nothing lives any more.
    assert seen[SITE] == ({ref(1), ref(2)}, 2, 2)
    assert seen[MUNICIPALITY] == ({ref(1), ref(2)}, 2, 2)
    assert seen[MBO] == (set(), 0, 2)
    assert seen[REGION] == (set(), 0, 2)
    assert (await ask(client, web, STRANGER, f"/{table}")).status_code == 404


async def test_the_most_urgent_comes_first_with_who_has_the_pupil_and_what_is_open(client, web, cases):
    table = await planned(client, web)
    first = (await ask(client, web, DECAAN, f"/{table}")).json()["cases"][0]
    assert (first["holder"], first["position"], first["risks"][0]["severity"]) == (SITE, "lost", "risk")


async def test_before_1_march_the_municipality_sees_nobody(client, web, region, worker, service):
    await tell(worker, service, made.recorded(1), made.expected(1, sequence=2, mentor=MENTOR.person_ref))
    await run_until(worker, service, day(2, 2))
    answer = await ask(client, web, OFFICER, "", {"held_on": "2027-02-09", "organisations": SEATS})
    body = (await ask(client, web, OFFICER, f"/{answer.json()['table_id']}")).json()
    assert (body["mine"], body["everybody"]) == (0, 1)


async def test_what_is_agreed_is_an_action_on_the_list_of_who_does_it(client, web, worker, cases):
    table = await planned(client, web)
    answer = await ask(client, web, OFFICER, f"/{table}/decisions", decision(1))
    assert answer.status_code == 202, answer.text
    # Five school days after 22 March: Good Friday and Easter Monday are none of them.
    assert answer.json()["due_at"] == "2027-03-31T15:00:00Z"
    told = [data for kind, _, data in await published(worker) if kind == "action-opened"][-1]
    assert (told["kind"], told["owner"]["organisation"], told["owner"]["contact"]) == (
        "call_pupil",
        MBO,
        INTAKE.person_ref,
    )
    items = (await client.get(f"{API}/actions", headers=bearer(web, INTAKE))).json()["items"]
    assert "call_pupil" in [item["kind"] for item in items]
    case = next(c for c in (await ask(client, web, DECAAN, f"/{table}")).json()["cases"] if c["pupil_ref"] == ref(1))
    assert [(a["kind"], a["open"], a["held_on"]) for a in case["agreed"]] == [("call_pupil", True, "2027-03-23")]


async def test_no_fact_closes_what_was_agreed_only_a_person(client, web, worker, service, cases, admin):
    table = await planned(client, web)
    action = (await ask(client, web, OFFICER, f"/{table}/decisions", decision(1))).json()["action_id"]
    await tell(worker, service, made.applied(1, at=day(3, 23), sequence=3), made.talked(1, at=day(3, 23), sequence=9))
    assert await admin.fetchval("SELECT open FROM action WHERE action_id = $1", action)
    done = await client.post(
        f"{API}/actions/{action}/completion", json={"reason": "spoken"}, headers=bearer(web, INTAKE)
    )
    assert done.status_code == 202, done.text
    await tell(worker, service, made.applied(1, at=day(3, 24), sequence=4))
    assert await admin.fetchval("SELECT reason FROM action WHERE action_id = $1", action) == "spoken"


async def test_everything_wrong_is_told_at_once(client, web, cases):
    table = await planned(client, web)
    wrong = decision(1, organisation=REGION, role="mentor")
    answer = await ask(client, web, DECAAN, f"/{table}/decisions", wrong)
    assert answer.status_code == 400
    assert [fault["code"] for fault in answer.json()["errors"]] == ["not_present", "other_role"]
    late = await ask(client, web, DECAAN, "", {"held_on": "2027-03-21", "organisations": SEATS})
    assert late.status_code == 400
    unknown = await ask(client, web, DECAAN, "", {"held_on": "2027-04-09", "organisations": ["99QQ00"]})
    assert unknown.status_code == 400


@pytest.mark.parametrize(("who", "n", "code"), [(INTAKE, 1, 404), (COORDINATOR, 1, 403), (OFFICER, 4, 404)])
async def test_nobody_agrees_on_a_case_in_which_they_are_not_involved(client, web, cases, who, n, code):
    table = await planned(client, web)
    assert (await ask(client, web, who, f"/{table}/decisions", decision(n))).status_code == code


async def test_sight_ends_when_the_table_is_closed(client, web, cases):
    table = await planned(client, web)
    async with web.db.as_actor(OFFICER) as conn:
        assert await conn.fetchval("SELECT count(*) FROM transition WHERE pupil_ref = $1", ref(2)) == 1
    version = (await ask(client, web, DECAAN, f"/{table}")).headers["etag"]
    stale = await ask(client, web, DECAAN, f"/{table}/completion", {}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    closed = await client.post(
        f"{API}/case-tables/{table}/completion", headers=bearer(web, DECAAN) | {"If-Match": version}
    )
    assert closed.json()["state"] == "closed"
    async with web.db.as_actor(OFFICER) as conn:
        assert await conn.fetchval("SELECT count(*) FROM transition WHERE pupil_ref = $1", ref(2)) == 0
    refused = await ask(client, web, DECAAN, f"/{table}/decisions", decision(1))
    assert refused.status_code == 409


async def test_a_table_closes_by_itself_after_a_week(client, web, worker, service, cases, admin):
    await planned(client, web)
    await run_until(worker, service, day(3, 29, hour=23))
    assert await admin.fetchval("SELECT count(*) FROM case_table WHERE closed_at IS NULL") == 1
    await run_until(worker, service, day(3, 30))
    assert await admin.fetchval("SELECT closed_at FROM case_table") == day(3, 30, hour=0)


async def test_who_is_not_at_the_table_is_refused_by_the_database_alone(client, web, cases):
    table = await planned(client, web)
    async with web.db.as_actor(STRANGER) as conn:
        assert await conn.fetch("SELECT * FROM agenda($1)", table) == []
        assert await conn.fetch("SELECT * FROM agenda_numbers($1)", table) == []
        assert await conn.fetchval("SELECT count(*) FROM case_table") == 0
        assert await conn.fetchval("SELECT count(*) FROM seat") == 0
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("SELECT * FROM involved")


async def test_who_is_not_at_the_table_is_refused_by_the_code_alone(client, web, worker, cases):
    table = await planned(client, web)
    async with worker.db.transaction() as conn:
        with pytest.raises(NotFound):
            await casetables.table(conn, table, OTHER_SITE)
    seated_by_nobody = Actor(REGION, Role.DOORSTROOMPUNT, "somebody")
    with pytest.raises((NotFound, Forbidden)):
        await perform(worker, seated_by_nobody, decide, Decide(table, ref(1), COHORT, "call_pupil", MBO, "slber", 3))


async def test_what_was_agreed_goes_on_under_the_surviving_reference(client, web, worker, service, cases, admin):
    table = await planned(client, web)
    await ask(client, web, OFFICER, f"/{table}/decisions", decision(1))
    await tell(worker, service, made.linked(5, 1, at=day(3, 23), sequence=1))
    query = "SELECT kind FROM action WHERE open AND pupil_ref = $1 AND about LIKE 'table:%'"
    assert [row["kind"] for row in await admin.fetch(query, ref(5))] == ["call_pupil"]


async def test_erasing_a_pupil_forgets_what_was_agreed(client, web, worker, service, cases, admin):
    table = await planned(client, web)
    await ask(client, web, OFFICER, f"/{table}/decisions", decision(1))
    await tell(worker, service, made.erased(1, at=day(3, 23)))
    assert await admin.fetchval("SELECT count(*) FROM decision") == 0


async def test_the_pages_plan_agree_print_and_close(client, web, worker, service, cases):
    assert "nog geen Overstaptafel" in await page(client, web, "/case-tables", DECAAN)
    answer = await client.post("/coordination/case-tables", data={"organisations": SEATS})
    assert answer.status_code == 422
    answer = await client.post("/coordination/case-tables", data={"held_on": "2027-03-23", "organisations": SEATS})
    home = answer.headers["location"].removeprefix("/coordination")
    text = await page(client, web, home, DECAAN)
    assert text.count("Spreek een actie af") == 2
    form = {
        "pupil_ref": ref(1),
        "cohort": COHORT,
        "kind": "call_pupil",
        "owner": f"{MBO}:intake_coordinator",
        "within": 5,
    }
    agreed = await client.post(f"/coordination{home}/decisions", data=form)
    assert agreed.status_code == 303
    wrong = await client.post(f"/coordination{home}/decisions", data=form | {"owner": f"{REGION}:mentor"})
    assert wrong.status_code == 422
    minutes = await page(client, web, f"{home}/minutes", DECAAN)
    assert "Kind1 Up" in minutes
    assert "Bel de leerling" in minutes
    assert "Kind1" not in await page(client, web, home, COORDINATOR)
    await page(client, web, f"{home}/minutes", COORDINATOR, 403)
    await page(client, web, home, DECAAN)
    stale = await client.post(f"/coordination{home}/seats", data={"version": 9, "organisations": SEATS})
    assert stale.status_code == 412
    moved = await client.post(f"/coordination{home}/seats", data={"version": 1, "organisations": [SITE, MBO]})
    assert moved.status_code == 303
    assert (await client.post(f"/coordination{home}/closed", data={"version": 2})).status_code == 303
    assert "gesloten" in await page(client, web, home, DECAAN)


async def test_a_mentor_has_no_table(client, web, cases):
    await page(client, web, "/case-tables", MENTOR, 403)
    async with web.db.as_actor(MENTOR) as conn:
        assert await views.transitions(conn, ref(1), SITE)
