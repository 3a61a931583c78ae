"""Dates in the Netherlands: civil time, school days and reference data."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from shared.core import clock
from shared.core.errors import Rejected
from shared.core.reference import ZONES, Reference
from shared.core.reference.calendar import SchoolCalendar, age_on

MIDDLE = "middle"


class Almanac:
    """Civil time, school days and dated reference data. Rejects a cohort for which no dates are known."""

    def __init__(self, reference: Reference):
        self.reference = reference
        self._calendars = {zone: SchoolCalendar(reference, zone) for zone in ZONES}
        self._zones = _zones_of_regions(reference)

    def day(self, instant: datetime) -> date:
        """Civil date of an instant."""
        return _civil_date(instant)

    def instant(self, day: date, hour: int) -> datetime:
        """The instant of this wall-clock hour."""
        return _local_instant(day, hour)

    def age(self, born: date, on: date) -> int:
        """Age in whole years; 0 before the birth."""
        return age_on(born, max(born, on))

    def age_limit(self, on: date) -> int:
        """Age at which the duty of the Doorstroompunt ends."""
        return self.reference.doorstroompunt_age_limit(on)

    def region_of(self, municipality: str, on: date) -> str | None:
        """Region of a municipality on a day."""
        return self.reference.region_of(municipality, on)

    def is_municipality(self, code: str) -> bool:
        """Whether this is the code of a municipality, of now or before."""
        return self.reference.municipality_name(code) is not None

    def is_region(self, code: str) -> bool:
        """Whether this is the code of a region."""
        return self.reference.region_name(code) is not None

    def application_date(self, cohort: int) -> date:
        """Statutory application date of a cohort."""
        return _known(cohort, self.reference.application_date)

    def municipal_signal_from(self, cohort: int) -> date:
        """First day on which a municipality hears of a missing application."""
        return _known(cohort, self.reference.municipal_signal_from)

    def after_school_days(self, place: str | None, day: date, n: int) -> date:
        """The n-th school day after a day, in a municipality or region; None: the middle of the country."""
        return _after(self._calendars[self._zone(place)], day, n)

    def school_days_between(self, place: str | None, a: date, b: date) -> int:
        """School days after `a` up to and including `b`; negative when `b` lies before `a`."""
        return self._calendars[self._zone(place)].school_days_between(a, b)

    def last_school_day(self, place: str | None, day: date) -> date | None:
        """Last school day before the holiday that comes next, or that the day lies in."""
        return _last_before_holiday(self._calendars[self._zone(place)], day)

    def _zone(self, place: str | None) -> str:
        if place is None:
            return MIDDLE
        if self.is_municipality(place):
            return self.reference.zone_of(place)
        return self._zones.get(place, MIDDLE)


def _known(cohort: int, table: Callable[[int], date]) -> date:
    try:
        return table(cohort)
    except KeyError as error:
        raise Rejected("no dates are known for this cohort") from error


_civil_date = lru_cache(maxsize=20_000)(clock.civil_date)
_local_instant = lru_cache(maxsize=20_000)(clock.local_instant)
"""One event asks for the same few dates again and again."""


@lru_cache(maxsize=20_000)
def _after(calendar: SchoolCalendar, day: date, n: int) -> date:
    return calendar.add_school_days(day, n)


@lru_cache(maxsize=5_000)
def _last_before_holiday(calendar: SchoolCalendar, day: date) -> date | None:
    return calendar.last_school_day_before_holiday(day)


def _zones_of_regions(known: Reference) -> dict[str, str]:
    """The zone in which most municipalities of a region lie."""
    zones: dict[str, Counter[str]] = {}
    for municipality in known.municipalities(date.max):
        zones.setdefault(municipality.region, Counter())[known.zone_of(municipality.code)] += 1
    return {region: counted.most_common(1)[0][0] for region, counted in zones.items()}
