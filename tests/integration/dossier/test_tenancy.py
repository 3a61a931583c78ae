"""An organisation sees its own, refused twice: by the policies of the database alone, and by the queries alone."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import asyncpg
import pytest

from services.dossier import store
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    ERROR,
    INTAKER,
    MBO,
    NOW,
    OTHER_DECAAN,
    OTHER_INTAKER,
    OTHER_MBO,
    OTHER_SITE,
    SITE,
    Bench,
    opened,
    pupil_list,
)

TABLES = ("pupil", "choice", "handover", "access", "told", "step", "upload", "confirmation")


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0, 1))
        await made.handed_over(0)
        asked = {"cohort": COHORT, "mbo_institution": MBO, "programme": "25655", "level": 2, "pathway": "bol"}
        await made.post(f"/pupils/{made.ref(0)}/choices", DECAAN, asked | {"preference": 1})
        yield made


async def seen(bench: Bench, who: Actor, table: str) -> list[dict[str, Any]]:
    """What a query that forgot every scope finds in a web process."""
    async with bench.service_database().as_actor(who) as conn:
        return [dict(row) for row in await conn.fetch(f"SELECT * FROM {table}")]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("who", [OTHER_DECAAN, OTHER_INTAKER, Actor("", Role.DECAAN)])
async def test_the_policies_alone_hide_every_row_of_another(bench: Bench, table: str, who: Actor) -> None:
    assert await seen(bench, who, table) == []


async def test_the_policies_alone_show_the_school_its_own(bench: Bench) -> None:
    counts = {table: len(await seen(bench, DECAAN, table)) for table in TABLES}
    assert counts == {
        "pupil": 2,
        "choice": 1,
        "handover": 1,
        "access": 0,
        "told": 1,
        "step": 1,
        "upload": 0,
        "confirmation": 0,
    }


async def test_the_policies_alone_show_the_institution_what_is_offered_and_for_as_long(bench: Bench) -> None:
    async def shown() -> tuple[list[str], int]:
        pupils = [row["pupil_ref"] for row in await seen(bench, INTAKER, "pupil")]
        return pupils, len(await seen(bench, INTAKER, "choice"))

    (handover,) = await seen(bench, INTAKER, "handover")
    path = f"/handovers/{handover['handover_id']}"
    assert await shown() == ([bench.ref(0)], 0)
    await bench.post(f"{path}/opening", INTAKER)
    assert await shown() == ([bench.ref(0)], 1)
    assert await seen(bench, INTAKER, "told") == []
    await bench.post(f"{path}/withdrawal", DECAAN, ERROR)
    assert await shown() == ([], 0)


async def test_the_policies_alone_hide_a_draft_from_the_institution(bench: Bench) -> None:
    await bench.rows("UPDATE handover SET status = 'draft'")
    assert await seen(bench, INTAKER, "handover") == []
    assert await seen(bench, INTAKER, "pupil") == []


async def test_without_an_organisation_nothing_is_seen(bench: Bench) -> None:
    async with bench.service_database().transaction() as conn:
        for table in TABLES:
            assert await conn.fetch(f"SELECT 1 FROM {table}") == []


async def test_the_policies_alone_refuse_to_write_for_another(bench: Bench) -> None:
    for statement in (
        "UPDATE pupil SET listed = false",
        "UPDATE handover SET status = 'withdrawn'",
        "UPDATE choice SET withdrawn = true",
    ):
        async with bench.service_database().as_actor(OTHER_DECAAN) as conn:
            assert await conn.execute(statement) == "UPDATE 0"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with bench.service_database().as_actor(INTAKER) as conn:
            await conn.execute("UPDATE handover SET status = 'withdrawn'")


async def test_the_queries_alone_hide_every_row_of_another(bench: Bench) -> None:
    """Asked as the worker, whom no policy holds back."""
    (handover,) = await bench.rows("SELECT handover_id FROM handover")
    key, refs = handover["handover_id"], [bench.ref(0)]
    async with bench.worker.db.transaction() as conn:
        assert len(await store.pupils(conn, SITE)) == 2
        assert await store.pupils(conn, OTHER_SITE) == []
        assert await store.choices(conn, OTHER_SITE, refs) == {}
        assert await store.handovers(conn, OTHER_SITE, refs) == {}
        assert await store.refs_by_number(conn, OTHER_SITE, [(COHORT, "1000")]) == {}
        assert await store.handover(conn, key, OTHER_SITE) is None
        assert await store.handover(conn, key, OTHER_MBO) is None
        assert await store.addressed(conn, OTHER_MBO) == []
        assert await store.offered_pupils(conn, OTHER_MBO) == {}
        assert await store.offered_choices(conn, OTHER_MBO, key) == []
        assert await store.accesses(conn, OTHER_SITE, [key]) == []


async def test_the_queries_alone_end_the_access_of_the_institution(bench: Bench) -> None:
    async def shown(status: str) -> tuple[bool, int, int]:
        async with bench.worker.db.transaction() as conn:
            key = await conn.fetchval("UPDATE handover SET status = $1 RETURNING handover_id", status)
            held = await store.handover(conn, key, MBO)
            pupils = await store.offered_pupils(conn, MBO)
            return held is not None, len(pupils), len(await store.offered_choices(conn, MBO, key))

    assert await shown("draft") == (False, 0, 0)
    assert await shown("offered") == (True, 1, 0)
    assert await shown("accepted") == (True, 1, 1)
    assert await shown("refused") == (True, 0, 0)
    assert await shown("withdrawn") == (True, 0, 0)


async def test_nobody_brings_the_erased_back_or_reads_an_erasure_of_another_school(bench: Bench) -> None:
    await bench.post(f"/pupils/{bench.ref(1)}/erasure", DECAAN)
    assert (await bench.get(f"/pupils/{bench.ref(1)}/erasure", OTHER_DECAAN)).status_code == 404
    assert await seen(bench, OTHER_DECAAN, "confirmation") == []
    async with bench.worker.db.transaction() as conn:
        assert await store.erasure(conn, OTHER_SITE, bench.ref(1)) is None
        assert await store.erasure(conn, SITE, bench.ref(1)) == (NOW, {"dossier": NOW})
