"""Who reads what, in which state of the handover: the same table holds for the API, and for the policies alone.

The table is written out here once more, apart from the one in the domain, so that a slip in either shows.
"""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from services.dossier.domain.access import Reader, may_read
from services.dossier.domain.transfer import CATEGORIES
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from shared.schemas.dossiers import HandoverStatus
from tests.integration.dossier.bench import (
    DECAAN,
    MBO,
    MENTOR_REF,
    OTHER_MBO,
    OTHER_SITE,
    SITE,
    Bench,
    opened,
    pupil_list,
)
from tests.support import actor

ANSWERING = (Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SCHOOL_SYSTEM)
INSTITUTION = (*ANSWERING, Role.SLBER)
NOTHING, BEFORE, ALL = frozenset[str](), frozenset({"list", "mentor"}), frozenset({"list", "mentor", "care"})
# State of the handover → what who answers offers reads, and what who guides students reads.
OF_AN_INSTITUTION = {
    "draft": (NOTHING, NOTHING),
    "offered": (NOTHING, NOTHING),
    "opened": (BEFORE, NOTHING),
    "accepted": (ALL, ALL),
    "refused": (NOTHING, NOTHING),
    "withdrawn": (NOTHING, NOTHING),
}
OWN_MENTOR, OTHER_MENTOR = actor(SITE, Role.MENTOR, MENTOR_REF), actor(SITE, Role.MENTOR, "another-mentor")
OF_THE_SCHOOL = {
    OWN_MENTOR: {"mentor", "care"},
    OTHER_MENTOR: {"mentor"},
    actor(SITE, Role.DECAAN): {"mentor", "care"},
    actor(SITE, Role.CARE_COORDINATOR): {"mentor", "care"},
    actor(SITE, Role.SCHOOL_SYSTEM): {"mentor", "care"},
}
STRANGERS = (
    actor(OTHER_SITE, Role.DECAAN),
    actor(OTHER_SITE, Role.MENTOR, MENTOR_REF),
    *(actor(OTHER_MBO, role) for role in INSTITUTION),
    actor("0344", Role.LEERPLICHT),
    actor("19", Role.DOORSTROOMPUNT),
    actor("19", Role.REGION_COORDINATOR),
    actor("overstap", Role.OPERATOR),
    actor(SITE, Role.INTAKER),
    actor(MBO, Role.DECAAN),
)
MARKS = {"results": "merk-van-de-mentor", "support": "merk-van-de-zorg"}
PART_OF_SECTION = {"results": "mentor", "support": "care"}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    """A dossier with something in every part, offered to MBO, and one choice for it."""
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        base = f"/dossier/api/v1/pupils/{made.ref(0)}"
        headers = made.headers(DECAAN)
        for category, text in MARKS.items():
            told = {"state": "complete", "text": text}
            (await made.client.put(f"{base}/transfer-data/{category}", json=told, headers=headers)).raise_for_status()
        informed = {"informed_on": "2027-02-15", "whom": "parents", "how": "talk"}
        (await made.client.put(f"{base}/information", json=informed, headers=headers)).raise_for_status()
        choice = {"cohort": 2027, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
        await made.post(f"/pupils/{made.ref(0)}/choices", DECAAN, choice | {"preference": 1})
        await made.handed_over(0)
        yield made


async def put_in_state(bench: Bench, status: str) -> str:
    """The handover as if it had come so far by itself; its key."""
    (row,) = await bench.rows("UPDATE handover SET status = $1 RETURNING handover_id", status)
    key: str = row["handover_id"]
    return key


async def read_by_api(bench: Bench, who: Actor, handover_id: str) -> set[str]:
    """The parts that the institution's own doors give."""
    held = await bench.get(f"/handovers/{handover_id}", who)
    care = await bench.get(f"/handovers/{handover_id}/care-part", who)
    dossier = (held.json().get("dossier") or {}) if held.status_code == 200 else {}
    found = {"list"} if dossier.get("administrative") and dossier.get("education_history") else set()
    found |= {"mentor"} if MARKS["results"] in held.text else set()
    return found | ({"care"} if MARKS["support"] in held.text + care.text else set())


async def read_by_policies(bench: Bench, who: Actor) -> set[str]:
    """The parts that a query without any scope finds in a web process of this actor."""
    async with bench.service_database().as_actor(who) as conn:
        sections = [row["category"] for row in await conn.fetch("SELECT category FROM section")]
        choices = await conn.fetch("SELECT 1 FROM choice")
    return {PART_OF_SECTION[category] for category in sections} | ({"list"} if choices else set())


@pytest.mark.parametrize("status", OF_AN_INSTITUTION)
async def test_an_institution_reads_by_its_doors_what_role_and_state_allow(bench: Bench, status: str) -> None:
    handover_id = await put_in_state(bench, status)
    answering, guiding = OF_AN_INSTITUTION[status]
    for role in INSTITUTION:
        expected = guiding if role is Role.SLBER else answering
        assert await read_by_api(bench, actor(MBO, role), handover_id) == expected, role
    for stranger in STRANGERS:
        assert await read_by_api(bench, stranger, handover_id) == NOTHING, stranger


@pytest.mark.parametrize("status", OF_AN_INSTITUTION)
async def test_the_policies_alone_show_an_institution_what_role_and_state_allow(bench: Bench, status: str) -> None:
    await put_in_state(bench, status)
    answering, guiding = OF_AN_INSTITUTION[status]
    for role in INSTITUTION:
        expected = guiding if role is Role.SLBER else answering
        assert await read_by_policies(bench, actor(MBO, role)) == expected, role
    for stranger in (*STRANGERS, Actor("", Role.INTAKER), Actor("", Role.DECAAN)):
        if stranger.organisation in (SITE, MBO):
            continue  # Side and role do not fit: the code alone refuses those.
        assert await read_by_policies(bench, stranger) == NOTHING, stranger


@pytest.mark.parametrize("status", OF_AN_INSTITUTION)
async def test_the_school_reads_its_own_by_role_whatever_the_state(bench: Bench, status: str) -> None:
    await put_in_state(bench, status)
    for who, expected in OF_THE_SCHOOL.items():
        found = set()
        for category, text in MARKS.items():
            answer = await bench.get(f"/pupils/{bench.ref(0)}/transfer-data/{category}", who)
            assert (answer.status_code == 200) == (text in answer.text)
            found |= {PART_OF_SECTION[category]} if answer.status_code == 200 else set()
        assert found == expected, who
        assert await read_by_policies(bench, who) - {"list"} == expected, who
    for stranger in STRANGERS:
        answer = await bench.get(f"/pupils/{bench.ref(0)}/transfer-data/results", stranger)
        assert answer.status_code in (403, 404), stranger


async def test_the_policies_alone_let_nobody_write_the_care_part_but_who_may_read_it(bench: Bench) -> None:
    for who, statement in (
        (OTHER_MENTOR, "UPDATE section SET text = 'x' WHERE category = 'support'"),
        *((actor(MBO, role), "UPDATE section SET text = 'x'") for role in INSTITUTION),
    ):
        await put_in_state(bench, "accepted")
        async with bench.service_database().as_actor(who) as conn:
            assert await conn.execute(statement) == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with bench.service_database().as_actor(OTHER_MENTOR) as conn:
            await conn.execute(
                "INSERT INTO section SELECT pupil_ref, cohort, vo_site, 'absence', state, text, version, saved_at,"
                " saved_by, saved_role FROM section WHERE category = 'results'"
            )


async def test_how_far_the_care_part_is_may_be_known_to_who_may_not_read_it(bench: Bench) -> None:
    answer = await bench.get(f"/pupils/{bench.ref(0)}/transfer-data", OTHER_MENTOR)
    states = {one["category"]: one["state"] for one in answer.json()["sections"]}
    assert states["support"] == "complete"
    assert MARKS["support"] not in answer.text


@pytest.mark.parametrize("table", ["section", "objection", "completeness", "handover", "choice", "pupil"])
async def test_a_pupil_sees_their_own_rows_and_nobody_elses(bench: Bench, table: str) -> None:
    told = {"raised_by": "pupil", "category": "advice", "reason": "Nee"}
    for n in (0, 1):
        await bench.post(f"/pupils/{bench.ref(n)}/objections", DECAAN, told)
    async with bench.service_database().as_actor(Actor(SITE, Role.PUPIL, bench.ref(0))) as conn:
        refs = {row["pupil_ref"] for row in await conn.fetch(f"SELECT pupil_ref FROM {table}")}
    assert refs <= {bench.ref(0)}
    assert refs or table == "completeness"


@pytest.mark.parametrize("status", [None, *HandoverStatus])
@pytest.mark.parametrize("role", Role)
def test_the_decision_is_the_written_table_and_always_has_a_reason(role: Role, status: HandoverStatus | None) -> None:
    answering, guiding = OF_AN_INSTITUTION[status] if status else (NOTHING, NOTHING)
    expected = answering if role in ANSWERING else guiding if role is Role.SLBER else NOTHING
    parts = {"administrative": "list", "education_history": "list", "support": "care", "absence": "care"}
    for category in CATEGORIES:
        verdict = may_read(Reader("institution", role), status, category)
        assert verdict.allowed == (parts.get(category, "mentor") in expected)
        assert verdict.code


async def test_every_reading_says_who_what_when_and_why(bench: Bench) -> None:
    handover_id = await put_in_state(bench, "accepted")
    told: list[Any] = []
    for role, query in ((Role.INTAKER, ""), (Role.SLBER, ""), (Role.INTAKER, "?purpose=guidance")):
        await bench.get(f"/handovers/{handover_id}{query}", actor(MBO, role))
        await bench.get(f"/handovers/{handover_id}/care-part{query}", actor(MBO, role))
    for row in await bench.rows("SELECT role, categories, purpose FROM access ORDER BY ctid"):
        told.append((row["role"], "support" in row["categories"], row["purpose"]))
    assert told == [
        ("intaker", False, "intake"),
        ("intaker", True, "intake"),
        ("slber", False, "guidance"),
        ("slber", True, "guidance"),
        ("intaker", False, "guidance"),
        ("intaker", True, "guidance"),
    ]
