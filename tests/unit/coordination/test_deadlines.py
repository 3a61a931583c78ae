"""Deadlines in school days: windows with grace, pulled forward before a holiday."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coordination.domain.world import deadlines
from services.coordination.domain.world.agreed import Leeway
from services.coordination.domain.world.deadlines import Window
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Organisation
from shared.core.clock import AMSTERDAM, local_instant
from shared.core.errors import Invalid
from shared.core.reference.calendar import OwnHoliday
from tests.unit.coordination import made

PLACES = {"0014": "north", "0344": "middle", "0772": "south"}
codes = st.sampled_from(sorted(PLACES))
dates = st.dates(date(2018, 8, 1), date(2030, 7, 31))
"""A year beyond the last holiday known."""
instants = st.builds(local_instant, dates, st.integers(0, 23))
counts, graces = st.integers(1, 40), st.integers(0, 15)
leeways = st.builds(Leeway, graces, st.booleans())
hours = st.integers(3, 23)


def world(how: Leeway, hour: int = 17) -> World:
    return replace(made.WORLD, agreement=replace(made.WORLD.agreement, due_hour=hour, deadlines=how))


def day_of(instant: datetime) -> date:
    return instant.astimezone(AMSTERDAM).date()


def asked(kind: str, code: str, start: datetime, count: int, how: Leeway, hour: int = 17) -> Window:
    """A window of one of the two kinds: so many school days, or by a day."""
    if kind == "within":
        return deadlines.within(code, count, world(how, hour), start)
    return deadlines.by(code, day_of(start) + timedelta(days=count), world(how, hour), start)


kinds = st.sampled_from(["within", "by"])


@given(kinds, codes, instants, counts, leeways, hours)
def test_a_deadline_is_an_open_day_at_the_agreed_hour_on_the_clock_of_that_day(kind, code, start, count, how, hour):
    """Also on the days on which the clock changes, in a leap year, and beyond the holidays known."""
    window = asked(kind, code, start, count, how, hour)
    for instant in (window.until, window.with_grace):
        assert deadlines.calendar_of(code, made.WORLD).is_school_day(day_of(instant))
        assert instant.astimezone(AMSTERDAM).hour == hour


@given(kinds, codes, instants, counts, graces)
def test_pulled_forward_is_never_later_and_grace_never_takes_away(kind, code, start, count, grace):
    """Both for the deadline itself and for the end of its grace."""
    pulled, plain = (asked(kind, code, start, count, Leeway(grace, forward)) for forward in (True, False))
    bare = asked(kind, code, start, count, Leeway(0, True))
    assert pulled.until <= plain.until
    assert pulled.with_grace <= plain.with_grace
    assert pulled.until == bare.until == bare.with_grace
    assert pulled.until <= pulled.with_grace
    assert plain.until <= plain.with_grace


@given(codes, instants, counts, graces)
def test_pulled_forward_no_holiday_begins_between_the_first_school_day_and_the_end(code, start, count, grace):
    """Neither before the deadline nor within its grace; and there is a school day to act on."""
    window = deadlines.within(code, count, world(Leeway(grace, before_holiday=True)), start)
    calendar = deadlines.calendar_of(code, made.WORLD)
    first = calendar.add_school_days(day_of(start), 1)
    coming = calendar.holiday_after(first)
    assert first <= day_of(window.until)
    assert coming is None or day_of(window.with_grace) < coming.first


@given(codes, instants, counts, counts)
def test_more_school_days_never_end_earlier(code, start, few, more):
    """Pulled forward or not."""
    for how in (Leeway(), Leeway(before_holiday=False)):
        ends = [deadlines.within(code, n, world(how), start).until for n in sorted((few, more))]
        assert ends == sorted(ends)


@given(kinds, codes, instants, counts, leeways, st.integers(-10, 60), counts)
def test_the_owner_gets_the_least_time_at_any_rate(kind, code, start, count, how, later, least):
    """Of a window that ends too soon, and of one that has ended."""
    now, window = start + timedelta(days=later), asked(kind, code, start, count, how)
    end = deadlines.after(code, least, made.WORLD, now)
    held = deadlines.no_sooner(window, end)
    assert held.until >= max(window.until, end)
    assert held.until <= held.with_grace
    fresh = deadlines.anew(window, now, end)
    assert fresh.until > now
    assert fresh == window or window.until <= now


@pytest.mark.parametrize(
    ("how", "until", "with_grace"),
    [
        (Leeway(0, before_holiday=False), "2027-03-03", "2027-03-03"),
        (Leeway(2, before_holiday=False), "2027-03-03", "2027-03-05"),
        (Leeway(0), "2027-02-19", "2027-02-19"),
        (Leeway(2), "2027-02-19", "2027-02-19"),
    ],
)
def test_five_school_days_from_the_wednesday_before_the_spring_holiday(how, until, with_grace):
    """In the middle of the country, where schools are closed from 20 to 28 February 2027."""
    window = deadlines.within("0344", 5, world(how), made.day(2, 17))
    assert (day_of(window.until), day_of(window.with_grace)) == (
        date.fromisoformat(until),
        date.fromisoformat(with_grace),
    )


@pytest.mark.parametrize(
    ("code", "day", "forward", "until"),
    [
        ("0344", "2027-10-01", False, "2027-10-01"),
        ("0344", "2028-04-01", False, "2028-03-31"),  # a Saturday
        ("0344", "2027-03-29", False, "2027-03-25"),  # Easter Monday: before Good Friday
        ("0772", "2027-09-01", False, "2027-09-06"),  # summer holiday of the south
        ("0772", "2027-09-01", True, "2027-07-23"),
        ("0344", "2025-05-05", False, "2025-05-06"),  # Liberation Day, right after the may holiday
        ("0344", "2025-05-05", True, "2025-04-25"),
        ("0014", "2028-02-29", True, "2028-02-29"),
    ],
)
def test_a_day_on_which_schools_are_closed(code, day, forward, until):
    """Becomes their last day before it; in a holiday the first day after it, unless deadlines are pulled forward."""
    window = deadlines.by(code, date.fromisoformat(day), world(Leeway(before_holiday=forward)), made.day(1, 4))
    assert day_of(window.until) == date.fromisoformat(until)


def test_a_deadline_counted_from_the_last_day_before_a_holiday_ends_after_it():
    """There is no day left before it."""
    window = deadlines.within("0344", 5, made.WORLD, made.day(2, 19))
    assert day_of(window.until) == date(2027, 3, 5)


def test_each_owner_counts_in_the_school_days_of_its_own_place():
    """A municipality by its zone; a school of no file by the middle of the country."""
    ends = {code: day_of(deadlines.after(code, 5, made.WORLD, made.day(2, 11))) for code in ("0772", "0344", "99ZZ00")}
    assert ends == {"0772": date(2027, 2, 25), "0344": date(2027, 2, 18), "99ZZ00": date(2027, 2, 18)}


def test_a_school_whose_municipality_is_known_counts_in_its_days_where_a_region_spans_two_zones():
    """Region 11: Deventer lies in the north, the rest in the middle, where the spring holiday of 2026 comes sooner."""
    schools = {
        "99DV00": Organisation("99DV00", "vo", "11", municipality="0150"),
        "99AP00": Organisation("99AP00", "vo", "11"),
    }
    there = replace(made.WORLD, directory={**made.DIRECTORY, **schools})
    ends = [day_of(deadlines.after(code, 5, there, made.day(2, 12, year=2026))) for code in schools]
    assert ends == [date(2026, 2, 19), date(2026, 2, 26)]


def test_a_region_with_holidays_of_its_own_keeps_them():
    """In place of the holiday of that name, for its municipalities and schools; others keep theirs."""
    own = [
        OwnHoliday("autumn", date(2026, 10, 24), date(2026, 11, 1), "agreement"),
        OwnHoliday("harvest", date(2026, 9, 14), date(2026, 9, 18), "agreement"),
    ]
    almanac = made.WORLD.almanac.with_holidays(made.REGION, own)
    there = replace(made.WORLD, almanac=almanac)
    for code in (made.MUNICIPALITY, made.SITE, made.REGION):
        kept = deadlines.calendar_of(code, there)
        open_ = [kept.is_school_day(day) for day in (date(2026, 10, 19), date(2026, 10, 26), date(2026, 9, 16))]
        assert open_ == [True, False, False]
        assert deadlines.calendar_of(code, made.WORLD).is_school_day(date(2026, 9, 16))
    assert deadlines.calendar_of("0307", there) is deadlines.calendar_of("0307", made.WORLD)


def test_holidays_of_a_region_that_contradict_each_other_are_refused_together():
    """A last day before the first, one name twice, no source, an overlap with another holiday."""
    own = [
        OwnHoliday("autumn", date(2026, 10, 24), date(2026, 10, 20), "agreement"),
        OwnHoliday("autumn", date(2026, 11, 24), date(2026, 11, 27), ""),
        OwnHoliday("study", date(2026, 12, 18), date(2026, 12, 20), "agreement"),
    ]
    with pytest.raises(Invalid) as caught:
        made.WORLD.almanac.with_holidays(made.REGION, own)
    assert [(fault.where, fault.expected) for fault in caught.value.faults] == [
        ("autumn", "a last day from 2026-10-24 on, not 2026-10-20"),
        ("autumn", "a source"),
        ("autumn", "once in school year 2026-2027"),
        ("christmas", "a first day after 2026-12-20, when study ends"),
    ]
