"""The days on which somebody else has the pupil or must act, where the calendar year alone does not say them."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from services.coordination.domain.world.agreed import OnDuty
from services.coordination.domain.world.routing import Subject, on_duty, school_hears
from services.coordination.domain.world.situations import Situation
from services.coordination.domain.world.targets import Pupil
from shared.schemas.organisations import Absence
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, MUNICIPALITY, OTHER_MBO, REGION, SITE, WORLD, case, day, ref, told

BORN, FEBRUARY = date(2011, 3, 24), date(2028, 2, 1)
REGISTER = "register-application"


def holder(book, month, number, year=COHORT, world=WORLD):
    """Who has the pupil at the beginning of a day."""
    made.run_until(book, day(month, number, 0, year), world)
    return case(book).holder.organisation


def changed(event, **fields):
    """The event with other values."""
    return replace(event, data=event.data.model_copy(update=fields))


def test_who_is_enrolled_for_a_later_start_is_offered_to_the_institution_for_that_day():
    begins = changed(made.applied(status="enrolled"), start=FEBRUARY)
    book = told([made.recorded(born=BORN), made.expected(sequence=2), begins])
    assert holder(book, 11, 1) == SITE
    assert case(book).offer is None
    assert holder(book, 1, 31, 2028) == SITE
    offered = case(book).offer
    assert (offered.target.organisation, offered.situation, offered.starts_on) == (
        MBO,
        "enrolled_not_started",
        FEBRUARY,
    )


def test_who_applied_for_a_later_start_never_arrived_as_much_later():
    begins = changed(made.applied(status="offered"), start=FEBRUARY)
    book = told([made.recorded(born=BORN), made.expected(sequence=2), begins])
    assert holder(book, 2, 1, 2028) == SITE
    assert holder(book, 4, 1, 2028) == SITE
    assert holder(book, 4, 2, 2028) == MUNICIPALITY


def test_who_left_an_institution_before_the_school_year_began_has_not_left_in_it():
    left = made.enrolled(status="ended", at=day(7, 2), first_day=date(COHORT, 6, 1))
    book = told([made.recorded(born=BORN), made.expected(sequence=2), made.applied(status="enrolled"), left])
    assert holder(book, 8, 20) == SITE
    assert holder(book, 9, 30) == SITE
    assert holder(book, 10, 1) == MUNICIPALITY


@pytest.mark.parametrize(("diploma", "level", "qualified"), [(True, 1, False), (True, 2, True), (False, 4, False)])
def test_an_mbo_diploma_is_a_basic_qualification_from_level_2_on(diploma, level, qualified):
    left = changed(made.enrolled(status="ended"), diploma=diploma, level=level, basic_qualification=None)
    book = told([made.expected(), made.applied(status="enrolled"), left])
    assert book.known(ref(1), COHORT).qualified is qualified


def overdue(book, kind=REGISTER):
    """Every step up that was told: when, and to whom."""
    told_of = (draft for draft in book.drafts if draft.data.TYPE == "action-overdue" and draft.data.kind == kind)
    return [(draft.at, draft.data.owner.contact) for draft in told_of]


def test_at_the_top_of_the_ladder_the_same_person_hears_it_again_every_five_school_days():
    book = told([made.expected()])
    made.run_until(book, day(7, 1))
    told_at = [at.date() for at, who in overdue(book) if who == "region_coordinator-1"]
    calendar = WORLD.almanac.calendar(REGION)
    between = [calendar.school_days_between(*pair) for pair in pairwise(told_at)]
    assert len(between) > 3
    assert set(between) == {5}


def test_a_deputy_who_is_away_by_then_is_passed_over_on_the_ladder():
    away = replace(made.post("mentor", name="mentor-2"), away=(Absence(since=date(COHORT, 2, 5)),))
    school = replace(WORLD.directory[SITE], posts=(*WORLD.directory[SITE].posts, away))
    world = replace(WORLD, directory={**WORLD.directory, SITE: school})
    book = told([made.expected()], world=world)
    made.run_until(book, day(2, 2), world)
    talk = next(a for a in case(book).actions.values() if a.kind == "talk-to-pupil")
    assert (talk.owner.contact, talk.owner.deputy) == ("mentor-1", "mentor-2")
    made.run_until(book, day(2, 9), world)
    assert overdue(book, "talk-to-pupil") == [(day(2, 8, hour=17), "decaan-1")]


@pytest.mark.parametrize(("started", "offered"), [({}, OTHER_MBO), ({"a1": 25, "a2": 30}, MBO), ({"a1": 30}, MBO)])
def test_of_several_enrolments_the_first_who_told_of_a_start_is_offered_the_pupil_else_the_earliest(started, offered):
    places = {"a2": OTHER_MBO, "a1": MBO}
    enrolled = [
        made.applied(status="enrolled", key=key, mbo=mbo, at=made.soon(made.NOVEMBER, n))
        for n, (key, mbo) in enumerate(places.items())
    ]
    seen = [made.enrolled(key=key, mbo=places[key], at=day(8, number)) for key, number in started.items()]
    book = told([made.recorded(born=BORN), made.expected(sequence=2), *enrolled, *seen])
    assert holder(book, 10, 2) == SITE
    assert (case(book).offer.situation, case(book).offer.target.organisation) == ("one_of_several", offered)


@pytest.mark.parametrize(("on", "hears"), [(date(COHORT, 10, 11), True), (date(COHORT, 10, 12), False)])
def test_the_sending_school_hears_of_a_pupil_until_the_first_of_several_starts(on, hears):
    starts = [made.enrolled(first_day=date(COHORT, 10, 11)), made.enrolled(key="a2", first_day=date(COHORT, 11, 22))]
    book = told([made.expected(), made.applied(), made.applied(key="a2"), *starts])
    holder_there = WORLD.of_role(MBO, "intake_coordinator", on)
    assert school_hears(book.known(ref(1), COHORT), COHORT, holder_there, WORLD, on) is hears


def on_offer():
    """A pupil who is enrolled and on offer to the institution, and the action to answer it."""
    book = told([made.recorded(born=BORN), made.expected(sequence=2), made.applied(status="enrolled")])
    made.run_until(book, day(6, 30))
    (answer,) = (a for a in case(book).actions.values() if a.open and a.kind == "answer-custody-offer")
    return book, answer


def test_an_offer_is_to_be_answered_on_the_day_that_it_names_and_not_later():
    book, answer = on_offer()
    assert (answer.due_at, answer.late_at) == (case(book).offer.answer_by, case(book).offer.answer_by)


def test_an_offer_goes_on_to_who_can_be_reached_at_the_institution_by_then():
    book, _ = on_offer()
    gone = replace(made.post("intake_coordinator", "intake-2"), valid_until=date(COHORT, 7, 1))
    mbo = replace(WORLD.directory[MBO], posts=(gone, made.post("intake_coordinator", name="intake-3")))
    book.man(ref(1), COHORT, replace(WORLD, directory={**WORLD.directory, MBO: mbo}), day(7, 1))
    offered = case(book).offer
    assert (offered.state.value, offered.number, offered.target.contact) == ("offered", 1, "intake-3")


def test_who_has_died_is_no_signal_any_more_to_anybody():
    book = told([made.expected()])
    made.run_until(book, day(2, 2))
    assert [risk.open for risk in case(book).risks.values()] == [True]
    told([made.elsewhere(route="deceased", status="confirmed", at=day(2, 3))], book)
    assert [risk.cleared_at for risk in case(book).risks.values()] == [day(2, 3)]


NAMED = OnDuty(organisation=REGION, role="doorstroompunt", person="doorstroompunt-1")


@pytest.mark.parametrize(("duty", "who"), [(NAMED, "doorstroompunt-1"), ("officer", None)])
def test_before_1_march_a_named_person_is_on_duty_in_a_holiday_and_no_officer_is(duty, who):
    known, christmas = told([made.recorded(), made.expected(sequence=2)]).known(ref(1), COHORT), date(2026, 12, 28)
    (holiday,) = (h for h in WORLD.almanac.calendar(REGION).holidays if h.first <= christmas <= h.last)
    world = replace(WORLD, agreement=replace(WORLD.agreement, duty={holiday.name: duty}))
    found = on_duty(Subject(known, COHORT, REGION, day(12, 28, year=2026), christmas), world)
    assert (found and found.contact) == who


def test_the_age_limit_is_the_one_of_the_day_in_question_whenever_it_is_looked_at():
    known = told([made.recorded(born=date(2001, 6, 1))]).known(ref(1), 2025)
    for seen_on in (date(2025, 12, 31), date(2026, 1, 1)):
        who = Pupil(Subject(known, 2025, REGION, day(1, 1, year=2026), seen_on), WORLD)
        assert [one.value for one in who.over(date(2025, 12, 31))] == ["23"]
        assert who.situation(date(2026, 1, 1)) is Situation.LEFT_18_PLUS
