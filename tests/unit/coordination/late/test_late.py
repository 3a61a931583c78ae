"""What comes late changes nothing that was decided: a timer of before, a message of before, a day of before."""

from dataclasses import replace
from datetime import date, timedelta

from services.coordination.domain import offers
from services.coordination.domain.book import in_line
from services.coordination.handlers.events import TIMERS
from shared.schemas.envelope import Timer
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, MUNICIPALITY, NOVEMBER, SITE, WORLD, case, day, ref, told

BORN, HALF_A_MINUTE = date(2010, 10, 5), timedelta(seconds=30)


def fired(book, kind, at, key=str(COHORT)):
    """What a timer that was set for an instant before has changed: the case before and after it, and what it told."""
    before, told_of = case(book), len(book.drafts)
    TIMERS[kind](book, Timer(kind, ref(1), key, at), WORLD)
    return before, case(book), book.drafts[told_of:]


def test_a_look_at_the_position_that_was_put_off_by_a_new_fact_decides_nothing():
    book = told([made.expected(), made.applied()])
    told([made.applied(status="rejected", at=day(1, 11), sequence=2)], book)
    put_off = case(book).transition.weigh_at
    told([made.handover(at=put_off - HALF_A_MINUTE)], book)
    assert case(book).transition.weigh_at == put_off + HALF_A_MINUTE
    before, after, news = fired(book, "position", put_off)
    assert (after, after.transition.position, news) == (before, "applied", [])


def test_a_look_at_the_custody_that_was_put_off_by_a_new_fact_offers_nobody_to_anybody():
    book = told([made.recorded(born=BORN), made.expected(sequence=2), made.applied(status="enrolled")])
    told([made.enrolled(at=day(8, 30))], book)
    put_off = case(book).transition.follow_at
    told([made.chosen(at=put_off - HALF_A_MINUTE, sequence=8)], book)
    assert case(book).transition.follow_at == put_off + HALF_A_MINUTE
    before, after, news = fired(book, "custody", put_off)
    assert (after, after.offer, news) == (before, None, [])


def test_a_look_of_a_rule_that_fires_again_finds_nothing_and_plans_nothing():
    book = told([made.recorded(), made.expected(sequence=2)])
    made.run_until(book, day(3, 2))
    before, after, news = fired(book, "no-application", day(2, 1), f"{COHORT}:")
    assert (after, news) == (before, [])
    assert after.transition.checks["no-application"] == day(4, 1)


def test_an_action_that_was_due_before_and_is_due_later_now_does_not_climb():
    book = told([made.expected()])
    made.run_until(book, day(4, 2))
    action = next(a for a in case(book).actions.values() if a.open and a.kind == "register-application")
    assert action.step == 1
    before, after, news = fired(book, "action-due", day(4, 1, hour=17), f"{COHORT}:{action.action_id}")
    assert (after, news) == (before, [])


def test_who_turns_out_to_have_left_before_the_pupil_came_back_is_followed_by_the_deputy_from_then_on_and_not_before():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, day(10, 1))
    returned = in_line(
        offers.given_back(case(book), "not_resident", None, day(10, 8)), book.known(ref(1), COHORT), WORLD, day(10, 8)
    )
    book.put(returned, day(10, 8))
    assert (case(book).holder.contact, case(book).holder.deputy) == ("mentor-1", "mentor-2")
    school = replace(WORLD.directory[SITE], posts=(*WORLD.directory[SITE].posts, _left("mentor-1")))
    world = replace(WORLD, directory={**WORLD.directory, SITE: school})
    TIMERS["presence"](book, Timer("presence", ref(1), str(COHORT), day(10, 4)), world)
    assert case(book).holder.contact == "mentor-2"
    assert [start.since for start in case(book).custody[-2:]] == [day(10, 8), day(10, 8)]


def _left(person):
    return replace(made.post("mentor", name=person), valid_until=NOVEMBER.date())


def test_a_message_from_before_a_pupil_was_given_to_the_municipality_does_not_take_the_pupil_back_in_time():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, day(10, 1))
    assert case(book).holder.organisation == MUNICIPALITY
    told([made.chosen(at=day(2, 1), sequence=5)], book)
    assert case(book).holder.organisation == MUNICIPALITY
    told([made.applied(status="enrolled", at=day(7, 1)), made.enrolled(at=day(8, 30))], book)
    made.run_until(book, day(10, 2))
    offered = case(book).offer
    assert (offered.target.organisation, offered.state.value) == (MBO, "offered")
    assert offered.offered_at >= case(book).custody[-1].since


def test_a_start_that_is_told_late_does_not_undo_that_the_pupil_had_settled():
    first = [made.expected(), made.applied(status="enrolled"), made.enrolled(at=day(8, 30))]
    book = told(first)
    made.run_until(book, day(12, 20))
    assert case(book).transition.outcome == "arrived"
    told([made.intake(at=day(9, 1), sequence=9)], book)
    assert case(book).transition.outcome == "arrived"
    assert case(book).transition.weighed_at == day(12, 8, hour=0)


def test_a_message_from_before_the_end_of_another_route_does_not_bring_that_route_back():
    book = told([made.expected(), made.elsewhere(until=date(COHORT, 3, 3))])
    made.run_until(book, day(3, 4))
    assert case(book).transition.position == "none"
    told([made.chosen(at=day(2, 2), sequence=9)], book)
    assert case(book).transition.position == "chosen"


def test_what_moved_to_another_year_keeps_its_custodian_when_two_references_are_one_child():
    book = told([made.applied(2)])
    later = made.applied(2, at=made.soon(NOVEMBER), sequence=2)
    told([replace(later, data=later.data.model_copy(update={"cohort": COHORT + 1}))], book)
    assert case(book, 2).open
    told([made.linked(1, 2, at=made.soon(NOVEMBER, 2))], book)
    assert not case(book, 2).open
    assert case(book, 1).holder.organisation == MBO
