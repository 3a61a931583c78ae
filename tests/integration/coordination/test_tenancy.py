"""Who may see what: the code alone refuses, and the database alone refuses."""

from typing import Any

import asyncpg
import pytest

from services.coordination.store import views
from shared.core.actor import Actor, Role
from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import run_until, tell
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, OTHER_SITE, SITE, day, ref

PUPIL_TABLES = ("pupil", "fact", "transition", "custody", "action", "risk")
NOTHING: dict[str, set[str]] = {table: set() for table in PUPIL_TABLES}
OTHERS = (Actor(OTHER_SITE, Role.MENTOR), Actor(MBO, Role.INTAKER), Actor("19", Role.DOORSTROOMPUNT))


@pytest.fixture(autouse=True)
async def pupils(worker: Transport, service: Service) -> None:
    """One pupil of each site."""
    await tell(worker, service, made.recorded(1), made.expected(1, sequence=2))
    await tell(worker, service, made.recorded(2), made.expected(2, sequence=2, vo_site=OTHER_SITE))
    await run_until(worker, service, day(2, 2))


async def rows(conn: Any) -> dict[str, set[str]]:
    return {t: {row["pupil_ref"] for row in await conn.fetch(f"SELECT pupil_ref FROM {t}")} for t in PUPIL_TABLES}


@pytest.mark.parametrize("site", [SITE, OTHER_SITE])
async def test_the_database_shows_an_organisation_only_its_own_pupils(web: Transport, site: str):
    own = ref(1) if site == SITE else ref(2)
    async with web.db.as_actor(Actor(site, Role.MENTOR)) as conn:
        assert await rows(conn) == {table: {own} for table in PUPIL_TABLES}


@pytest.mark.parametrize("organisation", ["", MBO, "19", "' OR true --"])
async def test_the_database_shows_others_nothing(web: Transport, organisation: str):
    async with web.db.as_actor(Actor(organisation, Role.REGION_COORDINATOR)) as conn:
        assert await rows(conn) == NOTHING


async def test_without_an_actor_the_database_shows_nothing(web: Transport):
    async with web.db.transaction() as conn:
        assert await rows(conn) == NOTHING


async def test_the_database_refuses_to_change_the_pupils_of_others(web: Transport):
    async with web.db.as_actor(Actor(SITE, Role.MENTOR)) as conn:
        assert await conn.execute("UPDATE action SET severity = 3 WHERE pupil_ref = $1", ref(2)) == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with web.db.as_actor(Actor(MBO, Role.INTAKER)) as conn:
            await conn.execute(
                "INSERT INTO pupil (pupil_ref, root) VALUES ($1, $1) ON CONFLICT (pupil_ref) DO UPDATE SET name = 'x'",
                ref(1),
            )


@pytest.mark.parametrize("other", OTHERS, ids=lambda a: a.organisation)
async def test_the_code_alone_refuses_where_the_database_shows_everything(worker: Transport, other: Actor):
    async with worker.db.transaction() as conn:
        assert await views.transitions(conn, ref(1), other.organisation) == []
        assert await views.my_actions(conn, other.organisation, None, 1) == ([], 0) or other.organisation == OTHER_SITE
        assert ref(1) not in {a["pupil_ref"] for a in (await views.my_actions(conn, other.organisation, None, 1))[0]}
        assert len(await views.transitions(conn, ref(1), SITE)) == 1


async def test_numbers_of_a_region_are_for_its_coordinator_alone(web: Transport, worker: Transport, admin: Any):
    await admin.execute("UPDATE transition SET region = '19'")
    seen = {}
    for who in (Actor("19", Role.REGION_COORDINATOR), Actor("20", Role.REGION_COORDINATOR), Actor("19", Role.MENTOR)):
        async with web.db.as_actor(who) as conn:
            numbers = await views.region_numbers(conn, day(2, 2), day(2, 9))
            seen[who.organisation, who.role] = sum(row["n"] for row in numbers if row["figure"] == "position")
    await admin.execute("UPDATE transition SET region = NULL")
    assert list(seen.values()) == [2, 0, 0]


async def test_only_keepers_may_change_organisations(web: Transport):
    statement = "INSERT INTO organisation (code, kind, name) VALUES ('99XX00', 'vo', 'x')"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with web.db.as_actor(Actor(SITE, Role.MENTOR)) as conn:
            await conn.execute(statement)
    async with web.db.as_actor(Actor("overstap", Role.OPERATOR)) as conn:
        await conn.execute(statement)


async def test_an_absorbed_reference_is_seen_with_the_child_it_became_part_of(
    web: Transport, worker: Transport, service: Service
):
    await tell(worker, service, made.linked(1, 2, sequence=9))
    async with web.db.as_actor(Actor(SITE, Role.MENTOR)) as conn:
        seen = await rows(conn)
    assert seen["pupil"] == seen["fact"] == {ref(1), ref(2)}
    assert seen["transition"] == {ref(1)}
    async with web.db.as_actor(Actor(OTHER_SITE, Role.MENTOR)) as conn:
        assert (await rows(conn))["transition"] == set()
