"""Dated reference data: regions, municipalities, programmes, statutory dates, age limits and school holidays.

Rules and dates are data: each row says from when it holds (`valid_from`) and where that is written (`source`).
A row holds until the next row of the same key, or until its own `valid_until`. Tables that contradict themselves
or each other are refused, with every fault at once, each with file and line.
"""

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from shared.core.errors import Fault, Invalid
from shared.core.reference import admission
from shared.core.reference.dated import Line, Spells, at, latest, lines, missing_years, spells

FOLDER = Path(__file__).parents[3] / "deploy" / "reference"
ZONES = ("north", "middle", "south")


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


@dataclass(frozen=True, slots=True)
class Holiday:
    """One school holiday in one zone, first and last day included."""

    name: str
    zone: str
    school_year: int
    """Year in which the school year begins."""
    first: date
    last: date


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
    _exam_results: Spells[str]
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

    def exam_results_from(self, cohort: int) -> date:
        """Day from which every pupil of this cohort with a final exam has a result. KeyError before the first row."""
        return _yearly(self._exam_results, cohort)

    def feedback_until(self, cohort: int) -> date:
        """Last day on which a vo school hears of single pupils of this cohort who have left for the mbo; one who
        starts later is followed until the start. KeyError before the first row."""
        return _yearly(self._feedback_limits, cohort)

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

    def zone_of(self, municipality: str) -> str:
        """Holiday zone of a municipality: north, middle or south. KeyError when the code is unknown."""
        zone = latest(self._zones, municipality)
        if zone is None:
            raise KeyError(municipality)
        return zone

    def holidays(self, zone: str) -> tuple[Holiday, ...]:
        """School holidays of a zone, by date. Empty for an unknown zone."""
        return tuple(holiday for holiday in self._holidays if holiday.zone == zone)


@lru_cache(maxsize=8)
def load(folder: Path = FOLDER) -> Reference:
    """Read and check all tables once. Raises :class:`Invalid` with every fault, its file and its line."""
    faults: list[Fault] = []
    region_lines = lines(folder / "regions.csv", faults)
    municipality_lines = lines(folder / "municipalities.csv", faults)
    zone_lines = lines(folder / "holiday_zones.csv", faults)
    holidays = [_holiday(line, faults) for line in lines(folder / "school_holidays.csv", faults)]
    programmes = lines(folder / "programmes.csv", faults)
    reference = Reference(
        _regions=spells(region_lines, "code", lambda line: Region(line["code"], line["name"]), faults),
        _municipalities=spells(
            municipality_lines, "code", lambda line: Municipality(line["code"], line["name"], line["region"]), faults
        ),
        _programmes=spells(programmes, "code", lambda line: line["name"], []),
        _programme_levels=spells(programmes, "code", admission.level, faults),
        _admission=admission.load(lines(folder / "admission.csv", faults), faults),
        _application_dates=_dates(folder / "application_dates.csv", faults),
        _municipal_signal=_dates(folder / "municipal_signal.csv", faults),
        _feedback_limits=_dates(folder / "feedback_limits.csv", faults),
        _exam_results=_dates(folder / "exam_results.csv", faults),
        _age_limits=spells(
            lines(folder / "age_limits.csv", faults), None, lambda line: int(line["younger_than"]), faults
        ),
        _talk_dates=_dates(folder / "talk_dates.csv", faults),
        _talk_tracks=spells(lines(folder / "talk_tracks.csv", faults), "track", lambda line: line["track"], faults),
        _zones=spells(zone_lines, "municipality", lambda line: line["zone"], faults),
        _holidays=tuple(sorted((holiday for holiday in holidays if holiday), key=lambda h: (h.zone, h.first))),
    )
    _refer(reference, municipality_lines, zone_lines, faults)
    faults += _holiday_faults(reference)
    if faults:
        raise Invalid(faults)
    return reference


def _yearly(table: Spells[str], year: int) -> date:
    """The month and day in force on 1 January of this year, in this year."""
    month_day = at(table, "", date(year, 1, 1))
    if month_day is None:
        raise KeyError(f"no date for {year}")
    return date.fromisoformat(f"{year}-{month_day}")


def _dates(path: Path, faults: list[Fault]) -> Spells[str]:
    def month_day(line: Line) -> str:
        date.fromisoformat(f"2001-{line['month_day']}")
        return line["month_day"]

    return spells(lines(path, faults), None, month_day, faults)


def _holiday(line: Line, faults: list[Fault]) -> Holiday | None:
    try:
        first, last = date.fromisoformat(line["first"]), date.fromisoformat(line["last"])
        year = int(line["school_year"][:4])
        if not (line["zone"] in ZONES and date(year, 8, 1) <= first <= last < date(year + 1, 9, 30)):
            raise ValueError
    except ValueError:
        faults.append(line.fault("zone north, middle or south, and first and last day within the school year"))
        return None
    return Holiday(line["name"], line["zone"], year, first, last)


def _refer(reference: Reference, municipality_lines: list[Line], zone_lines: list[Line], faults: list[Fault]) -> None:
    """Every municipality lies in a known region and has one holiday zone."""
    for line in municipality_lines:
        if latest(reference._regions, line["region"]) is None:
            faults.append(line.fault(f"a region of regions.csv, not '{line['region']}'"))
        if latest(reference._zones, line["code"]) is None:
            faults.append(line.fault("a zone for this municipality in holiday_zones.csv"))
    for line in zone_lines:
        if latest(reference._municipalities, line["municipality"]) is None:
            faults.append(line.fault(f"a municipality of municipalities.csv, not '{line['municipality']}'"))
        if line["zone"] not in ZONES:
            faults.append(line.fault(f"north, middle or south, not '{line['zone']}'"))


def _holiday_faults(reference: Reference) -> list[Fault]:
    """In each zone the holidays do not overlap, and no school year is missing between the first and the last."""
    faults = []
    for zone in ZONES:
        known = reference.holidays(zone)
        for earlier, later in pairwise(known):
            if later.first <= earlier.last:
                faults.append(Fault("school_holidays.csv", f"{zone}: {later.first} overlaps the holiday before it"))
        missing = missing_years(holiday.school_year for holiday in known)
        faults += [
            Fault("school_holidays.csv", f"{zone}: school year {year}-{year + 1} is missing") for year in missing
        ]
    return faults
