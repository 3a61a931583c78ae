"""The plan of a school year: who does what when, drawn from a seed, school by school."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.core.clock import local_instant
from shared.core.reference import Reference, load
from shared.core.reference.calendar import SchoolCalendar, calendar_at
from shared.local.sample.catalogue import MENTOR_GROUP, Site
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil, born_for, education_numbers, person
from shared.local.sample.wrong import SHARE, WAYS
from shared.local.simulate.deeds import ANSWER, OPERATOR, WORK, WRONG, Deed
from shared.local.simulate.plan import places, rows
from shared.local.simulate.plan.cases import BY_SITE, MISSING, SUMMER, TURNS_18
from shared.local.simulate.plan.diary import HOUR, ONE_DAY, Diary, Year
from shared.local.simulate.plan.life import Life
from shared.local.simulate.plan.lists import MISSED, Lists
from shared.local.simulate.plan.magnitudes import share
from shared.local.simulate.plan.places import Cells, Place, place
from shared.local.simulate.plan.planted import Planted, Stage, plant
from shared.local.simulate.plan.summer import live

COUNTRY = "country"
ANSWER_HOUR, WORK_HOUR = 15, 16
"""When people answer to who is offered to them, and work through what is asked of them: once what came in that
day has been heard."""
FORTNIGHT = timedelta(days=14)
ADULT = 18
NUMBERS_PER_SITE = 12_000
"""Onderwijsnummers set apart for a site: one in eleven passes its test."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which school year is asked for. The same wish gives the same deeds, byte for byte."""

    region: str = "19"
    """A region, 01 to 40, or `country`."""
    seed: int = 1
    pupils: int = 2500
    cohort: int = 2027


def regions(wanted: Wanted, reference: Reference) -> Iterator[Place]:
    """The regions of the plan, each with its share of the pupils."""
    on = Year(wanted.cohort).day(10, 1)
    if wanted.region != COUNTRY:
        yield place(reference, wanted.region, wanted.pupils, on)
        return
    known = [region.code for region in reference.regions(on)]
    for number, code in enumerate(known):
        share_of = wanted.pupils * (number + 1) // len(known) - wanted.pupils * number // len(known)
        yield place(reference, code, share_of, on, number)


@dataclass(frozen=True, slots=True)
class Part:
    """The deeds of one school, or of everybody around the schools of a region, in order of time."""

    place: Place
    deeds: list[Deed]
    planted: tuple[Planted, ...] = ()
    """Lives that were written down."""


def plan(wanted: Wanted) -> Iterator[Part]:
    """The deeds: of every region first those of everybody around, then of one school after the other."""
    reference, year = load(), Year(wanted.cohort)
    number, told = 0, set[str]()
    for here in regions(wanted, reference):
        known = [row for row in places.organisations(reference, here, year.day(10, 1)) if row["code"] not in told]
        told |= {row["code"] for row in known}
        around, mails = _around(wanted, here, known, year)
        yield Part(here, sorted(around, key=lambda deed: deed.order))
        for site in here.sites:
            number += 1
            yield _school(wanted, here, site, number, mails)


def _around(wanted: Wanted, here: Place, known: list[Cells], year: Year) -> tuple[list[Deed], dict[str, str]]:
    """Who is who in the region, as far as no other told it, and the days on which people do what is asked of them."""
    staff = places.staff_around(Dice(wanted.seed * 7 + int(here.region)), here, known)
    opening = local_instant(year.day(10, 1), HOUR)
    told = [("organisaties", row) for row in known]
    told += [("contactpersonen", row) for row in staff.rows]
    deeds = [Deed(opening, OPERATOR, kind, "", tuple(row.items())) for kind, row in told]
    deeds += [deed for code in here.institutions for deed in _working_days(here, code, year)]
    deeds += [
        deed for row in known if row["soort"] in ("gemeente", "regio") for deed in _answering_days(row["code"], year)
    ]
    deeds += places.away(Dice(wanted.seed * 11 + int(here.region)), staff, Diary(year, calendar(here), {}))
    mails = {row["organisatie"]: row["email"] for row in reversed(staff.rows) if row["rol"] == "intaker"}
    return deeds, mails


def calendar(here: Place) -> SchoolCalendar:
    """The school days of the schools and institutions of a region."""
    return calendar_at(load(), here.seat)


def _working_days(here: Place, code: str, year: Year) -> Iterator[Deed]:
    """Once in two weeks the people of an organisation do what is asked of them."""
    diary = Diary(year, calendar(here), {})
    day = year.day(11, 3)
    while day < year.after(1, 10):
        coming = diary.handed_in(code, day)
        if code in here.institutions:
            yield Deed(local_instant(coming, ANSWER_HOUR), code, ANSWER)
        yield Deed(local_instant(coming, WORK_HOUR), code, WORK)
        day = coming + FORTNIGHT


def _answering_days(code: str, year: Year) -> Iterator[Deed]:
    """Once in two weeks, holidays or not, leerplicht and Doorstroompunt answer to who is offered to them; nobody is
    before the summer. On the same days in every plan: an officer hears of pupils of several regions."""
    day = year.day(6, 2)
    while day < year.after(1, 10):
        yield Deed(local_instant(day, ANSWER_HOUR), code, ANSWER)
        day += FORTNIGHT


def _school(wanted: Wanted, here: Place, site: Site, number: int, mails: dict[str, str]) -> Part:
    """Everything that happens to the pupils of one site, in order of time; `number` counts the sites of the plan."""
    dice, year = Dice(wanted.seed * 100_003 + number), Year(wanted.cohort)
    diary = Diary(year, calendar(here), silences(here, year))
    pupils = list(_pupils(dice, here, site, number, year))
    staff = places.staff_of_site(dice, site, places.groups_of(pupils))
    for row in staff.rows:
        diary.at(local_instant(year.day(10, 1), HOUR), OPERATOR, "contactpersonen", "", row)
    diary.deeds.extend(places.away(dice, staff, diary))
    mails = mails | {site.code: staff.decaan[site.code]}
    cases = BY_SITE[number - 1] if number <= len(BY_SITE) else ()
    cases = cases if len(pupils) > len(cases) else ()
    for turn, (_, case) in enumerate(cases):
        if case in TURNS_18:
            day = year.after(*TURNS_18[case])
            pupils[turn] = replace(pupils[turn], born=day.replace(year=day.year - ADULT))
    lists = Lists(dice, diary, site, staff, pupils)
    lists.hand_in(len(cases), MISSING if cases is SUMMER else {})
    stages = (Stage(diary, here, pupil, mails, lists.instant(MISSED)) for pupil in pupils)
    planted = plant(stages, cases)
    for pupil, first in zip(pupils[len(cases) :], lists.first[len(cases) :], strict=True):
        live(Life(dice, pupil, here, diary, first, mails))
    deeds = [*diary.deeds, *_working_days(here, site.code, year)]
    deeds += [*_spoilt(dice, deeds), *_repeated(dice, diary, deeds), _wrong_file(diary, site)]
    return Part(here, sorted(deeds, key=lambda deed: deed.order), tuple(planted))


def silences(here: Place, year: Year) -> dict[str, tuple[date, date]]:
    """One school in ten and one of the institutions say nothing for weeks; what happened meanwhile comes late."""
    quiet = {site.code: (year.day(1, 12), year.day(2, 24)) for site in here.sites[2::10]}
    return quiet | {here.institutions[1]: (year.day(3, 8), year.day(4, 7))}


def _pupils(dice: Dice, here: Place, site: Site, number: int, year: Year) -> Iterator[Pupil]:
    pgns, own = education_numbers(100_000_000 + number * NUMBERS_PER_SITE), number * 10_000
    for track, size in site.tracks.items():
        for n in range(size):
            own += 1
            group = f"{track.removeprefix('vmbo-')}{n // MENTOR_GROUP.get(track, 26) + 1}"
            home = places.residence(dice, here, site)
            born, qualified = born_for(dice, track, year.cohort), track == "havo" and dice.chance(0.05)
            yield Pupil(person(dice), next(pgns), born, home, "", site.code, str(own), track, group, qualified)


def _spoilt(dice: Dice, deeds: list[Deed]) -> Iterator[Deed]:
    """Wrong rows beside the good ones, as they go wrong in real files."""
    for turn, deed in enumerate(deeds):
        if deed.kind in WAYS and dice.chance(SHARE):
            ways = WAYS[deed.kind]
            row = ways[turn % len(ways)](deed.row)
            yield replace(deed, cells=tuple(row.items()), bad=True)


def _repeated(dice: Dice, diary: Diary, deeds: list[Deed]) -> Iterator[Deed]:
    """Files of a school's system that come a second time, a few days later."""
    files = sorted({(deed.at, deed.kind) for deed in deeds if deed.kind in ("keuzes", "dossiers", "uitslagen")})
    again = {file for file in files if dice.chance(share("repeated_files"))}
    for deed in deeds:
        if (deed.at, deed.kind) in again:
            later = diary.handed_in(deed.sender, deed.at.date() + ONE_DAY * 3)
            yield replace(deed, at=local_instant(later, HOUR))


def _wrong_file(diary: Diary, site: Site) -> Deed:
    """A list without the column that says who it is about, before the right one; refused as a whole."""
    day = diary.handed_in(site.code, diary.year.day(10, 2))
    row = rows.school(Pupil(person(Dice(1)), "", day, "", "", site.code, "1"), diary.year.cohort)
    cells = {**row, "achternaam": "Voorbeeld"}
    return Deed(local_instant(day, HOUR), site.code, WRONG, "", tuple(cells.items()))


__all__ = ["COUNTRY", "Part", "Wanted", "calendar", "plan"]
