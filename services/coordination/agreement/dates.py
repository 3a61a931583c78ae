"""Days of every year, and the calendar that agreements make: each region keeps the holidays that it agreed on
(docs/decisions/0031)."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache

from services.coordination.domain.rules.engine import day_of
from services.coordination.domain.world.agreed import Agreement, RegionHoliday
from services.coordination.domain.world.almanac import Almanac
from shared.core import reference
from shared.core.errors import marked

Kept = tuple[tuple[str, tuple[RegionHoliday, ...]], ...]
"""Region, and the holidays of its own."""
COMMON_YEAR = 2027
"""Days of an agreement exist in every year: 29 February is none of them."""
A_DAY = marked("a day as MM-DD")


@lru_cache(maxsize=1)
def almanac() -> Almanac:
    """The almanac of the reference tables of this installation."""
    return Almanac(reference.load())


def keeping(adopted: Mapping[str | None, Sequence[Agreement]]) -> Almanac:
    """The almanac in which every region keeps its own holidays: of a school year those of the newest version that names
    any, from the moment it is adopted and for everybody who acts there.

    `adopted`: of each region the newest first.
    """
    return _keeping(tuple((region, kept) for region, found in adopted.items() if region and (kept := _kept(found))))


def _kept(versions: Sequence[Agreement]) -> tuple[RegionHoliday, ...]:
    by_year: dict[int, tuple[RegionHoliday, ...]] = {}
    for version in versions:
        by_year = dict(_by_year(version)) | by_year
    return tuple(holiday for year in sorted(by_year) for holiday in by_year[year])


def _by_year(version: Agreement) -> Iterator[tuple[int, tuple[RegionHoliday, ...]]]:
    for year in {holiday.school_year for holiday in version.holidays}:
        yield year, tuple(holiday for holiday in version.holidays if holiday.school_year == year)


@lru_cache(maxsize=16)
def _keeping(own: Kept) -> Almanac:
    """School days are counted once for the same holidays."""
    return Almanac(almanac().reference, dict(own)) if own else almanac()


def is_day(month_day: str) -> bool:
    """Whether this is a day of every year, as MM-DD."""
    try:
        return day_of(COMMON_YEAR, month_day).strftime("%m-%d") == month_day
    except ValueError:
        return False
