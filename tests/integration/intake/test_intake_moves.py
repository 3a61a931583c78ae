"""The intake on a real database: invited, planned, missed, held and taken back; one by one and many at once."""

from datetime import date, timedelta
from typing import Any

import pytest

from services.intake.domain.intake import Invited, Missed, Planned, Result
from services.intake.handlers.duties import LayDown, lay_down
from services.intake.handlers.intakes import InviteAll, Move, MoveIntake, invite_all, move_intake
from shared.core.errors import IllegalMove, Invalid, NotFound, Stale
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform, preview
from shared.schemas.intakes import IntakeOutcome
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import COORDINATOR, NOW, OTHER, PGNS, Bench, status
from tests.integration.intake.test_handlers import violations

bench = intake_bench.bench
A1, A2 = opaque_ref("application", "99XA", "A1"), opaque_ref("application", "99XA", "A2")
ONE, TWO = PGNS[:2]
SOON = Planned(NOW + timedelta(days=3), "on_site")


async def move(bench: Bench, name: Move, said: Any = None, **more: Any) -> Any:
    """A move of A1 by the coordinator of its institution."""
    return await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), name, said, **more))


async def told_of_intakes(bench: Bench) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, data) for kind, _, data in await bench.events() if kind.startswith("intake-")]


@pytest.fixture
async def received(bench: Bench) -> Bench:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    return bench


async def test_every_move_tells_the_whole_intake(received: Bench) -> None:
    bench = received
    await perform(bench.web, COORDINATOR, lay_down, LayDown("all", date(2026, 10, 1), True, "Beleid 2027"))
    await perform(bench.web, COORDINATOR, lay_down, LayDown("25607", date(2026, 10, 1), False, "Beleid 2027"))
    await move(bench, "invite", Invited(date(2027, 3, 15)))
    await move(bench, "plan", SOON)
    await move(bench, "miss", Missed("pupil_cancelled"))
    await move(bench, "invite", Invited())
    provisional = Result(date(2027, 2, 28), IntakeOutcome.PROVISIONAL, "more_information")
    await move(bench, "record", provisional)
    assert await move(bench, "place") == 6
    told = await told_of_intakes(bench)
    assert [kind for kind, _ in told] == [
        "intake-invited",
        "intake-planned",
        "intake-missed",
        "intake-invited",
        "intake-done",
        "intake-done",
    ]
    assert all(data["mandatory"] for _, data in told)
    assert (told[0][1]["answer_by"], told[3][1]["answer_by"]) == ("2027-03-15", None)
    assert [data["missed"] for _, data in told] == [0, 0, 1, 1, 1, 1]
    assert (told[2][1]["missed_reason"], told[2][1]["form"]) == ("pupil_cancelled", "on_site")
    assert [(data["outcome"], data["reason"]) for _, data in told[4:]] == [
        ("provisional", "more_information"),
        ("placed", None),
    ]
    assert not await violations(bench)


async def test_what_is_taken_back_stands_where_it_stood_before(received: Bench) -> None:
    bench = received
    await move(bench, "invite", Invited())
    await move(bench, "plan", SOON)
    await move(bench, "record", Result(NOW.date(), IntakeOutcome.PLACED))
    for expected in ("intake-planned", "intake-invited", "intake-invited"):
        await move(bench, "undo")
        assert (await told_of_intakes(bench))[-1][0] == expected
    assert (await told_of_intakes(bench))[-1][1]["invited_at"] is None
    assert await bench.rows("SELECT state, version FROM intake") == [{"state": "expected", "version": 6}]
    with pytest.raises(IllegalMove):
        await move(bench, "undo")
    assert not await violations(bench)


async def test_a_move_that_is_not_open_names_the_state_and_what_is(received: Bench) -> None:
    bench = received
    with pytest.raises(IllegalMove) as refused:
        await move(bench, "miss", Missed("no_show"))
    assert (refused.value.state, refused.value.open_moves) == ("expected", ("invite", "plan", "record"))
    await move(bench, "record", Result(NOW.date(), IntakeOutcome.PLACED))
    with pytest.raises(IllegalMove) as refused:
        await move(bench, "place")
    assert (refused.value.state, refused.value.open_moves) == ("done", ("record", "undo"))
    with pytest.raises(NotFound):
        await perform(bench.web, OTHER, move_intake, MoveIntake(A1, bench.ref(ONE), "undo"))


async def test_every_fault_of_a_move_is_told(received: Bench) -> None:
    bench = received
    wrong: list[tuple[Move, Any, str]] = [
        ("invite", Invited(date(2027, 2, 28)), "answer_by"),
        ("plan", Planned(NOW, "phone"), "planned_at"),
        ("record", Result(NOW.date(), IntakeOutcome.PLACED, advised_programme="25607"), "advised_programme"),
    ]
    for name, said, where in wrong:
        with pytest.raises(Invalid) as faults:
            await move(bench, name, said)
        assert [fault.where for fault in faults.value.faults] == [where]
    await move(bench, "plan", SOON)
    for reason in ("no_show", "made_up"):
        with pytest.raises(Invalid):
            await move(bench, "miss", Missed(reason))


async def test_who_read_an_older_version_is_told_who_changed_it(received: Bench) -> None:
    bench = received
    assert await move(bench, "invite", Invited(), version=0) == 1
    with pytest.raises(Stale) as stale:
        await move(bench, "plan", SOON, version=0)
    assert (stale.value.version, stale.value.changed_at) == (1, NOW)
    assert stale.value.changed_by == "intake_coordinator"
    assert await move(bench, "plan", SOON, version=1) == 2


async def test_many_are_invited_at_once_and_each_has_a_fate(received: Bench) -> None:
    bench = received
    await bench.statuses(
        status(TWO, "RECEIVED", "2027-01-05", 1, id="A2"), status(TWO, "REJECTED", "2027-01-05", 1, id="A3")
    )
    third = opaque_ref("application", "99XA", "A3")
    await move(bench, "invite", Invited())
    command = InviteAll([(A1, bench.ref(ONE)), (A2, bench.ref(TWO)), (third, bench.ref(TWO))], Invited())
    for carry in (preview, perform):
        fates = await carry(bench.web, COORDINATOR, invite_all, command)
        assert [(fate.fate, fate.state) for fate in fates] == [
            ("unchanged", "invited"),
            ("invited", "expected"),
            ("refused", "closed"),
        ]
    assert len(await told_of_intakes(bench)) == 2
    none = await perform(bench.web, OTHER, invite_all, command)
    assert {fate.fate for fate in none} == {"not_found"}
    assert not await violations(bench)
