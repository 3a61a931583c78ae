"""An institution sees its own applications and pupils: the code sees to it, and so does the database, each alone."""

import asyncpg
import pytest

from services.intake import store
from services.intake.domain.intake import Intake, Result
from services.intake.handlers.erasure import ErasePupil, erase_pupil
from services.intake.handlers.intakes import MoveIntake, move_intake
from services.intake.store import steps, views, work
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform
from shared.schemas.intakes import IntakeOutcome
from shared.storage.pool import Connection
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import (
    COORDINATOR,
    NOW,
    OTHER,
    PGNS,
    Bench,
    action,
    choice,
    handover,
    recorded,
    status,
    talk,
    told,
)

bench = intake_bench.bench
A1 = opaque_ref("application", "99XA", "A1")
TABLES = (
    *("application", "fact", "intake", "step", "choice", "handover", "pupil", "expectation", "custody"),
    *("talk", "action"),
)
ONE, TWO, THREE = PGNS[:3]


@pytest.fixture
async def filled(bench: Bench) -> Bench:
    """An application with an outcome at 99XA; a choice for and a dossier to it; one pupil of nobody."""
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    placed = Result(NOW.date(), IntakeOutcome.PLACED)
    await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), "record", placed))
    two, three = bench.ref(TWO), bench.ref(THREE)
    await bench.tell(told(two, recorded("Noor"), 1), told(three, recorded("Daan"), 1))
    one = bench.ref(ONE)
    await bench.tell(told(two, choice(two), 2), told(one, handover(one, "offered"), 1), told(one, talk(one), 2))
    await bench.tell(told(one, action(one, "person-1"), 1, "coordination"))
    return bench


async def everything(conn: Connection, institution: str) -> list[object]:
    """What the code would show of this institution."""
    return [
        *await work.work(conn, institution, 2026),
        *await views.page_of(conn, institution, "", 100),
        *((await views.case(conn, institution, A1),) if await views.case(conn, institution, A1) else ()),
        *await store.facts(conn, institution, [A1]),
        *await steps.steps(conn, institution, "intake", [A1]),
        *await steps.versions(conn, institution, "intake", [A1]),
        *await store.applications_of(conn, institution, [A1]),
        *await store.applications(conn, institution, ["A1"]),
    ]


async def test_code_alone_shows_another_institution_nothing(filled: Bench) -> None:
    async with filled.worker.db.transaction() as conn:  # The worker's role sees every row.
        assert await everything(conn, "99XA")
        assert not await everything(conn, "99XB")


async def test_the_database_alone_shows_another_institution_nothing(filled: Bench) -> None:
    for actor, sees in ((COORDINATOR, True), (OTHER, False)):
        async with filled.web.db.as_actor(actor) as conn:
            assert bool(await everything(conn, "99XA")) is sees
            for table in TABLES:
                rows = await conn.fetchval(f"SELECT count(*) FROM {table}")
                assert sees or rows == 0, table


async def test_the_work_list_tells_nothing_of_what_a_pupil_does_at_another_institution(filled: Bench) -> None:
    (before, *_) = await rows_of(filled, "99XA")
    other = status(ONE, "ENROLLED", "2027-02-20", 1, id="B1", brin="99XB")
    await filled.statuses(other, actor=OTHER)
    one = filled.ref(ONE)
    await filled.tell(told(one, handover(one, "opened", "99XB"), 3), told(one, choice(one, "99XB"), 4))
    for actor in (COORDINATOR, None):
        (after, *_) = await rows_of(filled, "99XA", actor)
        assert after == before
        (theirs, *more) = await rows_of(filled, "99XB", actor and OTHER)
        assert (theirs.own_id, theirs.work.dossier, theirs.work.talk, theirs.due, more) == (
            "B1",
            "opened",
            None,
            None,
            [],
        )


async def rows_of(bench: Bench, institution: str, actor: Actor | None = None) -> list[work.Row]:
    """The list of an institution: by its code alone, or behind row-level security."""
    if actor is None:
        async with bench.worker.db.transaction() as conn:  # This role sees every row.
            return await work.work(conn, institution, 2026)
    async with bench.web.db.as_actor(actor) as conn:
        return await work.work(conn, institution, 2026)


async def test_a_connection_without_an_organisation_sees_nothing(filled: Bench) -> None:
    async with filled.web.db.transaction() as conn:
        for table in TABLES:
            assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_a_pupil_is_seen_only_while_there_is_an_application_a_choice_or_an_offered_dossier(filled: Bench) -> None:
    async def names() -> set[str]:
        async with filled.web.db.as_actor(COORDINATOR) as conn:
            return {row["first_name"] for row in await conn.fetch("SELECT first_name FROM pupil")}

    two, three = filled.ref(TWO), filled.ref(THREE)
    assert await names() == {"Noor"}
    await filled.tell(told(two, choice(two, withdrawn=True), 3), told(three, handover(three, "offered"), 2))
    assert await names() == {"Noor", "Daan"}
    await filled.tell(told(three, handover(three, "withdrawn"), 3))
    assert await names() == {"Noor"}


async def test_the_database_refuses_to_write_for_another_institution(filled: Bench) -> None:
    result = Result(NOW.date(), IntakeOutcome.PROVISIONAL)
    row = [(A1, "csv", "A1", 9, "25655", "bol", "offered", NOW, NOW, None, None)]
    async with filled.web.db.as_actor(OTHER) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await steps.save_intakes(conn, "99XA", NOW, "", {(A1, ""): Intake("done", result=result)})
    async with filled.web.db.as_actor(OTHER) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute(store.SQL["add_facts"], "99XA", *([value] for value in row[0]))
    async with filled.web.db.as_actor(OTHER) as conn:
        assert await store.erase_met_here(conn, filled.ref(ONE)) == []
    async with filled.web.db.as_actor(COORDINATOR) as conn:
        assert await store.erase_met_here(conn, filled.ref(TWO)) == []


async def test_the_code_refuses_to_write_for_another_institution(filled: Bench) -> None:
    result = Result(NOW.date(), IntakeOutcome.PROVISIONAL)
    async with filled.worker.db.transaction() as conn:
        with pytest.raises(NotFound):
            await move_intake(conn, MoveIntake(A1, filled.ref(ONE), "record", result), OTHER, NOW)
        with pytest.raises(NotFound):
            await erase_pupil(conn, ErasePupil(filled.ref(ONE)), OTHER, NOW)
