"""Whatever the order, duplication and split of the same facts: the same pupil ends with the same custodian, except
where a person has not answered.

The holder may depend on the order in two cases, and only in these. An agreed move that nobody answered leaves the pupil
with whom it was, and who that was depends on what was known first; so does an agreed move that was given back. And who
is enrolled at several institutions stays, until it is decided, with whoever had the pupil. Whom the law names has the
pupil in every order: a statutory move asks for no answer. That one was made on what was known then, and that an agreed
move back waits for its answer, is the first case.
"""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain import custody, offers
from services.coordination.domain.book import Book, in_line
from services.coordination.domain.case import Case, OfferState
from services.coordination.domain.world.situations import Situation
from services.coordination.domain.world.targets import Pupil
from services.coordination.handlers.events import TIMERS
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MUNICIPALITY, WORLD, ref, told
from tests.unit.coordination.position.test_position_laws import END, MOMENTS, STEPS, history

BIRTHS = st.sampled_from([date(2011, 3, 24), date(2010, 2, 28), date(2004, 1, 1)])
HOMES = st.sampled_from([MUNICIPALITY, "0363", None])
PEOPLE = st.builds(
    lambda at, born, home: ("recorded", at, {"born": born, "municipality": home}), MOMENTS, BIRTHS, HOMES
)
TURNING = st.sampled_from([made.day(8, 1), *(made.day(10, 1, hour) for hour in (0, 8, 9)), made.day(10, 2)])
"""On and about the days on which time decides: facts of such a day come before it, on it and after it."""
SOME = st.one_of(STEPS, STEPS, PEOPLE)
ABOUT = st.builds(lambda step, at: (step[0], at, step[2]), SOME, TURNING)
FACTS = st.lists(st.one_of(SOME, SOME, ABOUT), min_size=1, max_size=10)
OPEN_TO_ORDER = {OfferState.OFFERED, OfferState.RETURNED, OfferState.SETTLED}
"""An agreed offer that was not taken up: the holder is who it was."""


def arrived(events, looks, says=None) -> Book:
    """The working set after these arrivals; now and then what is due by then fires first. `says`: how everybody answers
    every offer, as soon as it is made: yes, or a reason; None: nobody ever does."""
    book = Book()
    for number, event in enumerate(events):
        told([event], book)
        if number in looks:
            run(book, max(e.time for e in events[: number + 1]), says)
    run(book, END, says)
    return book


def run(book: Book, until, says) -> None:
    """Fire what decides positions and custody up to an instant, and answer what is offered meanwhile."""
    kinds = ("position", "custody")
    while due := sorted((t for t in made.timers(book, until) if t.kind in kinds), key=lambda t: (t.due_at, t.kind)):
        book.timers = [t for t in made.latest(book.timers) if t != due[0]]
        TIMERS[due[0].kind](book, due[0], WORLD)
        if says:
            answer(book, due[0].due_at, says)


def answer(book: Book, now, says) -> None:
    one = book.cases.get((ref(1), COHORT))
    if one and one.open and one.offer and one.offer.state is OfferState.OFFERED:
        one = offers.accepted(one, now) if says == "yes" else offers.given_back(one, says, None, now)
        book.put(in_line(one, book.known(ref(1), COHORT), WORLD, now, certain=True), now)


def at_the_end(book: Book) -> tuple[Case, Pupil] | None:
    """The open case with what follows from its facts; None when there is none."""
    one = book.cases.get((ref(1), COHORT))
    return (one, custody.pupil(one, book.known(ref(1), COHORT), WORLD, END)) if one and one.open else None


def depends_on_people(one: Case, who: Pupil) -> bool:
    """Whether the holder is one of the two that the order may decide."""
    target = who.target(END.date())
    if not target or target.situation is Situation.SEVERAL_ENROLMENTS:
        return True
    offer = one.offer
    unanswered = offer and offer.state in OPEN_TO_ORDER and offer.key == target.key
    return bool(unanswered and target.row.asked and target.row.basis == "agreed")


@settings(max_examples=300, deadline=None)
@given(FACTS, st.data())
def test_the_holder_is_the_target_unless_a_person_has_not_answered(steps, data):
    events = history(steps)
    again = data.draw(st.lists(st.sampled_from(events), max_size=4))
    looks = data.draw(st.lists(st.integers(0, 14), max_size=5))
    found = at_the_end(arrived(data.draw(st.permutations([*events, *again])), looks))
    if found and not depends_on_people(*found):
        one, who = found
        target = who.target(END.date())
        assert (one.holder, one.custody[-1].basis) == (target.who, target.row.basis)


@settings(max_examples=300, deadline=None)
@given(FACTS, st.data())
def test_where_everybody_says_yes_no_order_decides_who_has_the_pupil(steps, data):
    events = history(steps)
    shuffled = data.draw(st.permutations([*events, *data.draw(st.lists(st.sampled_from(events), max_size=4))]))
    looks = data.draw(st.lists(st.integers(0, len(shuffled)), max_size=5))
    straight, other = (at_the_end(arrived(*one, says="yes")) for one in ((events, []), (shuffled, looks)))
    assert (straight is None) == (other is None)
    if straight and other and not depends_on_people(*straight):
        assert straight[0].holder == other[0].holder
        assert straight[0].custody[-1].basis == other[0].custody[-1].basis
