"""The holidays of a region: its own ones, and who is on duty in each week."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.coordination import agreement
from services.coordination.agreement.dates import almanac, keeping
from services.coordination.domain.world import deadlines
from services.coordination.domain.world.agreed import RegionHoliday
from services.coordination.domain.world.routing import Subject, World, route
from shared.core.errors import Invalid
from shared.core.reference import Holiday
from shared.core.reference.calendar import week_of, weeks
from tests.unit.coordination import made
from tests.unit.coordination.agreement.test_checks import OWN, faults
from tests.unit.coordination.made import COHORT, MUNICIPALITY, REGION, SITE, WORLD, ref, told

SUMMER = [date(2027, 7, 19) + timedelta(weeks=n) for n in range(6)]
"""The weeks of the summer of 2027 in the middle of the country: 17 July to 29 August."""
LEERPLICHT, DOORSTROOMPUNT = (MUNICIPALITY, "leerplicht"), (REGION, "doorstroompunt")
AUTUMN = "  - {name: autumn, first: 2026-10-24, last: 2026-11-01, source: made up}\n"
HARVEST = "  - {name: harvest, first: 2026-09-14, last: 2026-09-18, source: made up}\n"


def roster(*mondays: date, who: tuple[str, str] = LEERPLICHT) -> str:
    """An agreement that names somebody for these weeks of the summer."""
    lines = (f'  {monday}: {{organisation: "{who[0]}", role: {who[1]}}}\n' for monday in mondays)
    return OWN + "duty: {summer: roster}\nroster:\n" + "".join(lines)


def faults_of(text: str) -> list[str]:
    with pytest.raises(Invalid) as caught:
        agreement.parse(text)
    assert {fault.where.rpartition(": ")[2] for fault in caught.value.faults} == {"roster"}
    return [fault.expected for fault in caught.value.faults]


def with_holidays(*lines: str) -> str:
    return OWN + "holidays:\n" + "".join(lines)


def test_a_weekend_with_which_a_holiday_begins_belongs_to_its_first_week():
    summer = Holiday("summer", "middle", 2026, date(2027, 7, 17), date(2027, 8, 29))
    assert weeks(summer) == SUMMER
    found = [week_of(date(2027, 7, day), summer).day for day in (17, 18, 19, 25, 26)]
    assert found == [19, 19, 19, 19, 26]
    friday = Holiday("may", "middle", 2026, date(2027, 4, 30), date(2027, 5, 9))
    assert weeks(friday) == [date(2027, 4, 26), date(2027, 5, 3)]


def test_every_week_in_which_nobody_is_on_duty_is_named():
    missing = faults_of(roster(*SUMMER[:2], *SUMMER[4:]))
    assert missing == [
        f"who is on duty in the week of {SUMMER[2]} (holiday 'summer')",
        f"who is on duty in the week of {SUMMER[3]} (holiday 'summer')",
    ]
    assert agreement.parse(roster(*SUMMER)).duty["summer"] == "roster"


def test_weeks_before_the_version_holds_need_nobody():
    later = roster(*SUMMER[1:]).replace("valid_from: 2027-01-01", "valid_from: 2027-07-31")
    assert agreement.parse(later).roster.keys() == {*SUMMER[1:]}
    assert faults_of(later.replace(f"{SUMMER[1]}:", f"{SUMMER[0]}:")) == [
        f"who is on duty in the week of {SUMMER[1]} (holiday 'summer')"
    ], "a week that has begun counts"


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        (roster(*SUMMER, SUMMER[0] + timedelta(days=1)), "roster/2027-07-20", "the Monday"),
        (roster(*SUMMER, date(2027, 6, 7)), "roster/2027-06-07", "the Monday"),
        (roster(*SUMMER, who=("9999", "leerplicht")), "roster/2027-07-19/organisation", "in quotes"),
        (
            roster(*SUMMER, who=(REGION, "leerplicht")),
            "roster/2027-07-19/role",
            "one of: region_coordinator, doorstroompunt",
        ),
        (roster(*SUMMER, who=(REGION, "transition_coach")), "roster/2027-07-19/role", "found: transition_coach"),
        (roster(*SUMMER, who=(MUNICIPALITY, "officer")), "roster/2027-07-19/role", "a role that somebody has"),
        (OWN + "duty: {sumer: school}\n", "duty/sumer", "autumn, christmas"),
        (OWN + 'duty: {may: {organisation: "19", role: slbr}}\n', "duty/may/role", "one of: region_coordinator"),
        (OWN + 'duty: {may: {organisation: "99XX", role: slbr}}\n', "duty/may/role", "perhaps slber; found: slbr"),
        (OWN + 'duty: {may: {organisation: "99XX00", role: slber}}\n', "duty/may/role", "one of: decaan, mentor"),
        (OWN + 'duty: {may: {organisation: "99XX"}}\n', "duty/may/role", "this field, which is missing"),
        (OWN + "duty: {may: shcool}\n", "duty/may", "perhaps school; found: shcool"),
        (with_holidays(AUTUMN.replace("2026-11-01", "2026-10-20")), "holidays/0", "a last day from"),
        (
            with_holidays(AUTUMN, AUTUMN.replace("10-24", "11-09").replace("11-01", "11-12")),
            "holidays/0",
            "once in school year",
        ),
        (with_holidays(AUTUMN.replace("made up", '""')), "holidays/0", "a source"),
        (with_holidays(HARVEST), "duty", "'harvest'"),
        (with_holidays(AUTUMN.replace("2026-11-01", "2026-12-21")), "holidays", "a first day after"),
        (with_holidays(AUTUMN.replace("first", "frist")), "holidays/0/frist", "perhaps first"),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_what_is_wrong_with_a_holiday_is_told_at_its_place(text, where, expected):
    assert expected in faults(text)[where]


def test_a_roster_for_days_that_nobody_knows_is_refused():
    text = roster(*SUMMER).replace("valid_from: 2027-01-01", "valid_from: 2039-01-01")
    assert "say in `holidays` when 'summer' is" in faults(text)["duty/summer"]


def test_schools_are_closed_in_the_holidays_of_their_own_region_whatever_agreement_a_pupil_goes_by():
    own = agreement.parse(with_holidays(AUTUMN))
    there = replace(WORLD, almanac=keeping({REGION: (own,)}))
    ends = [deadlines.by(code, date(2026, 10, 27), there, made.NOVEMBER).until.date() for code in (SITE, "0307")]
    assert ends == [date(2026, 10, 23), date(2026, 10, 27)]


def test_of_a_school_year_the_newest_version_that_names_holidays_says_them():
    newest, older = (
        agreement.parse(with_holidays(AUTUMN)),
        agreement.parse(with_holidays(AUTUMN.replace("26-1", "27-1"))),
    )
    both = keeping({REGION: (newest, older, agreement.parse(OWN))})
    days = (date(2026, 10, 26), date(2027, 10, 26), date(2026, 10, 20), date(2027, 10, 20))
    assert [both.calendar(REGION).is_school_day(day) for day in days] == [False, False, True, True]
    assert keeping({REGION: (newest, older)}) is both
    assert keeping({None: agreement.shipped()}) is almanac()


def test_what_a_zone_says_later_does_not_stop_anybody_though_it_overlaps():
    own = RegionHoliday("harvest", date(2026, 10, 15), date(2026, 10, 20), "made up")
    clashing = replace(agreement.parse(OWN), holidays=(own,))
    calendar = keeping({REGION: (clashing,)}).calendar(REGION)
    assert [calendar.in_holiday(date(2026, 10, day)) for day in (14, 15, 25, 26)] == [False, True, True, False]


def summer(who: dict[int, tuple[str, str]]) -> World:
    """The world in which these have the weeks of the summer; the others leerplicht."""
    text = roster(*SUMMER)
    for n, (code, role) in who.items():
        week = f"{SUMMER[n]}: {{organisation"
        text = text.replace(f'{week}: "{MUNICIPALITY}", role: leerplicht', f'{week}: "{code}", role: {role}')
    return replace(WORLD, agreement=agreement.parse(text))


def test_who_the_roster_names_for_the_week_hears_of_a_pupil_without_enrolment():
    world = summer({2: DOORSTROOMPUNT, 3: DOORSTROOMPUNT})
    known = told([made.recorded(), made.expected(sequence=2)]).known(ref(1), COHORT)
    found = []
    for month, day in ((7, 18), (8, 1), (8, 2), (8, 15), (8, 16), (9, 1)):
        about = Subject(known, COHORT, REGION, made.day(month, day), date(COHORT, month, day))
        found.append(route(("duty",), about, world)[0].role)
    assert found == ["leerplicht", "leerplicht", "doorstroompunt", "doorstroompunt", "leerplicht", "leerplicht"]


def test_in_a_week_after_those_of_the_roster_it_goes_by_age():
    world = summer({})
    shorter = replace(world, agreement=replace(world.agreement, roster={}))
    known = told([made.recorded(), made.expected(sequence=2)]).known(ref(1), COHORT)
    about = Subject(known, COHORT, REGION, made.day(8, 3), date(COHORT, 8, 3))
    assert route(("duty",), about, shorter) == route(("officer",), about, shorter)


def test_the_pupil_is_offered_to_who_the_roster_names_next_from_the_monday_on():
    world = summer({2: DOORSTROOMPUNT, 3: DOORSTROOMPUNT})
    book = told([made.recorded(), made.expected(sequence=2)], world=world)
    offered = []
    for month, day in ((7, 16), (8, 2), (8, 16)):
        made.run_until(book, made.day(month, day), world)
        offer = made.case(book).offer
        offered.append((offer.situation, offer.target.organisation, offer.starts_on))
    assert offered[0] == ("holidays", MUNICIPALITY, date(2027, 7, 17))
    assert [to for _, to, _ in offered] == [MUNICIPALITY, REGION, MUNICIPALITY]
    made.run_until(book, made.day(9, 1), world)
    assert made.case(book).holder.organisation == SITE, "nobody answered: the school still has the pupil"


def test_a_person_whom_the_roster_names_acts_in_that_week():
    world, second = summer({}), "leerplicht-0"
    weeks_of_second = {monday: replace(world.agreement.roster[monday], person=second) for monday in SUMMER[1:]}
    named = replace(world.agreement, roster={**world.agreement.roster, **weeks_of_second})
    first = replace(
        WORLD.directory[MUNICIPALITY], posts=(made.post("leerplicht"), made.post("leerplicht", name=second))
    )
    world = replace(world, agreement=named, directory={**WORLD.directory, MUNICIPALITY: first})
    known = told([made.recorded(), made.expected(sequence=2)]).known(ref(1), COHORT)
    contacts = []
    for day in (20, 27):
        about = Subject(known, COHORT, REGION, made.day(7, day), date(COHORT, 7, day))
        contacts.append(route(("duty",), about, world)[0].contact)
    assert contacts == ["leerplicht-1", second]
