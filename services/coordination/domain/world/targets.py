"""In which situation a pupil is on a day, and who should have the pupil then: the table of the agreement, read.

A basic qualification, an age and a residence end nothing while a pupil is on the way: they count for who has left or
never arrived (`docs/decisions/0023`).
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cached_property

from services.coordination.domain.facts import Known
from services.coordination.domain.position import Path, Position
from services.coordination.domain.world.agreed import Row
from services.coordination.domain.world.routing import ADULT, Subject, World, holidays_with_duty, on_duty
from services.coordination.domain.world.situations import OVER, Situation
from shared.core.reference.calendar import birthday, weeks
from shared.schemas.coordination import Custodian, Evidence
from shared.schemas.intakes import StudentStarted

ONE_DAY = timedelta(days=1)
OVER_BY = {
    Situation.QUALIFIED: "basic-qualification",
    Situation.ABOVE_AGE_LIMIT: "age-limit",
    Situation.NOT_RESIDENT: "no-dutch-residence",
}
"""Situation in which nobody has the pupil → the fact that makes it so."""


@dataclass(frozen=True, slots=True)
class Target:
    """Who should have a pupil, and by which row."""

    situation: Situation
    who: Custodian
    row: Row

    @property
    def key(self) -> tuple[str, str]:
        """What makes it another offer: the situation, and the organisation."""
        return self.situation.value, self.who.organisation


@dataclass(frozen=True)
class Pupil:
    """What is known of a pupil in a cohort, with what follows from it on any day."""

    about: Subject
    """Its day is the present one."""
    world: World
    holder: Custodian | None = None

    @cached_property
    def enrolments(self) -> tuple[Path, ...]:
        """Enrolments that stand, the furthest first."""
        return tuple(p for p in self.known.live if p.position in (Position.ENROLLED, Position.STARTED))

    @cached_property
    def dates(self) -> tuple[date, date]:
        """From when an institution has who is enrolled, and from when who is not enrolled never arrived. An intended
        start after the second day moves both along."""
        terms, cohort = self.world.agreement.custody, self.about.cohort
        first, last = (date.fromisoformat(f"{cohort}-{day}") for day in (terms.enrolled_from, terms.decided_from))
        applications = (self.known.applications.get(path.application_id) for path in self.known.live)
        begins = min((a.start for a in applications if a and a.start), default=None)
        return (begins, begins + (last - first)) if begins and begins > last else (first, last)

    @property
    def known(self) -> Known:
        return self.about.known

    def situation(self, day: date) -> Situation | None:
        """The situation on a day; None while nobody has told enough to know one."""
        first, last = self.dates
        if len({path.institution for path in self.enrolments}) > 1:
            return Situation.ONE_OF_SEVERAL if day >= last else Situation.SEVERAL_ENROLMENTS
        if self.enrolments:
            return self._enrolled(day >= first)
        if out := self._out(day):
            return out
        if self.known.expected:
            return Situation.HOLIDAYS if self._on_duty(day) else Situation.EXPECTED
        return Situation.ORIGIN_UNKNOWN if self.known.first_institution or self.known.person else None

    def target(self, day: date) -> Target | None:
        """Who should have the pupil on a day; None when nobody should, or when it is not known who."""
        found = self.situation(day)
        return self._by_row(found, day) if found and found not in OVER else None

    def first(self) -> Target | None:
        """Who has the pupil from the beginning, without being asked: who told of the pupil."""
        return self._by_row(Situation.EXPECTED if self.known.expected else Situation.ORIGIN_UNKNOWN, self.about.on)

    def _by_row(self, situation: Situation, day: date) -> Target | None:
        row = self.world.agreement.custody.situations[situation]
        who = self._who(row, day)
        return Target(situation, who, row) if who else None

    def turning_days(self) -> list[date]:
        """Days after the present one on which the situation may change by itself, in order."""
        days = {*self.dates}
        for holiday in holidays_with_duty(self.about, self.world):
            days |= {holiday.first, holiday.last + ONE_DAY}
            days |= {*weeks(holiday)} if self.world.agreement.duty[holiday.name] == "roster" else set()
        if person := self.known.person:
            limit = self.world.almanac.age_limit(self.about.on)
            days |= {birthday(person.birth_date, age) for age in (ADULT, limit)}
        return sorted(day for day in days if day > self.about.on)

    def over(self, day: date) -> tuple[Evidence, ...]:
        """The facts by which nobody has to look after who has left or never arrived; empty while somebody has."""
        found = self.situation(day)
        if found not in OVER or not found:
            return ()
        limit = str(self.world.almanac.age_limit(day)) if found is Situation.ABOVE_AGE_LIMIT else None
        return (Evidence(fact=OVER_BY[found], value=limit),)

    def _enrolled(self, begun: bool) -> Situation:
        if self.enrolments[0].position is Position.STARTED:
            return Situation.STARTED
        if begun:
            return Situation.ENROLLED_NOT_STARTED
        return Situation.ENROLLED if self.known.expected else Situation.ORIGIN_UNKNOWN

    def _out(self, day: date) -> Situation | None:
        """The situation of who has left, or never arrived."""
        first, last = self.dates
        left = any(p.ended and self.world.almanac.day(p.since) >= first for p in self.known.paths)
        if day < last and not (left and day >= first):
            return None
        if self.known.qualified:
            return Situation.QUALIFIED
        person = self.known.person
        if not person:
            return None
        if not person.municipality:
            return Situation.NOT_RESIDENT
        age = self.world.almanac.age(person.birth_date, day)
        if age >= self.world.almanac.age_limit(day):
            return Situation.ABOVE_AGE_LIMIT
        return Situation.LEFT_UNDER_18 if age < ADULT else Situation.LEFT_18_PLUS

    def _on_duty(self, day: date) -> Custodian | None:
        return on_duty(replace(self.about, on=day), self.world)

    def _who(self, row: Row, day: date) -> Custodian | None:
        match row.organisation:
            case "holder":
                return self.holder
            case "duty":
                return self._on_duty(day)
            case "vo_site":
                return self._of_school(row, day)
        code = self._code(row, day)
        return self._in_role(code, row, day) if code else self._at_home(day)

    def _at_home(self, day: date) -> Custodian | None:
        """Leerplicht or Doorstroompunt of the residence, by age alone."""
        person = self.known.person
        region = self.world.almanac.region_of(person.municipality, day) if person and person.municipality else None
        if not person or not person.municipality or not region:
            return None
        if self.world.almanac.age(person.birth_date, day) < ADULT:
            return self.world.of_role(person.municipality, "leerplicht", day)
        return self.world.of_role(region, "doorstroompunt", day)

    def _of_school(self, row: Row, day: date) -> Custodian | None:
        expected = self.known.expected
        if not expected:
            return None
        return self.world.mentor(expected, day) if row.role == "mentor" else self._in_role(expected.vo_site, row, day)

    def _code(self, row: Row, day: date) -> str | None:
        person = self.known.person
        home = person.municipality if person else None
        match row.organisation:
            case "institution":
                return self._institution()
            case "first_institution":
                return self.known.first_institution or (self._institution() if self.enrolments else None)
            case "municipality":
                return home
        return self.world.almanac.region_of(home, day) if home else None

    def _institution(self) -> str:
        """Where the pupil is enrolled: of several, who told first that the student started; else the earliest."""
        keys = {path.application_id: path for path in self.enrolments}
        started = [e for e in self.known.enrolments if isinstance(e, StudentStarted) and e.application_id in keys]
        if started:
            return min(started, key=lambda e: (e.occurred_at, e.application_id)).mbo_institution
        return min(self.enrolments, key=lambda p: (p.since, p.application_id)).institution

    def _in_role(self, code: str, row: Row, day: date) -> Custodian:
        """Who has the role there, with who has the role of deputy as deputy; that one alone when nobody has it."""
        found = self.world.of_role(code, row.role, day)
        second = self.world.of_role(code, row.deputy, day) if row.deputy else None
        if not second or not second.contact:
            return found
        if not found.contact:
            return second
        return found if found.deputy else found.model_copy(update={"deputy": second.contact})
