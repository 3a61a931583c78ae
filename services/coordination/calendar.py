"""The almanac of the domain: civil time, school days and dated reference data of the Netherlands."""

from collections import Counter
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache

from shared.core import clock, reference
from shared.core.calendar import SchoolCalendar, age_on
from shared.core.errors import Rejected
from shared.core.reference import ZONES, Reference

MIDDLE = "middle"


class DutchAlmanac:
    """See :class:`services.coordination.domain.routing.Almanac`."""

    def __init__(self, reference: Reference):
        self.reference = reference
        self._calendars = {zone: SchoolCalendar(reference, zone) for zone in ZONES}
        self._zones = _zones_of_regions(reference)

    def day(self, instant: datetime) -> date:
        return clock.civil_date(instant)

    def instant(self, day: date, hour: int) -> datetime:
        return clock.local_instant(day, hour)

    def age(self, born: date, on: date) -> int:
        return age_on(born, max(born, on))

    def age_limit(self, on: date) -> int:
        return self.reference.doorstroompunt_age_limit(on)

    def region_of(self, municipality: str, on: date) -> str | None:
        return self.reference.region_of(municipality, on)

    def is_municipality(self, code: str) -> bool:
        return self.reference.municipality_name(code) is not None

    def is_region(self, code: str) -> bool:
        return self.reference.region_name(code) is not None

    def application_date(self, cohort: int) -> date:
        return _known(cohort, self.reference.application_date)

    def municipal_signal_from(self, cohort: int) -> date:
        return _known(cohort, self.reference.municipal_signal_from)

    def after_school_days(self, place: str | None, day: date, n: int) -> date:
        return _after(self._calendars[self._zone(place)], day, n)

    def last_school_day(self, place: str | None, day: date) -> date | None:
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


@lru_cache(maxsize=1)
def almanac() -> DutchAlmanac:
    """The almanac of the reference tables of this installation."""
    return DutchAlmanac(reference.load())
