"""Whatever happens to whom in which order: who is not present holds nothing."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from services.coordination.domain.book import Book
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Organisation, Post
from shared.core.clock import local_instant
from shared.schemas.organisations import Absence
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, MUNICIPALITY, REGION, SITE, ref

BEGIN = date(2026, 11, 2)
POSTS = {
    SITE: (("mentor", "mentor-1", "mentor-2"), ("mentor", "mentor-2", "decaan-1"), ("decaan", "decaan-1", "decaan-2")),
    MBO: (("intake_coordinator", "intake-1", "intake-2"), ("slber", "slber-1", None)),
    MUNICIPALITY: (("leerplicht", "leerplicht-1", None),),
    REGION: (("region_coordinator", "coordinator-1", "coordinator-2"), ("doorstroompunt", "officer-1", None)),
}
KIND = {SITE: "vo", MBO: "mbo", MUNICIPALITY: "municipality", REGION: "region"}
PEOPLE = sorted({who for posts in POSTS.values() for _, *both in posts for who in both if who})
EVENTS = (
    lambda at: made.chosen(at=at, sequence=10 + at.toordinal() % 1000),
    lambda at: made.applied(at=at, sequence=at.toordinal()),
    lambda at: made.applied(status="rejected", at=at, sequence=at.toordinal()),
    lambda at: made.recorded(at=at, sequence=at.toordinal()),
)
step = st.tuples(
    st.sampled_from(PEOPLE),
    st.sampled_from(["away", "back", "loses the role", "holds the role"]),
    st.integers(0, 45),
    st.none() | st.tuples(st.sampled_from(EVENTS), st.integers(0, 60)),
)


def world(day: date, away: set[str], gone: set[str]) -> World:
    """The region on a day."""

    def post(role: str, person: str, deputy: str | None) -> Post:
        absent = (Absence(since=day),) if person in away else ()
        return Post(role, person, deputy, date(2026, 8, 1), day if person in gone else None, absent)

    found = {
        code: Organisation(code, KIND[code], REGION, tuple(post(*one) for one in posts))
        for code, posts in POSTS.items()
    }
    # Somebody whom only another names as a deputy has a post too, so that they can be away.
    for code, posts in POSTS.items():
        named = {deputy for *_, deputy in posts if deputy} - {person for _, person, _ in posts}
        more = tuple(post("deputy", who, None) for who in sorted(named))
        found[code] = replace(found[code], posts=(*found[code].posts, *more))
    return replace(made.WORLD, directory=found, present_on=day)


def check(book: Book, around: World, day: date) -> None:
    case = made.case(book)
    holder = case.holder
    assert holder.contact is None or around.is_present(holder, day), holder
    assert holder.contact or not around.stand_in(holder, day).contact
    for action in case.actions.values():
        if action.open:
            nobody = around.of_role(REGION, "region_coordinator", day).contact is None
            top = (action.owner.organisation, action.owner.role, action.owner.contact)
            assert around.is_present(action.owner, day) or (nobody and top == (REGION, "region_coordinator", None))


@settings(max_examples=150, deadline=None)
@given(st.lists(step, max_size=8))
def test_who_is_not_present_holds_nothing_unless_nobody_is(steps):
    day, away, gone = BEGIN, set(), set()
    around = world(day, away, gone)
    book = made.told([made.expected(), made.recorded(sequence=2)], world=around)
    for who, what, later, event in steps:
        day += timedelta(days=later)
        made.run_until(book, local_instant(day, 0), around)
        {"away": away.add, "back": away.discard, "loses the role": gone.add, "holds the role": gone.discard}[what](who)
        around = world(day, away, gone)
        book.man(ref(1), COHORT, around, local_instant(day, 9))
        check(book, around, day)
        if event:
            make, earlier = event
            made.told([make(local_instant(day - timedelta(days=earlier), 12))], book, around)
            made.run_until(book, local_instant(day, 23), around)
            check(book, around, day)
