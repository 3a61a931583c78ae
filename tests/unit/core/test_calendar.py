"""School days and ages."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.core.reference import ZONES, load
from shared.core.reference.calendar import SchoolCalendar, age_on, birthday, calendar_of

days = st.dates(date(2018, 8, 1), date(2029, 7, 31))
zones = st.sampled_from(ZONES)


def calendar(zone: str = "middle") -> SchoolCalendar:
    return calendar_of(load(), zone)


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2027-03-25", True),  # Thursday
        ("2027-03-26", False),  # Good Friday
        ("2027-03-27", False),  # Saturday
        ("2027-03-29", False),  # Easter Monday
        ("2027-04-27", False),  # King's Day, in the may holiday
        ("2027-05-05", False),  # Liberation Day, every year
        ("2027-05-06", False),  # Ascension
        ("2027-05-17", False),  # Whit Monday
        ("2027-02-22", False),  # spring holiday
        ("2027-03-01", True),
        ("2027-07-16", True),  # last day before summer
        ("2027-07-19", False),
        ("2027-08-30", True),
        ("2028-02-29", False),  # leap day, spring holiday of the middle
    ],
)
def test_schools_are_open_on_weekdays_without_holiday(day, open_):
    """Weekends, public holidays and the zone's school holidays are closed."""
    assert calendar().is_school_day(date.fromisoformat(day)) is open_


def test_zones_differ():
    """In the week of 15 February 2027 the south has its holiday; the leap day of 2028 is a school day in the north."""
    assert not calendar("south").is_school_day(date(2027, 2, 15))
    assert calendar("north").is_school_day(date(2027, 2, 15))
    assert calendar("north").is_school_day(date(2028, 2, 29))


def test_school_days_are_counted_over_a_holiday():
    """Ten school days from Wednesday 17 February 2027 in the middle end on 10 March, past the spring holiday."""
    assert calendar().add_school_days(date(2027, 2, 17), 10) == date(2027, 3, 10)
    assert calendar().add_school_days(date(2027, 3, 10), -10) == date(2027, 2, 17)
    assert calendar().school_days_between(date(2027, 2, 17), date(2027, 3, 10)) == 10


@pytest.mark.parametrize(
    ("day", "name", "last_open"),
    [
        ("2027-02-01", "spring", "2027-02-19"),
        ("2027-02-25", "may", "2027-04-23"),
        ("2027-03-01", "may", "2027-04-23"),
        ("2027-07-01", "summer", "2027-07-16"),
    ],
)
def test_the_next_holiday_and_the_last_school_day_before_it(day, name, last_open):
    """The holiday that the day lies in has begun; it is not the next one."""
    following = calendar().holiday_after(date.fromisoformat(day))
    assert following.name == name
    assert calendar().add_school_days(following.first, -1) == date.fromisoformat(last_open)


def test_after_the_last_holiday_known_there_is_no_next_one():
    """The calendar does not invent holidays."""
    assert calendar().holiday_after(date(2030, 1, 1)) is None


@given(zones, days, st.integers(1, 40))
def test_adding_school_days_ends_on_a_school_day_and_counts_them(zone, day, n):
    """n school days later is open, and exactly n school days lie between."""
    later = calendar(zone).add_school_days(day, n)
    assert calendar(zone).is_school_day(later)
    assert calendar(zone).school_days_between(day, later) == n
    assert calendar(zone).school_days_between(later, day) == -n


@given(zones, days)
def test_the_last_day_before_a_holiday_is_open_and_followed_by_closed_days(zone, day):
    """It is a school day, and the next weekday after it is closed."""
    if following := calendar(zone).holiday_after(day):
        last = calendar(zone).add_school_days(following.first, -1)
        assert calendar(zone).is_school_day(last)
        assert not calendar(zone).is_school_day(calendar(zone).add_school_days(last, 1) - timedelta(days=1))


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        ("2009-03-24", "2027-03-23", 17),
        ("2009-03-24", "2027-03-24", 18),
        ("2008-02-29", "2026-02-28", 17),
        ("2008-02-29", "2026-03-01", 18),
        ("2008-02-29", "2028-02-28", 19),
        ("2008-02-29", "2028-02-29", 20),
        ("2010-12-31", "2010-12-31", 0),
    ],
)
def test_age_turns_on_the_birthday(born, day, age):
    """Who is born on 29 February turns N on 1 March in other years."""
    assert age_on(date.fromisoformat(born), date.fromisoformat(day)) == age


def test_there_is_no_age_before_birth():
    """Asking is a mistake."""
    with pytest.raises(ValueError, match="birth"):
        age_on(date(2010, 1, 2), date(2010, 1, 1))


@given(st.dates(date(1990, 1, 1), date(2020, 12, 31)), st.integers(1, 30))
def test_the_birthday_is_the_first_day_of_that_age(born, age):
    """On the birthday the age is N, the day before N - 1; also over the clock changes in March and October."""
    day = birthday(born, age)
    assert age_on(born, day) == age
    assert age_on(born, day - timedelta(days=1)) == age - 1


def walked(zone: str, day: date, n: int) -> date:
    """The n-th school day, by looking at every day."""
    step = timedelta(days=1 if n > 0 else -1)
    for _ in range(abs(n)):
        day += step
        while not calendar(zone).is_school_day(day):
            day += step
    return day


@given(zones, st.dates(date(1996, 1, 1), date(2040, 12, 31)), st.integers(-400, 400))
def test_counting_by_look_up_gives_what_walking_day_by_day_gives(zone, day, n):
    """Over leap days, ends of years, and years of which no holidays are known."""
    assert calendar(zone).add_school_days(day, n) == walked(zone, day, n)


@given(zones, days, days)
def test_school_days_between_two_days_are_those_that_are_open(zone, a, b):
    """Counted after the first up to and including the last, and with the other sign the other way round."""
    first, last = sorted((a, b))
    counted = sum(calendar(zone).is_school_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))
    assert calendar(zone).school_days_between(first, last) == counted
    assert calendar(zone).school_days_between(last, first) == -counted


@given(zones, days, days, st.integers(-60, 60))
def test_adding_school_days_keeps_the_order_of_days(zone, a, b, n):
    """A later day never ends earlier."""
    first, last = sorted((a, b))
    assert calendar(zone).add_school_days(first, n) <= calendar(zone).add_school_days(last, n)


@given(zones, days, st.integers(-60, 60))
def test_more_school_days_end_later(zone, day, n):
    """Forth and back; only no days at all may be a day that is closed."""
    ends = [calendar(zone).add_school_days(day, number) for number in (n, n + 1) if number]
    assert ends == sorted(set(ends))


def test_the_calendar_says_which_days_it_knows():
    """From the first holiday of the table to the last; after it schools close at weekends and on public holidays."""
    known = calendar()
    assert known.knows(date(2027, 1, 1))
    assert not known.knows(date(2040, 7, 20))
    assert known.is_school_day(date(2040, 7, 20))
    assert not known.is_school_day(date(2040, 4, 2))  # Easter Monday
