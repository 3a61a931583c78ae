"""Concerns through the API: raised by either side, heard by whom they are meant for, ended by a person."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from services.dossier.store import concerns as kept
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.schemas.intakes import StudentStarted
from shared.storage import queries
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    MBO,
    MENTOR,
    NOW,
    OTHER_DECAAN,
    OTHER_INTAKER,
    OTHER_MBO,
    SITE,
    SYSTEM,
    Bench,
    opened,
    organisations,
    pupil_list,
)
from tests.support import Told, actor

AUDIT = queries.load(Path(__file__).parents[4] / "services/dossier/sql/audit.sql")
SLBER = actor(MBO, Role.SLBER, "person-7")
CARE = actor(SITE, Role.CARE_COORDINATOR, "person-8")
MBO_SYSTEM = actor(MBO, Role.SCHOOL_SYSTEM, "system-2")
BOTH: dict[str, Any] = {"route": ["decaan", "intake_coordinator"], "mbo_institution": MBO}
OCTOBER = datetime(2027, 10, 2, 9, tzinfo=UTC)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        await made.tell(*organisations())
        await made.apply_for(0)
        yield made
        rules = [rule for rule in AUDIT if "concern" in rule]
        assert len(rules) == 4
        assert [(rule, row) for rule in rules for row in await made.rows(AUDIT[rule])] == []


async def ask(bench: Bench, who: Actor, n: int = 0, **more: Any) -> httpx.Response:
    asked = {"pupil_ref": bench.ref(n), "cohort": COHORT, "reason": "contact_lost", "route": ["decaan"]} | more
    return await bench.post("/concerns", who, asked)


async def raise_one(bench: Bench, who: Actor = MENTOR, **more: Any) -> str:
    concern_id: str = (await ask(bench, who, **more)).raise_for_status().json()["concern_id"]
    return concern_id


async def end(bench: Bench, concern_id: str, who: Actor, **more: Any) -> httpx.Response:
    return await bench.post(f"/concerns/{concern_id}/resolution", who, {"resolution": "talked"} | more)


async def told(bench: Bench) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, data) for kind, _, data in await bench.events() if "concern_id" in data]


async def test_a_concern_is_told_when_it_is_raised_and_when_it_ends_without_what_was_noted(bench: Bench) -> None:
    concern_id = await raise_one(bench, **BOTH, note="Bel na zes uur")
    answer = await end(bench, concern_id, SLBER, note="Thuis gesproken")
    assert (answer.status_code, answer.json()["status"], answer.headers["etag"]) == (202, "resolved", '"2"')
    (first, raised), (second, ended) = await told(bench)
    assert (first, second) == ("concern-raised", "concern-resolved")
    assert (raised["organisation"], raised["raised_by"], raised["route"]) == (SITE, "mentor", BOTH["route"])
    assert (raised["mbo_institution"], raised["resolution"], bool(raised["note_ref"])) == (MBO, None, True)
    assert (ended["resolution"], ended["raised_by"], ended["note_ref"]) == ("talked", "mentor", raised["note_ref"])
    assert ended["recorded_by"]["role"] == "slber"
    assert "zes uur" not in str(await bench.events())


async def test_a_concern_is_raised_by_a_person_who_has_to_do_with_the_pupil_only(bench: Bench) -> None:
    refused = {
        "another school": (await ask(bench, OTHER_DECAAN), 404),
        "an institution without an application": (await ask(bench, OTHER_INTAKER), 404),
        "nobody applied there": (await ask(bench, INTAKER, 1), 404),
        "software of the school": (await ask(bench, SYSTEM), 403),
        "software of the institution": (await ask(bench, MBO_SYSTEM), 403),
        "a municipality": (await ask(bench, actor("0344", Role.LEERPLICHT)), 403),
        "for an institution that does not know the pupil": (
            await ask(bench, MENTOR, **BOTH | {"mbo_institution": OTHER_MBO}),
            400,
        ),
        "for nobody": (await ask(bench, MENTOR, route=[]), 400),
        "without a known reason": (await ask(bench, MENTOR, reason="diagnosis"), 400),
    }  # fmt: skip
    assert {why: answer.status_code for why, (answer, _) in refused.items()} == {
        why: status for why, (_, status) in refused.items()
    }
    for who in (MENTOR, DECAAN, CARE, INTAKER, SLBER):
        assert (await ask(bench, who, reason="other" if who in (DECAAN, SLBER) else "progress")).status_code in (
            202,
            409,
        )
    assert len(await told(bench)) == 4


async def test_no_municipality_is_meant_before_its_day(bench: Bench) -> None:
    bench.settings.clock = FixedClock(NOW - timedelta(days=1))
    early = await ask(bench, MENTOR, route=["leerplicht", "doorstroompunt"])
    assert [fault["code"] for fault in early.json()["errors"]] == ["too_early"]
    bench.settings.clock = FixedClock(NOW)
    assert (await ask(bench, MENTOR, route=["leerplicht", "doorstroompunt"])).status_code == 202


@pytest.mark.parametrize(
    ("raiser", "more", "seen_by"),
    [
        (MENTOR, {"route": ["decaan"]}, {"school"}),
        (MENTOR, BOTH, {"school", "institution"}),
        (DECAAN, {"route": ["leerplicht"]}, {"school"}),
        (SLBER, {"route": ["decaan"]}, {"school", "institution"}),
        (SLBER, {"route": ["intake_coordinator"]}, {"institution"}),
    ],
)
async def test_a_concern_is_seen_by_who_raised_it_and_for_whom_it_is_meant_by_policies_alone_and_queries_alone(
    bench: Bench, raiser: Actor, more: dict[str, Any], seen_by: set[str]
) -> None:
    concern_id = await raise_one(bench, raiser, **more, note="alleen hier")
    people = {"school": (MENTOR, DECAAN, CARE, SYSTEM), "institution": (INTAKER, SLBER, MBO_SYSTEM)}
    people["nobody"] = (OTHER_DECAAN, OTHER_INTAKER, Actor("", Role.DECAAN), actor("0344", Role.LEERPLICHT))
    for side, everybody in people.items():
        for who in everybody:
            by_policy = await _by_policy(bench, who)
            async with bench.worker.db.acquire() as conn:
                by_query = [one.concern_id for one in await kept.concerns(conn, who.organisation)]
            assert by_policy == by_query == ([concern_id] if side in seen_by else []), who
            own = who.organisation == raiser.organisation and who.role is not Role.SCHOOL_SYSTEM
            async with bench.service_database().as_actor(who) as conn:
                assert len(await conn.fetch("SELECT * FROM concern_note")) == own


async def _by_policy(bench: Bench, who: Actor) -> list[str]:
    async with bench.service_database().as_actor(who) as conn:
        return [row["concern_id"] for row in await conn.fetch("SELECT * FROM concern")]


@pytest.mark.parametrize(
    ("who", "status"),
    [(MENTOR, 202), (DECAAN, 202), (CARE, 202), (SLBER, 202), (INTAKER, 202), (SYSTEM, 403), (MBO_SYSTEM, 403),
     (OTHER_DECAAN, 404), (OTHER_INTAKER, 404)],
)  # fmt: skip
async def test_who_ends_a_concern_in_the_code_and_by_the_policies_alone(bench: Bench, who: Actor, status: int) -> None:
    concern_id = await raise_one(bench, **BOTH)
    assert await _forced(bench, who) is (status == 202)
    assert (await end(bench, concern_id, who)).status_code == status
    assert await _forced(bench, MENTOR) is (status != 202), "what ended stays as it ended"
    if status == 202:
        late = await end(bench, concern_id, DECAAN)
        assert (late.status_code, late.json()["state"], late.json()["open_moves"]) == (409, "resolved", [])


async def _forced(bench: Bench, who: Actor) -> bool:
    """Whether the policies alone let somebody write that every concern ended; undone again."""
    changed = "status = 'resolved', resolved_at = $1, resolution = 'other', changed_by = $2"
    async with bench.service_database().as_actor(who) as conn:
        savepoint = conn.transaction()
        await savepoint.start()
        done: str = await conn.execute(f"UPDATE concern SET {changed}", NOW, who.organisation)
        await savepoint.rollback()
    return done == "UPDATE 1"


@pytest.mark.parametrize(
    ("who", "changes"),
    [
        (OTHER_DECAAN, {"organisation": "99XB00", "vo_site": "99XB00", "raised_by": "decaan"}),
        (MENTOR, {"organisation": MBO, "raised_by": "mentor"}),
        (MENTOR, {"raised_by": "decaan"}),
        (SYSTEM, {"raised_by": "school_system"}),
        (MENTOR, {"raised_by": "mentor", "mbo_institution": OTHER_MBO}),
        (MENTOR, {"raised_by": "mentor", "status": "resolved", "resolved_at": "2027-03-01", "resolution": "talked"}),
        (OTHER_INTAKER, {"organisation": OTHER_MBO, "mbo_institution": OTHER_MBO, "raised_by": "intaker"}),
        (SLBER, {"organisation": MBO, "raised_by": "slber", "vo_site": "99XB00"}),
    ],
)
async def test_the_policies_alone_refuse_a_concern_of_another(
    bench: Bench, who: Actor, changes: dict[str, Any]
) -> None:
    await raise_one(bench, **BOTH)
    (row,) = await bench.rows(
        "SELECT to_jsonb(c) || $1::jsonb AS forged FROM concern c",
        json.dumps(changes | {"concern_id": "forged"}),
    )
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with bench.service_database().as_actor(who) as conn:
            await conn.execute(
                "INSERT INTO concern SELECT * FROM jsonb_populate_record(NULL::concern, $1)", row["forged"]
            )


async def test_of_two_who_end_it_one_wins_and_who_saw_an_older_version_is_told_by_whom(bench: Bench) -> None:
    concern_id = await raise_one(bench, **BOTH)
    seen = (await bench.get(f"/concerns/{concern_id}", INTAKER)).headers["etag"]
    answers = await asyncio.gather(end(bench, concern_id, MENTOR), end(bench, concern_id, INTAKER))
    assert sorted(answer.status_code for answer in answers) == [202, 409]
    path = f"/dossier/api/v1/concerns/{concern_id}/resolution"
    headers = bench.headers(INTAKER) | {"if-match": seen}
    late = await bench.client.post(path, json={"resolution": "talked"}, headers=headers)
    assert (late.status_code, late.json()["version"]) == (412, 2)


async def test_a_key_makes_a_concern_once_and_the_same_one_is_not_opened_twice(bench: Bench) -> None:
    asked = {"pupil_ref": bench.ref(0), "cohort": COHORT, "reason": "progress", "route": ["decaan"]}
    headers = bench.headers(MENTOR) | {"idempotency-key": "concern-of-today"}
    answers = [await bench.client.post("/dossier/api/v1/concerns", json=asked, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [202, 202]
    assert answers[0].json() == answers[1].json()
    again = await ask(bench, DECAAN, reason="progress")
    assert (again.status_code, again.json()["open_moves"]) == (409, ["resolve"])
    await end(bench, answers[0].json()["concern_id"], MENTOR)
    assert (await ask(bench, DECAAN, reason="progress")).json()["concern_id"] != answers[0].json()["concern_id"]


async def test_concerns_come_in_pages_and_by_where_they_stand(bench: Bench) -> None:
    ended, still = await raise_one(bench), await raise_one(bench, reason="other")
    await end(bench, ended, MENTOR)
    first = (await bench.get("/concerns?limit=1", SYSTEM)).json()
    rest = (await bench.get(f"/concerns?after={first['next']}", SYSTEM)).json()
    assert {one["concern_id"] for one in (*first["items"], *rest["items"])} == {ended, still}
    open_now = (await bench.get("/concerns?status=open", MENTOR)).json()["items"]
    assert [one["concern_id"] for one in open_now] == [still]


async def test_a_note_is_read_by_the_organisation_of_its_writer_alone(bench: Bench) -> None:
    concern_id = await raise_one(bench, **BOTH, note="Bel na zes uur")
    await end(bench, concern_id, INTAKER, note="Thuis gesproken")
    read = {who: (await bench.get(f"/concerns/{concern_id}", who)).json() for who in (DECAAN, SLBER)}
    assert [one["text"] for one in read[DECAAN]["notes"]] == ["Bel na zes uur"]
    assert [one["text"] for one in read[SLBER]["notes"]] == ["Thuis gesproken"]
    assert "note_ref" not in read[SLBER]
    columns = "note_ref, concern_id, organisation, at, role, text"
    for who in (OTHER_DECAAN, OTHER_INTAKER):
        written = f"INSERT INTO concern_note ({columns}) VALUES ('n', $1, $2, $3, $4, 'forged')"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with bench.service_database().as_actor(who) as conn:
                await conn.execute(written, concern_id, who.organisation, NOW, who.role.value)


async def test_an_institution_hears_of_it_for_as_long_as_it_knows_the_pupil(bench: Bench) -> None:
    concern_id = await raise_one(bench, **BOTH)
    own = await raise_one(bench, SLBER)
    assert sorted(await _by_policy(bench, INTAKER)) == sorted([concern_id, own])
    await bench.apply_for(0, "withdrawn", sequence=2)
    assert await _by_policy(bench, INTAKER) == [own], "what it raised itself stays"
    async with bench.service_database().as_actor(INTAKER) as conn:
        assert await kept.names(conn, [(bench.ref(0), COHORT)]) == {}
    assert (await end(bench, concern_id, INTAKER)).status_code == 404


async def test_after_the_end_of_following_the_school_is_not_told_of_a_pupil_who_started(bench: Bench) -> None:
    before = await raise_one(bench, SLBER)
    bench.settings.clock = FixedClock(OCTOBER)
    refused = await ask(bench, SLBER, reason="progress")
    assert [fault["code"] for fault in refused.json()["errors"]] == ["school_out_of_sight"]
    assert (await ask(bench, SLBER, reason="progress", route=["intake_coordinator"])).status_code == 202
    assert await _by_policy(bench, MENTOR) == [before]


async def test_who_starts_later_is_followed_until_that_first_start(bench: Bench) -> None:
    await bench.tell(_start(bench, date(2027, 11, 15)))
    bench.settings.clock = FixedClock(datetime(2027, 11, 15, 20, tzinfo=UTC))
    assert (await ask(bench, SLBER)).status_code == 202
    bench.settings.clock = FixedClock(datetime(2027, 11, 16, 9, tzinfo=UTC))
    assert (await ask(bench, SLBER, reason="progress")).status_code == 400


def _start(bench: Bench, day: date) -> Told:
    at = datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
    key = f"a-{bench.ref(0)}-{MBO}"
    whose = {"application_id": key, "cohort": COHORT, "mbo_institution": MBO}
    data = StudentStarted(occurred_at=at, programme="25655", pathway="bol", first_day=day, **whose)
    return Told("intake", bench.ref(0), data, at, 2)


async def test_concerns_go_with_their_pupil_when_pupils_are_joined_or_erased(bench: Bench) -> None:
    concern_id = await raise_one(bench, **BOTH, note="x")
    survivor, absorbed = bench.ref(1), bench.ref(0)
    (await bench.post(f"/pupils/{survivor}/links", DECAAN, {"absorbed": absorbed})).raise_for_status()
    assert (await bench.get(f"/concerns/{concern_id}", INTAKER)).json()["pupil_ref"] == survivor
    assert (await end(bench, concern_id, INTAKER)).status_code == 202
    assert (await ask(bench, SLBER, 0)).status_code == 404, "the absorbed reference stands for nobody any more"
    (await bench.post(f"/pupils/{absorbed}/erasure", DECAAN)).raise_for_status()
    assert await bench.rows("SELECT 1 FROM concern UNION ALL SELECT 1 FROM concern_note") == []
