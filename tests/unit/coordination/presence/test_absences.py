"""Absences as they are told, ended on another day and taken back."""

import itertools
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.coordination.domain.world.absences import (
    MOST,
    REMEMBERED,
    Away,
    flaws,
    with_absence,
    without_absence,
)
from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.staff import is_away
from shared.schemas.organisations import Absence, Contact

TODAY = date(2027, 3, 10)
DAYS = st.integers(-60, 60).map(lambda n: TODAY + timedelta(n))


def contact(person: str, role: str) -> Contact:
    return Contact(person_ref=person, role=role, name="Noor Bos", email="n@x.example", valid_from=date(2026, 8, 1))


AT = Listing("99AA00", "vo", "De Zilverlinde", "19", (contact("noor", "decaan"), contact("noor", "mentor")))


@st.composite
def told(draw: st.DrawFn) -> Away:
    since = draw(DAYS)
    return Away("noor", since, draw(st.none() | DAYS))


@given(st.lists(told(), max_size=20))
def test_whatever_is_told_periods_never_meet_and_are_the_same_in_every_role(tellings: list[Away]) -> None:
    """Of what is refused nothing is kept, and the days on which somebody is away are those that were told last."""
    listing, last = AT, dict[date, Away]()
    for one in tellings:
        if not flaws(listing, one, TODAY):
            listing, last[one.since] = with_absence(listing, one, TODAY), one
    first, second = (one.away for one in listing.contacts)
    assert first == second == listing.away("noor")
    assert len(first) <= MOST
    ends = [(one.since, one.until or date.max) for one in first]
    assert all(begin < end for begin, end in ends)
    assert all(end <= begin for (_, end), (begin, _) in itertools.pairwise(ends))
    for day in (TODAY + timedelta(n) for n in range(-20, 60)):
        expected = any(one.since <= day < (one.until or date.max) for one in last.values())
        assert is_away(first, day) == expected


@given(st.lists(told(), max_size=6), told())
def test_what_is_taken_back_leaves_what_was_known_before(tellings: list[Away], mistake: Away) -> None:
    listing = AT
    for one in tellings:
        listing = listing if flaws(listing, one, TODAY) else with_absence(listing, one, TODAY)
    known = {one.since for one in listing.away("noor")}
    if mistake.since not in known and not flaws(listing, mistake, TODAY):
        back = without_absence(with_absence(listing, mistake, TODAY), "noor", mistake.since, TODAY)
        assert back == listing
    assert (without_absence(listing, "noor", mistake.since, TODAY) is None) == (mistake.since not in known)


def test_every_fault_stands_at_its_field() -> None:
    away = with_absence(AT, Away("noor", TODAY, TODAY + timedelta(5)), TODAY)
    for one, where, code in (
        (Away("nobody", TODAY), "person_ref", "unknown_person"),
        (Away("noor", TODAY, TODAY), "until", "order"),
        (Away("noor", TODAY - timedelta(9), TODAY), "until", "over"),
        (Away("noor", TODAY + timedelta(4)), "since", "overlap"),
        (Away("noor", TODAY - timedelta(4)), "since", "overlap"),
    ):
        assert [(fault.where, fault.code) for fault in flaws(away, one, TODAY)] == [(where, code)]
    assert not flaws(away, Away("noor", TODAY + timedelta(5)), TODAY)
    assert not flaws(away, Away("noor", TODAY, TODAY + timedelta(9)), TODAY)


def test_more_periods_than_fit_are_refused() -> None:
    listing = AT
    for week in range(MOST):
        begin = TODAY + timedelta(weeks=week)
        listing = with_absence(listing, Away("noor", begin, begin + timedelta(2)), TODAY)
    assert [fault.code for fault in flaws(listing, Away("noor", TODAY + timedelta(weeks=52)), TODAY)] == ["too_many"]


def test_what_is_over_for_a_month_is_forgotten_with_the_next_change() -> None:
    old = Absence(since=TODAY - timedelta(60), until=TODAY - REMEMBERED - timedelta(1))
    recent = Absence(since=TODAY - timedelta(31), until=TODAY - REMEMBERED)
    listing = Listing(
        AT.code, AT.kind, AT.name, AT.region, (AT.contacts[0].model_copy(update={"away": (old, recent)}),)
    )
    after = with_absence(listing, Away("noor", TODAY), TODAY)
    assert after.away("noor") == (recent, Absence(since=TODAY))
