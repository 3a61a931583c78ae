"""How far a pupil has come, and when what the facts say counts."""

from datetime import date, timedelta

import pytest

from services.coordination.domain.position import POSITION, Position
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, NOVEMBER, OTHER_MBO, SITE, case, day, told

SECONDS = [NOVEMBER + timedelta(seconds=n) for n in range(400)]


def position(book, n=1):
    return case(book, n).transition.position


def risk(book, rule="last-path-lost", n=1):
    return next((r for r in case(book, n).risks.values() if r.rule == rule), None)


def test_a_pupil_goes_from_nothing_to_settled():
    book = told([made.expected()])
    seen = [position(book)]
    for event in (
        made.chosen(),
        made.applied(sequence=1),
        made.applied(status="offered", sequence=2),
        made.applied(status="enrolled", sequence=3),
        made.enrolled(at=day(8, 30), sequence=4),
    ):
        told([event], book)
        seen.append(position(book))
    assert seen == ["none", "chosen", "applied", "placed", "enrolled", "started"]
    made.run_until(book, day(12, 7))
    assert case(book).open
    made.run_until(book, day(12, 8, hour=0))
    assert (position(book), case(book).transition.outcome) == ("settled", "arrived")
    assert not [a for a in case(book).actions.values() if a.open]
    closed = book.drafts[-1].data if book.drafts[-1].data.TYPE == "transition-closed" else None
    told_closed = closed or next(d.data for d in book.drafts if d.data.TYPE == "transition-closed")
    assert {e.fact: e.value for e in told_closed.evidence} == {"started-date": "2027-08-30", "institution": MBO}


def test_the_last_path_is_lost_after_a_minute_of_quiet():
    book = told([made.expected(), made.recorded(), made.applied(), made.applied(status="rejected", sequence=2)])
    made.run_until(book, SECONDS[59])
    assert (position(book), risk(book)) == ("applied", None)
    made.run_until(book, SECONDS[60])
    assert position(book) == "lost"
    assert [(c.organisation, c.role) for c in risk(book).route] == [(SITE, "decaan"), (MBO, "intake_coordinator")]
    assert {e.fact: e.value or e.at for e in risk(book).evidence} == {
        "live-applications": "0",
        "closed-applications": "1",
        "institution": MBO,
        "application-rejected": NOVEMBER,
    }
    assert "find-another-place" in [a.kind for a in case(book).actions.values() if a.open]


def test_a_new_application_clears_it_at_once():
    book = told([made.expected(), made.applied(), made.applied(status="withdrawn", sequence=2)])
    made.run_until(book, SECONDS[60])
    told([made.applied(key="a2", mbo=OTHER_MBO, at=SECONDS[90])], book)
    assert (position(book), risk(book).cleared_at) == ("applied", SECONDS[90])
    assert [a.kind for a in case(book).actions.values() if a.open] == ["hold-intake"]


def test_a_disordered_file_raises_no_false_alarm():
    book = told([made.expected(), made.applied(status="rejected", key="a1"), made.applied(key="a2", at=SECONDS[59])])
    made.run_until(book, SECONDS[399])
    assert (position(book), risk(book)) == ("applied", None)


def test_losing_one_of_three_applications_is_nothing():
    book = told([made.expected(), *(made.applied(key=key) for key in ("a1", "a2", "a3"))])
    before = made.types(book)
    told([made.applied(key="a2", status="rejected", sequence=2)], book)
    made.run_until(book, SECONDS[399])
    assert (position(book), risk(book), made.types(book)) == ("applied", None, before)


def test_new_facts_put_off_the_look_for_five_minutes_at_most():
    book = told([made.expected(), made.applied(), made.applied(status="rejected", sequence=2)])
    for n in range(50, 300, 50):
        told([made.chosen(at=SECONDS[n], sequence=n)], book)
        made.run_until(book, SECONDS[n])
    assert position(book) == "applied"
    made.run_until(book, SECONDS[299])
    assert position(book) == "applied"
    made.run_until(book, SECONDS[300])
    assert position(book) == "lost"


def test_only_a_loss_sets_a_timer():
    book = told([made.expected(), made.chosen(), made.applied(), made.applied(status="offered", sequence=2)])
    assert not [t for t in book.timers if t.kind == "position"]


def test_what_ends_after_the_start_is_lost_and_no_lost_application():
    book = told(
        [made.expected(), made.applied(status="enrolled"), made.enrolled(), made.enrolled(status="ended", sequence=4)]
    )
    made.run_until(book, SECONDS[60])
    assert (position(book), risk(book)) == ("lost", None)


def test_not_started_keeps_the_enrolment():
    book = told([made.expected(), made.applied(status="enrolled"), made.enrolled(status="not_started")])
    assert position(book) == "enrolled"


def test_an_end_with_retroactive_effect_opens_the_transition_again():
    book = told([made.expected(), made.applied(status="enrolled"), made.enrolled(at=day(8, 30))])
    made.run_until(book, day(12, 9))
    assert case(book).transition.outcome == "arrived"
    told([made.enrolled(status="ended", at=day(12, 10), sequence=4)], book)
    assert case(book).open
    assert [d.data.reason for d in book.drafts if d.data.TYPE == "transition-reopened"] == ["enrolment_ended"]
    assert [s.number for s in case(book).custody] == [1, 2]


@pytest.mark.parametrize(
    ("route", "outcome"), [("work", "other_route"), ("abroad", "out_of_scope"), ("exempt", "out_of_scope")]
)
def test_another_route_is_a_state_and_closes_when_it_is_confirmed(route, outcome):
    book = told([made.expected(), made.recorded(), made.elsewhere(route=route)])
    made.run_until(book, day(4, 2))
    assert (position(book), risk(book, "no-application")) == ("other_route", None)
    assert [a.kind for a in case(book).actions.values() if a.open] == ["confirm-other-route"]
    told([made.elsewhere(route=route, status="confirmed", at=day(4, 3), sequence=6)], book)
    closed = book.drafts[-1].data if book.drafts[-1].data.TYPE == "transition-closed" else None
    closed = closed or next(d.data for d in book.drafts if d.data.TYPE == "transition-closed")
    assert closed.outcome == case(book).transition.outcome == outcome
    assert {e.fact: e.value for e in closed.evidence} == {
        "other-route": route,
        "since-date": "2027-08-01",
        "evidence": "contract",
    }


def test_another_route_clears_the_missing_application_at_once():
    book = told([made.expected(), made.recorded()])
    made.run_until(book, day(2, 2))
    told([made.elsewhere(at=day(2, 3))], book)
    assert risk(book, "no-application").cleared_at == day(2, 3)


def test_who_has_a_live_path_keeps_it():
    book = told([made.expected(), made.applied(), made.elsewhere(status="confirmed")])
    made.run_until(book, SECONDS[399])
    assert (position(book), case(book).open) == ("applied", True)
    told([made.applied(status="withdrawn", at=day(3, 1), sequence=2)], book)
    made.run_until(book, made.quiet(day(3, 1)))
    assert (position(book), case(book).transition.outcome) == ("other_route", "other_route")
    assert risk(book) is None


def test_a_pupil_who_has_died_is_closed_at_once_whatever_else_is_known():
    book = told([made.expected(), made.applied(status="enrolled")])
    told([made.elsewhere(route="deceased")], book)
    assert (case(book).open, case(book).transition.outcome) == (False, "out_of_scope")
    assert not [a for a in case(book).actions.values() if a.open]


def test_a_withdrawn_route_opens_the_transition_again_with_its_school():
    book = told([made.expected(), made.recorded(), made.elsewhere(status="confirmed")])
    assert not case(book).open
    told([made.elsewhere(status="withdrawn", at=day(4, 12), sequence=7)], book)
    assert (case(book).open, case(book).holder.organisation) == (True, SITE)
    assert [d.data.reason for d in book.drafts if d.data.TYPE == "transition-reopened"] == ["closed_in_error"]
    made.run_until(book, day(4, 12))
    assert risk(book, "no-application").severity == "risk", "the dates that passed meanwhile are looked at anew"


def test_a_route_with_an_end_opens_again_on_that_day():
    book = told([made.expected(), made.elsewhere(status="confirmed", until=date(2027, 3, 3))])
    made.run_until(book, day(3, 2, hour=23))
    assert not case(book).open
    made.run_until(book, day(3, 3, hour=0))
    assert (case(book).open, position(book)) == (True, "none")
    assert [d.data.reason for d in book.drafts if d.data.TYPE == "transition-reopened"] == ["route_ended"]


def test_a_new_application_opens_again_what_went_elsewhere():
    book = told([made.expected(), made.elsewhere(status="confirmed"), made.applied(at=day(3, 1))])
    assert (case(book).open, position(book)) == (True, "applied")
    assert [d.data.reason for d in book.drafts if d.data.TYPE == "transition-reopened"] == ["new_application"]


def test_a_shadow_has_no_custodian_until_it_is_linked():
    book = told([made.applied(2, shadow=True), made.applied(2, key="a2", status="rejected", shadow=True)])
    made.run_until(book, SECONDS[399])
    assert (book.cases, book.drafts) == ({}, [])
    told([made.expected(1), made.linked(1, 2)], book)
    assert position(book) == "applied"
    assert case(book).holder.organisation == SITE


def test_a_shadow_linked_to_an_applicant_is_held_by_the_first_institution():
    book = told([made.applied(2, mbo=OTHER_MBO, shadow=True), made.recorded(1), made.linked(1, 2)])
    assert case(book).holder.organisation == OTHER_MBO


def test_every_position_is_reached_and_left_as_the_table_says():
    assert set(POSITION.states) == set(Position)
    told_by = {move.next for move in POSITION.moves}
    assert told_by == set(Position)
