"""What becomes of a held pupil, and of who is on offer, when age, a diploma or another home changes who must act."""

from dataclasses import replace
from datetime import date

import pytest

from services.coordination.domain.world.staff import Organisation
from shared.core.clock import local_instant
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MUNICIPALITY, OTHER_SITE, REGION, SITE, WORLD, case, day, ref, told

AMSTERDAM, NORTH = "0363", "21"
AROUND = replace(
    WORLD,
    directory={
        **WORLD.directory,
        AMSTERDAM: Organisation(AMSTERDAM, "municipality", NORTH, (made.post("leerplicht", name="other-leerplicht"),)),
        NORTH: Organisation(NORTH, "region", NORTH, (made.post("doorstroompunt", name="other-doorstroompunt"),)),
    },
)
LEFT, ADULT, CHILD = day(11, 1), date(2008, 10, 5), date(2011, 3, 24)


def expected(born):
    """The working set of a pupil whom a school expects, and who lives in the region."""
    return told([made.recorded(born=born), made.expected(sequence=2)], world=AROUND)


def left(born):
    """The working set of a pupil who left the institution that had the pupil, and is on offer by law."""
    gone = made.enrolled(status="ended", at=LEFT, first_day=date(COHORT, 10, 1))
    book = told([made.recorded(born=born), made.expected(sequence=2), made.applied(status="enrolled")], world=AROUND)
    told([made.enrolled(at=day(10, 1), first_day=date(COHORT, 10, 1), sequence=2), gone], book, AROUND)
    made.run_until(book, day(11, 2), AROUND)
    assert offer(book)[1:] == ("offered", "statutory")
    return book


def offer(book):
    last = case(book).offer
    return last.target.organisation, last.state.value, last.basis


def after(book, until, *events):
    """The case after these events and everything that was due until then."""
    told(events, book, AROUND)
    made.run_until(book, until, AROUND)
    return case(book)


def ended(one):
    """How a case ended, with everything that somebody still has to do about it."""
    asked = [action.kind for action in one.actions.values() if action.open]
    return one.transition.outcome, [e.fact for e in one.transition.evidence], one.offer.state.value, asked


def test_who_turns_27_while_on_offer_is_nobodys_task_any_more_and_nobody_is_asked():
    book = left(born=date(2000, 11, 10))
    assert after(book, day(11, 9, hour=23)).open
    assert ended(after(book, day(11, 10, hour=0))) == ("out_of_scope", ["age-limit"], "lapsed", [])


def test_who_turns_27_while_held_and_not_yet_confirmed_is_let_go_on_the_day():
    book = expected(born=date(2000, 11, 10))
    assert after(book, day(11, 9)).holder.organisation == REGION
    assert offer(book) == (REGION, "in_effect", "statutory")
    assert ended(after(book, day(11, 10, hour=0))) == ("out_of_scope", ["age-limit"], "lapsed", [])


def test_who_turns_23_while_on_offer_goes_where_the_law_says_all_the_same():
    book = left(born=date(2004, 11, 10))
    before = case(book).offer
    assert after(book, day(11, 12)).offer == before
    assert after(book, day(12, 31)).holder.organisation == REGION


@pytest.mark.parametrize(("born", "until"), [(date(2002, 11, 10), date(2025, 11, 10)), (date(2003, 1, 5), None)])
def test_until_2026_the_limit_was_23_and_who_turned_23_later_stays(born, until):
    autumn = made.day(11, 4, year=2024)
    told_of = [made.recorded(born=born, at=autumn), made.expected(cohort=2025, at=autumn, sequence=2)]
    book = told(told_of, world=AROUND)
    made.run_until(book, day(11, 9, year=2025), AROUND)
    assert book.cases[ref(1), 2025].holder.organisation == REGION
    made.run_until(book, day(2, 1, year=2026), AROUND)
    closed = book.cases[ref(1), 2025].transition.closed_at
    assert (closed and closed.astimezone(day(2, 1).tzinfo)) == (until and day(11, 10, hour=0, year=2025))


QUALIFIED = {
    "a diploma of before": made.recorded(born=ADULT, basic_qualification=True, at=day(11, 8), sequence=9),
    "an exam": made.passed(at=day(11, 8), sequence=9),
}


@pytest.mark.parametrize("by", QUALIFIED)
def test_who_gains_a_basic_qualification_while_on_offer_is_let_go_at_once(by):
    one = after(left(born=ADULT), made.quiet(day(11, 8)), QUALIFIED[by])
    assert ended(one) == ("out_of_scope", ["basic-qualification"], "lapsed", [])


@pytest.mark.parametrize("by", QUALIFIED)
def test_who_gains_a_basic_qualification_while_held_and_not_yet_confirmed_is_let_go_at_once(by):
    book = expected(born=ADULT)
    assert after(book, day(11, 7)).offer.state.value == "in_effect"
    assert ended(after(book, made.quiet(day(11, 8)), QUALIFIED[by])) == (
        "out_of_scope",
        ["basic-qualification"],
        "lapsed",
        [],
    )


def test_who_gains_one_before_it_is_decided_who_never_arrived_is_followed_until_then_and_offered_to_nobody():
    book = expected(born=ADULT)
    assert after(book, day(9, 20)).offer.state.value == "offered"
    gained = made.recorded(born=ADULT, basic_qualification=True, at=day(9, 20), sequence=9)
    one = after(book, made.quiet(day(9, 20)), gained)
    assert (one.open, one.holder.organisation, one.offer.state.value) == (True, SITE, "lapsed")
    assert ended(after(book, day(10, 1, hour=0)))[:2] == ("out_of_scope", ["basic-qualification"])


MOVES = [(ADULT, REGION, NORTH), (CHILD, MUNICIPALITY, AMSTERDAM)]


@pytest.mark.parametrize(("born", "here", "there"), MOVES)
def test_who_moves_to_another_region_while_held_is_offered_there_with_the_whole_notice(born, here, there):
    book = expected(born=born)
    assert after(book, day(11, 8)).holder.organisation == here
    one = after(
        book, made.quiet(day(11, 8)), made.recorded(born=born, municipality=AMSTERDAM, at=day(11, 8), sequence=9)
    )
    assert (offer(book), one.holder.organisation) == ((there, "offered", "statutory"), here)
    notice = AROUND.agreement.custody.notice_school_days
    takes_effect = AROUND.almanac.calendar(AMSTERDAM).add_school_days(date(COHORT, 11, 8), notice)
    assert one.offer.starts_on == takes_effect
    before, then = (local_instant(takes_effect, 0), local_instant(takes_effect, 1))
    assert after(book, made.soon(before, -1)).holder.organisation == here
    assert after(book, then).holder.organisation == there
    assert offer(book) == (there, "in_effect", "statutory")


@pytest.mark.parametrize(("born", "here", "there"), MOVES)
def test_who_moves_while_on_offer_is_offered_where_the_pupil_lives_now(born, here, there):
    book = left(born=born)
    assert offer(book)[0] == here
    after(book, made.quiet(day(11, 8)), made.recorded(born=born, municipality=AMSTERDAM, at=day(11, 8), sequence=9))
    assert [(one.target.organisation, one.state.value) for one in case(book).offers] == [
        (here, "lapsed"),
        (there, "offered"),
    ]
    asked = {a.owner.organisation for a in case(book).actions.values() if a.open and a.kind == "answer-custody-offer"}
    assert asked == {there}


def test_who_moves_back_before_the_day_stays_with_who_had_the_pupil():
    book = expected(born=ADULT)
    after(book, day(11, 8))
    away = made.recorded(born=ADULT, municipality=AMSTERDAM, at=day(11, 8), sequence=9)
    back = made.recorded(born=ADULT, at=day(11, 10), sequence=10)
    assert after(book, made.quiet(day(11, 8)), away).offer.target.organisation == NORTH
    one = after(book, day(12, 31), back)
    assert (one.holder.organisation, offer(book)) == (REGION, (NORTH, "lapsed", "statutory"))


@pytest.mark.parametrize("order", [(0, 1, 2), (0, 2, 1), (2, 1, 0), (2, 0, 1)])
def test_a_fact_of_1_october_itself_closes_who_is_nobodys_task_whatever_arrives_first(order):
    told_of = [
        made.expected(),
        made.recorded(municipality=None, sequence=2),
        made.expected(vo_site=OTHER_SITE, at=day(10, 1, hour=9), sequence=3),
    ]
    one = after(told([told_of[order[0]]], world=AROUND), day(12, 1), *(told_of[n] for n in order[1:]))
    assert (one.transition.outcome, [e.fact for e in one.transition.evidence]) == (
        "out_of_scope",
        ["no-dutch-residence"],
    )
