"""Whatever the order, duplication and split of the same events and timers up to the same instant: the same position,
the same situation, the same who should have the pupil."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain import custody
from services.coordination.domain.book import Book
from services.coordination.domain.position import POSITION, Position
from services.coordination.handlers.events import TIMERS
from shared.schemas.envelope import Event
from shared.schemas.intakes import ApplicationStatus
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, NOVEMBER, OTHER_MBO, OTHER_SITE, SITE, WORLD, ref, told

Step = tuple[str, datetime, dict[str, Any]]
END = made.day(12, 31, year=2028)
KEYS, PLACES = st.sampled_from(["a1", "a2", "a3"]), {"a1": MBO, "a2": OTHER_MBO, "a3": MBO}
SECONDS = st.integers(0, 500).map(lambda n: NOVEMBER + timedelta(seconds=n))
MOMENTS = st.one_of(SECONDS, st.integers(1, 500).map(lambda n: made.soon(NOVEMBER, n)))
STATUSES = st.sampled_from(["submitted", "received", "offered", "enrolled", "rejected", "withdrawn"])
OUTCOMES = st.sampled_from(["placed", "provisional", "rejected", "other_advice"])
ENROLMENTS = st.sampled_from(["started", "not_started", "ended"])
FIRST_DAYS = st.sampled_from([date(2027, 8, 30), date(2027, 10, 4)])
ROUTES = st.sampled_from(["work", "abroad", "deceased"])
UNTIL = st.sampled_from([None, date(2027, 3, 3), date(2027, 9, 1)])
STEPS = st.one_of(
    st.builds(lambda at, site: ("expected", at, {"vo_site": site}), MOMENTS, st.sampled_from([SITE, OTHER_SITE])),
    st.builds(lambda at: ("chosen", at, {}), MOMENTS),
    st.builds(lambda at, key, status: ("applied", at, {"key": key, "status": status}), MOMENTS, KEYS, STATUSES),
    st.builds(lambda at, key, outcome: ("intake", at, {"key": key, "outcome": outcome}), MOMENTS, KEYS, OUTCOMES),
    st.builds(
        lambda at, key, status, day: ("enrolled", at, {"key": key, "status": status, "first_day": day}),
        *(MOMENTS, KEYS, ENROLMENTS, FIRST_DAYS),
    ),
    st.builds(
        lambda at, route, status, until: ("elsewhere", at, {"route": route, "status": status, "until": until}),
        *(MOMENTS, ROUTES, st.sampled_from(["registered", "confirmed", "withdrawn"]), UNTIL),
    ),
    st.builds(lambda at, status: ("handover", at, {"status": status}), MOMENTS, st.sampled_from(["offered", "opened"])),
)


def at_random(random: Random) -> datetime:
    """Within ten minutes, or within a year and a half."""
    return NOVEMBER + (
        timedelta(seconds=random.randint(0, 500)) if random.random() < 0.5 else timedelta(random.randint(1, 500))
    )


STEPS_OF: Sequence[Callable[[Random], Step]] = (
    lambda r: ("expected", at_random(r), {"vo_site": r.choice([SITE, OTHER_SITE])}),
    lambda r: ("applied", at_random(r), {"key": r.choice([*PLACES]), "status": r.choice([*ApplicationStatus])}),
    lambda r: ("applied", at_random(r), {"key": r.choice([*PLACES]), "status": r.choice([*ApplicationStatus])}),
    lambda r: ("intake", at_random(r), {"key": r.choice([*PLACES]), "outcome": r.choice(["placed", "rejected"])}),
    lambda r: ("enrolled", at_random(r), {"key": r.choice([*PLACES]), "status": r.choice(["started", "ended"])}),
    lambda r: ("elsewhere", at_random(r), {"status": r.choice(["registered", "confirmed", "withdrawn"])}),
)
"""The same steps for a test on a database, which makes its choices itself."""


def history(steps: Sequence[Step], n: int = 1) -> list[Event]:
    """The steps of pupil n as their services tell them: in order of time, each numbered by its own source."""
    numbers, events = {"dossier": 0, "intake": 0}, []
    for kind, at, fields in sorted(steps, key=lambda step: step[1]):
        make = getattr(made, kind)
        places = {"mbo": PLACES[fields["key"]]} if kind in ("applied", "enrolled") else {}
        source = make(n, at=at, **fields, **places).source
        numbers[source] += 1
        events.append(make(n, at=at, sequence=numbers[source], **fields, **places))
    return events


def arrived(events: Sequence[Event], looks: Sequence[int]) -> Book:
    """The working set after these arrivals; now and then what is due by then fires first."""
    book = Book()
    for number, event in enumerate(events):
        told([event], book)
        if number in looks:
            made.run_until(book, max(e.time for e in events[: number + 1]))
    run_positions(book, END)
    return book


def run_positions(book: Book, until: datetime) -> None:
    """Fire what decides positions and custody up to an instant; signals and late actions decide nothing about them."""
    kinds = ("position", "custody")
    while due := sorted((t for t in made.timers(book, until) if t.kind in kinds), key=lambda t: (t.due_at, t.kind)):
        book.timers = [t for t in made.latest(book.timers) if t != due[0]]
        TIMERS[due[0].kind](book, due[0], WORLD)


def outcome(book: Book) -> tuple[object, ...] | None:
    """What must be the same: position, what lives, whether and how it ended, and who should have the pupil now."""
    case = book.cases.get((ref(1), made.COHORT))
    if not case:
        return None
    transition = case.transition
    who = custody.pupil(case, book.known(ref(1), made.COHORT), WORLD, END)
    target = who.target(END.date()) if case.open else None
    should = target.who if target else None
    return transition.position, transition.live, transition.outcome, who.situation(END.date()), should


@settings(max_examples=400, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=10), st.data())
def test_any_order_duplication_and_split_gives_the_same_position_and_target(steps, data):
    events = history(steps)
    again = data.draw(st.lists(st.sampled_from(events), max_size=4))
    shuffled = data.draw(st.permutations([*events, *again]))
    looks = data.draw(st.lists(st.integers(0, len(shuffled)), max_size=5))
    assert outcome(arrived(events, [])) == outcome(arrived(shuffled, looks))


REACHED = {position: {position} for position in Position}
for _ in Position:
    for move in POSITION.moves:
        for found in REACHED.values():
            if move.state in found:
                found.add(Position(move.next))


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=10))
def test_no_facts_lead_outside_the_table(steps):
    book, before = Book(), Position.NONE
    for event in history(steps):
        made.run_until(book, event.time)
        told([event], book)
        case = book.cases.get((ref(1), made.COHORT))
        after = case.transition.position if case else before
        assert after in REACHED[before]
        assert not case or case.open == (case.transition.outcome is None)
        before = after


@settings(max_examples=200, deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=10), st.data())
def test_no_file_that_ends_well_within_a_minute_raises_the_alarm(steps, data):
    at = NOVEMBER + timedelta(seconds=data.draw(st.integers(0, 59)))
    events = history([(kind, at, fields) for kind, _, fields in steps if kind in ("applied", "intake", "chosen")])
    live = made.applied(key="a9", at=at, sequence=99)
    book = told(data.draw(st.permutations([made.expected(), *events, live])))
    made.run_until(book, NOVEMBER + timedelta(minutes=10))
    assert not [r for r in made.case(book).risks.values() if r.rule == "last-path-lost"]
