"""Who should have a pupil on a day: the table of the agreement, read from the plan alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache

from shared.core.ids import opaque_ref
from shared.core.reference import load
from shared.core.reference.calendar import SchoolCalendar, age_on, birthday, calendar_at, calendar_of
from shared.local.simulate.truth.agreed import Agreed
from shared.local.simulate.truth.course import Course, nobodys
from shared.local.simulate.truth.known import Known, Path
from shared.local.simulate.truth.oracle import ADULT, officer

NOBODY = ""
ONE_DAY = timedelta(days=1)
OFFICERS = {4: "leerplicht", 2: "doorstroompunt"}
"""Length of the code of a municipality and of a region, to who looks after pupils there."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who should have the pupil, and why."""

    situation: str
    organisation: str
    role: str = field(default="", compare=False)
    """In which the organisation has the pupil; empty: as it had the pupil before."""


@lru_cache(maxsize=512)
def school_days(code: str, around: SchoolCalendar) -> SchoolCalendar:
    """Of a municipality its own; of a region those of most of its municipalities; of schools `around`."""
    if not code.isdigit():
        return around
    if len(code) == 4:
        return calendar_at(load(), code)
    zones = [load().zone_of(one.code) for one in load().municipalities(date.max) if one.region == code]
    return calendar_of(load(), max(zones, key=zones.count))


@dataclass(frozen=True)
class Pupil:
    """Who should have one pupil, by what is known at an instant."""

    course: Course
    agreed: Agreed
    region: str

    def target(self, known: Known, day: date, holder: str) -> Target | None:
        """By the table; None while nobody should, or while it is not known who."""
        situation = self._situation(known, day)
        who = self._who(situation, known, day, holder) if situation else ""
        return Target(situation, who, self.role(situation, who)) if who else None

    def role(self, situation: str, who: str) -> str:
        """The role of a row of the table; on duty and by law it is the officer whose organisation it is."""
        row = self.agreed.custody.rows[situation]
        if row.organisation == "duty":
            return OFFICERS[len(who)]
        return "" if row.organisation == "holder" else row.role

    def first(self, known: Known, day: date) -> Target:
        """Who told of the pupil."""
        situation = "expected" if known.expected else "origin_unknown"
        who = self._who(situation, known, day, NOBODY)
        return Target(situation, who, self.role(situation, who))

    def receiver_days(self, code: str) -> SchoolCalendar:
        """In which school days an organisation counts."""
        return school_days(code, self.course.story.calendar)

    @cached_property
    def holidays(self) -> list[tuple[date, date]]:
        """In which not the school itself looks after its pupils, in their last year there."""
        last, duty = self.course.story.cohort - 1, self.agreed.custody.duty
        known = school_days(self.region, self.course.story.calendar).holidays
        return [(one.first, one.last) for one in known if one.school_year == last and duty[one.name] != "school"]

    @cached_property
    def dates(self) -> tuple[date, date]:
        """From when institutions have who is enrolled, and from when who is not never arrived."""
        terms, year = self.agreed.custody, self.course.story.cohort
        return date.fromisoformat(f"{year}-{terms.enrolled_from}"), date.fromisoformat(f"{year}-{terms.decided_from}")

    def days(self, known: Known) -> list[date]:
        """On which the situation may change by itself."""
        found = {*self.dates}
        if known.expected:
            found |= {day for first, last in self.holidays for day in (first, last + ONE_DAY)}
        if known.born:
            found |= {birthday(known.born, age) for age in (ADULT, load().doorstroompunt_age_limit(self.dates[1]))}
        return sorted(found)

    def _situation(self, known: Known, day: date) -> str:
        first, last = self.dates
        if len({path.institution for path in known.enrolments}) > 1:
            return "one_of_several" if day >= last else "several_enrolments"
        if any(path.position == "started" for path in known.enrolments):
            return "started"
        if known.enrolments:
            before = "enrolled" if known.expected else "origin_unknown"
            return "enrolled_not_started" if day >= first else before
        left = day >= first and any(path.ended and path.ended >= first for path in known.paths)
        if left or day >= last:
            return self._out(known, day)
        if known.expected:
            return "holidays" if self._on_duty(known, day) else "expected"
        return "origin_unknown" if known.paths else ""

    def _out(self, known: Known, day: date) -> str:
        if known.born is None or nobodys(known, day, self.course.story.cohort):
            return ""
        return "left_under_18" if age_on(known.born, day) < ADULT else "left_18_plus"

    def _on_duty(self, known: Known, day: date) -> str:
        on = any(first <= day <= last for first, last in self.holidays)
        return officer(known, day, self.course.story.cohort, self.agreed) if on else ""

    def _who(self, situation: str, known: Known, day: date, holder: str) -> str:
        match self.agreed.custody.rows[situation].organisation:
            case "holder":
                return holder
            case "duty":
                return self._on_duty(known, day)
            case "vo_site":
                return next((deed.sender for deed in self.course.story.deeds if deed.kind == "leerlingen"), "")
            case "municipality":
                return known.home
            case "region":
                return load().region_of(known.home, day) or ""
            case "institution":
                return _enrolled_at(known.enrolments)
        return self._applied_first(known)

    def _applied_first(self, known: Known) -> str:
        """Where it became known first that the pupil applied; of two at one instant the one with the first key."""
        told = [deed for deed in self.course.story.deeds if deed.kind == "aanmeldingen"]
        there = {path.id for path in known.paths}
        first = min(
            (deed for deed in told if deed.row["aanmelding_id"] in there),
            key=lambda deed: (deed.at, _key(deed.sender, deed.row["aanmelding_id"])),
            default=None,
        )
        return first.sender if first else ""


def _key(institution: str, application: str) -> str:
    """Of an application, as it is known by outside its institution."""
    return opaque_ref("application", institution, application)


def _enrolled_at(enrolments: Sequence[Path]) -> str:
    """Who saw the pupil in class first, else the earliest enrolment."""
    seen = [path for path in enrolments if path.position == "started"]
    if seen:
        return min(seen, key=lambda path: (path.first_day, _key(path.institution, path.id))).institution
    return min(enrolments, key=lambda path: (path.since, _key(path.institution, path.id))).institution
