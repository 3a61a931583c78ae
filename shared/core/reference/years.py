"""What differs from year to year: the school holidays and the weeks of the central exams."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from shared.core.errors import Fault
from shared.core.reference.dated import Line, missing_years
from shared.core.reference.tables import HOLIDAYS, ZONES

EXAM_DAYS = ("first_from", "first_until", "first_results", "second_from", "second_until", "second_results")


@dataclass(frozen=True, slots=True)
class Holiday:
    """One school holiday in one zone, first and last day included."""

    name: str
    zone: str
    school_year: int
    """Year in which the school year begins."""
    first: date
    last: date


@dataclass(frozen=True, slots=True)
class ExamWeeks:
    """The central exams of one year."""

    first_from: date
    first_until: date
    first_results: date
    second_from: date
    second_until: date
    second_results: date


def holidays(table: Iterable[Line], faults: list[Fault]) -> tuple[Holiday, ...]:
    """The holidays by zone and date. Each lies in its school year; in a zone they do not overlap, none comes twice in
    a school year, and no school year or holiday is missing between the first and the last."""
    found = [(line, _holiday(line, faults)) for line in table if line.sound]
    known = sorted(((one, line) for line, one in found if one), key=lambda pair: (pair[0].zone, pair[0].first))
    for zone in ZONES:
        faults += _zone_faults(zone, [pair for pair in known if pair[0].zone == zone])
    return tuple(one for one, _ in known)


def _holiday(line: Line, faults: list[Fault]) -> Holiday | None:
    begins, ends = (int(year) for year in line["school_year"].split("-"))
    first, last = line.day("first"), line.day("last")
    if ends != begins + 1:
        faults.append(line.fault("school_year", f"{begins}-{begins + 1}"))
    elif not date(begins, 8, 1) <= first < date(ends, 8, 1):
        faults.append(line.fault("first", f"a day in the school year {begins}-{ends}"))
    elif not first <= last < date(ends, 9, 30):
        faults.append(line.fault("last", f"a day from {first} on, and before the next school year has begun"))
    else:
        return Holiday(line["name"], line["zone"], begins, first, last)
    return None


def _zone_faults(zone: str, known: Sequence[tuple[Holiday, Line]]) -> Iterator[Fault]:
    for (earlier, _), (later, line) in pairwise(known):
        if later.first <= earlier.last:
            yield line.fault("first", f"a day after {earlier.last}: it overlaps another holiday of {zone}")
    had: dict[int, list[str]] = {}
    for holiday, line in known:
        if holiday.name in had.setdefault(holiday.school_year, []):
            yield line.fault("name", f"{holiday.name} once in this school year")
        had[holiday.school_year].append(holiday.name)
    for year in missing_years(had):
        yield Fault("school_holidays.csv", f"{zone}: school year {year}-{year + 1}, which is missing", "reference")
    for year, names in had.items():
        if lacking := [name for name in HOLIDAYS if name not in names]:
            expected = f"{zone}, school year {year}-{year + 1}: {', '.join(lacking)}"
            yield Fault("school_holidays.csv", expected, "reference")


def exam_weeks(table: Iterable[Line], faults: list[Fault]) -> dict[int, ExamWeeks | None]:
    """The exams by year, None where there were none; their days come in order, and no year is missing in between."""
    found: dict[int, ExamWeeks | None] = {}
    for line in table:
        if not line.sound:
            continue
        year = int(line["year"])
        if year in found:
            faults.append(line.fault("year", f"{year} once"))
        found[year] = _weeks(line, year, faults)
    years = missing_years(found)
    faults += [Fault("exam_weeks.csv", f"{year}, which is missing", "reference") for year in years]
    return found


def _weeks(line: Line, year: int, faults: list[Fault]) -> ExamWeeks | None:
    given = [column for column in EXAM_DAYS if line[column]]
    if not given:
        return None
    if lacking := [line.fault(column, "a day, as in the other columns") for column in EXAM_DAYS if not line[column]]:
        faults += lacking
        return None
    days = [line.day(column) for column in EXAM_DAYS]
    for column, (earlier, later) in zip(EXAM_DAYS[1:], pairwise(days), strict=True):
        if later < earlier:
            faults.append(line.fault(column, f"a day from {earlier} on"))
    if {day.year for day in days} != {year}:
        faults.append(line.fault("year", "the year of its days"))
    return ExamWeeks(*days)
