"""Files that follow an applicant: the same result in any order, split and repetition; wrong rows wait apart."""

import random
from datetime import UTC, datetime

import pytest

from services.intake.handlers import files
from shared.core.actor import Role
from shared.core.clock import FixedClock
from shared.core.tabular import students
from shared.core.tabular.kinds import FileKind
from shared.messaging.outbox import perform
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import PGNS, Bench, status
from tests.integration.intake.test_handlers import violations
from tests.support import actor

bench = intake_bench.bench
ONE, TWO = PGNS[:2]
LATER = datetime(2027, 11, 5, 9, tzinfo=UTC)
SYSTEM = actor("99XA", Role.SCHOOL_SYSTEM)
KINDS: dict[str, FileKind] = {
    "invitations": students.INVITATIONS,
    "starters": students.STARTERS,
    "switches": students.SWITCHERS,
    "leavers": students.LEAVERS,
    "absences": students.ABSENTEES,
}
ROWS = (
    ("invitations", f"99XA;A1;{ONE};uitgenodigd;2027-01-10;2027-01-20;;;"),
    ("invitations", f"99XA;A1;{ONE};gepland;2027-01-12;;2027-01-25 13:30;locatie;"),
    ("invitations", f"99XA;A1;{ONE};gemist;2027-01-25 14:00;;;;no_show"),
    ("invitations", f"99XA;A1;{ONE};gepland;2027-01-26;;2027-02-01 10:00;online;"),
    ("invitations", f"99XA;A2;{TWO};gepland;2027-01-12;;2027-01-25 13:30;telefoon;"),
    ("invitations", f"99XA;A2;{TWO};gemist;2027-01-25;;;;pupil_cancelled"),
    ("starters", f"99XA;A1;{ONE};N;2027-08-30;2027-09-06;ill;2;2027-09-06"),
    ("starters", f"99XA;A1;{ONE};J;2027-09-08;;;;2027-09-08"),
    ("starters", f"99XA;A1;{ONE};J;2027-09-07;;;;2027-09-10"),
    ("starters", f"99XA;A2;{TWO};J;2027-08-30;;;;2027-08-30"),
    ("switches", f"99XA;A1;{ONE};W1;gemeld;2027-09-20;;;;;2027-09-20"),
    ("switches", f"99XA;A1;{ONE};W1;begonnen;2027-10-04;;25607;3;;2027-10-04"),
    ("switches", f"99XA;A1;{ONE};W2;gemeld;2027-10-10;99XB;25607;;B7;2027-10-10"),
    ("leavers", f"99XA;A1;{ONE};2027-10-12;4;other_mbo;99XB;N;N;2027-10-12"),
    ("leavers", f"99XA;A1;{ONE};2027-10-10;4;other_mbo;99XB;N;;2027-10-13"),
    ("absences", f"99XA;A1;{ONE};V1;hours_16_in_4_weeks;geregistreerd;2027-10-04;2027-09-13;;J;;;2027-10-04"),
    ("absences", f"99XA;A1;{ONE};V1;hours_16_in_4_weeks;afgesloten;2027-10-04;;;J;2027-11-02;other;2027-11-02"),
)
STATES = (
    "SELECT application_id, state, invited_at, answer_by, planned_at, form, missed, missed_reason FROM intake",
    "SELECT application_id, state, first_day, checked_on, ended_on, end_reason, destination FROM enrolment",
    "SELECT switch_id, status, to_institution, to_programme, to_level, to_application_id, switched_on FROM switch",
    "SELECT report_number, status, closed_on, closed_reason, absent_from FROM absence",
)


@pytest.fixture
async def applied(bench: Bench) -> Bench:
    await bench.statuses(status(ONE, "ENROLLED", "2027-02-05", 1), status(TWO, "OFFERED", "2027-02-05", 1, id="A2"))
    for side in (bench.web, bench.worker):
        side.settings.clock = FixedClock(LATER)
    return bench


async def take(bench: Bench, kind: str, *rows: str) -> tuple[int, int, int, int]:
    text = "\n".join([";".join(KINDS[kind].header), *rows])
    handler, command = files.command(kind, text.encode(), bench.web.keys, LATER)
    result = await perform(bench.web, SYSTEM, handler, command)
    return result.applied, result.unchanged, result.skipped, result.quarantined


async def states(bench: Bench) -> list[object]:
    return [sorted(map(str, await bench.rows(query))) for query in STATES]


@pytest.mark.parametrize("seed", range(8))
async def test_any_order_split_and_repetition_of_files_gives_the_same_states(applied: Bench, seed: int) -> None:
    bench, dice = applied, random.Random(seed)
    for kind in KINDS:
        rows = [row for of, row in ROWS if of == kind]
        assert await take(bench, kind, *rows) == (len(rows), 0, 0, 0)
        assert await take(bench, kind, *rows) == (0, len(rows), 0, 0)
    expected = await states(bench)
    assert not await violations(bench)
    async with bench.worker.db.acquire() as conn:
        for table in ("step", "intake", "enrolment", "switch", "absence"):
            await conn.execute(f"DELETE FROM {table}")
    for kind, row in dice.sample([*ROWS, *ROWS], 2 * len(ROWS)):
        await take(bench, kind, row)
    assert await states(bench) == expected
    assert not await violations(bench)


async def test_the_last_that_was_recorded_says_where_it_stands(applied: Bench) -> None:
    bench = applied
    for kind, row in ROWS:
        await take(bench, kind, row)
    assert await bench.rows("SELECT state, missed, form FROM intake ORDER BY form") == [
        {"state": "planned", "missed": 1, "form": "online"},
        {"state": "missed", "missed": 1, "form": "phone"},
    ]
    enrolments = await bench.rows("SELECT state, first_day::text, ended_on::text FROM enrolment ORDER BY state")
    assert enrolments == [
        {"state": "ended", "first_day": "2027-09-07", "ended_on": "2027-10-10"},
        {"state": "started", "first_day": "2027-08-30", "ended_on": None},
    ]
    assert {row["status"] for row in await bench.rows("SELECT status FROM switch")} == {"started", "registered"}
    assert await bench.rows("SELECT status FROM absence") == [{"status": "closed"}]


WRONG = (
    ("invitations", f"99XA;A9;{ONE};uitgenodigd;2027-01-10;;;;", ["unknown_application"]),
    ("invitations", f"99XB;A1;{ONE};uitgenodigd;2027-01-10;;;;", ["other_organisation"]),
    ("invitations", f"99XA;A1;{TWO};uitgenodigd;2027-01-10;;;;", ["other_pupil"]),
    ("invitations", f"99XA;A1;{ONE};gepland;2027-12-10;;;;no_show", ["missing", "missing", "not_expected", "future"]),
    ("invitations", f"99XA;A1;{ONE};gemist;2027-01-10 25:00;;;;", ["invalid"]),
    ("starters", f"99XA;A1;{ONE};N;2027-08-30;;made_up;;2027-09-06", ["missing", "unlisted_code"]),
    ("starters", f"99XA;A1;{ONE};J;2027-12-30;2027-09-06;;1;2027-09-06", ["not_expected", "not_expected", "future"]),
    ("switches", f"99XA;A1;{ONE};W1;begonnen;2027-10-04;;;;;2027-10-04", ["missing"]),
    ("leavers", f"99XA;A1;{ONE};2027-10-12;8;;;N;;2027-10-12", ["invalid"]),
    ("leavers", f"99XA;A1;{ONE};2027-10-12;1;work;99XB;N;;2027-10-12", ["not_expected"]),
    ("absences", f"99XA;A1;{ONE};V1;other;afgesloten;2027-10-04;;;J;;;2027-10-04", ["missing", "missing"]),
)


@pytest.mark.parametrize(("kind", "row", "codes"), WRONG)
async def test_a_wrong_row_waits_apart_with_every_fault(applied: Bench, kind: str, row: str, codes: list[str]) -> None:
    text = "\n".join([";".join(KINDS[kind].header), row])
    handler, command = files.command(kind, text.encode(), applied.web.keys, LATER)
    result = await perform(applied.web, SYSTEM, handler, command)
    assert (result.received, result.quarantined) == (1, 1)
    assert [fault.code for fault in result.faults] == codes
    assert ONE not in str(result.faults)


async def test_a_report_number_has_one_application_in_a_file_and_after_it(applied: Bench) -> None:
    row = ROWS[-2][1]
    other = row.replace(f";A1;{ONE};", f";A2;{TWO};")
    assert await take(applied, "absences", row) == (1, 0, 0, 0)
    assert await take(applied, "absences", other) == (0, 0, 0, 1)
    assert await take(applied, "absences", row.replace("V1", "V2"), other.replace("V1;", "V2;")) == (1, 0, 0, 1)
