"""Positions on a real database: disordered batches, the timers that decide, and what is read again from the tables."""

from random import Random
from typing import Any

from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import as_told, run_until, tell
from tests.support import deliver, published
from tests.unit.coordination import made
from tests.unit.coordination.position.test_position_laws import END, STEPS_OF, history

HISTORIES = 40
SAME = "SELECT pupil_ref, position, live, outcome FROM transition"


def steps(random: Random) -> list[Any]:
    """Between three and eight things that happen to a pupil within ten minutes or a year."""
    return [random.choice(STEPS_OF)(random) for _ in range(random.randint(3, 8))]


async def test_shuffled_repeated_and_split_batches_end_like_the_events_in_order(
    worker: Transport, service: Service, admin: Any
):
    random = Random(4)
    told = [(n, steps(random)) for n in range(1, HISTORIES + 1)]
    await deliver(worker, service, [as_told(e) for n, some in told for e in history(some, n)])
    shuffled = [e for n, some in told for e in history(some, n + HISTORIES)]
    shuffled += random.sample(shuffled, len(shuffled) // 3)
    random.shuffle(shuffled)
    while shuffled:
        size = random.randint(1, 25)
        await deliver(worker, service, [as_told(event) for event in shuffled[:size]])
        shuffled = shuffled[size:]
    await run_until(worker, service, END)
    rows = {row["pupil_ref"]: tuple(row)[1:] for row in await admin.fetch(SAME)}
    ended = [(rows.get(made.ref(n)), rows.get(made.ref(n + HISTORIES))) for n in range(1, HISTORIES + 1)]
    assert [one for one, other in ended if one != other] == []
    assert {one[0] for one, _ in ended if one} >= {"lost", "applied", "other_route"}, "the histories differ enough"


async def test_a_lost_last_path_is_told_with_the_instant_at_which_it_had_been_quiet(
    worker: Transport, service: Service
):
    await tell(worker, service, made.recorded(), made.expected(sequence=2), made.applied())
    await tell(worker, service, made.applied(status="rejected", sequence=2))
    assert "student-at-risk" not in [kind for kind, _, _ in await published(worker)]
    await run_until(worker, service, made.quiet())
    at_risk = [data for kind, _, data in await published(worker) if kind == "student-at-risk"]
    assert [(d["rule"], d["known_until"]) for d in at_risk] == [("last-path-lost", "2026-11-02T09:01:00Z")]


async def test_a_closed_transition_is_read_with_its_evidence_and_opens_again(
    worker: Transport, service: Service, admin: Any
):
    await tell(worker, service, made.recorded(), made.expected(sequence=2), made.elsewhere(status="confirmed"))
    closed = [data for kind, _, data in await published(worker) if kind == "transition-closed"]
    assert [(d["outcome"], [e["fact"] for e in d["evidence"]]) for d in closed] == [
        ("other_route", ["other-route", "since-date", "evidence"])
    ]
    await tell(worker, service, made.elsewhere(status="withdrawn", sequence=6))
    assert await admin.fetchval("SELECT open FROM transition")
    assert [kind for kind, _, _ in await published(worker)][-3:] == [
        "transition-reopened",
        "custody-changed",
        "action-opened",
    ]


async def test_a_shadow_costs_a_fact_and_nothing_else(worker: Transport, service: Service, admin: Any):
    await tell(worker, service, made.applied(shadow=True))
    assert [await admin.fetchval(f"SELECT count(*) FROM {t}") for t in ("fact", "transition", "timer")] == [1, 0, 0]
    assert await published(worker) == []
