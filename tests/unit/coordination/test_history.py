"""The published history, folded again, says exactly what is stored."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain import actions, offers
from services.coordination.domain.book import Book, in_line
from services.coordination.domain.history import Told, differences, folded
from shared.schemas.coordination import ActionOpened, CustodyChanged, CustodyOffered, TransitionOpened
from tests.unit.coordination import made, recorded
from tests.unit.coordination.made import COHORT, NOVEMBER, case, ref, told
from tests.unit.coordination.position.test_position_laws import STEPS, history
from tests.unit.coordination.test_custody import EVENTS as MIXED

LATER = made.day(12, 31, year=COHORT + 1)


def eventful() -> Book:
    """A pupil with two custodians, signals that came and went, an action that escalated, closed and open again, and on
    offer in the summer."""
    book = told([made.recorded(), made.expected(sequence=2), made.handover()])
    made.run_until(book, made.day(3, 8))
    told([made.applied(at=made.day(3, 9)), made.expected(sequence=8, mentor="mentor-2", at=made.day(3, 10))], book)
    made.run_until(book, made.day(6, 20))
    told(
        [
            made.elsewhere(status="confirmed", at=made.day(6, 21)),
            made.applied(status="withdrawn", at=made.day(6, 21), sequence=2),
        ],
        book,
    )
    made.run_until(book, made.day(6, 25))
    told([made.elsewhere(status="withdrawn", at=made.day(6, 28), sequence=9)], book)
    made.run_until(book, made.day(7, 14))
    return book


def test_what_an_eventful_year_told_is_what_is_stored():
    book = eventful()
    assert {"custody-changed", "action-overdue", "transition-reopened", "student-at-risk-cleared"} <= set(
        made.types(book)
    )
    assert list(recorded.found(book)) == []


def columns() -> list[tuple[str, str]]:
    """Every column of every table that the history tells of."""
    rows = folded(ref(1), recorded.told_of(ref(1), eventful().drafts)).rows
    return sorted({(table, column) for (table, _, _), row in rows.items() for column in row})


@pytest.mark.parametrize(("table", "column"), columns())
def test_any_one_value_that_is_not_what_was_told_is_found(table, column):
    book = eventful()
    said, rows = folded(ref(1), recorded.told_of(ref(1), book.drafts)).rows, recorded.stored(case(book))
    place = next(place for place in rows if place[0] == table)
    rows[place] = {**rows[place], column: "something else"}
    [line] = differences(said, rows)
    assert line.startswith(f"{table} {COHORT}")
    assert f"{column} is something else, and history says" in line


@pytest.mark.parametrize("table", ["transition", "custody", "offer", "action", "risk"])
def test_a_row_that_is_gone_and_a_row_nobody_told_of_are_found(table):
    book = eventful()
    said, rows = folded(ref(1), recorded.told_of(ref(1), book.drafts)).rows, recorded.stored(case(book))
    place = next(place for place in rows if place[0] == table)
    gone = {key: row for key, row in rows.items() if key != place}
    assert [line.endswith("is not stored, and history has it") for line in differences(said, gone)] == [True]
    more = {**rows, (table, COHORT, "99"): rows[place]}
    assert [line.endswith("history does not have it") for line in differences(said, more)] == [True]


@settings(max_examples=300, deadline=None)
@given(st.lists(MIXED, min_size=2, max_size=30), st.data())
def test_any_history_of_linked_and_erased_children_folds_to_what_is_stored(events, data):
    book = Book()
    for event in events:
        told([event], book)
        if data.draw(st.integers(0, 4)) == 0:
            made.run_until(book, event.time)
    assert list(recorded.found(book)) == []


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=10), st.data())
def test_any_order_of_arrival_folds_to_what_is_stored(steps, data):
    book = Book()
    for event in data.draw(st.permutations(history(steps))):
        told([event], book)
        if data.draw(st.booleans()):
            made.run_until(book, event.time)
    made.run_until(book, LATER)
    assert list(recorded.found(book)) == []


@pytest.mark.parametrize(
    ("deeds", "state"),
    [
        (["yes", "10-02"], "accepted"),
        (["10-02"], "in_effect"),
        (["10-02", "yes"], "accepted"),
        (["10-02", "no"], "returned"),
        (["no", "10-02"], "returned"),
        (["no", "settle", "10-02"], "settled"),
        (["no", "move"], "offered"),
        (["10-02", "no", "settle", "move"], "offered"),
        (["10-02", "move"], "offered"),
        (["yes", "arrive"], "offered"),
        (["no", "arrive"], "offered"),
        (["10-02", "link"], "lapsed"),
    ],
    ids=str,
)
def test_whatever_becomes_of_an_offer_is_told(deeds, state):
    book = told([made.recorded(born=date(2010, 10, 5)), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    for number, deed in enumerate(deeds):
        live_through(book, deed, made.day(9, 20) if "10-02" not in deeds[:number] else made.day(10, 3))
        assert list(recorded.found(book)) == []
    assert case(book).offer.state == state


def live_through(book: Book, deed: str, now: datetime) -> None:
    """One thing that becomes of an offer, or happens beside it."""
    if deed in ("yes", "no", "settle"):
        one, known = case(book), book.known(ref(1), COHORT)
        if deed == "settle":
            key = next(a.action_id for a in one.actions.values() if a.open and a.kind == actions.SETTLE)
            one = actions.done(one, key, "arranged", now)
        else:
            one = offers.accepted(one, now) if deed == "yes" else offers.given_back(one, "other", "note-1", now)
        book.put(in_line(one, known, made.WORLD, now, certain=True), now)
    elif deed == "10-02":
        made.run_until(book, made.day(10, 2))
    else:
        event = {
            "move": made.recorded(born=date(2010, 10, 5), municipality="0363", sequence=9, at=now),
            "arrive": made.applied(status="enrolled", at=now),
            "link": made.linked(2, 1, at=now),
        }[deed]
        told([event], book)
        made.run_until(book, made.soon(now))


def test_an_offer_that_goes_on_after_its_end_is_a_fault():
    book = told([made.recorded(born=date(2010, 10, 5)), made.expected(sequence=2)])
    made.run_until(book, made.day(9, 20))
    live_through(book, "arrive", made.day(9, 20))
    told_then = recorded.told_of(ref(1), book.drafts)
    again = next(one for one in told_then if isinstance(one.data, CustodyOffered) and one.data.lapsed_at)
    late = Told(again.at, again.data.model_copy(update={"state": "offered"}))
    assert "is offered, and it was lapsed" in folded(ref(1), [*told_then, late]).faults[0]


def broken(book: Book, kind: type, **fields: object) -> tuple[str, ...]:
    """What the history of pupil 1 says of itself when the last event of a kind had told something else."""
    events = recorded.told_of(ref(1), book.drafts)
    last = max(n for n, one in enumerate(events) if isinstance(one.data, kind))
    events[last] = replace(events[last], data=events[last].data.model_copy(update=fields))
    return folded(ref(1), events).faults


def test_a_gap_in_custody_and_an_overlap_are_faults_of_the_history_itself():
    book = eventful()
    assert "custodian 9 after" in broken(book, CustodyChanged, number=9)[0]
    assert "begins before the one before it" in broken(book, CustodyChanged, since=NOVEMBER.replace(year=2020))[0]


def test_an_instant_with_no_next_action_or_with_the_wrong_one_is_a_fault():
    book = eventful()
    assert "told to be next: nothing" in broken(book, ActionOpened, next=False)[0]
    without = [
        one
        for one in recorded.told_of(ref(1), told([made.expected()]).drafts)
        if not isinstance(one.data, ActionOpened)
    ]
    assert "0 open actions" in folded(ref(1), without).faults[0]
    orphan = [one for one in without if not isinstance(one.data, TransitionOpened)]
    assert "never opened" in folded(ref(1), orphan).faults[0]


def test_what_was_published_before_a_field_existed_says_nothing_of_it():
    book = told([made.expected()])
    old = {"opened_at": None, "escalations": None}
    events = [
        Told(one.at, one.data.model_copy(update=old)) if isinstance(one.data, ActionOpened) else one
        for one in recorded.told_of(ref(1), book.drafts)
    ]
    assert list(differences(folded(ref(1), events).rows, recorded.stored(case(book)))) == []
