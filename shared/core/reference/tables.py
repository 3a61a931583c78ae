"""What each table of `deploy/reference` holds: its columns, what a cell may be, and what the table is for.

The loader refuses what does not fit, and `docs/reference.md` is made from the same words.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

ZONES = ("north", "middle", "south")
HOLIDAYS = ("autumn", "christmas", "spring", "may", "summer")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a cell may be."""

    expected: str
    fits: Callable[[str], object]
    """ValueError, or something false, when it is not of this kind."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column."""

    name: str
    kind: Kind
    meaning: str
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One file."""

    meaning: str
    columns: tuple[Column, ...]


def _day(cell: str) -> object:
    return len(cell) == 10 and date.fromisoformat(cell)


def _matching(expected: str, pattern: str) -> Kind:
    return Kind(expected, re.compile(pattern).fullmatch)


def _one_of(*values: str) -> Kind:
    return Kind(f"{', '.join(values[:-1])} or {values[-1]}", values.__contains__)


TEXT = Kind("a text", bool)
DAY = Kind("a day as 2027-08-01", _day)
MONTH_DAY = Kind("a day of every year as 04-01", lambda cell: _day(f"2001-{cell}"))
YEAR = _matching("a year", "20[0-9]{2}")
SCHOOL_YEAR = _matching("a school year as 2026-2027", "20[0-9]{2}-20[0-9]{2}")
NUMBER = _matching("a whole number", "[0-9]{1,3}")
MUNICIPALITY = _matching("a CBS code of 4 digits", "[0-9]{4}")
REGION = _matching("a region of 2 digits", "[0-9]{2}")
CREBO = _matching("a code of 5 digits", "[0-9]{5}")

FROM = Column("valid_from", DAY, "first day on which the row holds")
UNTIL = Column("valid_until", DAY, "last day on which it holds; empty: until the next row of its kind", optional=True)
SOURCE = Column("source", TEXT, "where it is written, and what must still be checked")


def _yearly(meaning: str) -> Table:
    return Table(meaning, (Column("month_day", MONTH_DAY, "month and day in the cohort year"), FROM, SOURCE))


TABLES: Mapping[str, Table] = {
    "regions.csv": Table(
        "The Doorstroompunt regions (formerly RMC).",
        (Column("code", REGION, "number of the region"), Column("name", TEXT, "its name"), FROM, SOURCE),
    ),
    "municipalities.csv": Table(
        "The municipalities with their region, also those that have merged since 2018. An application or residence of"
        " that time is read with the municipality of that time.",
        (
            Column("code", MUNICIPALITY, "CBS code"),
            Column("name", TEXT, "its name"),
            Column("region", REGION, "its Doorstroompunt region"),
            FROM,
            UNTIL,
            Column("successor", MUNICIPALITY, "after a merger: the municipality that took most of it over", True),
            SOURCE,
        ),
    ),
    "holiday_zones.csv": Table(
        "The holiday zone of every municipality. One that has merged has the zone of its successor.",
        (
            Column("municipality", MUNICIPALITY, "CBS code"),
            Column("zone", _one_of(*ZONES), "its zone"),
            FROM,
            SOURCE,
        ),
    ),
    "school_holidays.csv": Table(
        "The school holidays of every zone, weekends at both ends included. Summer, Christmas and one week of May are"
        " binding; a school may deviate from the others, and a regional agreement may say so.",
        (
            Column("school_year", SCHOOL_YEAR, "1 August to 31 July"),
            Column("name", _one_of(*HOLIDAYS), "which holiday"),
            Column("zone", _one_of(*ZONES), "of which zone"),
            Column("first", DAY, "first day"),
            Column("last", DAY, "last day"),
            SOURCE,
        ),
    ),
    "exam_weeks.csv": Table(
        "The central exams of vmbo, havo and vwo: first and second sitting on paper, and the days on which the results"
        " come. All days empty: there were none that year. From the results of the second sitting on, a result that is"
        " not there is shown as missing. Exams are on school days: who must act is at work, and no deadline moves for"
        " them.",
        (
            Column("year", YEAR, "year of the exam"),
            Column("first_from", DAY, "first day of the first sitting", True),
            Column("first_until", DAY, "its last day", True),
            Column("first_results", DAY, "day of its results", True),
            Column("second_from", DAY, "first day of the second sitting", True),
            Column("second_until", DAY, "its last day", True),
            Column("second_results", DAY, "day of its results: from then on every candidate has one", True),
            SOURCE,
        ),
    ),
    "application_dates.csv": _yearly(
        "Last day on which an application gives the right of admission to the mbo (WEB 8.0.1)."
    ),
    "municipal_signal.csv": _yearly("First day on which a municipality hears of a missing application."),
    "count_dates.csv": _yearly("The count date (teldatum): where a student is enrolled on this day counts."),
    "exam_results.csv": _yearly(
        "Day from which a missing exam result is shown as missing, in a year that `exam_weeks.csv` does not have."
    ),
    "feedback_limits.csv": _yearly("Last day on which a vo school hears of single pupils who have left for the mbo."),
    "feedback_figures.csv": Table(
        "Days on which the figures are made that a vo school and its region get of former pupils.",
        (
            Column("month_day", MONTH_DAY, "month and day"),
            Column("years_on", _one_of("0", "1"), "0: in the cohort year, 1: in the year after it"),
            FROM,
            SOURCE,
        ),
    ),
    "talk_dates.csv": _yearly("Day by which a warm handover is held, unless its two sides agree otherwise."),
    "talk_tracks.csv": Table(
        "Tracks of which every pupil gets a warm handover.",
        (Column("track", TEXT, "track in the vo"), FROM, SOURCE),
    ),
    "age_limits.csv": Table(
        "Age at which the duty of the Doorstroompunt ends.",
        (Column("younger_than", NUMBER, "age in years: for who is younger"), FROM, SOURCE),
    ),
    "programmes.csv": Table(
        "Programmes of the mbo, by the code of their qualification (crebo).",
        (
            Column("code", CREBO, "crebo"),
            Column("name", TEXT, "its name in Dutch"),
            Column("level", _one_of("1", "2", "3", "4"), "its level; empty: not known", True),
            FROM,
            SOURCE,
        ),
    ),
    "admission.csv": Table(
        "To which level of the mbo the exam of a track admits (WEB 8.2.1).",
        (
            Column("track", TEXT, "track in the vo"),
            Column("exam", _one_of("passed", "failed"), "its result"),
            Column("level", _one_of("1", "2", "3", "4"), "level in the mbo"),
            Column("admits", _one_of("yes", "institution", "no"), "yes, no, or the institution decides"),
            FROM,
            SOURCE,
        ),
    ),
}
