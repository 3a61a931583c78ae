"""Nobody is asked twice for the same thing after giving the pupil back, whatever others answer meanwhile."""

from datetime import date, timedelta
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain import actions, offers
from services.coordination.domain.book import Book, in_line
from services.coordination.domain.case import OfferState
from tests.stateful.test_order import HOMES, run
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, WORLD, ref, told

BEGIN = made.day(6, 1)
BIRTHS = st.dates(date(2009, 8, 1), date(2010, 6, 1))
"""Who turns 18 in the school year after the transition: two organisations are asked, one ahead of the other."""
ANSWERS = st.lists(st.sampled_from(["outside_task", "outside_task", "yes", "settle", None]), min_size=30, max_size=30)
"""What people do every twelve days: give back, say yes, settle what came back first, or nothing yet."""


def does(book: Book, what: str, now) -> None:
    """Somebody answers what is on offer or in effect, or settles the first that came back."""
    one = made.case(book)
    if what == "settle":
        waiting = [key for key, action in one.actions.items() if action.open and action.kind == actions.SETTLE]
        one = actions.done(one, waiting[0], "arranged", now) if waiting else one
    elif one.offer and one.offer.state in (OfferState.OFFERED, OfferState.IN_EFFECT):
        one = offers.accepted(one, now) if what == "yes" else offers.given_back(one, what, None, now)
    book.put(in_line(one, book.known(ref(1), COHORT), WORLD, now, certain=True), now)


@settings(max_examples=100, deadline=None)
@given(BIRTHS, HOMES, ANSWERS)
def test_nobody_is_asked_twice_for_the_same_thing_after_giving_it_back(born, home, answers):
    book = told([made.recorded(born=born, municipality=home), made.expected(sequence=2)])
    for number, what in enumerate(answers):
        now = BEGIN + timedelta(days=12 * number)
        run(book, now, says=None)
        if what:
            does(book, what, now)
    made_in_turn = combinations(made.case(book).offers, 2)
    assert not [(back, again) for back, again in made_in_turn if back.reason and back.key == again.key]
