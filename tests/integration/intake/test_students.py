"""Students on a real database: started or not, switched, absent by report number, and gone."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from services.intake.domain.absence import Absence
from services.intake.domain.enrolment import Ended, NotStarted, Started
from services.intake.domain.switch import Switch
from services.intake.handlers.enrolments import Follow, Followed, follow
from shared.core.actor import Role
from shared.core.clock import FixedClock
from shared.core.errors import Forbidden, IllegalMove, Invalid, NotFound
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import OTHER, PGNS, Bench, status
from tests.integration.intake.test_handlers import violations
from tests.support import actor

bench = intake_bench.bench
A1, A2 = (opaque_ref("application", "99XA", own) for own in ("A1", "A2"))
ONE, TWO = PGNS[:2]
SLBER = actor("99XA", Role.SLBER)
LATER = datetime(2027, 10, 12, 9, tzinfo=UTC)
FIRST = date(2027, 8, 30)
REPORT = Absence("hours_16_in_4_weeks", "registered", date(2027, 10, 4), date(2027, 9, 13), date(2027, 10, 1))


@pytest.fixture
async def enrolled(bench: Bench) -> Bench:
    await bench.statuses(
        status(ONE, "ENROLLED", "2027-02-05", 1),
        status(TWO, "OFFERED", "2027-02-05", 1, id="A2"),
    )
    for side in (bench.web, bench.worker):
        side.settings.clock = FixedClock(LATER)
    return bench


async def tell(bench: Bench, move: str, said: Any = None, entity: Followed = "enrolment", key: str = "") -> Any:
    """A move of A1 by a study career adviser of its institution."""
    return await perform(bench.web, SLBER, follow, Follow(entity, (A1, key), bench.ref(ONE), move, said))


async def told(bench: Bench, *kinds: str) -> list[tuple[str, dict[str, Any]]]:
    return [(kind, data) for kind, _, data in await bench.events() if kind in kinds]


async def test_a_student_starts_late_and_leaves(enrolled: Bench) -> None:
    bench = enrolled
    await tell(bench, "not_start", NotStarted(FIRST, date(2027, 9, 6), "not_reachable", 2))
    await tell(bench, "start", Started(date(2027, 9, 8)))
    await tell(bench, "start", Started(date(2027, 9, 8)))
    await tell(bench, "end", Ended(date(2027, 10, 12), 4, "other_mbo", "99XB"))
    events = await told(bench, "student-not-started", "student-started", "enrolment-ended")
    assert [kind for kind, _ in events] == ["student-not-started", "student-started", "enrolment-ended"]
    absent, started, ended = (data for _, data in events)
    assert (absent["first_day"], absent["checked_on"], absent["contact_attempts"]) == ("2027-08-30", "2027-09-06", 2)
    assert (started["first_day"], started["pathway"]) == ("2027-09-08", "bol")
    assert (ended["first_day"], ended["reason"], ended["to_institution"]) == ("2027-09-08", 4, "99XB")
    assert await bench.rows("SELECT state, first_day, version FROM enrolment") == [
        {"state": "ended", "first_day": date(2027, 9, 8), "version": 3}
    ]
    assert not await violations(bench)


async def test_an_end_may_work_back_to_before_the_first_day(enrolled: Bench) -> None:
    bench = enrolled
    await tell(bench, "start", Started(FIRST))
    await tell(bench, "end", Ended(date(2027, 8, 25), 7))
    assert await bench.rows("SELECT state FROM enrolment") == [{"state": "ended"}]
    with pytest.raises(IllegalMove) as refused:
        await tell(bench, "start", Started(FIRST))
    assert (refused.value.state, refused.value.open_moves) == ("ended", ("end", "undo"))


async def test_a_mistake_is_taken_back_to_what_was_told_before_it(enrolled: Bench) -> None:
    bench = enrolled
    await tell(bench, "start", Started(FIRST))
    await tell(bench, "end", Ended(date(2027, 10, 12), 4))
    await tell(bench, "undo")
    assert [kind for kind, _ in await told(bench, "student-started", "enrolment-ended")][-1] == "student-started"
    with pytest.raises(IllegalMove):
        await tell(bench, "undo")
    assert not await violations(bench)


async def test_who_was_not_enrolled_does_not_start_and_an_intaker_does_not_tell_it(enrolled: Bench) -> None:
    bench = enrolled
    command = Follow("enrolment", (A2, ""), bench.ref(TWO), "start", Started(FIRST))
    with pytest.raises(IllegalMove) as refused:
        await perform(bench.web, SLBER, follow, command)
    assert (refused.value.state, refused.value.open_moves) == ("not_enrolled", ())
    mine = Follow("enrolment", (A1, ""), bench.ref(ONE), "start", Started(FIRST))
    with pytest.raises(Forbidden):
        await perform(bench.web, actor("99XA", Role.INTAKER), follow, mine)
    with pytest.raises(NotFound):
        await perform(bench.web, OTHER, follow, mine)


async def test_every_fault_is_told_at_once(enrolled: Bench) -> None:
    bench = enrolled
    wrong: list[tuple[str, Any, Followed, list[str]]] = [
        ("start", Started(date(2027, 10, 13)), "enrolment", ["first_day"]),
        ("not_start", NotStarted(date(2027, 10, 14), date(2027, 10, 13), "made_up"), "enrolment",
         ["checked_on", "first_day", "reason"]),
        ("end", Ended(date(2027, 10, 13), 4, "work", "99XB"), "enrolment", ["ended_on", "to_institution"]),
        ("start", Switch("started", LATER.date()), "switch", ["to_programme"]),
        ("close", Absence("made_up", "closed", date(2027, 10, 13), LATER.date(), FIRST), "absence",
         ["reported_on", "kind", "absent_until", "closed_on", "closed_reason"]),
    ]  # fmt: skip
    for move, said, entity, where in wrong:
        with pytest.raises(Invalid) as faults:
            await tell(bench, move, said, entity, "" if entity == "enrolment" else "K1")
        assert [fault.where for fault in faults.value.faults] == where


async def test_a_switch_is_considered_begun_and_taken_back(enrolled: Bench) -> None:
    bench = enrolled
    await tell(bench, "register", Switch("registered", date(2027, 9, 20)), "switch", "K1")
    await tell(bench, "start", Switch("started", date(2027, 10, 1), None, "25607", 3), "switch", "K1")
    await tell(bench, "undo", None, "switch", "K1")
    await tell(bench, "cancel", Switch("cancelled", date(2027, 10, 5)), "switch", "K1")
    events = [data for _, data in await told(bench, "programme-switched")]
    assert [data["status"] for data in events] == ["registered", "started", "registered", "cancelled"]
    assert {(data["switch_id"], data["from_programme"]) for data in events} == {("K1", "25655")}
    with pytest.raises(IllegalMove) as refused:
        await tell(bench, "start", Switch("started", date(2027, 10, 1), None, "25607"), "switch", "K1")
    assert refused.value.state == "cancelled"
    assert not await violations(bench)


async def test_absence_is_kept_by_its_number_which_has_one_application(enrolled: Bench) -> None:
    bench = enrolled
    await tell(bench, "register", REPORT, "absence", "V1")
    closed = Absence(
        "hours_16_in_4_weeks", "closed", date(2027, 10, 4), closed_on=LATER.date(), closed_reason="back_to_school"
    )
    await tell(bench, "close", closed, "absence", "V1")
    events = [data for _, data in await told(bench, "absence-reported")]
    assert [(data["report_number"], data["status"]) for data in events] == [("V1", "registered"), ("V1", "closed")]
    with pytest.raises(Invalid) as faults:
        await perform(bench.web, SLBER, follow, Follow("absence", (A2, "V1"), bench.ref(TWO), "register", REPORT))
    assert faults.value.faults[0].code == "other_application"
    assert not await violations(bench)
