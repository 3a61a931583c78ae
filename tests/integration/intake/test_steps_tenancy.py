"""Steps and what they make: seen by their own institution alone, taken along with a pupil, and gone with them."""

from datetime import date

import asyncpg
import pytest

from services.intake.domain.intake import Invited
from services.intake.domain.steps import Step
from services.intake.handlers.duties import LayDown, lay_down
from services.intake.handlers.enrolments import Follow, follow
from services.intake.handlers.intakes import InviteAll, MoveIntake, invite_all, move_intake
from services.intake.store import steps, views
from shared.core.errors import IllegalMove, NotFound
from shared.core.ids import opaque_ref
from shared.core.tabular import students
from shared.messaging.outbox import perform
from shared.schemas.pupils import PupilErased, PupilLinked
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import COORDINATOR, NOW, OTHER, PGNS, Bench, status, told
from tests.integration.intake.test_handlers import violations

bench = intake_bench.bench
A1 = opaque_ref("application", "99XA", "A1")
ONE, TWO = PGNS[:2]
TABLES = ("step", "intake", "enrolment", "switch", "absence", "intake_duty")
ROWS = {
    "invitations": (students.INVITATIONS, f"99XA;A1;{ONE};uitgenodigd;2027-02-10;;;;"),
    "starters": (students.STARTERS, f"99XA;A1;{ONE};J;2027-02-15;;;;2027-02-15"),
    "switches": (students.SWITCHERS, f"99XA;A1;{ONE};W1;gemeld;2027-02-20;;;;;2027-02-20"),
    "leavers": (students.LEAVERS, f"99XA;A1;{ONE};2027-02-22;4;;;N;;2027-02-22"),
    "absences": (students.ABSENTEES, f"99XA;A1;{ONE};V1;other;geregistreerd;2027-02-20;;;J;;;2027-02-20"),
}


@pytest.fixture
async def filled(bench: Bench) -> Bench:
    """An application at 99XA of which everything is told."""
    await bench.statuses(status(ONE, "ENROLLED", "2027-01-05", 1))
    for name, (kind, row) in ROWS.items():
        result = await bench.hand_in(name, "\n".join([";".join(kind.header), row]))
        assert (result.applied, result.quarantined) == (1, 0)
    await perform(bench.web, COORDINATOR, lay_down, LayDown("all", date(2026, 10, 1), True, "Beleid"))
    return bench


async def test_the_database_alone_shows_another_institution_nothing(filled: Bench) -> None:
    for actor, sees in ((COORDINATOR, True), (OTHER, False)):
        async with filled.web.db.as_actor(actor) as conn:
            for table in TABLES:
                assert bool(await conn.fetchval(f"SELECT count(*) FROM {table}")) is sees, table
    async with filled.web.db.transaction() as conn:
        for table in TABLES:
            assert await conn.fetchval(f"SELECT count(*) FROM {table}") == 0, table


async def test_code_alone_shows_another_institution_nothing(filled: Bench) -> None:
    async with filled.worker.db.transaction() as conn:  # The worker's role sees every row.
        for institution, sees in (("99XA", True), ("99XB", False)):
            for entity in steps.ENTITIES:
                assert bool(await steps.steps(conn, institution, entity, [A1])) is sees
                assert bool(await steps.versions(conn, institution, entity, [A1])) is sees
            assert bool(await steps.story(conn, institution, A1)) is sees
            assert bool(await steps.absences(conn, institution, ["V1"])) is sees
            assert bool(await steps.duties(conn, institution, NOW.date())) is sees
            assert bool(await views.enrolment_of(conn, institution, A1)) is sees
            assert bool(await views.switches_of(conn, institution, A1)) is sees
            assert bool(await views.results(conn, institution, A1)) is False


async def test_nobody_writes_for_another_institution(filled: Bench) -> None:
    step = Step(9, NOW, NOW, "page", "intaker", Invited())
    async with filled.web.db.as_actor(OTHER) as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await steps.add_steps(conn, "99XA", "intake", [(A1, "", step)])
    async with filled.worker.db.transaction() as conn:
        with pytest.raises(NotFound):
            await move_intake(conn, MoveIntake(A1, filled.ref(ONE), "invite", Invited()), OTHER, NOW)
        with pytest.raises(NotFound):
            await follow(conn, Follow("enrolment", (A1, ""), filled.ref(ONE), "undo"), OTHER, NOW)


async def test_a_link_takes_along_what_is_told_and_later_events_go_to_the_survivor(filled: Bench) -> None:
    old, new = filled.ref(ONE), filled.ref(TWO)
    link = PupilLinked(occurred_at=NOW, survivor=new, absorbed=old, evidence="bsn-received")
    await filled.tell(told(old, link, 1), told(new, link, 1))
    command = Follow("enrolment", (A1, ""), new, "undo")
    await perform(filled.web, COORDINATOR, follow, command)
    kind, subject, _ = (await filled.events())[-1]
    assert (kind, subject) == ("student-started", new)
    assert not await violations(filled)


async def test_nothing_of_an_erased_pupil_stays_or_comes_back(filled: Bench) -> None:
    await filled.tell(told(filled.ref(ONE), PupilErased(occurred_at=NOW), 1))
    for name, (kind, row) in ROWS.items():
        result = await filled.hand_in(name, "\n".join([";".join(kind.header), row]))
        assert (result.applied, result.skipped) == (0, 1)
    for table in TABLES[:-1]:
        assert not await filled.rows(f"SELECT 1 FROM {table}"), table
    assert not await violations(filled)


async def test_of_other_education_there_is_no_intake_and_no_student(bench: Bench) -> None:
    await bench.statuses(status(ONE, "ENROLLED", "2027-01-05", 1))
    async with bench.worker.db.acquire() as conn:
        await conn.execute("UPDATE application SET programme = '1002O2412', pathway = 'vavo'")
    with pytest.raises(IllegalMove) as refused:
        await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), "invite", Invited()))
    assert (refused.value.state, refused.value.open_moves) == ("not_mbo", ())
    fates = await perform(bench.web, COORDINATOR, invite_all, InviteAll([(A1, bench.ref(ONE))], Invited()))
    assert [fate.fate for fate in fates] == ["refused"]
    for name, (kind, row) in ROWS.items():
        result = await bench.hand_in(name, "\n".join([";".join(kind.header), row]))
        assert [fault.code for fault in result.faults] == ["not_mbo"], name
