"""What must be right about the holidays of an agreement: its own ones, and who is on duty in each week of them."""

import re
from collections.abc import Collection, Iterator
from datetime import date, timedelta

from services.coordination.agreement.dates import almanac
from services.coordination.agreement.people import OFFICER
from services.coordination.agreement.text import Found, not_one_of
from services.coordination.domain.world.agreed import Agreement, OnDuty
from services.coordination.domain.world.almanac import Almanac
from services.coordination.domain.world.roster import ROLES_OF
from shared.core.errors import Invalid, Said, marked
from shared.core.reference import Holiday
from shared.core.reference.calendar import school_year, weeks

OF_EVERY_YEAR = ("autumn", "christmas", "spring", "may", "summer")
"""Holidays of every school year, as the reference table names them."""
ROSTER = "roster"
TO_SUNDAY = timedelta(days=6)
SCHOOL = re.compile(r"\d\d(?=.?[A-Z])[A-Z0-9]{2}(\d\d)?")
"""BRIN of an institution, or of a site."""
LENGTH_OF_A_SITE = 6


def found(agreement: Agreement) -> Iterator[Found]:
    """Everything that is wrong with the holidays and with who is on duty in them."""
    try:
        dates = _dates(agreement)
    except Invalid as error:
        for fault in error.faults:
            expected = fault.expected if isinstance(fault.expected, Said) else Said(fault.expected)
            yield Found(_place(agreement, fault.where), expected, fault.code)
        return
    if agreement.holidays and not agreement.region:
        yield Found(("holidays",), marked("no holidays of its own without a region"))
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
        whom = marked("who is on duty in the holiday '%(holiday)s'; 'school' for the school itself", holiday=name)
        yield Found(("duty",), whom, "missing")
    for name in agreement.duty.keys() - every.keys():
        yield not_one_of(("duty", name), every, named=True)
    for name, duty in agreement.duty.items():
        if isinstance(duty, OnDuty):
            yield from _of_somebody(("duty", name), duty)
    for monday, somebody in agreement.roster.items():
        yield from _of_somebody((ROSTER, monday), somebody)


def _of_somebody(where: tuple[object, ...], on_duty: OnDuty) -> Iterator[Found]:
    """An organisation that exists, in a role that somebody has there."""
    roles = _roles_at(on_duty.organisation)
    if not roles:
        unknown = marked("the code of a municipality, region or school, in quotes")
        yield Found((*where, "organisation"), unknown, "unknown")
    elif on_duty.role == OFFICER:
        somebody = marked("a role that somebody has there: %(choices)s", choices=", ".join(roles))
        yield Found((*where, "role"), somebody, "unknown", roles)
    elif on_duty.role not in roles:
        yield not_one_of((*where, "role"), roles)


def _roles_at(code: str) -> tuple[str, ...]:
    if almanac().is_region(code):
        return ROLES_OF["region"]
    if almanac().is_municipality(code):
        return ROLES_OF["municipality"]
    if not SCHOOL.fullmatch(code):
        return ()
    return ROLES_OF["vo"] if len(code) == LENGTH_OF_A_SITE else ROLES_OF["mbo"]


def _of_weeks(agreement: Agreement, known: Collection[Holiday]) -> Iterator[Found]:
    """The roster names somebody for every week of its time: from the first day of the version up to the end of the
    summer after it. What it says of later years it may say."""
    by_roster = [holiday for holiday in known if agreement.duty.get(holiday.name) == ROSTER]
    every = {monday: holiday.name for holiday in by_roster for monday in weeks(holiday)}
    year = school_year(agreement.valid_from)
    for name in sorted({name for name, duty in agreement.duty.items() if duty == ROSTER}):
        if not any(holiday.name == name and holiday.school_year == year for holiday in by_roster):
            told = {"holiday": name, "year": f"{year}-{year + 1}"}
            known_days = marked(
                "days that are known: say in `holidays` when '%(holiday)s' is in school year %(year)s", **told
            )
            yield Found(("duty", name), known_days, "unknown_days")
    until = max((holiday.last for holiday in by_roster if holiday.school_year <= year), default=date.min)
    for monday, name in sorted(every.items()):
        if agreement.valid_from <= monday + TO_SUNDAY and monday <= until and monday not in agreement.roster:
            told = {"monday": monday.isoformat(), "holiday": name}
            week = marked("who is on duty in the week of %(monday)s (holiday '%(holiday)s')", **told)
            yield Found((ROSTER,), week, "missing")
    a_week = marked("the Monday of a week of a holiday whose duty is 'roster'")
    for monday in sorted(agreement.roster.keys() - every.keys()):
        yield Found((ROSTER, monday), a_week, named=True)
