"""How far the dated tables reach: what an installation must add before it is needed."""

from datetime import date, timedelta

from shared.core.reference import ZONES, Reference
from shared.core.reference.calendar import school_year

AHEAD = timedelta(days=365)
"""Deadlines are counted, and agreements made, a school year ahead."""


def lacking(reference: Reference, today: date) -> list[str]:
    """What is missing on this day, or will be within a year: in words for who keeps the tables."""
    found = []
    for zone in ZONES:
        known = reference.holidays(zone)
        if not known or known[0].first > today:
            found.append(f"school_holidays.csv has no holidays of {zone} before today")
        elif known[-1].last < today + AHEAD:
            found.append(f"school_holidays.csv ends on {known[-1].last} in {zone}")
    cohort = school_year(today) + 1
    if not reference.knows_exams(cohort):
        found.append(f"exam_weeks.csv does not have the exams of {cohort}")
    return found
