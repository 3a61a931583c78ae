"""What must be done next by whom, and what happens when it is not."""

from dataclasses import replace
from datetime import date

from services.coordination.domain import actions
from services.coordination.domain.position import Position
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, OTHER_MBO, REGION, SITE, case, day, told


def next_action(book, n=1):
    return case(book, n).actions[case(book, n).transition.next_action]


def who(action):
    return action.owner.organisation, action.owner.role, action.owner.contact


def test_each_position_asks_for_its_own_action():
    book = told([made.expected()])
    seen = []
    for event in (
        made.applied(sequence=1),
        made.intake(sequence=2),
        made.applied(status="enrolled", sequence=3),
        made.applied(status="withdrawn", sequence=4),
    ):
        seen.append((case(book).transition.position, next_action(book).kind, who(next_action(book))[0]))
        told([event], book)
    assert seen == [
        ("none", "register-application", SITE),
        ("applied", "hold-intake", MBO),
        ("placed", "confirm-enrolment", MBO),
        ("enrolled", "confirm-start", MBO),
    ]
    assert next_action(book).kind == "confirm-start", "a minute of quiet comes first"
    made.run_until(book, made.quiet())
    assert [a.kind for a in case(book).actions.values() if a.open] == ["register-application", "find-another-place"]


def test_the_statutory_date_is_the_last_day_to_apply():
    assert next_action(told([made.expected()])).due_at == day(4, 1, hour=17)


def test_who_is_late_already_still_gets_some_school_days():
    book = told([made.expected(at=day(4, 5))])
    assert next_action(book).due_at == day(4, 12, hour=17)


def test_losing_one_of_two_applications_changes_who_must_act():
    book = told([made.expected(), made.applied(key="a1"), made.applied(key="a2", mbo=OTHER_MBO, status="offered")])
    assert who(next_action(book)) == (OTHER_MBO, "intake_coordinator", "other-intake")
    told([made.applied(key="a2", mbo=OTHER_MBO, status="rejected", sequence=5)], book)
    made.run_until(book, made.quiet())
    assert (next_action(book).kind, who(next_action(book))[0]) == ("hold-intake", MBO)


def test_the_earliest_due_is_next_and_the_change_is_told():
    book = told([made.expected(), made.handover(at=day(1, 11), offered=day(1, 11))])
    assert next_action(book).kind == "answer-handover"
    base = [d.data for d in book.drafts if d.data.TYPE == "action-opened" and d.data.kind == "register-application"]
    assert [data.next for data in base] == [True, False]


def test_an_action_that_is_not_done_climbs_the_ladder_and_stays_on_top():
    book = told([made.expected()])
    owners = [who(next_action(book))]
    for _ in range(5):
        book.timers = [t for t in book.timers if t.kind == "action-due"]
        made.run_until(book, next_action(book).due_at)
        owners.append(who(next_action(book)))
    top = (REGION, "region_coordinator", "region_coordinator-1")
    expected = [(SITE, "mentor", "mentor-1"), (SITE, "mentor", "mentor-2"), (SITE, "decaan", "decaan-1"), top, top, top]
    assert owners == expected
    overdue = [d.data for d in book.drafts if d.data.TYPE == "action-overdue"]
    assert [data.owner.contact for data in overdue] == [owner[2] for owner in expected[1:]]
    assert next_action(book).open


def test_an_escalated_action_gets_five_school_days():
    book = told([made.expected()])
    made.run_until(book, day(4, 1, hour=17))
    base = next(a for a in case(book).actions.values() if a.kind == "register-application")
    assert (base.step, base.due_at) == (1, day(4, 8, hour=17))


def test_a_coordinator_does_not_get_back_what_the_deputy_let_lie():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(3, 1))
    talk = next(a for a in case(book).actions.values() if a.kind == "talk-to-pupil")
    assert who(talk) == (SITE, "decaan", "decaan-1")
    made.run_until(book, day(3, 8, hour=17))
    assert who(case(book).actions[talk.action_id]) == (SITE, "decaan", "decaan-2")
    made.run_until(book, day(3, 15, hour=17))
    assert who(case(book).actions[talk.action_id])[:2] == (REGION, "region_coordinator")


def test_a_timer_of_an_action_that_is_done_does_nothing():
    book = told([made.expected(), made.applied()])
    before = case(book)
    book.timers = [t for t in book.timers if t.kind == "action-due"][:1]
    made.run_until(book, day(4, 1, hour=17))
    assert case(book) == before


def test_a_signal_somebody_acted_on_asks_nothing_more_until_it_is_severer():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(2, 1))
    talk = next_action(book)
    assert talk.kind == "talk-to-pupil"
    closed = actions.done(case(book), talk.action_id, "spoken", day(2, 2))
    book.put(actions.planned(closed, book.known(made.ref(1), made.COHORT), made.WORLD, day(2, 2)), day(2, 2))
    assert next_action(book).kind == "register-application"
    made.run_until(book, day(3, 1))
    assert (next_action(book).kind, next_action(book).severity) == ("talk-to-pupil", 2)


def test_an_owner_without_contact_is_replaced_by_the_region_coordinator():
    world = made.without(made.WORLD, MBO)
    book = told([made.expected(), made.applied()], world=world)
    assert who(next_action(book)) == (REGION, "region_coordinator", "region_coordinator-1")


def test_an_acknowledged_alert_is_remembered_without_a_new_event():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(2, 1))
    count = len(book.drafts)
    told([made.acknowledged("no-application", at=day(2, 2))], book)
    assert [r.acknowledged_at for r in case(book).risks.values()] == [day(2, 2)]
    assert len(book.drafts) == count


def of_kind(book, kind):
    return [a for a in case(book).actions.values() if a.open and a.kind == kind]


def test_what_was_agreed_in_a_talk_is_an_action_with_its_owner_and_date():
    (agreed,) = of_kind(told([made.expected(), made.talked()]), "call_parents")
    assert (agreed.owner.organisation, agreed.owner.role, agreed.due_at) == (SITE, "mentor", day(1, 11, hour=17))


def test_it_stays_until_a_person_closes_it_and_does_not_come_back():
    book = told([made.expected(), made.talked(), made.applied(status="enrolled")])
    (agreed,) = of_kind(book, "call_parents")
    book.put(actions.done(case(book), agreed.action_id, "spoken", day(1, 5)), day(1, 5))
    told([made.applied(key="a2", at=day(1, 6)), made.talked(at=day(1, 7), sequence=9)], book)
    assert of_kind(book, "call_parents") == []


def test_it_closes_when_the_talk_says_that_it_was_done():
    book = told([made.expected(), made.talked(), made.talked(done_on=date(2027, 1, 5), at=day(1, 5), sequence=7)])
    assert of_kind(book, "call_parents") == []


def test_a_missed_mandatory_intake_is_an_action_and_no_end():
    book = told([made.expected(), made.applied(), made.missed()])
    (again,) = of_kind(book, "plan-intake-again")
    assert (who(again), case(book).transition.position) == (
        (MBO, "intake_coordinator", "intake_coordinator-1"),
        "applied",
    )
    told([made.intake(sequence=3)], book)
    assert of_kind(book, "plan-intake-again") == []


def test_a_missed_intake_that_was_not_mandatory_asks_for_nothing():
    assert of_kind(told([made.expected(), made.applied(), made.missed(mandatory=False)]), "plan-intake-again") == []


def with_grace(school_days):
    """The made-up world in which nobody else is told before so many school days after a deadline."""
    agreed = replace(made.WORLD.agreement.deadlines, grace_school_days=school_days)
    return replace(made.WORLD, agreement=replace(made.WORLD.agreement, deadlines=agreed))


def test_within_the_grace_agreed_on_an_action_stays_where_it_is_and_no_signal_fires():
    world = with_grace(2)
    offered = day(1, 11)
    book = told([made.expected(), made.handover(at=offered, offered=offered)], world=world)
    action = next_action(book)
    assert (action.window_from, action.due_at, action.window_until) == (
        offered,
        day(1, 25, hour=17),
        day(1, 27, hour=17),
    )
    made.run_until(book, day(1, 27, hour=16), world)
    assert (next_action(book).step, case(book).risks) == (0, {})
    made.run_until(book, day(1, 27, hour=17), world)
    assert next_action(book).step == 1
    assert [risk.rule for risk in case(book).risks.values()] == ["handover-unanswered"]
    late = next_action(book)
    assert (late.window_from, late.window_until) == (None, None), "who gets it next has days of their own"


def test_the_window_is_told_with_the_action():
    book = told([made.expected(), made.handover(at=day(1, 11), offered=day(1, 11))], world=with_grace(2))
    opened = next(d.data for d in book.drafts if d.data.TYPE == "action-opened" and d.data.kind == "answer-handover")
    assert (opened.window_from, opened.window_until) == (day(1, 11), day(1, 27, hour=17))


def test_an_agreement_may_say_from_when_an_action_is_to_be_done():
    asked = {**made.WORLD.agreement.actions}
    asked[Position.NONE] = replace(asked[Position.NONE], opens="02-01")
    world = replace(made.WORLD, agreement=replace(made.WORLD.agreement, actions=asked))
    action = next_action(told([made.expected()], world=world))
    assert (action.window_from, action.due_at) == (day(2, 1, hour=0), day(4, 1, hour=17))


def test_a_deadline_agreed_in_a_talk_is_exactly_that_day_also_with_grace():
    book = told([made.expected(), made.talked()], world=with_grace(2))
    action = next(a for a in case(book).actions.values() if a.about.startswith(actions.TALK))
    assert (action.window_from, action.due_at, action.window_until) == (None, day(1, 11, hour=17), None)
