"""Who closes what is still asked for gains nothing by it: no fresh days, and no step back on the ladder."""

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain import actions
from services.coordination.domain.case import Case
from tests.unit.coordination import made, recorded
from tests.unit.coordination.made import COHORT, NOVEMBER, REGION, WORLD, case, day, ref, told
from tests.unit.coordination.position.test_position_laws import STEPS, history

REGISTER = "register-application"


def closed(book, action, now, reason="spoken"):
    """A person closes an action, as the command does."""
    one = actions.done(case(book), action.action_id, reason, now)
    book.put(actions.planned(one, book.known(ref(1), COHORT), WORLD, now), now)


def of_kind(book, kind=REGISTER):
    return next(a for a in case(book).actions.values() if a.open and a.kind == kind)


def span(action):
    """Everything that decides by when who must act, and when the next one hears."""
    return action.owner, action.step, action.stage, action.severity, action.opened_at, action.due_at, action.late_at


def test_what_a_person_closes_is_opened_again_while_the_facts_ask_for_it():
    book = told([made.expected()])
    first = of_kind(book)
    closed(book, first, day(1, 10))
    assert (of_kind(book).number, case(book).actions[first.action_id].reason) == (2, "spoken")
    assert case(book).transition.next_action == of_kind(book).action_id


def test_it_goes_on_where_it_was_on_the_ladder_and_with_the_date_it_had():
    book = told([made.expected()])
    made.run_until(book, day(4, 5))
    before = of_kind(book)
    closed(book, before, day(4, 6))
    assert (before.step, span(of_kind(book))) == (1, span(before))
    opened = [d.data for d in book.drafts if d.data.TYPE == "action-opened" and d.data.kind == REGISTER][-1]
    assert (opened.escalations, opened.due_at, opened.owner) == (1, before.due_at, before.owner)


def test_the_region_hears_at_the_same_instant_however_often_it_is_closed():
    until = day(6, 1)
    alone, often = told([made.expected()]), told([made.expected()])
    made.run_until(alone, until)
    for days in range(1, 210, 3):
        now = min(made.soon(NOVEMBER, days), until)
        made.run_until(often, now)
        closed(often, of_kind(often), now)
    made.run_until(often, until)
    assert span(of_kind(often)) == span(of_kind(alone))
    assert of_kind(often).owner.organisation == REGION


def test_what_was_due_already_when_it_was_closed_escalates_all_the_same():
    book = told([made.expected()])
    closed(book, of_kind(book), day(4, 1, hour=18))
    made.run_until(book, day(4, 1, hour=18))
    assert of_kind(book).step == 1


def test_what_somebody_has_seen_is_not_seen_once_it_is_asked_again():
    book = told([made.expected(), made.acknowledged(REGISTER, at=day(2, 2))])
    closed(book, of_kind(book), day(2, 3))
    assert of_kind(book).acknowledged_at is None


def test_who_has_it_again_is_who_is_asked_for_now_as_long_as_it_did_not_escalate():
    book = told([made.expected()])
    told([made.expected(mentor="mentor-9", at=day(1, 5), sequence=2)], book)
    closed(book, of_kind(book), day(1, 6))
    assert of_kind(book).owner.contact == "mentor-9"


def test_an_intake_that_must_be_planned_again_keeps_its_days_when_somebody_closes_it():
    book = told([made.expected(), made.applied(), made.missed(at=day(1, 11), sequence=2)])
    before = of_kind(book, "plan-intake-again")
    closed(book, before, made.soon(before.due_at, -1))
    assert of_kind(book, "plan-intake-again").due_at == before.due_at


def test_an_answer_to_an_offer_of_custody_keeps_its_step_when_somebody_closes_it_instead():
    book = told([made.recorded(), made.expected(sequence=2), made.applied(status="enrolled", sequence=1)])
    made.run_until(book, day(8, 25))
    before = of_kind(book, actions.ANSWER)
    assert before.step > 0
    closed(book, before, day(8, 25), "not-needed")
    assert span(of_kind(book, actions.ANSWER)) == span(before)


def test_what_was_agreed_at_a_table_stays_on_its_step_when_two_references_are_one_child():
    book = told([made.expected(), made.expected(2)])
    one = case(book, 2)
    due = actions.exactly(day(1, 11))
    wanted = actions.Wanted("call_parents", actions.AGREED + "1", one.holder, due, 2)
    book.put(actions.with_next(actions.opened(one, wanted, NOVEMBER)[0]), NOVEMBER)
    made.run_until(book, day(1, 12))
    (late,) = (a for a in case(book, 2).actions.values() if a.open and a.kind == "call_parents")
    told([made.linked(1, 2, at=day(1, 12))], book)
    assert late.step > 0
    assert span(of_kind(book, "call_parents")) == span(late)


DAYS = st.lists(st.tuples(st.integers(1, 60), st.integers(0, 5)), min_size=1, max_size=8)
"""After how many days somebody closes which of the open actions."""


@settings(max_examples=50, deadline=None)
@given(st.lists(STEPS, max_size=5), DAYS, st.sampled_from(actions.REASONS))
def test_closing_by_hand_never_lowers_the_step_nor_puts_off_the_next_one(steps, days, reason):
    book, now = told([made.expected(), made.recorded(sequence=2), *history(steps)]), NOVEMBER
    for after, which in days:
        now = made.soon(now, after)
        made.run_until(book, now)
        if not case(book).open:
            return
        before = asked(case(book))
        closed(book, [*before.values()][which % len(before)], now, reason)
        for key, action in asked(case(book)).items():
            if key in before and action.stage == before[key].stage:
                assert action.step >= before[key].step
                assert action.late_at <= before[key].late_at
        assert list(recorded.found(book)) == []


def asked(one: Case):
    return {(a.kind, a.about): a for a in one.actions.values() if a.open}
