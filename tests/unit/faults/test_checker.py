"""The history checker: silent about a sound history, however it arrived; loud about every broken promise."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.faults.checker import check
from tests.faults.history import Alert, Evidence, Fates, Lain, Stored, Told

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
PUPIL, HOLDER = "a" * 26, {"organisation": "99AA00", "role": "mentor"}
CONSUMERS = {
    "dossiers": frozenset({"coordination"}),
    "coordination": frozenset({"notifications"}),
    "alerts": frozenset({"coordination"}),
}


def told(service: str, sequence: int, kind: str, topic: str, **data: Any) -> Told:
    return Told(service, PUPIL, sequence, f"{service}-{sequence}", kind, topic, NOON, f"t{service}", data)


def action(kind: str, sequence: int, transaction: str) -> Told:
    data = {"cohort": 2027, "action_id": "do", "due_at": NOON.isoformat(), "severity": 1}
    return replace(told("coordination", sequence, kind, "coordination", **data), transaction=transaction)


RISK = {"cohort": 2027, "risk_id": "r", "route": [HOLDER]}
HISTORY = (
    told("dossier", 1, "pupil-expected", "dossiers", cohort=2027),
    told("coordination", 1, "transition-opened", "coordination", cohort=2027),
    told(
        "coordination",
        2,
        "custody-changed",
        "coordination",
        cohort=2027,
        number=1,
        since=NOON.isoformat(),
        holder=HOLDER,
    ),
    action("action-opened", 3, "tcoordination"),
    told("coordination", 4, "student-at-risk", "coordination", **RISK),
    told("notifications", 1, "alert-raised", "alerts", alert_id="hear"),
)
STORED = Stored(
    custody=frozenset({(PUPIL, 2027, 1, NOON, "99AA00", "mentor")}),
    open_actions=frozenset({"do"}),
    open_transitions=frozenset({(PUPIL, 2027)}),
    standing_risks=frozenset({"r"}),
    alerts=(Alert("hear", "r", "99AA00", "mentor", False),),
)


def lain(event: Told, offset: int) -> Lain:
    return Lain(event.topic, 0, offset, event.service, event.subject, event.sequence, event.event_id)


SOUND = Evidence(
    told=HISTORY,
    lain=tuple(lain(event, offset) for offset, event in enumerate(HISTORY)),
    handled=tuple((consumer, e.event_id) for e in HISTORY for consumer in CONSUMERS[e.topic]),
    consumers=CONSUMERS,
    fates=(Fates("coordination", "dossiers", 3, 1, 1, 1, 0),),
    pupils=frozenset({PUPIL}),
    stored=STORED,
)


def test_a_sound_history_is_beyond_reproach() -> None:
    assert check(SOUND) == []


@given(again=st.lists(st.sampled_from(HISTORY)))
def test_records_that_were_sent_again_are_no_fault(again: list[Told]) -> None:
    more = tuple(lain(event, 100 + offset) for offset, event in enumerate(again))
    assert check(replace(SOUND, lain=(*SOUND.lain, *more))) == []


@given(order=st.permutations(range(len(HISTORY))))
def test_order_is_judged_per_stream_and_topic_and_nothing_else(order: list[int]) -> None:
    records = tuple(lain(HISTORY[index], offset) for offset, index in enumerate(order))
    streams = [[HISTORY[i].sequence for i in order if HISTORY[i].service == s] for s in ("dossier", "coordination")]
    found = {finding.rule for finding in check(replace(SOUND, lain=records))}
    assert found == (set() if all(numbers == sorted(numbers) for numbers in streams) else {"order"})


@given(index=st.integers(0, len(HISTORY) - 1))
def test_every_event_that_one_consumer_missed_or_handled_twice_is_found(index: int) -> None:
    missed = (*SOUND.handled[:index], *SOUND.handled[index + 1 :])
    assert {finding.rule for finding in check(replace(SOUND, handled=missed))} >= {"lost"}
    apart = frozenset({SOUND.handled[index]})
    assert "lost" not in {finding.rule for finding in check(replace(SOUND, handled=missed, apart=apart))}
    twice = (*SOUND.handled, SOUND.handled[index])
    assert {finding.rule for finding in check(replace(SOUND, handled=twice))} == {"twice"}


def without(kind: str) -> Evidence:
    gone = {event.event_id for event in HISTORY if event.type == kind}
    return replace(
        SOUND,
        told=tuple(event for event in HISTORY if event.event_id not in gone),
        lain=tuple(record for record in SOUND.lain if record.event_id not in gone),
        handled=tuple(one for one in SOUND.handled if one[1] not in gone),
    )


def also(event: Told, **changes: Any) -> Evidence:
    return replace(
        SOUND,
        told=(*HISTORY, event),
        lain=(*SOUND.lain, lain(event, 50)),
        handled=(*SOUND.handled, *((consumer, event.event_id) for consumer in CONSUMERS[event.topic])),
        **changes,
    )


BROKEN: dict[str, tuple[Callable[[], Evidence], str]] = {
    "a hole in a history": (lambda: without("transition-opened"), "history"),
    "a pupil nobody opened a transition for": (lambda: replace(SOUND, pupils=frozenset({PUPIL, "b" * 26})), "state"),
    "an event that never reached its topic": (lambda: replace(SOUND, lain=SOUND.lain[1:]), "unsent"),
    "a pointer that still waits": (lambda: replace(SOUND, unsent=[("dossier", PUPIL)]), "unsent"),
    "a record that nobody told": (
        lambda: replace(SOUND, lain=(*SOUND.lain, replace(SOUND.lain[0], offset=9, sequence=2, event_id="?"))),
        "invented",
    ),
    "a subject in two partitions": (
        lambda: replace(SOUND, lain=(*SOUND.lain, replace(SOUND.lain[0], offset=9, partition=1))),
        "order",
    ),
    "no custodian": (lambda: without("custody-changed"), "custody"),
    "nothing to do": (lambda: also(action("action-done", 5, "later")), "custody"),
    "an action told again": (lambda: also(action("action-opened", 5, "later")), "twice"),
    "state that was never told": (
        lambda: replace(SOUND, stored=replace(STORED, open_actions=frozenset({"do", "more"}))),
        "state",
    ),
    "an alert raised twice": (
        lambda: also(told("notifications", 2, "alert-raised", "alerts", alert_id="hear")),
        "twice",
    ),
    "a risk that nobody hears": (
        lambda: replace(SOUND, stored=replace(STORED, alerts=(Alert("hear", "r", "99MA", "slb", False),))),
        "lost",
    ),
    "two open alerts of one firing": (
        lambda: also(
            told("notifications", 2, "alert-raised", "alerts", alert_id="two"),
            stored=replace(STORED, alerts=(*STORED.alerts, replace(STORED.alerts[0], alert_id="two"))),
        ),
        "twice",
    ),
    "figures that do not add up": (
        lambda: replace(SOUND, fates=(Fates("coordination", "dossiers", 3, 1, 1, 0, 0),)),
        "account",
    ),
    "more applied than handled": (
        lambda: replace(SOUND, fates=(Fates("coordination", "dossiers", 2, 2, 0, 0, 0),)),
        "account",
    ),
    "custody that began too late": (
        lambda: replace(SOUND, told=(replace(HISTORY[0], at=NOON - timedelta(minutes=6)), *HISTORY[1:])),
        "custody",
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_promise_is_found(name: str) -> None:
    evidence, rule = BROKEN[name]
    assert rule in {finding.rule for finding in check(evidence())}
