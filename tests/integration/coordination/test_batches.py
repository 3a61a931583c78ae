"""Batches, timers, links and erasure on a real database; the audit runs after every test."""

from typing import Any

import asyncpg
import pytest

from services.coordination import store
from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import as_told, run_until, tell
from tests.support import deliver, published
from tests.unit.coordination import made
from tests.unit.coordination.made import case, day


async def test_a_saved_case_is_loaded_as_it_was(worker: Transport, service: Service):
    events = [
        made.recorded(1),
        made.expected(1, sequence=2),
        made.handover(1),
        made.linked(1, 2),
        made.expected(2),
        made.applied(1),
    ]
    await tell(worker, service, *events)
    await run_until(worker, service, day(4, 2))
    async with worker.db.transaction() as conn:
        book = await store.load(conn, [made.ref(2)])
    expected = made.told(events, world=made.bare())
    made.run_until(expected, day(4, 2), made.bare())
    mine, theirs = case(book, 1), case(expected, 1)
    assert (mine.transition, mine.holder, mine.risks) == (theirs.transition, theirs.holder, theirs.risks)
    assert set(mine.actions.values()) == {a for a in theirs.actions.values() if a.open}
    assert book.references[made.ref(1)].name == "Made Up"
    assert book.root(made.ref(2)) == made.ref(1)


async def test_a_large_batch_of_mixed_events_is_as_good_as_one_by_one(worker: Transport, service: Service):
    events = [e for n in range(100) for e in (made.expected(n), made.chosen(n), made.handover(n))]
    await deliver(worker, service, [as_told(event) for event in reversed(events)])
    await deliver(worker, service, [as_told(made.applied(n)) for n in range(100)])
    opened = [subject for kind, subject, _ in await published(worker) if kind == "transition-opened"]
    assert sorted(opened) == sorted({made.ref(n) for n in range(100)})


async def test_a_signal_is_published_by_the_timer_with_its_due_instant(worker: Transport, service: Service):
    await tell(worker, service, made.recorded(), made.expected(sequence=2))
    await run_until(worker, service, day(2, 1))
    at_risk = [data for kind, _, data in await published(worker) if kind == "student-at-risk"]
    assert [(d["severity"], d["known_until"]) for d in at_risk] == [("notice", "2027-02-01T07:00:00Z")]


async def test_an_overdue_action_moves_up_and_stays_open(worker: Transport, service: Service, admin: Any):
    await tell(worker, service, made.recorded(), made.expected(sequence=2))
    await run_until(worker, service, day(6, 1))
    overdue = [data for kind, _, data in await published(worker) if kind == "action-overdue"]
    assert overdue[0]["owner"]["contact"] == "mentor-2"
    assert await admin.fetchval("SELECT count(*) FROM action WHERE open AND due_at < $1", day(6, 1)) == 0


async def test_erasure_leaves_nothing_but_that_it_was_erased(worker: Transport, service: Service, admin: Any):
    await tell(worker, service, made.recorded(), made.expected(sequence=2), made.handover())
    await run_until(worker, service, day(4, 2))
    await tell(worker, service, made.erased(), made.expected(sequence=30))
    for table in ("fact", "transition", "custody", "action", "risk", "timer"):
        whose = "subject" if table == "timer" else "pupil_ref"
        assert await admin.fetchval(f"SELECT count(*) FROM {table} WHERE {whose} = $1", made.ref(1)) == 0, table
    assert await admin.fetchval("SELECT erased AND name IS NULL FROM pupil")
    assert [kind for kind, subject, _ in await published(worker) if subject == made.ref(1)] == ["erasure-confirmed"]


async def test_an_organisation_event_on_a_topic_of_pupils_is_counted_as_unchanged(
    worker: Transport, service: Service, admin: Any
):
    event = made.acknowledged("silent-partner")
    await deliver(worker, service, [as_told(made.renamed(event, made.SITE))])
    assert await admin.fetchval("SELECT unchanged FROM tally WHERE entrance = 'alerts'") == 1


GAP = "UPDATE custody SET since = since + interval '1 hour' WHERE n = 1"
HOLE = """INSERT INTO custody (pupil_ref, cohort, n, since, prev_since, organisation, role, basis)
    SELECT pupil_ref, cohort, n + 2, since, since, organisation, role, basis FROM custody WHERE n = 2"""
EARLIER = """INSERT INTO custody (pupil_ref, cohort, n, since, prev_since, organisation, role, basis)
    SELECT pupil_ref, cohort, n + 1, since - interval '1 hour', since, organisation, role, basis
    FROM custody WHERE n = 2"""
NO_ACTION = "UPDATE transition SET next_action = NULL"
CLOSED_NEXT = "UPDATE action SET done_at = opened_at, reason = 'done'"
NO_CUSTODIAN = "UPDATE transition SET custody_n = 9"


@pytest.mark.parametrize("statement", [GAP, HOLE, EARLIER, NO_ACTION, CLOSED_NEXT, NO_CUSTODIAN])
async def test_the_database_can_hold_nothing_else(worker: Transport, service: Service, admin: Any, statement: str):
    await tell(worker, service, made.expected(), made.expected(sequence=2, vo_site=made.OTHER_SITE))
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        async with admin.transaction():
            await admin.execute(statement)


async def test_the_worker_can_not_rewrite_custody(worker: Transport, service: Service):
    await tell(worker, service, made.expected())
    async with worker.db.acquire() as conn:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await conn.execute("UPDATE custody SET organisation = 'x'")
