"""What must be right about the holidays of an agreement: its own ones, and who is on duty in each week of them."""

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from services.coordination.agreement.dates import almanac
from services.coordination.agreement.text import Found
from services.coordination.domain.world.agreed import Agreement, OnDuty
from services.coordination.domain.world.almanac import Almanac
from shared.core.errors import Invalid
from shared.core.reference import Holiday
from shared.core.reference.calendar import school_year, weeks

OF_EVERY_YEAR = ("autumn", "christmas", "spring", "may", "summer")
"""Holidays of every school year, as the reference table names them."""
ROSTER = "roster"
TO_SUNDAY = timedelta(days=6)
SCHOOL = re.compile(r"\d\d(?=.?[A-Z])[A-Z0-9]{2}(\d\d)?")
"""BRIN of an institution, or of a site."""


def found(agreement: Agreement) -> Iterator[Found]:
    """Everything that is wrong with the holidays and with who is on duty in them."""
    try:
        dates = _dates(agreement)
    except Invalid as error:
        yield from ((_place(agreement, fault.where), fault.expected, fault.code) for fault in error.faults)
        return
    if agreement.holidays and not agreement.region:
        yield ("holidays",), "no holidays of its own without a region", "invalid"
    yield from _of_duty(agreement)
    yield from _of_weeks(agreement, dates.calendar(agreement.region).holidays)


def _dates(agreement: Agreement) -> Almanac:
    """The almanac in which the schools of the region keep these holidays. Raises `Invalid`."""
    if not agreement.region or not agreement.holidays:
        return almanac()
    return almanac().with_holidays(agreement.region, agreement.holidays)


def _place(agreement: Agreement, name: str) -> tuple[object, ...]:
    own = [holiday.name for holiday in agreement.holidays]
    return ("holidays", own.index(name)) if name in own else ("holidays",)


def _of_duty(agreement: Agreement) -> Iterator[Found]:
    """Somebody for every holiday, and only for holidays."""
    every = dict.fromkeys((*OF_EVERY_YEAR, *(holiday.name for holiday in agreement.holidays)))
    for name in every.keys() - agreement.duty.keys():
        yield ("duty",), f"who is on duty in the holiday '{name}'; 'school' for the school itself", "missing"
    for name in agreement.duty.keys() - every.keys():
        yield ("duty", name), "a holiday: " + ", ".join(every), "unknown"
    for name, duty in agreement.duty.items():
        if isinstance(duty, OnDuty):
            yield from _of_somebody(("duty", name), duty)
    for monday, somebody in agreement.roster.items():
        yield from _of_somebody((ROSTER, monday), somebody)


def _of_somebody(where: tuple[object, ...], on_duty: OnDuty) -> Iterator[Found]:
    code, role = on_duty.organisation, on_duty.role
    in_region, in_municipality = almanac().is_region(code), almanac().is_municipality(code)
    if not (in_region or in_municipality or SCHOOL.fullmatch(code)):
        yield (*where, "organisation"), "the code of a municipality, region or school, in quotes", "unknown"
    elif role == "officer":
        yield (*where, "role"), "a role that somebody has there, such as leerplicht or doorstroompunt", "invalid"
    elif in_municipality != (role == "leerplicht") or (role == "doorstroompunt" and not in_region):
        yield (*where, "role"), "leerplicht of a municipality, doorstroompunt of a region", "invalid"


def _of_weeks(agreement: Agreement, known: Collection[Holiday]) -> Iterator[Found]:
    """The roster names somebody for every week of its time: from the first day of the version up to the end of the
    summer after it. What it says of later years it may say."""
    by_roster = [holiday for holiday in known if agreement.duty.get(holiday.name) == ROSTER]
    every = {monday: holiday.name for holiday in by_roster for monday in weeks(holiday)}
    year = school_year(agreement.valid_from)
    for name in sorted({name for name, duty in agreement.duty.items() if duty == ROSTER}):
        if not any(holiday.name == name and holiday.school_year == year for holiday in by_roster):
            expected = f"days that are known: say in `holidays` when '{name}' is in school year {year}-{year + 1}"
            yield ("duty", name), expected, "unknown"
    until = max((holiday.last for holiday in by_roster if holiday.school_year <= year), default=date.min)
    for monday, name in sorted(every.items()):
        if agreement.valid_from <= monday + TO_SUNDAY and monday <= until and monday not in agreement.roster:
            yield (ROSTER,), f"who is on duty in the week of {monday} (holiday '{name}')", "missing"
    for monday in sorted(agreement.roster.keys() - every.keys()):
        yield (ROSTER, monday), "the Monday of a week of a holiday whose duty is 'roster'", "invalid"
