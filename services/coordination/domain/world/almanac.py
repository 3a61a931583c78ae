"""Dates in the Netherlands: civil time, school days and reference data."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import lru_cache

from shared.core import clock
from shared.core.errors import Invalid, Rejected
from shared.core.reference import Reference
from shared.core.reference.calendar import ELSEWHERE, OwnHoliday, SchoolCalendar, age_on, calendar_at, calendar_of


class Almanac:
    """Civil time, school days and dated reference data. Rejects a cohort for which no dates are known."""

    def __init__(self, reference: Reference, own: Mapping[str, Collection[OwnHoliday]] | None = None):
        self.reference = reference
        self._own = dict(own or {})
        self._calendars: dict[str | None, SchoolCalendar] = {}
        self._zones = _zones_of_regions(reference)

    def with_holidays(self, region: str, own: Collection[OwnHoliday]) -> "Almanac":
        """The almanac in which the schools of a region keep its own holidays. Raises :class:`Invalid` with every
        fault of the list, in any zone of the region."""
        zones = self._zones.get(region, (ELSEWHERE,))
        found = (fault for zone in zones for fault in calendar_of(self.reference, zone).faults(own))
        if faults := list(dict.fromkeys(found)):
            raise Invalid(faults)
        return Almanac(self.reference, {**self._own, region: own})

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

    def municipality(self, code: str, on: date) -> str:
        """The municipality that one is part of on a day: itself, or the one it has merged into by then."""
        return self.reference.successor(code, on) if self.is_municipality(code) else code

    def region_of(self, municipality: str, on: date) -> str | None:
        """Region of a municipality on a day, or of the one it has merged into."""
        return self.reference.region_of(self.municipality(municipality, on), on)

    def is_municipality(self, code: str) -> bool:
        """Whether this is the code of a municipality, of now or before."""
        return self.reference.municipality_name(code) is not None

    def is_region(self, code: str) -> bool:
        """Whether this is the code of a region."""
        return self.reference.region_name(code) is not None

    def application_date(self, cohort: int) -> date:
        """Statutory application date of a cohort."""
        return _known(cohort, self.reference.application_date)

    def count_date(self, cohort: int) -> date:
        """Count date of the year in which a cohort starts."""
        return _known(cohort, self.reference.count_date)

    def municipal_signal_from(self, cohort: int) -> date:
        """First day on which a municipality hears of a missing application."""
        return _known(cohort, self.reference.municipal_signal_from)

    def calendar(self, place: str | None) -> SchoolCalendar:
        """The school days of a municipality or region; None, or a place of no table: the middle of the country."""
        if place not in self._calendars:
            self._calendars[place] = self._calendar(place)
        return self._calendars[place]

    def school_days_between(self, place: str | None, a: date, b: date) -> int:
        """School days after `a` up to and including `b`; negative when `b` lies before `a`."""
        return self.calendar(place).school_days_between(a, b)

    def _calendar(self, place: str | None) -> SchoolCalendar:
        if place is None or not self.is_region(place):
            found = calendar_at(self.reference, place)
            region = self.region_of(place, date.max) if place else None
        else:
            found, region = calendar_of(self.reference, self._zones.get(place, (ELSEWHERE,))[0]), place
        return found.given(self._own[region]) if region in self._own else found


def _known(cohort: int, table: Callable[[int], date]) -> date:
    try:
        return table(cohort)
    except KeyError as error:
        raise Rejected("no dates are known for this cohort") from error


_civil_date = lru_cache(maxsize=20_000)(clock.civil_date)
_local_instant = lru_cache(maxsize=20_000)(clock.local_instant)
"""One event asks for the same few dates again and again."""


def _zones_of_regions(known: Reference) -> dict[str, tuple[str, ...]]:
    """The zones in which a region lies; first the one of most of its municipalities."""
    zones: dict[str, Counter[str]] = {}
    for municipality in known.municipalities(date.max):
        zones.setdefault(municipality.region, Counter())[known.zone_of(municipality.code)] += 1
    return {region: tuple(zone for zone, _ in counted.most_common()) for region, counted in zones.items()}
