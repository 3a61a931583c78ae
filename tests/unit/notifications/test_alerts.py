"""The state machine of an alert, and the rules that raise, escalate and clear alerts."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notifications.domain import alerts
from services.notifications.domain.alerts import Alert, Command, Hearer, Reason, new_alert
from services.notifications.domain.mails import WAITS, next_attempt
from services.notifications.domain.world import World
from services.notifications.handlers import HANDLERS
from shared.core.errors import IllegalMove
from shared.schemas.alerts import AlertStatus
from shared.schemas.coordination import ActionDone, ActionOpened, ActionOverdue, Severity, TransitionClosed
from shared.schemas.envelope import Event
from tests.unit.notifications import made
from tests.unit.notifications.made import ANNA, BRAM, DECAAN, MENTOR, NOW, OFFICER, Stream

REASON = Reason("risk-1", ANNA, made.COHORT, "no-application", Severity.NOTICE)
RAISED = new_alert(ANNA, REASON, Hearer("99XA00", "mentor"), NOW)
MOVES: dict[Command, Callable[[Alert], Alert]] = {
    "deliver": lambda alert: alerts.deliver(alert, NOW),
    "escalate": alerts.escalate,
    "acknowledge": lambda alert: alerts.acknowledge(alert, NOW),
    "start": lambda alert: alerts.start(alert, NOW),
    "undo": alerts.undo,
    "resolve": lambda alert: alerts.resolve(alert, "useful", "contact", NOW),
    "clear": lambda alert: alerts.clear(alert, NOW),
    "raise": lambda alert: alerts.raise_again(alert, RAISED),
}


def play(*events: Event) -> World:
    """What is known after these events, in this order."""
    world = World()
    for event in events:
        HANDLERS[event.type](world, event)
    world.settle()
    return world


def all_alerts(world: World) -> list[Alert]:
    return sorted((a for mine in world.alerts.values() for a in mine.values()), key=lambda a: a.alert_id)


def heard(world: World) -> list[tuple[str, str, int]]:
    return [(change.command, change.alert.hearer.role, change.alert.step) for change in world.changes]


@given(st.lists(st.sampled_from(sorted(MOVES))))
def test_a_move_is_either_in_the_table_or_refused_with_the_open_ones(moves: list[Command]) -> None:
    alert = RAISED
    for move in moves:
        expected = next((m.next for m in alerts.ALERT.moves if (m.state, m.command) == (alert.state, move)), None)
        if expected is None:
            with pytest.raises(IllegalMove) as refused:
                MOVES[move](alert)
            party = alerts.RECIPIENT if move in alerts.BY_PERSONS else alerts.SYSTEM
            assert refused.value.open_moves == alerts.ALERT.open_moves(alert.state, party)
            continue
        undone = move == "undo" and expected == AlertStatus.RAISED and alert.delivered_at
        alert = MOVES[move](alert)
        assert alert.state == (AlertStatus.DELIVERED if undone else expected)
        assert (alert.status is AlertStatus.RESOLVED) == (alert.verdict is not None)


def test_an_undone_confirmation_stands_where_it_stood() -> None:
    delivered = alerts.deliver(RAISED, NOW)
    assert alerts.undo(alerts.acknowledge(RAISED, NOW)) == RAISED
    assert alerts.undo(alerts.acknowledge(delivered, NOW)) == delivered
    seen = alerts.acknowledge(RAISED, NOW)
    assert alerts.undo(alerts.start(seen, NOW)) == seen


def test_a_mail_is_tried_for_some_36_hours_and_then_given_up() -> None:
    tries = [next_attempt(failures, NOW) for failures in range(1, 8)]
    assert tries == [*(NOW + wait for wait in WAITS), None]
    assert timedelta(hours=34) < sum(WAITS, timedelta()) < timedelta(hours=36)


def test_a_more_serious_signal_takes_the_place_of_a_milder_one() -> None:
    say = Stream()
    world = play(
        say("coordination", made.at_risk(Severity.NOTICE)),
        say("coordination", made.at_risk(Severity.WARNING, (MENTOR, DECAAN))),
        say("coordination", made.at_risk(Severity.NOTICE)),
    )
    assert heard(world) == [
        ("raise", "mentor", 1),
        ("clear", "mentor", 1),
        ("raise", "mentor", 1),
        ("raise", "decaan", 1),
    ]
    assert sorted(a.reason.severity for a in all_alerts(world) if a.is_open) == ["warning", "warning"]


def test_a_signal_that_comes_back_is_raised_once_more() -> None:
    say = Stream()
    world = play(
        say("coordination", made.at_risk()),
        say("coordination", made.at_risk(cleared=True)),
        say("coordination", made.at_risk()),
    )
    assert heard(world) == [("raise", "mentor", 1), ("clear", "mentor", 1), ("raise", "mentor", 2)]
    assert [mail.alert.step for mail in world.mails] == [1, 2]


def test_what_a_person_resolved_is_not_raised_again_while_the_signal_stands() -> None:
    say = Stream()
    world = play(say("coordination", made.at_risk()))
    (alert,) = all_alerts(world)
    world.alerts[ANNA][alert.alert_id] = alerts.resolve(alert, "unnecessary", "known", NOW)
    HANDLERS["student-at-risk"](world, say("coordination", made.at_risk()))
    assert len(world.changes) == 1


def test_an_overdue_action_climbs_from_person_to_deputy_to_colleague_and_repeats_on_top() -> None:
    say = Stream()
    deputy = MENTOR.model_copy(update={"contact": MENTOR.deputy, "deputy": None})
    world = play(
        say("coordination", made.action(ActionOpened, MENTOR, 0)),
        say("coordination", made.action(ActionOverdue, MENTOR, 5)),
        say("coordination", made.action(ActionOverdue, deputy, 10)),
        say("coordination", made.action(ActionOverdue, OFFICER, 15)),
        say("coordination", made.action(ActionOverdue, OFFICER, 20)),
        say("coordination", made.action(ActionOverdue, OFFICER, 20)),
    )
    assert heard(world) == [
        ("raise", "mentor", 1),
        ("escalate", "mentor", 2),
        ("escalate", "mentor", 3),
        ("raise", "doorstroompunt", 1),
        ("escalate", "doorstroompunt", 2),
    ]
    assert world.mails[1].recipient_ref == MENTOR.deputy
    assert {a.due_at for a in all_alerts(world)} == {NOW + timedelta(days=20)}


def test_an_alert_shows_the_first_due_date_of_its_owner_until_that_is_done() -> None:
    say = Stream()
    world = play(say("coordination", made.action(ActionOpened, MENTOR, 3)), say("coordination", made.at_risk()))
    assert [a.due_at for a in all_alerts(world)] == [NOW + timedelta(days=3)]
    HANDLERS["action-done"](world, say("coordination", made.action(ActionDone, MENTOR)))
    world.settle()
    assert [a.due_at for a in all_alerts(world)] == [None]


def test_a_closed_transition_ends_every_alert_of_that_reference_and_cohort_only() -> None:
    say, other = Stream(), Stream(BRAM)
    link = made.linked(BRAM, ANNA)
    world = play(
        say("coordination", made.at_risk()),
        other("coordination", made.at_risk(risk_id="risk-2")),
        say("dossier", link),
        other("dossier", link),
        other("coordination", TransitionClosed(occurred_at=NOW, cohort=made.COHORT, outcome="linked")),
    )
    assert {a.reason.told_as: a.is_open for a in all_alerts(world)} == {ANNA: True, BRAM: False}
    assert {a.pupil_ref for a in all_alerts(world)} == {ANNA}


@given(st.data())
def test_the_order_of_arrival_does_not_change_which_alerts_are_open(data: st.DataObject) -> None:
    """Every event is delivered at least once, in any order; the last word of each signal and action decides."""
    say = Stream()
    events = [
        say("coordination", made.at_risk(Severity.NOTICE), NOW + timedelta(days=1)),
        say("coordination", made.at_risk(Severity.WARNING, (MENTOR, OFFICER)), NOW + timedelta(days=2)),
        say("coordination", made.action(ActionOverdue, DECAAN), NOW + timedelta(days=3)),
        say("coordination", made.at_risk(Severity.WARNING, cleared=True), NOW + timedelta(days=4)),
        say("coordination", made.action(ActionDone, DECAAN), NOW + timedelta(days=5)),
        say("coordination", made.at_risk(Severity.RISK, (OFFICER,), risk_id="risk-2"), NOW + timedelta(days=6)),
    ]
    arrived = data.draw(st.permutations(events)) + data.draw(st.lists(st.sampled_from(events)))
    world = play(*arrived)
    assert [(a.reason.cause, a.hearer.role) for a in all_alerts(world) if a.is_open] == [("risk-2", "doorstroompunt")]
    assert all(replace(a, due_at=None) == a for a in all_alerts(world))
