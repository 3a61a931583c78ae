"""Intake on a real database: files and commands in, events out, and the same again changes nothing."""

import itertools
import random
from datetime import date
from typing import Any

import pytest

from services.intake.domain.intake import Result
from services.intake.handlers.erasure import ErasePupil, erase_pupil
from services.intake.handlers.intakes import MoveIntake, move_intake
from shared.core.errors import IllegalMove, Invalid, NotFound
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform, preview
from shared.schemas.intakes import IntakeOutcome
from shared.schemas.pupils import PupilErased, PupilLinked
from shared.storage import queries
from shared.storage.migrate import ROOT
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import (
    COORDINATOR,
    NOW,
    OTHER,
    PGNS,
    Bench,
    choice,
    handover,
    recorded,
    result,
    status,
    told,
)

bench = intake_bench.bench
A1 = opaque_ref("application", "99XA", "A1")
PLACED = Result(date(2027, 2, 20), IntakeOutcome.PLACED)
ONE, TWO = PGNS[:2]


async def violations(bench: Bench) -> list[dict[str, object]]:
    audits = queries.load(ROOT / "services/intake/sql/audit.sql")
    return [row for query in audits.values() for row in await bench.rows(query)]


async def test_a_file_makes_a_pupil_who_is_met_first_and_tells_the_present_state_once(bench: Bench) -> None:
    rows = [status(ONE, "SUBMITTED", "2026-11-02", 1), status(ONE, "RECEIVED", "2026-11-05", 2)]
    assert await bench.statuses(*rows) == (2, 0, 0, 0)
    who, changed = await bench.events()
    assert (who[0], who[2]["last_name"], who[2]["prefix"]) == ("pupil-recorded", "Proef", "van der")
    assert changed[:2] == ("application-status-changed", bench.ref(ONE))
    assert (changed[2]["status"], changed[2]["cohort"], changed[2]["channel"]) == ("received", 2027, "csv")
    assert await bench.statuses(*rows) == (0, 2, 0, 0)
    assert len(await bench.events()) == 2
    assert not await violations(bench)


async def test_rows_in_any_order_and_any_split_give_the_same_application(bench: Bench) -> None:
    steps = ("SUBMITTED", "RECEIVED", "OFFERED", "WITHDRAWN", "SUBMITTED")
    rows = [status(ONE, step, f"2027-01-0{n}", n) for n, step in enumerate(steps, 1)]
    for turn, order in enumerate(random.Random(7).sample(list(itertools.permutations(rows)), 6)):
        moved = [row.replace(";A1;", f";B{turn};") for row in order]
        await bench.statuses(*moved[:turn])
        await bench.statuses(*moved[turn // 2 :])
        await bench.statuses(*moved)
    states = await bench.rows("SELECT DISTINCT pupil_ref, cohort, programme, status, status_at FROM application")
    assert [(state["status"], state["cohort"]) for state in states] == [("submitted", 2027)]
    assert await bench.rows("SELECT count(*) AS n FROM fact") == [{"n": 30}]
    assert not await violations(bench)


async def test_a_row_that_says_what_was_known_is_unchanged_under_any_version(bench: Bench) -> None:
    await bench.statuses(status(ONE, "OFFERED", "2027-01-03", 3))
    assert await bench.statuses(status(ONE, "OFFERED", "2027-01-03", 4)) == (0, 1, 0, 0)
    assert await bench.statuses(status(ONE, "REJECTED", "2027-02-03", 3)) == (0, 1, 0, 0)
    assert len(await bench.events()) == 2


async def test_bad_rows_wait_in_quarantine_and_the_others_go_on(bench: Bench) -> None:
    assert await bench.statuses(
        status(ONE, "SUBMITTED", "2027-01-02", 1),
        status(TWO, "RECEIVED", "2027-01-03", 2),
        status(TWO, "SUBMITTED", "2027-01-03", 1, id="A2", brin="99XB"),
        status("123456789", "SUBMITTED", "2027-01-03", 1, id="A3"),
    ) == (1, 0, 0, 3)
    kept = await bench.rows("SELECT reason, place, payload, organisation FROM quarantine ORDER BY place")
    assert [row["reason"] for row in kept] == ["other_pupil", "other_organisation", "invalid"]
    again = [(await bench.hand_in("applications", bench.web.keys.unseal(row["payload"]))) for row in kept]
    assert [result.quarantined for result in again] == [1, 1, 1]


async def test_what_a_school_tells_stands_above_what_the_institution_told(bench: Bench) -> None:
    await bench.tell(told(bench.ref(ONE), recorded(), 1))
    await bench.statuses(status(ONE, "SUBMITTED", "2027-01-02", 1), status(TWO, "SUBMITTED", "2027-01-02", 1, id="A2"))
    assert (await bench.events())[0][:2] == ("pupil-recorded", bench.ref(TWO))
    await bench.tell(told(bench.ref(TWO), recorded("Mees"), 1))
    await bench.statuses(status(TWO, "RECEIVED", "2027-01-09", 2, id="A2"))
    names = await bench.rows("SELECT first_name, met_at FROM pupil ORDER BY first_name")
    assert names == [{"first_name": "Mees", "met_at": None}, {"first_name": "Sanne", "met_at": None}]


async def test_newer_data_of_a_pupil_who_was_met_first_are_told_and_older_are_not(bench: Bench) -> None:
    await bench.statuses(status(ONE, "SUBMITTED", "2027-01-05", 2))
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-07", 3).replace(";0344;", ";0363;"))
    await bench.statuses(status(ONE, "SUBMITTED", "2027-01-02", 1).replace(";0344;", ";0599;"))
    told_of = [data["municipality"] for kind, _, data in await bench.events() if kind == "pupil-recorded"]
    assert told_of == ["0344", "0363"]


async def test_an_outcome_is_told_and_a_correction_is_told_whole(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    other = Result(PLACED.held_on, IntakeOutcome.OTHER_ADVICE, "wrong_level")
    for outcome in (PLACED, PLACED, other):
        await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), "record", outcome))
    told_of = [(d["outcome"], d["reason"]) for kind, _, d in await bench.events() if kind == "intake-done"]
    assert told_of == [("placed", None), ("other_advice", "wrong_level")]
    assert not await violations(bench)


async def test_an_outcome_needs_a_live_application_of_the_institution_and_good_input(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    with pytest.raises(NotFound):
        await perform(bench.web, OTHER, move_intake, MoveIntake(A1, bench.ref(ONE), "record", PLACED))
    wrong = Result(date(2027, 3, 2), IntakeOutcome.REJECTED)
    with pytest.raises(Invalid) as faults:
        await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), "record", wrong))
    assert [fault.where for fault in faults.value.faults] == ["held_on", "reason"]
    await bench.statuses(status(ONE, "WITHDRAWN", "2027-02-25", 2))
    with pytest.raises(IllegalMove):
        await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), "record", PLACED))


async def test_the_newest_intake_of_a_file_counts_and_the_same_file_changes_nothing(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1), status(TWO, "REJECTED", "2027-02-05", 1, id="A2"))
    rows = [
        result(ONE, "2027-02-01", "provisional"),
        result(ONE, "2027-01-20", "further_study"),
        result(TWO, "2027-02-01", "rejected", "capacity", id="A2"),
        result(TWO, "2027-02-06", "placed", id="A2"),
        result(TWO, "2027-02-01", "placed", id="A9"),
        result(ONE, "2027-03-09", "rejected"),
    ]
    assert await bench.results(*rows) == (3, 0, 0, 3)
    assert await bench.results(*rows[:3]) == (0, 3, 0, 0)
    reasons = await bench.rows("SELECT reason FROM quarantine ORDER BY place")
    assert [row["reason"] for row in reasons] == ["application_ended", "unknown_application", "future"]
    await perform(bench.web, COORDINATOR, move_intake, MoveIntake(A1, bench.ref(ONE), "record", PLACED))
    assert await bench.results(*rows[:3]) == (0, 3, 0, 0)
    outcomes = [d["outcome"] for kind, _, d in await bench.events() if kind == "intake-done"]
    assert sorted(outcomes) == ["placed", "provisional", "rejected"]
    assert not await violations(bench)


async def test_a_preview_says_the_same_and_changes_nothing(bench: Bench) -> None:
    from services.intake.handlers import files

    text = intake_bench.STATUSES + status(ONE, "SUBMITTED", "2027-01-05", 1)
    handler, command = files.command("applications", text.encode(), bench.web.keys, NOW)
    answer = await preview(bench.web, COORDINATOR, handler, command)
    assert (answer.received, answer.applied) == (1, 1)
    assert not await bench.events()
    assert not await bench.rows("SELECT 1 FROM application")


async def test_what_others_tell_may_come_late_twice_or_in_any_order(bench: Bench) -> None:
    ref = bench.ref(ONE)
    events = [told(ref, choice(ref), 1), told(ref, handover(ref, "offered"), 2), told(ref, handover(ref, "opened"), 3)]
    for order in itertools.permutations([*events, told(ref, choice(ref, withdrawn=True), 4)]):
        await bench.tell(*order[:2])
        await bench.tell(*order[2:])
        assert await bench.rows("SELECT status, sequence FROM handover") == [{"status": "opened", "sequence": 3}]
        assert await bench.rows("SELECT withdrawn FROM choice") == [{"withdrawn": True}]
        async with bench.worker.db.acquire() as conn:
            await conn.execute("DELETE FROM choice; DELETE FROM handover")


async def test_a_link_joins_what_was_known_of_both_before_and_after_it(bench: Bench) -> None:
    old, new = bench.ref(ONE), bench.ref(TWO)
    link = PupilLinked(occurred_at=NOW, survivor=new, absorbed=old, evidence="bsn-received")
    await bench.statuses(status(ONE, "SUBMITTED", "2027-01-05", 1))
    await bench.tell(told(old, choice(old), 1))
    await bench.tell(told(old, link, 2), told(new, link, 1))
    await bench.tell(told(old, handover(old, "offered"), 3))
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-06", 2), status(TWO, "SUBMITTED", "2027-01-06", 1, id="A2"))
    for table in ("application", "choice", "handover", "pupil"):
        assert {row["pupil_ref"] for row in await bench.rows(f"SELECT pupil_ref FROM {table}")} == {new}
    assert [subject for kind, subject, _ in await bench.events() if kind != "pupil-recorded"] == [old, new, new]
    assert not await violations(bench)


@pytest.mark.parametrize("erased_first", [True, False])
async def test_nothing_of_an_erased_pupil_stays_or_comes_back(bench: Bench, erased_first: bool) -> None:
    ref, absorbed = bench.ref(ONE), bench.ref(TWO)
    link = PupilLinked(occurred_at=NOW, survivor=ref, absorbed=absorbed, evidence="bsn-received")
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1), status(TWO, "RECEIVED", "2027-01-05", 1, id="A2"))
    last = [told(ref, link, 1), told(ref, PupilErased(occurred_at=NOW), 2)]
    for event in reversed(last) if erased_first else last:
        await bench.tell(event)
    await bench.tell(told(ref, recorded(), 3))
    assert await bench.statuses(status(ONE, "OFFERED", "2027-01-09", 2)) == (0, 0, 1, 0)
    for table in ("application", "fact", "pupil"):
        assert not await bench.rows(f"SELECT 1 FROM {table}")
    assert [(kind, subject) for kind, subject, _ in await bench.events()] == [("erasure-confirmed", ref)]
    assert not await violations(bench)


async def test_a_pupil_is_erased_by_whom_met_them_first_unless_a_school_knows_them(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1), status(TWO, "RECEIVED", "2027-01-05", 1, id="A2"))
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1, brin="99XB"), actor=OTHER)
    await bench.tell(told(bench.ref(TWO), recorded(), 1))
    with pytest.raises(IllegalMove, match="first met elsewhere"):
        await perform(bench.web, OTHER, erase_pupil, ErasePupil(bench.ref(ONE)))
    with pytest.raises(IllegalMove, match="the school must erase"):
        await perform(bench.web, COORDINATOR, erase_pupil, ErasePupil(bench.ref(TWO)))
    with pytest.raises(NotFound):
        await perform(bench.web, OTHER, erase_pupil, ErasePupil(bench.ref(TWO)))
    await perform(bench.web, COORDINATOR, erase_pupil, ErasePupil(bench.ref(ONE)))
    left = await bench.events()
    assert [kind for kind, subject, _ in left if subject == bench.ref(ONE)] == ["pupil-erased", "erasure-confirmed"]
    assert {row["pupil_ref"] for row in await bench.rows("SELECT pupil_ref FROM application")} == {bench.ref(TWO)}
    assert not await violations(bench)


async def test_rows_in_quarantine_go_with_the_pupil_they_are_about(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1), status(TWO, "RECEIVED", "2027-01-05", 1, id="A2"))
    for pgn, other in ((ONE, "A2"), (TWO, "A1")):
        wrong = (status(pgn, "RECEIVED", "2027-01-09", 1, id=other), status(pgn, "ONZIN", "2027-01-09", 1))
        assert await bench.statuses(*wrong) == (0, 0, 0, 2)
        wrong = (result(pgn, "2027-02-20", "placed", id=other), result(pgn, "soon", "placed"))
        assert await bench.results(*wrong) == (0, 0, 0, 2)
    await perform(bench.web, COORDINATOR, erase_pupil, ErasePupil(bench.ref(ONE)))
    assert await bench.rows("SELECT subject, count(*)::int AS n FROM quarantine GROUP BY subject") == [
        {"subject": bench.ref(TWO), "n": 4}
    ]


@pytest.mark.parametrize("seed", range(6))
async def test_links_interleaved_with_anything_give_the_same_rows(bench: Bench, seed: int) -> None:
    a, b, c = (bench.ref(pgn) for pgn in PGNS[:3])
    links = [
        PupilLinked(occurred_at=NOW, survivor=survivor, absorbed=absorbed, evidence="bsn-received")
        for absorbed, survivor in ((a, b), (b, a), (b, c))
    ]
    steps: list[Any] = [
        *(told(ref, link, 10 + n) for n, link in enumerate(links) for ref in (link.survivor, link.absorbed)),
        *(told(ref, choice(ref), 1) for ref in (a, b, c)),
        *(told(ref, recorded(), 2) for ref in (a, c)),
        *(status(pgn, "RECEIVED", "2027-01-05", 1, id=f"A{pgn}") for pgn in PGNS[:3]),
    ]
    for step in random.Random(seed).sample(steps, len(steps)):
        await (bench.statuses(step) if isinstance(step, str) else bench.tell(step))
    for table, rows in (("application", 3), ("choice", 3)):
        owners = await bench.rows(f"SELECT pupil_ref, count(*) AS n FROM {table} GROUP BY pupil_ref")
        assert owners == [{"pupil_ref": c, "n": rows}]
    assert not await violations(bench)
