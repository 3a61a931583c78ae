"""School days and ages: pure functions of civil dates in the Netherlands.

A school day is a weekday that is neither a public holiday nor in a school holiday of the zone. The deadlines of
the regional agreement count in these days.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise

import holidays
import holidays.countries  # here, not at the first event: it takes most of a second

from shared.core.errors import Fault, marked
from shared.core.reference import Holiday, Reference

SATURDAY, AUGUST = 5, 8
ONE_DAY, TO_FRIDAY, WEEK = timedelta(days=1), timedelta(days=4), timedelta(days=7)
ELSEWHERE = "middle"
"""Zone of who lives where no zone is known."""


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


@dataclass(frozen=True, slots=True)
class OwnHoliday:
    """A holiday of one region: in place of the zone's holiday of this name in this school year, or beside them all."""

    name: str
    first: date
    last: date
    source: str

    @property
    def school_year(self) -> int:
        return school_year(self.first)


@dataclass(frozen=True, slots=True)
class _Year:
    """The school days of one calendar year, counted once."""

    days: tuple[date, ...]
    upto: tuple[int, ...]
    """Number of school days up to and including the n-th day of the year; 0 for n = 0."""


def week_of(day: date, holiday: Holiday) -> date:
    """Monday of the week that a day of a holiday counts to; a weekend with which it begins counts to the next."""
    monday = day - timedelta(days=day.weekday())
    return monday + WEEK if monday + TO_FRIDAY < holiday.first else monday


def weeks(holiday: Holiday) -> list[date]:
    """The Monday of each week of a holiday, in order."""
    return sorted({week_of(day, holiday) for day in _days(holiday.first, holiday.last)})


def school_year(day: date) -> int:
    """Year in which the school year of this day begins: it runs from 1 August to 31 July."""
    return day.year if day.month >= AUGUST else day.year - 1


class SchoolCalendar:
    """The school days of one holiday zone, with what a region has agreed for itself.

    Outside the school years of the table only weekends and public holidays are known (:meth:`knows`). Days are
    counted per calendar year, once; every question after that takes a few look-ups, however far apart the days lie.
    """

    def __init__(self, known: Iterable[Holiday]):
        self.holidays: Sequence[Holiday] = sorted(known, key=lambda holiday: holiday.first)
        self._firsts = [holiday.first for holiday in self.holidays]
        self._closed = frozenset(day for holiday in self.holidays for day in _days(holiday.first, holiday.last))
        self._years: dict[int, _Year] = {}

    def given(self, own: Collection[OwnHoliday]) -> "SchoolCalendar":
        """The calendar with the holidays of a region, whatever it made of them (:meth:`faults`)."""
        kept, added = self._with(own)
        return SchoolCalendar([*kept, *added])

    def faults(self, own: Collection[OwnHoliday]) -> list[Fault]:
        """What is wrong with the holidays of a region: a last day before the first, one name twice in a school year,
        or an overlap, also with what is left of the zone's. What is known of the zone's later may still overlap."""
        kept, added = self._with(own)
        return [*_own_faults(own), *_overlaps([*kept, *added], added)]

    def _with(self, own: Collection[OwnHoliday]) -> tuple[list[Holiday], list[Holiday]]:
        """What is left of the zone's holidays, and those of the region."""
        theirs = {(holiday.name, holiday.school_year) for holiday in own}
        kept = [one for one in self.holidays if (one.name, one.school_year) not in theirs]
        zone = self.holidays[0].zone if self.holidays else ELSEWHERE
        return kept, [Holiday(one.name, zone, one.school_year, one.first, one.last) for one in own]

    def knows(self, day: date) -> bool:
        """Whether the holidays around this day are known: from the first in the table up to the last."""
        return bool(self.holidays) and self._firsts[0] <= day <= self.holidays[-1].last

    def is_school_day(self, day: date) -> bool:
        """Whether the schools of this zone are open."""
        return day.weekday() < SATURDAY and day not in self._closed and day not in public_holidays(day.year)

    def in_holiday(self, day: date) -> bool:
        """Whether the day lies in a school holiday, the weekends at its ends included."""
        return day in self._closed

    def add_school_days(self, day: date, n: int) -> date:
        """The n-th school day after `day` (n > 0) or before it (n < 0). n = 0 is `day` itself, also when closed."""
        if n == 0:
            return day
        year = self._year(day.year)
        place = year.upto[_number(day) - (n < 0)] + n - (n > 0)
        number = day.year
        while place < 0:
            number -= 1
            year = self._year(number)
            place += len(year.days)
        while place >= len(year.days):
            place -= len(year.days)
            number += 1
            year = self._year(number)
        return year.days[place]

    def school_days_between(self, a: date, b: date) -> int:
        """Number of school days after `a` up to and including `b`; negative when `b` lies before `a`."""
        if b < a:
            return -self.school_days_between(b, a)
        whole = sum(len(self._year(number).days) for number in range(a.year, b.year))
        return whole + self._year(b.year).upto[_number(b)] - self._year(a.year).upto[_number(a)]

    def holiday_after(self, day: date) -> Holiday | None:
        """The first holiday that begins after this day; None when no later one is known."""
        place = bisect_right(self._firsts, day)
        return self.holidays[place] if place < len(self.holidays) else None

    def _year(self, number: int) -> _Year:
        if (known := self._years.get(number)) is None:
            open_ = [self.is_school_day(day) for day in _days(date(number, 1, 1), date(number, 12, 31))]
            days = tuple(date.fromordinal(date(number, 1, 1).toordinal() + n) for n, yes in enumerate(open_) if yes)
            known = self._years[number] = _Year(days, tuple(accumulate(open_, initial=0)))
        return known


@lru_cache(maxsize=16)
def calendar_of(reference: Reference, zone: str) -> SchoolCalendar:
    """The calendar of a zone (``north``, ``middle`` or ``south``), counted once for the whole process."""
    return SchoolCalendar(reference.holidays(zone))


def calendar_at(reference: Reference, municipality: str | None) -> SchoolCalendar:
    """The calendar of a municipality; of the middle of the country when it is unknown or lies abroad."""
    known = municipality is not None and reference.municipality_name(municipality) is not None
    return calendar_of(reference, reference.zone_of(municipality) if known and municipality else ELSEWHERE)


def _number(day: date) -> int:
    """1 for 1 January."""
    return day.toordinal() - date(day.year, 1, 1).toordinal() + 1


def _days(first: date, last: date) -> Iterator[date]:
    return (date.fromordinal(n) for n in range(first.toordinal(), last.toordinal() + 1))


def _own_faults(own: Collection[OwnHoliday]) -> Iterator[Fault]:
    seen: set[tuple[str, int]] = set()
    for one in own:
        if one.last < one.first:
            yield Fault(
                one.name,
                marked("a last day from %(first)s on, not %(last)s", first=one.first, last=one.last),
                "holidays",
            )
        if not one.source:
            yield Fault(one.name, marked("a source"), "holidays")
        if (one.name, one.school_year) in seen:
            year = f"{one.school_year}-{one.school_year + 1}"
            yield Fault(one.name, marked("once in school year %(year)s", year=year), "holidays")
        seen.add((one.name, one.school_year))


def _overlaps(every: Collection[Holiday], added: Collection[Holiday]) -> Iterator[Fault]:
    for earlier, later in pairwise(sorted(every, key=lambda holiday: holiday.first)):
        if later.first <= earlier.last and (earlier in added or later in added):
            told = {"last": earlier.last, "holiday": earlier.name}
            after = marked("a first day after %(last)s, when %(holiday)s ends", **told)
            yield Fault(later.name, after, "holidays")
