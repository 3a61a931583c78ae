"""A request that is sent again under its key: answered as the first time, carried out once."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid
from shared.core.settings import Settings
from shared.storage.once import claim
from shared.web.api.once import once
from tests.integration.dossier.bench import COHORT, DECAAN, MBO, NOW, OTHER_DECAAN, Bench, opened, pupil_list

KEY = "0f5f8a52-0f0e-4b43-a0a3-6d2a6f0d3c11"


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        yield made


async def choose(
    bench: Bench, key: str | None = KEY, who: Actor = DECAAN, n: int = 0, **changed: Any
) -> httpx.Response:
    """Register a choice, with a key."""
    body = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
    headers = bench.headers(who) | ({"idempotency-key": key} if key else {})
    path = f"/dossier/api/v1/pupils/{bench.ref(n)}/choices"
    return await bench.client.post(path, json=body | {"preference": 1} | changed, headers=headers)


async def test_the_same_request_twice_is_carried_out_once_and_answered_the_same(bench: Bench) -> None:
    first = await choose(bench)
    await choose(bench, "another-key", preference=2)
    again = await choose(bench, f'"{KEY}"')
    assert (first.status_code, again.status_code) == (202, 202)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    assert "idempotency-replayed" not in first.headers
    told = [data["preference"] for kind, _, data in await bench.events() if kind == "choice-registered"]
    assert told == [1, 2], "the repeated request did not put the older preference back"


async def test_a_key_belongs_to_one_request_of_one_organisation(bench: Bench) -> None:
    await choose(bench)
    other = await choose(bench, level=3)
    assert (other.status_code, other.json()["errors"][0]["code"]) == (400, "key_used")
    assert (await choose(bench, who=OTHER_DECAAN)).status_code == 404, "not another school's answer"


@pytest.mark.parametrize("key", ["", "with space", "x" * 65, "één"])
async def test_a_key_of_another_form_is_refused_before_anything_happens(bench: Bench, key: str) -> None:
    headers = {**bench.headers(DECAAN), "idempotency-key": key.encode()}
    answer = await bench.client.post(f"/dossier/api/v1/pupils/{bench.ref(0)}/choices", json={}, headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["where"]) == (400, "/header/Idempotency-Key")


async def test_a_request_that_failed_may_come_again_under_its_key(bench: Bench) -> None:
    assert (await choose(bench, n=5)).status_code == 404
    await bench.send("pupil", pupil_list(0, 1, 5))
    assert (await choose(bench, n=5)).status_code == 202


async def test_of_two_at_once_one_is_carried_out(bench: Bench) -> None:
    answers = await asyncio.gather(*(choose(bench) for _ in range(4)))
    assert {answer.status_code for answer in answers} <= {202, 409}
    lost = {answer.json()["type"] for answer in answers if answer.status_code == 409}
    assert lost <= {"urn:overstap:problem:answer-lost"}
    assert len([kind for kind, _, _ in await bench.events() if kind == "choice-registered"]) == 1
    assert (await choose(bench)).status_code == 202


async def test_keys_are_forgotten_after_a_day(bench: Bench) -> None:
    await choose(bench)
    async with bench.worker.db.acquire() as conn:
        await conn.execute("UPDATE once SET at = at - interval '25 hours'")
    await choose(bench, "another-key", preference=2)
    assert [row["key"] for row in await bench.rows("SELECT key FROM once")] == ["another-key"]


async def test_a_request_that_failed_halfway_gives_its_key_back(bench: Bench) -> None:
    database, times = bench.service_database(), 0

    async def halfway(_request: Request) -> Response:
        nonlocal times
        times += 1
        async with database.as_actor(DECAAN) as conn:
            await claim(conn, DECAAN, NOW)
        raise Invalid([Fault("bestand", "een kopregel")])

    apps: dict[str, Any] = bench.site.state.apps
    scope = {"type": "http", "method": "POST", "path": "/x", "query_string": b"", "app": apps["dossier"]}
    for _ in range(2):
        request = Request(scope | {"headers": [(b"idempotency-key", KEY.encode())]}, nothing)
        with pytest.raises(Invalid):
            await once(request, DECAAN, halfway)
    assert times == 2
    assert await bench.rows("SELECT key FROM once") == []


async def nothing() -> dict[str, Any]:
    """A request without a body."""
    return {"type": "http.request", "body": b""}


async def test_a_file_sent_again_is_not_read_again(bench: Bench) -> None:
    headers = bench.headers(DECAAN) | {"content-type": "text/csv", "idempotency-key": KEY}
    content = pupil_list(0, 1, 2).encode()
    first, again = [
        await bench.client.post("/dossier/api/v1/pupil-lists", content=content, headers=headers) for _ in range(2)
    ]
    assert again.json() == first.json()
    assert first.json()["applied"] == 1, "as the first time, not 'unchanged'"
