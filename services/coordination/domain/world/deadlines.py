"""By when somebody must act: in school days of the owner's municipality, as a window with grace, pulled forward before
a holiday. The only place where a deadline is counted (`docs/decisions/0025`).

A deadline never lies on a day on which the owner's schools are closed. Pulled forward it lies earlier, never later;
grace comes on top of it, and does not reach over a holiday that the deadline was pulled forward for.
"""

from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination.domain.world.routing import World
from shared.core.reference.calendar import SchoolCalendar


@dataclass(frozen=True, slots=True)
class Window:
    """Between which instants somebody must act, and when it is too late."""

    opens: datetime | None
    """None: at any time."""
    until: datetime
    with_grace: datetime
    """Never before `until`."""

    @property
    def grace_until(self) -> datetime | None:
        """None: there is no grace."""
        return self.with_grace if self.with_grace > self.until else None


def calendar_of(code: str, world: World) -> SchoolCalendar:
    """The school days that an organisation keeps: those of its municipality, else of its region."""
    return world.almanac.calendar(world.place_of(code))


def within(code: str, school_days: int, world: World, start: datetime) -> Window:
    """So many school days of an organisation after `start`, one at least."""
    calendar, day = calendar_of(code, world), world.almanac.day(start)
    until = calendar.add_school_days(day, max(school_days, 1))
    if world.agreement.deadlines.before_holiday:
        until = _this_side(calendar, calendar.add_school_days(day, 1), until)
    return _window(start, until, calendar, world)


def by(code: str, day: date, world: World, start: datetime) -> Window:
    """On this day at the latest. When the schools of the organisation are closed then: their last day before it; but
    in a holiday that nothing is pulled forward for, the first day after it."""
    calendar = calendar_of(code, world)
    until = day
    if not calendar.is_school_day(day):
        until, following = (calendar.add_school_days(day, n) for n in (-1, 1))
        if not world.agreement.deadlines.before_holiday and _this_side(calendar, until, day) != day:
            until = following
    return _window(start, until, calendar, world)


def after(code: str, school_days: int, world: World, now: datetime) -> datetime:
    """The end of the working day, so many school days of an organisation from now, one at least."""
    day = calendar_of(code, world).add_school_days(world.almanac.day(now), max(school_days, 1))
    return world.almanac.instant(day, world.agreement.due_hour)


def end_of(day: date, world: World) -> datetime:
    """The end of the working day on a day that people named themselves, or that nobody has to do anything on."""
    return world.almanac.instant(day, world.agreement.due_hour)


def exactly(instant: datetime) -> Window:
    """A deadline at this instant, without grace."""
    return Window(None, instant, instant)


def no_sooner(window: Window, least: datetime) -> Window:
    """The window, of which the end does not come before this instant."""
    return replace(window, until=max(window.until, least), with_grace=max(window.with_grace, least))


def anew(window: Window, now: datetime, least: datetime) -> Window:
    """The window; when it has ended already, one from now until this instant."""
    return window if window.until > now else Window(now, least, least)


def _window(start: datetime, until: date, calendar: SchoolCalendar, world: World) -> Window:
    late = calendar.add_school_days(until, world.agreement.deadlines.grace_school_days)
    if world.agreement.deadlines.before_holiday:
        late = _this_side(calendar, until, late)
    return Window(start, end_of(until, world), end_of(late, world))


def _this_side(calendar: SchoolCalendar, since: date, day: date) -> date:
    """The day, or the last school day before the first holiday that begins between a school day and it."""
    holiday = calendar.holiday_after(since)
    return calendar.add_school_days(holiday.first, -1) if holiday and holiday.first <= day else day
