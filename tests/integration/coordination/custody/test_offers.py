"""A pupil is offered to another organisation, over the API and on real tables."""

from datetime import date
from typing import Any

import httpx
import pytest

from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import run_until, tell
from tests.integration.coordination.test_doors import API, INTAKE, MENTOR, OFFICER, bearer
from tests.support import published
from tests.unit.coordination import made

Doors = tuple[httpx.AsyncClient, Transport, str]


@pytest.fixture
async def offered(client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service) -> Doors:
    """Leerplicht is offered a pupil who did not arrive."""
    await tell(worker, service, made.recorded(born=date(2010, 10, 5)), made.expected(sequence=2))
    await run_until(worker, service, made.day(9, 20))
    items = (await client.get(f"{API}/custody-offers", headers=bearer(web, OFFICER))).json()["items"]
    assert [(one["situation"], one["basis"], one["starts_on"]) for one in items] == [
        ("left_under_18", "statutory", "2027-10-01")
    ]
    return client, web, f"{API}/custody-offers/{items[0]['offer_id']}"


async def test_an_acceptance_takes_effect_on_its_day_and_can_not_be_given_twice(
    offered: Doors, worker: Transport, service: Service, admin: Any
):
    client, web, door = offered
    assert (await client.post(f"{door}/acceptance", headers=bearer(web, OFFICER))).status_code == 202
    again = await client.post(f"{door}/acceptance", headers=bearer(web, OFFICER))
    assert again.status_code == 409
    assert await admin.fetchval("SELECT max(n) FROM custody") == 1
    await run_until(worker, service, made.day(10, 2))
    assert await admin.fetchval("SELECT organisation FROM custody ORDER BY n DESC LIMIT 1") == made.MUNICIPALITY
    assert {"custody-offered", "custody-accepted"} <= {kind for kind, _, _ in await published(worker)}


async def test_a_return_needs_a_listed_reason_and_asks_the_region_to_settle_it(
    offered: Doors, worker: Transport, admin: Any
):
    client, web, door = offered
    wrong = await client.post(f"{door}/return", json={"reason": "tired"}, headers=bearer(web, OFFICER))
    assert wrong.status_code == 400
    done = await client.post(f"{door}/return", json={"reason": "not_resident"}, headers=bearer(web, OFFICER))
    assert done.status_code == 202
    kinds = [row["kind"] for row in await admin.fetch("SELECT kind FROM action WHERE open")]
    assert "settle-custody" in kinds
    returned = [data for kind, _, data in await published(worker) if kind == "custody-returned"]
    assert returned[0]["returned_to"]["organisation"] == made.SITE


@pytest.mark.parametrize("who", [MENTOR, INTAKE])
async def test_nobody_else_answers_for_who_is_offered_the_pupil(offered: Doors, who: Any):
    client, web, door = offered
    assert (await client.post(f"{door}/acceptance", headers=bearer(web, who))).status_code == 404


async def test_an_answer_that_is_sent_twice_with_one_key_is_given_once(offered: Doors, worker: Transport):
    client, web, door = offered
    headers = bearer(web, OFFICER) | {"idempotency-key": "return-of-today"}
    answers = [await client.post(f"{door}/return", json={"reason": "other"}, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    assert [kind for kind, _, _ in await published(worker)].count("custody-returned") == 1
    other = await client.post(f"{door}/return", json={"reason": "already_placed"}, headers=headers)
    assert other.status_code == 400, "the same key for something else"
    yes = bearer(web, OFFICER) | {"idempotency-key": "yes-of-today"}
    assert (await client.post(f"{door}/acceptance", headers=yes)).status_code in (404, 409), "it was given back"
