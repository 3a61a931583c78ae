"""Every at-risk rule of the protocol: when it fires, on which facts, who hears it, and what clears it."""

from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain import offers
from services.coordination.domain.book import in_line
from shared.schemas.dossiers import ConcernResolved, WarmHandoverHeld
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, MUNICIPALITY, OTHER_MBO, REGION, SITE, WORLD, case, day, ref, told
from tests.unit.coordination.rules.year import (
    TERM,
    absence,
    begun,
    choice,
    concern,
    dossier,
    ended,
    enrolled,
    everything,
    exam,
    switch,
    talk,
    unlisted,
)

MINUTE = timedelta(seconds=60)


def risk(book, rule, n=1):
    """The newest signal of a rule, or None."""
    return next((r for r in reversed(list(case(book, n).risks.values())) if r.rule == rule), None)


def is_open(book, rule):
    return any(r.open for r in case(book).risks.values() if r.rule == rule)


def route(found):
    return [(c.organisation, c.role) for c in found.route]


def facts(found):
    return {e.fact: e.value or e.at for e in found.evidence}


def test_an_incomplete_dossier_is_told_on_the_application_date_and_not_before():
    book = told([made.expected(), dossier()])
    made.run_until(book, day(4, 1, hour=7))
    assert risk(book, "dossier-incomplete") is None
    made.run_until(book, day(4, 1))
    found = risk(book, "dossier-incomplete")
    assert (route(found)[0], facts(found)) == (
        (SITE, "mentor"),
        {"dossier-incomplete": None, "part-mentor-open": None},
    )
    told([dossier(complete=True, at=day(4, 2), sequence=30)], book)
    assert not is_open(book, "dossier-incomplete")


def test_a_dossier_that_is_complete_is_no_signal():
    book = told([made.expected(), dossier(complete=True)])
    made.run_until(book, day(4, 2))
    assert risk(book, "dossier-incomplete") is None


def test_a_talk_that_was_not_held_is_told_to_both_contacts_a_school_day_after_its_date():
    book = told([made.expected(), talk(vo_person="vera", mbo_person="max")])
    made.run_until(book, day(5, 12, hour=16))
    assert risk(book, "warm-handover-open") is None
    made.run_until(book, day(5, 12, hour=17))
    found = risk(book, "warm-handover-open")
    assert [(c.organisation, c.contact) for c in found.route] == [(SITE, "vera"), (MBO, "max")]
    assert facts(found)["talk-before-date"] == "2027-05-11"
    held = talk(WarmHandoverHeld, status="held", held_at=day(5, 13), at=day(5, 13), sequence=40)
    told([held], book)
    assert not is_open(book, "warm-handover-open")


def test_a_talk_with_another_date_is_looked_at_on_that_date():
    book = told([made.expected(), talk()])
    made.run_until(book, day(5, 12, hour=17))
    told([talk(hold_by=date(2027, 5, 25), at=day(5, 13), sequence=40)], book)
    assert not is_open(book, "warm-handover-open")
    made.run_until(book, day(5, 26, hour=17))
    assert is_open(book, "warm-handover-open")


def test_who_has_applied_and_has_no_place_on_1_june_is_told_to_the_institution():
    book = told([made.expected(), made.applied()])
    made.run_until(book, day(6, 1, hour=7))
    assert risk(book, "not-placed") is None
    made.run_until(book, day(6, 1))
    assert route(risk(book, "not-placed")) == [(MBO, "intake_coordinator")]
    told([made.intake(at=day(6, 2))], book)
    assert not is_open(book, "not-placed")


def test_who_applies_after_1_june_is_not_late_for_it():
    book = told([made.applied(at=day(6, 2))])
    made.run_until(book, day(7, 1))
    assert risk(book, "not-placed") is None


@pytest.mark.parametrize(
    ("result", "track", "level", "fires"),
    [
        ("failed", None, 2, True),
        ("failed", None, 1, False),
        ("passed", "vmbo-bb", 4, True),
        ("passed", "vmbo-kb", 4, False),
        ("resit", None, 4, False),
    ],
)
def test_an_exam_changes_the_plan_when_it_does_not_admit_to_the_chosen_level(result, track, level, fires):
    book = told([made.expected(), choice(level), exam(result, track)])
    assert risk(book, "exam-changed-the-plan") is None
    made.run_until(book, day(6, 15) + MINUTE)
    assert is_open(book, "exam-changed-the-plan") is fires


def test_another_choice_clears_the_changed_plan():
    book = told([made.expected(), choice(4), exam("passed", "vmbo-bb")])
    made.run_until(book, day(6, 15) + MINUTE)
    assert facts(risk(book, "exam-changed-the-plan"))["chosen-level"] == "4"
    told([choice(2, at=day(6, 16), sequence=50)], book)
    assert not is_open(book, "exam-changed-the-plan")


def test_a_result_that_the_next_row_puts_right_is_no_signal():
    book = told([made.expected(), choice(4), exam("failed"), exam("passed", "vmbo-kb", sequence=50)])
    made.run_until(book, day(6, 20))
    assert risk(book, "exam-changed-the-plan") is None


def test_without_enrolment_the_signal_rises_on_the_first_of_three_months():
    book = told([made.expected(), made.recorded(), made.applied(status="offered")])
    made.run_until(book, day(8, 1, hour=7))
    assert risk(book, "not-enrolled") is None
    found = []
    for month in (8, 9, 10):
        made.run_until(book, day(month, 1))
        found.append((risk(book, "not-enrolled").severity, route(risk(book, "not-enrolled"))[0]))
    officer = (MUNICIPALITY, "leerplicht")
    assert found == [("notice", officer), ("warning", officer), ("risk", officer)]
    told([made.applied(status="enrolled", at=day(10, 2), sequence=60)], book)
    assert not is_open(book, "not-enrolled")


@pytest.mark.parametrize(
    ("born", "fields", "expected"),
    [
        (date(2009, 9, 14), {}, (MUNICIPALITY, "leerplicht")),
        (date(2009, 9, 13), {}, (REGION, "doorstroompunt")),
        (date(2000, 9, 13), {}, (MBO, "intake_coordinator")),
        (date(2009, 9, 14), {"basic_qualification": True}, (MBO, "intake_coordinator")),
    ],
    ids=["under 18", "18 that day", "27", "basic qualification"],
)
def test_who_did_not_start_is_told_by_age_and_without_basic_qualification(born, fields, expected):
    book = enrolled(born=born, **fields)
    told([made.enrolled(status="not_started", first_day=TERM, at=day(8, 31))], book)
    made.run_until(book, day(9, 6, hour=16))
    assert risk(book, "not-started") is None
    made.run_until(book, day(9, 6, hour=17))
    assert route(risk(book, "not-started")) == [(MBO, "intake_coordinator"), (SITE, "mentor")]
    made.run_until(book, day(9, 13, hour=17))
    assert route(risk(book, "not-started"))[0] == expected
    told([made.enrolled(at=day(9, 14), first_day=date(2027, 9, 14), sequence=70)], book)
    assert not is_open(book, "not-started")


def test_from_the_school_year_on_the_officer_hears_of_every_track():
    book = told([made.expected(track="havo"), made.recorded()])
    made.run_until(book, day(4, 1))
    assert (MUNICIPALITY, "leerplicht") not in route(risk(book, "no-application"))
    made.run_until(book, day(9, 1))
    assert route(risk(book, "not-enrolled"))[0] == (MUNICIPALITY, "leerplicht")


def test_without_a_first_day_school_days_count_from_the_end_of_the_holidays():
    book = enrolled()
    made.run_until(book, day(8, 13, hour=17))
    assert risk(book, "not-started") is None
    made.run_until(book, day(9, 17, hour=17))
    assert facts(risk(book, "not-started"))["first-day-date"] == "2027-08-01"


def test_a_report_of_absence_is_told_at_once_and_cleared_when_it_is_closed_with_a_reason():
    book = begun(absence())
    found = risk(book, "absence-threshold")
    assert route(found) == [(MUNICIPALITY, "leerplicht"), (MBO, "intake_coordinator")]
    assert facts(found)["report-number"] == "V-2027-1"
    told([absence("closed", at=day(10, 20), sequence=80)], book)
    assert is_open(book, "absence-threshold")
    told([absence("closed", at=day(10, 21), sequence=81, closed_reason="back_to_school")], book)
    assert not is_open(book, "absence-threshold")


@pytest.mark.parametrize(("days", "fires"), [(99, True), (100, False)])
def test_an_enrolment_that_ends_within_a_hundred_days_is_an_early_exit(days, fires):
    at = day(12, 20)
    book = begun(ended(TERM + timedelta(days=days), at))
    made.run_until(book, at + MINUTE)
    assert is_open(book, "early-exit") is fires
    assert is_open(book, "last-path-lost") is not fires


def test_an_early_exit_waits_for_a_minute_of_quiet_and_is_cleared_by_another_enrolment():
    at = day(10, 4)
    book = begun(ended(date(2027, 10, 1), at))
    assert risk(book, "early-exit") is None
    made.run_until(book, at + MINUTE)
    found = risk(book, "early-exit")
    assert route(found) == [(MBO, "intake_coordinator"), (SITE, "mentor"), (MUNICIPALITY, "leerplicht")]
    assert facts(found)["ended-date"] == "2027-10-01"
    told([made.applied(status="enrolled", key="a2", mbo=OTHER_MBO, at=day(10, 5), sequence=90)], book)
    assert not is_open(book, "early-exit")


def left(first_day, told_on, world=WORLD, *, taken_on=True):
    """The case of a student who left, as institution and sending school hear it; who started was `taken_on` or not."""
    book = told([made.expected(), made.recorded(), made.applied(status="enrolled")], world=world)
    told([made.enrolled(at=day(8, 30), first_day=first_day)], book, world)
    made.run_until(book, day(8, 31), world)
    if taken_on:
        taken, known = offers.accepted(case(book), day(8, 31)), book.known(ref(1), COHORT)
        book.put(in_line(taken, known, world, day(8, 31), certain=True), day(8, 31))
    told([ended(first_day, told_on, first_day=first_day)], book, world)
    made.run_until(book, told_on + MINUTE, world)
    return book


@pytest.mark.parametrize(
    ("first_day", "told_on", "hears"),
    [
        (TERM, day(9, 20), True),
        (TERM, day(10, 1), True),
        (TERM, day(10, 2), False),
        (date(2027, 11, 2), day(11, 2), True),
        (date(2027, 11, 2), day(11, 3), False),
    ],
)
def test_the_sending_school_hears_of_an_exit_until_its_end_and_gets_no_action_after_it(first_day, told_on, hears):
    book = left(first_day, told_on)
    assert ((SITE, "mentor") in route(risk(book, "early-exit"))) is hears
    owners = {a.kind: a.owner.organisation for a in case(book).actions.values() if a.open}
    assert owners["register-application"] == (SITE if hears else MBO)


def test_a_school_that_still_has_the_pupil_hears_what_became_of_them():
    book = left(TERM, day(10, 20), taken_on=False)
    assert case(book).holder.organisation == SITE
    assert (SITE, "mentor") in route(risk(book, "early-exit"))


def test_when_only_the_sending_school_was_to_hear_it_who_has_the_pupil_hears_it_after_the_end():
    terms = WORLD.agreement.rules["early-exit"]
    alone = replace(terms, stages=(replace(terms.stages[0], route=("mentor",)),))
    book = left(TERM, day(10, 20), made.with_rules(WORLD, {"early-exit": alone}))
    assert [organisation for organisation, _role in route(risk(book, "early-exit"))] == [MBO]


def test_an_end_that_comes_before_the_new_enrolment_in_one_file_is_no_early_exit():
    at = day(10, 4)
    new = made.applied(status="enrolled", key="a2", mbo=OTHER_MBO, at=at, sequence=90)
    book = begun(ended(date(2027, 10, 1), at), new)
    made.run_until(book, at + timedelta(hours=1))
    assert risk(book, "early-exit") is None


def test_an_end_with_a_diploma_is_no_early_exit():
    at = day(10, 4)
    book = begun(ended(date(2027, 10, 1), at, diploma=True))
    made.run_until(book, at + MINUTE)
    assert risk(book, "early-exit") is None


def test_a_switch_in_the_first_hundred_days_is_told_until_the_new_programme_has_begun():
    book = begun(switch())
    assert risk(book, "switch-considered").severity == "notice"
    told([switch("started", at=day(10, 20), sequence=91)], book)
    assert not is_open(book, "switch-considered")


def test_a_switch_after_a_hundred_days_is_no_signal():
    at = day(12, 6)
    assert risk(begun(switch(on=TERM + timedelta(days=100), at=at)), "switch-considered") is None


def test_a_concern_is_as_serious_as_who_raised_it_says_and_goes_to_whom_they_chose():
    book = told([made.expected(), made.recorded(), concern()])
    found = risk(book, "concern")
    assert (found.severity, route(found)) == ("risk", [(SITE, "decaan"), (MUNICIPALITY, "leerplicht")])
    told([concern(ConcernResolved, at=day(3, 9), sequence=92, resolved_at=day(3, 9), resolution="talked")], book)
    assert not is_open(book, "concern")


def test_two_enrolments_are_told_to_the_custodian_from_1_september_on():
    second = made.applied(status="enrolled", key="a2", mbo=OTHER_MBO, sequence=93)
    book = told([made.expected(), made.recorded(), made.applied(status="enrolled"), second])
    made.run_until(book, day(9, 1, hour=7))
    assert risk(book, "double-enrolment") is None
    made.run_until(book, day(9, 1))
    found = risk(book, "double-enrolment")
    assert [e.value for e in found.evidence] == [MBO, OTHER_MBO]
    assert found.route[0].organisation == case(book).holder.organisation
    told([made.applied(status="withdrawn", key="a2", mbo=OTHER_MBO, at=day(9, 2), sequence=94)], book)
    assert not is_open(book, "double-enrolment")


def test_a_second_enrolment_whose_first_ends_in_the_same_file_is_not_double():
    at = day(10, 4)
    second = made.applied(status="enrolled", key="a2", mbo=OTHER_MBO, at=at, sequence=93)
    book = begun(second, ended(date(2027, 10, 1), at, sequence=95))
    made.run_until(book, at + timedelta(hours=1))
    assert risk(book, "double-enrolment") is None


def test_who_vanished_from_the_list_is_asked_of_the_mentor_until_it_is_explained():
    book = told([made.expected(), unlisted()])
    assert risk(book, "not-listed") is None
    made.run_until(book, day(2, 8) + MINUTE)
    assert route(risk(book, "not-listed")) == [(SITE, "mentor")]
    told([made.expected(at=day(2, 9), sequence=96)], book)
    assert not is_open(book, "not-listed")


def test_another_route_explains_who_is_not_on_the_list():
    book = told([made.expected(), unlisted()])
    made.run_until(book, day(2, 8) + MINUTE)
    told([made.elsewhere(at=day(2, 9), sequence=97)], book)
    assert not is_open(book, "not-listed")


def test_no_rule_fires_that_is_off():
    off = {name: replace(terms, on=False) for name, terms in WORLD.agreement.rules.items()}
    world = made.with_rules(WORLD, off)
    book = told(everything(), world=world)
    made.run_until(book, day(10, 2), world)
    assert not case(book).risks


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 10**6), st.lists(st.integers(0, 11), max_size=6))
def test_any_order_and_repetition_of_the_same_facts_gives_the_same_signals(seed, repeated):
    first = everything()
    shuffled = first + [first[n % len(first)] for n in repeated]
    Random(seed).shuffle(shuffled)
    found = []
    for events in (first, shuffled):
        book = told(events)
        made.run_until(book, day(10, 2))
        risks = case(book).risks.values()
        found.append({(r.rule, r.about): (r.severity, r.evidence, r.open) for r in risks})
    assert found[0] == found[1]
    assert len(found[0]) >= 8


def test_a_late_look_at_a_finished_case_does_nothing():
    book = told([made.expected(), made.recorded()])
    looks = list(book.timers)
    told([made.elsewhere(route="abroad", status="confirmed", at=day(1, 10))], book)
    assert not case(book).open
    before = list(book.drafts)
    book.timers = looks
    made.run_until(book, day(10, 2))
    assert book.drafts == before
