"""A year lived again under another agreement: what moves, and by how much."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain.history.rehearsal import Comparison, Moved
from services.coordination.domain.world.agreed import Agreement
from services.coordination.handlers.rehearsal import rehearsed
from shared.schemas.coordination import ActionDone, Custodian, CustodyAccepted
from shared.schemas.envelope import Event
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, NOVEMBER, REGION, SITE, WORLD, day
from tests.unit.coordination.position.test_position_laws import STEPS, history
from tests.unit.coordination.test_custody import EVENTS

END = day(6, 1)
AGREED = WORLD.agreement


def with_day(rule: str, stage: int, month_day: str) -> Agreement:
    """The agreement with another day for one stage of a rule."""
    terms = AGREED.rules[rule]
    stages = [replace(one, day=month_day) if n == stage else one for n, one in enumerate(terms.stages)]
    return replace(AGREED, rules={**AGREED.rules, rule: replace(terms, stages=tuple(stages))})


def found(events: Sequence[Event], agreed: Agreement, until: Any = END) -> Comparison:
    """What a rehearsal of one child finds."""
    rehearsal = rehearsed(WORLD, agreed, until)
    rehearsal.live(sorted(events, key=lambda event: event.time))
    return rehearsal.found


def signals(got: Comparison) -> dict[str, Moved]:
    """By severity, what became of the signals about a missing application; other rules have their own days."""
    return {severity: moved for (rule, severity), moved in got.signals.items() if rule == "no-application"}


def test_a_stage_ten_days_later_moves_its_signal_by_exactly_ten_days():
    got = found([made.recorded(), made.expected(sequence=2)], with_day("no-application", 0, "02-11"))
    assert {severity: moved.days for severity, moved in signals(got).items()} == {
        "notice": {10: 1},
        "warning": {0: 1},
        "risk": {0: 1},
    }
    mentor = SITE, "mentor"
    weeks = [next(iter(side.weeks(mentor))) for side in (got.before, got.after)]
    assert weeks == [date(COHORT, 2, 1).isocalendar()[:2], date(COHORT, 2, 11).isocalendar()[:2]]


def test_a_signal_that_comes_too_late_for_who_has_applied_by_then_is_no_longer_given():
    events = [made.expected(), made.applied(at=day(2, 5))]
    got = found(events, with_day("no-application", 0, "02-11"))
    assert [(severity, m.gone, m.new) for severity, m in signals(got).items()] == [("notice", 1, 0)]
    back = found(events, with_day("no-application", 0, "01-11"))
    assert [(severity, m.days) for severity, m in signals(back).items()] == [("notice", {-21: 1})]


def test_a_rule_that_is_turned_off_gives_no_signal():
    off = replace(AGREED, rules={**AGREED.rules, "no-application": replace(AGREED.rules["no-application"], on=False)})
    got = found([made.expected()], off)
    assert {m.gone for m in signals(got).values()} == {1}
    assert got.after.alerts.total() < got.before.alerts.total()


def test_the_agreement_of_another_region_changes_nothing_here():
    elsewhere = replace(with_day("no-application", 0, "02-11"), region="20")
    assert found([made.expected()], elsewhere).same
    assert not found([made.expected()], replace(elsewhere, region=REGION)).same


def test_who_accepted_a_pupil_does_so_again_and_what_people_closed_is_closed_again():
    asked = [made.expected(), made.applied(at=day(3, 1)), made.applied(status="enrolled", at=day(6, 1), sequence=2)]
    offer = Custodian(organisation=MBO, role="intake_coordinator", contact="intake_coordinator-1")
    accepted = CustodyAccepted(
        occurred_at=day(7, 5),
        cohort=COHORT,
        target=offer,
        basis="agreed",
        answer_by=day(7, 20),
        situation="enrolled_not_started",
        offered_at=day(7, 1),
        answered_at=day(7, 5),
    )
    yes = made.event(accepted, at=day(7, 5), source="coordination")
    desks = [found(events, AGREED, day(9, 1)).before.held for events in (asked, [*asked, yes])]
    assert [(MBO, "intake_coordinator") in held for held in desks] == [False, True]


def test_an_action_that_somebody_closed_is_not_passed_on():
    mentor = Custodian(organisation=SITE, role="mentor", contact="mentor-1")
    done = ActionDone(
        occurred_at=day(2, 2),
        action_id="a",
        cohort=COHORT,
        kind="talk-to-pupil",
        owner=mentor,
        due_at=day(2, 8),
        severity=1,
        next=False,
        result="spoken",
    )
    spoken = made.event(done, at=day(2, 2), source="coordination")
    alone, with_talk = (
        found(e, AGREED, day(2, 27)).before.alerts.total() for e in ([made.expected()], [made.expected(), spoken])
    )
    assert with_talk < alone


@settings(max_examples=60, deadline=None)
@given(st.lists(EVENTS, min_size=1, max_size=15))
def test_an_unchanged_agreement_makes_no_difference_to_anybody(events):
    got = found(events, AGREED)
    assert got.same


@settings(max_examples=60, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=10))
def test_nor_does_it_over_a_whole_year(steps):
    got = found(history(steps), replace(AGREED, region=REGION), NOVEMBER + timedelta(days=600))
    assert got.same
