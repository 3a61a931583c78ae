"""When a pupil is at risk, who hears it, and what clears it."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.core import reference
from shared.core.errors import Rejected
from shared.schemas.coordination import Severity
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, MUNICIPALITY, REGION, SITE, WORLD, case, day, told


def risk(book, n=1, rule="no-application"):
    """The signal of a rule, or None."""
    return next((r for r in case(book, n).risks.values() if r.rule == rule), None)


def route(found):
    return [(c.organisation, c.role) for c in found.route]


def test_without_application_the_signal_rises_from_mentor_to_officer():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(1, 31))
    assert risk(book) is None
    made.run_until(book, day(2, 1))
    assert (risk(book).severity, route(risk(book))) == ("notice", [(SITE, "mentor")])
    made.run_until(book, day(3, 1))
    assert (risk(book).severity, route(risk(book))) == ("warning", [(SITE, "decaan"), (MUNICIPALITY, "leerplicht")])
    made.run_until(book, day(4, 1))
    assert (risk(book).severity, route(risk(book))) == ("risk", [(MUNICIPALITY, "leerplicht"), (SITE, "decaan")])
    sent = [d.data for d in book.drafts if d.data.TYPE == "student-at-risk" and d.data.rule == "no-application"]
    assert len({data.risk_id for data in sent}) == 1
    assert [data.known_until for data in sent] == [day(2, 1), day(3, 1), day(4, 1)]


def test_evidence_is_codes_and_dates_that_a_person_can_check():
    book = told([made.expected(), made.chosen(), made.applied(status="rejected", at=day(1, 10))])
    made.run_until(book, day(2, 1))
    found = {e.fact: e.value or e.at for e in risk(book).evidence}
    assert found == {
        "application-date": "2027-04-01",
        "choices": "1",
        "live-applications": "0",
        "application-closed": day(1, 10),
    }


def test_before_1_march_no_route_leads_to_a_municipality():
    agreed = WORLD.agreement.rules["no-application"]
    early = replace(agreed, stages=(replace(agreed.stages[0], route=("officer", "mentor")),))
    world = made.with_rules(WORLD, {"no-application": early})
    book = told([made.expected(), made.recorded()], world=world)
    made.run_until(book, day(2, 1), world)
    assert route(risk(book)) == [(SITE, "mentor")]


@pytest.mark.parametrize(
    ("born", "fields", "expected"),
    [
        (date(2009, 4, 2), {}, [(MUNICIPALITY, "leerplicht"), (SITE, "decaan")]),
        (date(2009, 4, 1), {}, [(REGION, "doorstroompunt"), (SITE, "decaan")]),
        (date(2000, 3, 31), {}, [(SITE, "decaan")]),
        (date(2009, 4, 2), {"basic_qualification": True}, [(SITE, "decaan")]),
        (date(2009, 4, 2), {"municipality": None}, [(REGION, "region_coordinator"), (SITE, "decaan")]),
        (date(2009, 4, 1), {"municipality": "0620"}, [(REGION, "doorstroompunt"), (SITE, "decaan")]),
    ],
    ids=["under 18", "18 that day", "27", "basic qualification", "not in the Netherlands", "a merged municipality"],
)
def test_the_officer_follows_age_residence_and_the_legal_population(born, fields, expected):
    book = told([made.expected(), made.recorded(born=born, **fields)])
    made.run_until(book, day(4, 1))
    assert route(risk(book)) == expected


def test_havo_is_not_in_the_legal_population():
    book = told([made.expected(track="havo"), made.recorded()])
    made.run_until(book, day(4, 1))
    assert route(risk(book)) == [(SITE, "decaan")]


def test_a_pupil_of_whom_nobody_told_who_it_is_goes_to_the_region_coordinator():
    book = told([made.expected()])
    made.run_until(book, day(4, 1))
    assert route(risk(book))[0] == (REGION, "region_coordinator")


def test_who_has_no_contact_is_replaced_by_the_region_coordinator():
    world = made.without(WORLD, MUNICIPALITY)
    book = told([made.expected(), made.recorded()], world=world)
    made.run_until(book, day(4, 1), world)
    assert route(risk(book)) == [(REGION, "region_coordinator"), (SITE, "decaan")]


def test_a_live_application_clears_the_signal_and_its_action():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(3, 2))
    told([made.applied(at=day(3, 3))], book)
    assert risk(book).cleared_at == day(3, 3)
    assert [a.kind for a in case(book).actions.values() if a.open] == ["hold-intake"]
    assert made.types(book)[-1] == "student-at-risk-cleared"


def test_a_choice_does_not_clear_it():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(3, 2))
    told([made.chosen(at=day(3, 3), sequence=9)], book)
    assert risk(book).open


def test_a_transition_that_opens_late_hears_the_severest_date_that_has_passed_at_once():
    book = told([made.expected(at=day(3, 10)), made.recorded(at=day(3, 10))])
    made.run_until(book, day(3, 10))
    assert (risk(book).severity, risk(book).known_until) == ("warning", day(3, 10))


def test_an_application_that_arrives_together_with_a_late_pupil_raises_no_false_alarm():
    book = told([made.expected(at=day(3, 10)), made.applied(at=day(3, 10))])
    made.run_until(book, day(3, 11))
    assert risk(book) is None


def test_a_closed_transition_fires_nothing():
    book = told([made.expected(1), made.expected(2), made.linked(1, 2)])
    made.run_until(book, day(3, 2))
    assert risk(book, 2) is None
    assert risk(book, 1).severity == "warning"


def test_every_pupil_is_routable_in_all_municipalities_and_regions_without_any_file():
    world = made.bare()
    for number, municipality in enumerate(reference.load().municipalities(date(2027, 4, 1)), 10):
        book = told([made.expected(number), made.recorded(number, municipality=municipality.code)], world=world)
        made.run_until(book, day(4, 1), world)
        assert route(risk(book, number))[0] == (municipality.region, "region_coordinator")


def test_a_handover_that_is_not_opened_in_ten_school_days_warns_the_institution_and_the_decaan():
    book = told([made.expected(), made.handover(at=day(1, 11), offered=day(1, 11))])
    made.run_until(book, day(1, 25, hour=16))
    assert risk(book, rule="handover-unanswered") is None
    made.run_until(book, day(1, 25, hour=17))
    found = risk(book, rule="handover-unanswered")
    assert (found.severity, route(found)) == ("warning", [(MBO, "intake_coordinator"), (SITE, "decaan")])
    assert found.evidence[0].value == "h1"


def test_a_handover_is_due_on_the_last_school_day_before_a_holiday_in_between():
    book = told([made.expected(), made.handover(at=day(2, 15), offered=day(2, 15))])
    made.run_until(book, day(2, 19, hour=17))
    assert risk(book, rule="handover-unanswered").severity == Severity.RISK


def test_an_opened_handover_that_is_not_accepted_in_twenty_school_days_is_a_risk_until_it_is_answered():
    offered = day(1, 11)
    book = told([made.expected(), made.handover(at=offered, offered=offered)])
    told([made.handover(status="opened", at=day(1, 20), offered=offered, sequence=4)], book)
    made.run_until(book, day(2, 8, hour=16))
    assert risk(book, rule="handover-unanswered") is None
    made.run_until(book, day(2, 8, hour=17))
    assert risk(book, rule="handover-unanswered").severity == Severity.RISK
    told([made.handover(status="accepted", at=day(2, 9), offered=offered, opened=day(1, 20), sequence=5)], book)
    assert not risk(book, rule="handover-unanswered").open
    assert not [a for a in case(book).actions.values() if a.open and a.kind == "answer-handover"]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 160), min_size=1, max_size=4),
    st.lists(st.sampled_from(["received", "rejected", "offered"]), min_size=4, max_size=4),
)
def test_the_signal_stands_exactly_when_no_application_was_live_on_the_last_date(days, statuses):
    """Whatever the moments of application: at the end the signal says what the facts of the dates say."""
    events = [made.expected(at=made.NOVEMBER), made.recorded()]
    moments = sorted(days)
    facts = [
        made.applied(status=status, at=made.soon(made.NOVEMBER, n), sequence=i)
        for i, (n, status) in enumerate(zip(moments, statuses, strict=False), 1)
    ]
    book = told(events)
    for fact in facts:
        made.run_until(book, fact.time)
        told([fact], book)
    made.run_until(book, day(4, 16))
    dates = [day(2, 1), day(3, 1), day(4, 1)]
    happened = [*((moment, None) for moment in dates), *((f.time, f.data.status) for f in facts)]
    live, fired, open_ = False, False, False
    for _, status in sorted(happened, key=lambda h: (h[0], h[1] is not None)):
        live = status != "rejected" if status else live
        open_ = not live and (open_ or status is None)
        fired = fired or open_
    assert bool(risk(book)) == fired
    assert bool(risk(book) and risk(book).open) == open_


def test_a_cohort_for_which_no_dates_are_known_is_rejected():
    with pytest.raises(Rejected, match="cohort"):
        told([made.expected(cohort=2010)])
