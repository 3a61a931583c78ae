"""School days and ages: pure functions of civil dates in the Netherlands.

A school day is a weekday that is neither a public holiday nor in a school holiday of the zone. The deadlines of
the regional agreement count in these days.
"""

from datetime import date, timedelta
from functools import lru_cache

import holidays
import holidays.countries  # here, not at the first event: it takes most of a second

from shared.core.reference import Reference

SATURDAY = 5
ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=64)
def public_holidays(year: int) -> frozenset[date]:
    """Dutch public holidays on which schools close: Good Friday included, and 5 May every year."""
    return frozenset(holidays.country_holidays("NL", years=year)) | {date(year, 5, 5)}


def age_on(birth_date: date, day: date) -> int:
    """Age in whole years on this day; who is born on 29 February turns N on 1 March in other years.

    ValueError when the day lies before the birth.
    """
    if day < birth_date:
        raise ValueError("the day lies before the birth date")
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def birthday(birth_date: date, age: int) -> date:
    """The first day on which somebody born on `birth_date` is `age` years old."""
    year = birth_date.year + age
    try:
        return birth_date.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


class SchoolCalendar:
    """The school days of one holiday zone: ``north``, ``middle`` or ``south``.

    Outside the school years of the table only weekends and public holidays are known.
    """

    def __init__(self, reference: Reference, zone: str):
        self.zone = zone
        self._holidays = reference.holidays(zone)
        self._closed = frozenset(
            holiday.first + timedelta(days=n)
            for holiday in self._holidays
            for n in range((holiday.last - holiday.first).days + 1)
        )

    def is_school_day(self, day: date) -> bool:
        """Whether the schools of this zone are open."""
        return day.weekday() < SATURDAY and day not in self._closed and day not in public_holidays(day.year)

    def in_holiday(self, day: date) -> bool:
        """Whether the day lies in a school holiday, the weekends at its ends included."""
        return day in self._closed

    def add_school_days(self, day: date, n: int) -> date:
        """The n-th school day after `day` (n > 0) or before it (n < 0). n = 0 is `day` itself, also when closed."""
        step = ONE_DAY if n > 0 else -ONE_DAY
        for _ in range(abs(n)):
            day += step
            while not self.is_school_day(day):
                day += step
        return day

    def school_days_between(self, a: date, b: date) -> int:
        """Number of school days after `a` up to and including `b`; negative when `b` lies before `a`."""
        if b < a:
            return -self.school_days_between(b, a)
        return sum(self.is_school_day(a + timedelta(days=n)) for n in range(1, (b - a).days + 1))

    def last_school_day_before_holiday(self, day: date) -> date | None:
        """Last school day before the holiday that `day` lies in, else before the next one; None when no later
        holiday is known."""
        coming = [holiday.first for holiday in self._holidays if holiday.last >= day]
        return self.add_school_days(min(coming), -1) if coming else None
