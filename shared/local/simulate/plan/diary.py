"""When organisations hand in what happened: on Tuesdays and Fridays that are school days, and never while silent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from shared.core.clock import local_instant
from shared.core.reference.calendar import SchoolCalendar
from shared.local.simulate.deeds import Deed

DAYS = (1, 4)
"""Weekdays on which files come in."""
HOUR = 9
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Year:
    """The dates of one cohort: it leaves school in the year `cohort` and starts on 1 August of it."""

    cohort: int

    def day(self, month: int, day: int) -> date:
        """A day of this school year: from October on in the year before the start."""
        return date(self.cohort - (month >= 10), month, day)

    def after(self, month: int, day: int) -> date:
        """A day after the start, until July of the next year."""
        return date(self.cohort + (month < 8), month, day)


@dataclass(frozen=True, slots=True)
class Diary:
    """Knows when what happens on a day comes in, and keeps the deeds."""

    year: Year
    calendar: SchoolCalendar
    silences: Mapping[str, tuple[date, date]]
    """Organisations that send nothing from the first day up to the second, not included."""
    deeds: list[Deed] = field(default_factory=list)

    def handed_in(self, sender: str, day: date) -> date:
        """The first day from this one on which the organisation hands in files."""
        while True:
            first, until = self.silences.get(sender, (date.max, date.max))
            if first <= day < until:
                day = until
            if day.weekday() in DAYS and self.calendar.is_school_day(day):
                return day
            day += ONE_DAY

    def school_day(self, day: date) -> date:
        """This day, or the first school day after it."""
        return day if self.calendar.is_school_day(day) else self.calendar.add_school_days(day, 1)

    def told(self, sender: str, kind: str, pupil: str, day: date, row: Mapping[str, str]) -> date:
        """A row of a file about something of this day; returns the day on which it comes in."""
        coming = self.handed_in(sender, day)
        self.at(local_instant(coming, HOUR), sender, kind, pupil, row)
        return coming

    def at(self, instant: datetime, sender: str, kind: str, pupil: str, row: Mapping[str, str]) -> None:
        """A deed at exactly this instant."""
        self.deeds.append(Deed(instant, sender, kind, pupil, tuple(row.items())))
