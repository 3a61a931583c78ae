"""Who is offered a pupil, when, and what follows: each row of the table and the days between them."""

from dataclasses import replace
from datetime import date

import pytest

from services.coordination.domain import actions, offers
from services.coordination.domain.book import Book, in_line
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, MUNICIPALITY, OTHER_MBO, REGION, SITE, WORLD, case, ref, told

LEFT = made.day(11, 1)
BORN = date(2010, 10, 5)


def at(book: Book, month: int, day: int, year: int = COHORT) -> str:
    """Who has pupil 1 at the beginning of a day."""
    made.run_until(book, made.day(month, day, 0, year))
    return case(book).holder.organisation


def offer(book: Book) -> tuple[str, str, str] | None:
    """The last offer: situation, to whom, and how far it is."""
    last = case(book).offer
    return (last.situation, last.target.organisation, last.state.value) if last else None


def answered(book: Book, now, reason: str | None = None) -> None:
    """Who is offered the pupil says yes, or no for a reason."""
    one, known = case(book), book.known(ref(1), COHORT)
    one = offers.given_back(one, reason, None, now) if reason else offers.accepted(one, now)
    book.put(in_line(one, known, WORLD, now, certain=True), now)


def kinds(book: Book) -> set[str]:
    return {action.kind for action in case(book).actions.values() if action.open}


def test_who_is_enrolled_is_offered_to_the_institution_ahead_of_august_and_stays_at_school_until_it_says_yes():
    book = told([made.recorded(), made.expected(sequence=2), made.applied(status="enrolled")])
    assert at(book, 6, 1) == SITE
    assert offer(book) is None
    assert at(book, 7, 31) == SITE
    assert offer(book) == ("enrolled_not_started", MBO, "offered")
    assert "answer-custody-offer" in kinds(book)
    assert at(book, 8, 2) == SITE, "an agreed move waits for a yes"
    answered(book, made.day(8, 3))
    assert case(book).holder.organisation == MBO
    assert made.types(book)[-4:].count("custody-changed") == 1
    assert "answer-custody-offer" not in kinds(book)


def test_a_yes_ahead_of_the_day_takes_effect_on_the_day():
    book = told([made.recorded(), made.expected(sequence=2), made.applied(status="enrolled")])
    made.run_until(book, made.day(7, 10))
    answered(book, made.day(7, 10))
    assert at(book, 7, 31) == SITE
    assert at(book, 8, 1) == MBO


def test_who_never_arrived_under_18_goes_to_leerplicht_on_1_october_without_an_answer():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    assert at(book, 9, 30) == SITE
    assert offer(book) == ("left_under_18", MUNICIPALITY, "offered")
    assert at(book, 10, 1) == MUNICIPALITY
    assert case(book).custody[-1].basis == "statutory"
    assert "confirm-custody" in kinds(book)


@pytest.mark.parametrize(("day", "holder"), [(4, MUNICIPALITY), (5, REGION)])
def test_on_the_18th_birthday_the_doorstroompunt_has_who_leerplicht_had_the_day_before(day, holder):
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    assert at(book, 10, day, 2028) == holder


@pytest.mark.parametrize(("day", "holder"), [(28, MUNICIPALITY), (1, REGION)])
def test_who_was_born_on_a_leap_day_turns_18_on_1_march(day, holder):
    book = told([made.recorded(born=date(2012, 2, 29)), made.expected(sequence=2)])
    assert at(book, 3 if day == 1 else 2, day, 2030) == holder


@pytest.mark.parametrize(
    ("person", "fact"),
    [
        ({"basic_qualification": True}, "basic-qualification"),
        ({"municipality": None}, "no-dutch-residence"),
        ({"born": date(2000, 9, 1)}, "age-limit"),
    ],
)
def test_who_never_arrived_and_is_nobodys_task_is_followed_until_october_and_then_closed(person, fact):
    book = told([made.recorded(**{"born": BORN} | person), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 30, 0))
    assert case(book).open
    made.run_until(book, made.day(10, 1, 0))
    assert case(book).transition.outcome == "out_of_scope"
    assert [e.fact for e in case(book).transition.evidence] == [fact]


def test_what_was_given_back_stays_with_the_holder_and_is_not_offered_again():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    answered(book, made.day(9, 20), "not_resident")
    assert at(book, 11, 1) == SITE
    assert "settle-custody" in kinds(book)
    assert offer(book) == ("left_under_18", MUNICIPALITY, "returned")
    told([made.recorded(born=BORN, municipality="0363", sequence=9, at=LEFT)], book)
    made.run_until(book, made.soon(LEFT))
    assert offer(book) == ("left_under_18", "0363", "offered"), "another residence is another situation"


@pytest.mark.parametrize("accepted", [True, False])
def test_who_is_asked_ahead_after_another_gave_the_pupil_back_stays_the_one_who_is_asked(accepted):
    book = told([made.recorded(born=date(2009, 11, 20)), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    answered(book, made.day(9, 20), "not_resident")
    assert at(book, 11, 1) == SITE
    asked = case(book).offer
    assert offer(book) == ("left_18_plus", REGION, "offered")
    if accepted:
        answered(book, made.day(11, 2))
    told([made.expected(sequence=9, at=made.day(11, 3))], book)
    assert at(book, 11, 19) == SITE
    assert (case(book).offer.offer_id, case(book).offer.starts_on) == (asked.offer_id, date(2027, 11, 20))
    assert at(book, 11, 20) == REGION


def returned_by_both() -> Book:
    """Leerplicht gave a pupil back, and so did the Doorstroompunt that was asked ahead of the 18th birthday."""
    book = told([made.recorded(born=date(2009, 11, 20)), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    answered(book, made.day(9, 20), "not_resident")
    made.run_until(book, made.day(11, 1))
    answered(book, made.day(11, 1), "outside_task")
    return book


def states(book: Book) -> list[tuple[str, str]]:
    """What became of every offer, but for the one of the summer."""
    return [(one.situation, one.state.value) for one in case(book).offers if one.situation != "holidays"]


def to_settle(book: Book) -> list[str]:
    """Which offers somebody must settle, by situation."""
    offered = {one.offer_id: one.situation for one in case(book).offers}
    return [offered[one.about] for one in case(book).actions.values() if one.open and one.kind == actions.SETTLE]


def settled(book: Book, situation: str, now) -> None:
    """The coordinator of the region settles what came back."""
    (offer_id,) = (one.offer_id for one in case(book).offers if one.situation == situation)
    (about,) = (key for key, one in case(book).actions.items() if one.open and one.about == offer_id)
    one = actions.done(case(book), about, "arranged", now)
    book.put(in_line(one, book.known(ref(1), COHORT), WORLD, now, certain=True), now)


def test_who_gave_a_pupil_back_is_not_asked_again_after_another_gave_the_pupil_back_too():
    book = returned_by_both()
    assert at(book, 11, 19) == SITE
    assert states(book) == [("left_under_18", "returned"), ("left_18_plus", "returned")]


def test_every_return_waits_for_its_own_settlement_also_while_another_is_asked():
    book = returned_by_both()
    assert to_settle(book) == ["left_under_18", "left_18_plus"]
    settled(book, "left_under_18", made.day(11, 2))
    assert to_settle(book) == ["left_18_plus"]
    assert states(book) == [("left_under_18", "settled"), ("left_18_plus", "returned")]


@pytest.mark.parametrize("by_coordinator", [False, True])
def test_a_return_lapses_with_its_situation_and_leaves_the_other_as_it_is(by_coordinator):
    book = returned_by_both()
    if by_coordinator:
        settled(book, "left_under_18", made.day(11, 2))
    assert at(book, 12, 20) == SITE
    assert states(book) == [("left_under_18", "lapsed"), ("left_18_plus", "returned")]
    assert to_settle(book) == ["left_18_plus"]


def test_who_settled_it_that_a_pupil_came_back_is_asked_anew_when_the_pupil_leaves_again():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    answered(book, made.day(9, 20), "already_placed")
    settled(book, "left_under_18", made.day(9, 21))
    told([made.applied(status="enrolled", at=made.day(9, 22)), made.enrolled(at=made.day(9, 22))], book)
    made.run_until(book, made.day(9, 23))
    told([made.enrolled(status="ended", at=LEFT, sequence=9)], book)
    made.run_until(book, made.soon(LEFT))
    assert states(book) == [("left_under_18", "lapsed"), ("started", "lapsed"), ("left_under_18", "offered")]


def test_what_took_effect_unanswered_stays_in_effect_when_an_older_return_lapses():
    book = told([made.recorded(born=date(2009, 11, 20)), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    answered(book, made.day(9, 20), "not_resident")
    assert at(book, 11, 20) == REGION
    assert states(book) == [("left_under_18", "lapsed"), ("left_18_plus", "in_effect")]


def test_a_transition_that_ends_leaves_no_return_behind():
    book = returned_by_both()
    settled(book, "left_18_plus", made.day(11, 2))
    told([made.elsewhere(status="confirmed", at=made.day(11, 3))], book)
    assert not case(book).open
    assert {state for _, state in states(book)} == {"lapsed"}


def test_what_took_effect_by_law_and_is_given_back_is_with_who_had_the_pupil_from_that_moment_on():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    assert at(book, 10, 1) == MUNICIPALITY
    answered(book, made.day(10, 8), "not_resident")
    back = case(book).custody[-1]
    assert (back.holder.organisation, back.situation, back.since) == (SITE, "returned", made.day(10, 8))
    said = next(draft.data for draft in reversed(book.drafts) if draft.data.TYPE == "custody-returned")
    assert (said.returned_to.organisation, said.answered_at) == (SITE, made.day(10, 8))
    assert at(book, 11, 1) == SITE


def test_who_leaves_in_the_school_year_is_offered_with_the_whole_notice():
    book = told([made.recorded(born=BORN), made.expected(sequence=2), made.enrolled(at=made.day(8, 30))])
    told([made.applied(status="enrolled", at=made.day(8, 30), sequence=1)], book)
    told([made.enrolled(status="ended", at=LEFT, sequence=9)], book)
    made.run_until(book, made.soon(LEFT))
    assert case(book).holder.organisation == SITE
    assert offer(book) == ("left_under_18", MUNICIPALITY, "offered")
    assert case(book).offer.starts_on == date(2027, 11, 29)
    assert at(book, 11, 29) == MUNICIPALITY


def test_of_several_enrolments_the_holder_keeps_the_pupil_until_october():
    events = [made.recorded(), made.expected(sequence=2), made.applied(status="enrolled")]
    events += [made.applied(status="enrolled", key="a2", mbo=OTHER_MBO, sequence=2)]
    book = told(events)
    made.run_until(book, made.day(8, 15))
    assert offer(book) is None
    made.run_until(book, made.day(10, 2))
    assert offer(book) == ("one_of_several", MBO, "offered")


def test_in_the_summer_who_has_no_enrolment_is_offered_to_who_is_on_duty_and_comes_back():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, made.day(7, 14))
    assert offer(book) == ("holidays", MUNICIPALITY, "offered")
    answered(book, made.day(7, 14))
    assert at(book, 8, 1) == MUNICIPALITY
    assert at(book, 9, 1) == SITE


@pytest.mark.parametrize("taken_on", [True, False])
def test_who_has_started_goes_to_the_slber_at_once_when_the_institution_had_the_pupil_and_is_offered_else(taken_on):
    mbo = replace(made.DIRECTORY[MBO], posts=(made.post("intake_coordinator"), made.post("slber", "slber-2")))
    world = replace(WORLD, directory={**made.DIRECTORY, MBO: mbo})
    book = told([made.recorded(), made.expected(sequence=2), made.applied(status="enrolled")], world=world)
    made.run_until(book, made.day(8, 29), world)
    if taken_on:
        answered(book, made.day(8, 29))
        assert case(book).holder.role == "intake_coordinator"
    told([made.enrolled(at=made.day(8, 30))], book, world)
    made.run_until(book, made.day(8, 31), world)
    slber = (MBO, "slber", "slber-1", "slber-2")
    who = case(book).holder if taken_on else case(book).offer.target
    assert (who.organisation, who.role, who.contact, who.deputy) == slber
    if not taken_on:
        assert (case(book).holder.organisation, *offer(book)) == (SITE, "started", MBO, "offered")


@pytest.mark.parametrize("accepted", [False, True])
def test_linking_a_child_that_is_on_offer_lets_the_offer_lapse_and_offers_the_survivor_anew(accepted):
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    if accepted:
        answered(book, made.day(9, 20))
    told([made.linked(2, 1, at=made.day(9, 21))], book)
    assert case(book, 1).transition.outcome == "linked"
    assert case(book, 1).offer.state == "lapsed"
    assert case(book, 2).holder.organisation == SITE
    made.run_until(book, made.day(9, 22))
    assert (case(book, 2).offer.situation, case(book, 2).offer.state) == ("left_under_18", "offered")
    made.run_until(book, made.day(10, 2))
    assert case(book, 2).holder.organisation == MUNICIPALITY
    assert [a.kind for a in case(book, 1).actions.values() if a.open] == []


def test_erasing_a_child_that_is_on_offer_leaves_nothing_and_its_late_looks_do_nothing():
    book = told([made.recorded(born=BORN), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    waiting = made.latest(book.timers)
    told([made.erased(at=made.day(9, 21))], book)
    assert book.cases == {}
    book.timers = waiting
    made.run_until(book, made.day(11, 1))
    assert book.cases == {}
    assert made.types(book) == []
