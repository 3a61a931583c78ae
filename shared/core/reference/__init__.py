"""Dated reference data: regions, municipalities, programmes, statutory dates, age limits and school holidays.

Rules and dates are data: each row says from when it holds (`valid_from`) and where that is written (`source`).
A row holds until the next row of the same key, or until its own `valid_until`. Tables that contradict themselves
or each other are refused, with every fault at once, each with file and line.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from shared.core.errors import Fault, Invalid
from shared.core.reference import admission, years
from shared.core.reference.dated import ONE_DAY, Line, Spells, at, latest, lines, spells
from shared.core.reference.tables import TABLES, ZONES
from shared.core.reference.years import ExamWeeks, Holiday

__all__ = ["FOLDER", "ZONES", "ExamWeeks", "Holiday", "Municipality", "Reference", "Region", "load"]

FOLDER = Path(__file__).parents[3] / "deploy" / "reference"


@dataclass(frozen=True, slots=True)
class Region:
    """A Doorstroompunt region (formerly RMC), ``01`` to ``40``."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Municipality:
    """A municipality with its CBS code (4 digits) and the region it belongs to."""

    code: str
    name: str
    region: str
    successor: str | None = None
    """After a merger: the municipality that took most of it over."""


@dataclass(frozen=True, slots=True, eq=False)
class Reference:
    """Every table, to be asked by date. Build it with :func:`load`."""

    _regions: Spells[Region]
    _municipalities: Spells[Municipality]
    _programmes: Spells[str]
    _programme_levels: Spells[str]
    _admission: Spells[str]
    _application_dates: Spells[str]
    _municipal_signal: Spells[str]
    _feedback_limits: Spells[str]
    _feedback_figures: Spells[int]
    _exam_results: Spells[str]
    _exam_weeks: Mapping[int, ExamWeeks | None]
    _count_dates: Spells[str]
    _age_limits: Spells[int]
    _talk_dates: Spells[str]
    _talk_tracks: Spells[str]
    _zones: Spells[str]
    _holidays: tuple[Holiday, ...] = field(repr=False)

    def region_of(self, municipality: str, on: date) -> str | None:
        """Region a municipality belongs to on a day; None when it does not exist then."""
        found = at(self._municipalities, municipality, on)
        return found.region if found else None

    def municipality_name(self, code: str, on: date | None = None) -> str | None:
        """Name of a municipality on a day, or its last known name; None when unknown."""
        found = at(self._municipalities, code, on) if on else latest(self._municipalities, code)
        return found.name if found else None

    def region_name(self, code: str, on: date | None = None) -> str | None:
        """Name of a region on a day, or its last known name; None when unknown."""
        found = at(self._regions, code, on) if on else latest(self._regions, code)
        return found.name if found else None

    def programme_name(self, crebo: str) -> str | None:
        """Last known name of an mbo programme by its code of 5 digits; None when the table has it not."""
        return latest(self._programmes, crebo)

    def programme_level(self, crebo: str) -> int | None:
        """Level of an mbo programme, 1 to 4; None when the table does not tell."""
        level = latest(self._programme_levels, crebo)
        return int(level) if level else None

    def admits(self, track: str, exam: str, level: int, on: date) -> str | None:
        """Whether the exam of a track, ``passed`` or ``failed``, admits to a level (WEB 8.2.1): ``yes``, ``no``, or
        ``institution``: it decides. None for a track, exam or day that is not in the table."""
        return at(self._admission, admission.key(track, exam, level), on)

    def regions(self, on: date) -> tuple[Region, ...]:
        """The regions that exist on a day, by code."""
        return tuple(found for code in sorted(self._regions) if (found := at(self._regions, code, on)))

    def municipalities(self, on: date) -> tuple[Municipality, ...]:
        """The municipalities that exist on a day, by code."""
        return tuple(found for code in sorted(self._municipalities) if (found := at(self._municipalities, code, on)))

    def application_date(self, cohort: int) -> date:
        """Last day on which an application gives the right of admission to the mbo (WEB 8.0.1). `cohort` is the
        year of the intended start. KeyError before the first row."""
        return _yearly(self._application_dates, cohort)

    def municipal_signal_from(self, cohort: int) -> date:
        """First day on which a municipality hears of a missing application. KeyError before the first row."""
        return _yearly(self._municipal_signal, cohort)

    def count_date(self, cohort: int) -> date:
        """The count date (teldatum) of the year in which this cohort starts. KeyError before the first row."""
        return _yearly(self._count_dates, cohort)

    def exam_weeks(self, cohort: int) -> ExamWeeks | None:
        """The central exams in the year of this cohort's start; None when there were none, or the table does not
        tell."""
        return self._exam_weeks.get(cohort)

    def knows_exams(self, cohort: int) -> bool:
        """Whether the table tells of the exams of this year."""
        return cohort in self._exam_weeks

    def exam_results_from(self, cohort: int) -> date:
        """Day from which every pupil of this cohort with a final exam has a result: that of the second sitting, or
        what is usual where that is not known. KeyError before the first row."""
        weeks = self.exam_weeks(cohort)
        return weeks.second_results if weeks else _yearly(self._exam_results, cohort)

    def feedback_until(self, cohort: int) -> date:
        """Last day on which a vo school hears of single pupils of this cohort who have left for the mbo; one who
        starts later is followed until the start. KeyError before the first row."""
        return _yearly(self._feedback_limits, cohort)

    def feedback_figures(self, cohort: int) -> list[date]:
        """Days on which figures are made of what became of the pupils of this cohort, in order."""
        days = {day: at(self._feedback_figures, day, date(cohort, 1, 1)) for day in self._feedback_figures}
        return sorted(date.fromisoformat(f"{cohort + on}-{day}") for day, on in days.items() if on is not None)

    def talk_by(self, cohort: int) -> date:
        """Day by which a warm handover is held, unless its two sides agree otherwise. KeyError before the first row."""
        return _yearly(self._talk_dates, cohort)

    def talk_always(self, track: str, on: date) -> bool:
        """Whether every pupil of this track gets a warm handover."""
        return at(self._talk_tracks, track, on) is not None

    def doorstroompunt_age_limit(self, on: date) -> int:
        """Age at which the Doorstroompunt's duty ends: younger than this. KeyError before the first row."""
        limit = at(self._age_limits, "", on)
        if limit is None:
            raise KeyError(f"no age limit on {on}")
        return limit

    def successor(self, municipality: str, on: date = date.max) -> str:
        """The municipality that this one is part of on a day: itself, as long as it has not merged by then. KeyError
        when unknown."""
        spells = self._municipalities.get(municipality)
        if not spells:
            raise KeyError(municipality)
        ended, into = spells[-1].until < on, spells[-1].value.successor
        return self.successor(into, on) if ended and into else municipality

    def zone_of(self, municipality: str) -> str:
        """Holiday zone of a municipality: north, middle or south. KeyError when the code is unknown."""
        zone = latest(self._zones, self.successor(municipality))
        if zone is None:
            raise KeyError(municipality)
        return zone

    def holidays(self, zone: str) -> tuple[Holiday, ...]:
        """School holidays of a zone, by date. Empty for an unknown zone."""
        return tuple(holiday for holiday in self._holidays if holiday.zone == zone)


@lru_cache(maxsize=8)
def load(folder: Path = FOLDER) -> Reference:
    """Read and check all tables once. Raises :class:`Invalid` with every fault, its file, line and column."""
    faults: list[Fault] = []
    read = {file: lines(folder, file, faults) for file in TABLES}
    reference = Reference(
        _regions=spells(read["regions.csv"], "code", lambda line: Region(line["code"], line["name"]), faults),
        _municipalities=spells(read["municipalities.csv"], "code", _municipality, faults),
        _programmes=spells(read["programmes.csv"], "code", lambda line: line["name"], faults),
        _programme_levels=spells(read["programmes.csv"], "code", lambda line: line["level"], []),
        _admission=admission.load(read["admission.csv"], faults),
        _application_dates=_dates(read["application_dates.csv"], faults),
        _municipal_signal=_dates(read["municipal_signal.csv"], faults),
        _feedback_limits=_dates(read["feedback_limits.csv"], faults),
        _feedback_figures=spells(read["feedback_figures.csv"], "month_day", lambda line: int(line["years_on"]), faults),
        _exam_results=_dates(read["exam_results.csv"], faults),
        _exam_weeks=years.exam_weeks(read["exam_weeks.csv"], faults),
        _count_dates=_dates(read["count_dates.csv"], faults),
        _age_limits=spells(read["age_limits.csv"], None, lambda line: int(line["younger_than"]), faults),
        _talk_dates=_dates(read["talk_dates.csv"], faults),
        _talk_tracks=spells(read["talk_tracks.csv"], "track", lambda line: line["track"], faults),
        _zones=spells(read["holiday_zones.csv"], "municipality", lambda line: line["zone"], faults),
        _holidays=years.holidays(read["school_holidays.csv"], faults),
    )
    _refer(reference, read, faults)
    if faults:
        raise Invalid(faults)
    return reference


def _yearly(table: Spells[str], year: int) -> date:
    """The month and day in force on 1 January of this year, in this year."""
    month_day = at(table, "", date(year, 1, 1))
    if month_day is None:
        raise KeyError(f"no date for {year}")
    return date.fromisoformat(f"{year}-{month_day}")


def _municipality(line: Line) -> Municipality:
    return Municipality(line["code"], line["name"], line["region"], line["successor"] or None)


def _dates(table: list[Line], faults: list[Fault]) -> Spells[str]:
    return spells(table, None, lambda line: line["month_day"], faults)


def _refer(reference: Reference, read: Mapping[str, list[Line]], faults: list[Fault]) -> None:
    """Every municipality lies in a region of its time, and has a holiday zone or a successor that outlives it."""
    named = {line["municipality"] for line in read["holiday_zones.csv"]}
    codes = {line["code"] for line in read["municipalities.csv"]}
    for line in (line for line in read["municipalities.csv"] if line.sound):
        if not at(reference._regions, line["region"], line.day("valid_from")):
            faults.append(line.fault("region", f"a region of regions.csv on {line['valid_from']}"))
        if line["successor"]:
            faults += _succession(line, reference)
        elif line["code"] not in named:
            faults.append(line.fault("code", "a line for this municipality in holiday_zones.csv"))
    for line in read["holiday_zones.csv"]:
        if line["municipality"] not in codes:
            faults.append(line.fault("municipality", "a municipality of municipalities.csv"))


def _succession(line: Line, reference: Reference) -> list[Fault]:
    if not line["valid_until"]:
        return [line.fault("successor", "nothing, while the municipality has no last day")]
    following = line.day("valid_until") + ONE_DAY
    if not at(reference._municipalities, line["successor"], following):
        return [line.fault("successor", f"a municipality that exists on {following}")]
    return []
