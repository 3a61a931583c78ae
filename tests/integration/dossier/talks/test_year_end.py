"""Other routes and exam results through the API: of the school alone, told whole, with versions."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.settings import Settings
from shared.storage import queries
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MENTOR,
    OTHER_DECAAN,
    OTHER_SITE,
    SITE,
    Bench,
    opened,
    pupil_list,
)

AUDIT = queries.load(Path(__file__).parents[4] / "services/dossier/sql/audit.sql")
HAVO = {"route": "havo", "since": "2027-08-30", "note": "Plek op het Voorbeeldcollege"}
PASSED = {"result": "passed", "track": "vmbo-kb", "decided_on": "2027-02-26"}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        yield made
        for rule, query in AUDIT.items():
            assert await made.rows(query) == [], rule


async def put(
    bench: Bench, what: str, who: Actor, asked: dict[str, Any], n: int = 0, match: str = ""
) -> httpx.Response:
    path = f"/dossier/api/v1/pupils/{bench.ref(n)}/cohorts/{COHORT}/{what}"
    return await bench.client.put(path, json=asked, headers=bench.headers(who) | ({"if-match": match} if match else {}))


async def post(bench: Bench, step: str, who: Actor, asked: Any = None) -> httpx.Response:
    return await bench.post(f"/pupils/{bench.ref(0)}/cohorts/{COHORT}/route/{step}", who, asked)


async def told(bench: Bench, kind: str) -> list[dict[str, Any]]:
    return [data for found, _, data in await bench.events() if found == kind]


async def test_a_route_is_registered_confirmed_and_withdrawn_and_its_note_stays_inside(bench: Bench) -> None:
    assert (await put(bench, "route", MENTOR, HAVO)).json()["status"] == "registered"
    assert (await post(bench, "confirmation", MENTOR, {"evidence": "enrolment"})).status_code == 403
    assert (await post(bench, "confirmation", DECAAN, {})).status_code == 400
    assert (await post(bench, "confirmation", DECAAN, {"evidence": "enrolment"})).headers["etag"] == '"2"'
    late = await put(bench, "route", MENTOR, HAVO)
    assert (late.status_code, late.json()["open_moves"]) == (409, [])
    assert (await post(bench, "withdrawal", DECAAN)).json()["version"] == 3
    events = await told(bench, "other-route-registered")
    assert [event["status"] for event in events] == ["registered", "confirmed", "withdrawn"]
    assert events[0]["note_ref"]
    assert "Voorbeeldcollege" not in str(events)
    shown = (await bench.get(f"/pupils/{bench.ref(0)}/cohorts/{COHORT}/route", MENTOR)).json()
    assert (shown["note"], shown["evidence"]) == (HAVO["note"], "enrolment")


async def test_a_result_is_told_when_it_changes_and_an_older_version_is_refused(bench: Bench) -> None:
    first = await put(bench, "exam", MENTOR, PASSED)
    assert (first.status_code, first.headers["etag"]) == (202, '"1"')
    assert (await put(bench, "exam", MENTOR, PASSED)).json()["version"] == 1
    assert (
        await put(bench, "exam", DECAAN, {"result": "resit", "decided_on": "2027-02-26"}, match='"1"')
    ).status_code == 202
    stale = await put(bench, "exam", MENTOR, PASSED | {"track": "vmbo-bb"}, match='"1"')
    assert (stale.status_code, stale.json()["version"], stale.json()["changed_by"]) == (412, 2, "decaan")
    events = await told(bench, "exam-result-recorded")
    assert [(event["result"], event["track"]) for event in events] == [("passed", "vmbo-kb"), ("resit", None)]


async def test_of_two_confirmations_that_race_one_wins(bench: Bench) -> None:
    await put(bench, "route", MENTOR, HAVO)
    both = [post(bench, "confirmation", DECAAN, {"evidence": code}) for code in ("enrolment", "school_statement")]
    answers = await asyncio.gather(*both)
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    assert [event["status"] for event in await told(bench, "other-route-registered")] == ["registered", "confirmed"]


@pytest.mark.parametrize("who", [OTHER_DECAAN, INTAKER])
async def test_another_organisation_sees_nothing_by_the_policies_alone_nor_by_the_queries_alone(
    bench: Bench, who: Actor
) -> None:
    await put(bench, "route", MENTOR, HAVO)
    await put(bench, "exam", MENTOR, PASSED)
    async with bench.service_database().as_actor(who) as conn:
        assert await conn.fetch("SELECT 1 FROM route UNION ALL SELECT 1 FROM exam") == []
    async with bench.worker.db.acquire() as conn:
        assert await year_end.routes(conn, who.organisation) == {}
        assert await year_end.exams(conn, who.organisation, [bench.ref(0)]) == {}
    for what, asked in (("route", HAVO), ("exam", PASSED)):
        path = f"/pupils/{bench.ref(0)}/cohorts/{COHORT}/{what}"
        assert (await bench.get(path, who)).status_code in (403, 404)
        assert (await put(bench, what, who, asked)).status_code in (403, 404)


async def test_by_the_policies_alone_a_school_records_nothing_about_the_pupil_of_another(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(2, site=OTHER_SITE), OTHER_DECAAN)
    insert = "INSERT INTO exam VALUES ($1, $2, $3, 'failed', NULL, 1, '2027-02-26', 1, now(), 'decaan')"
    for site in (SITE, OTHER_SITE):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with bench.service_database().as_actor(DECAAN) as conn:
                await conn.execute(insert, bench.ref(2), COHORT, site)


async def test_of_two_that_are_one_child_what_changed_last_stays_and_erasing_takes_all(bench: Bench) -> None:
    await put(bench, "route", MENTOR, HAVO, 0)
    await put(bench, "exam", MENTOR, PASSED, 1)
    await put(bench, "route", MENTOR, {"route": "work", "since": "2027-08-30"}, 1)
    await bench.rows("UPDATE route SET changed_at = changed_at + interval '1 hour' WHERE pupil_ref = $1", bench.ref(0))
    survivor, absorbed = bench.ref(1), bench.ref(0)
    (await bench.post(f"/pupils/{survivor}/links", DECAAN, {"absorbed": absorbed})).raise_for_status()
    assert [tuple(row.values()) for row in await bench.rows("SELECT pupil_ref, route FROM route")] == [
        (survivor, "havo")
    ]
    assert len(await bench.rows("SELECT 1 FROM exam")) == 1
    (await bench.post(f"/pupils/{survivor}/erasure", DECAAN)).raise_for_status()
    assert await bench.rows("SELECT 1 FROM route UNION ALL SELECT 1 FROM exam") == []
