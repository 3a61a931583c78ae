"""Who can be reached where, and who hears a signal: by role, age, residence and region."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.coordination.domain.facts import Known
from services.coordination.domain.position import SCHOOL_YEAR
from services.coordination.domain.world.agreed import Agreement, OnDuty, Party, Step
from services.coordination.domain.world.almanac import Almanac
from services.coordination.domain.world.staff import Organisation
from shared.core.reference import Holiday
from shared.schemas.coordination import Custodian
from shared.schemas.dossiers import PupilExpected

ADULT = 18
OFFICERS = ("leerplicht", "doorstroompunt")
MUNICIPALITY, REGION = "municipality", "region"
SENDING: tuple[Party, ...] = ("mentor", "decaan")
"""Parties of the school that sent the pupil."""


@dataclass(frozen=True)
class World:
    """What a decision needs beside the facts of the pupil: the agreement, who is where, and the calendar."""

    agreement: Agreement
    almanac: Almanac
    directory: Mapping[str, Organisation] = field(default_factory=dict)
    adopted: Mapping[str | None, Sequence[Agreement]] = field(default_factory=dict)
    """What each region adopted, the newest first; under None what holds where a region adopted nothing."""
    present_on: date = date.min
    """The newest day on which it was looked who is present: what a deputy took over on it, a message of an earlier day
    does not give back."""
    _found: dict[tuple[str, str, date], Custodian] = field(default_factory=dict, init=False, repr=False, compare=False)
    _worlds: dict[str, "World"] = field(default_factory=dict, repr=False, compare=False)
    """Of other versions, each made once."""

    def under(self, version: str) -> "World":
        """The same world in which this version of the agreement holds. LookupError when nobody adopted it."""
        if version == self.agreement.version:
            return self
        if version not in self._worlds:
            every = (agreement for adopted in self.adopted.values() for agreement in adopted)
            agreement = next((agreement for agreement in every if agreement.version == version), None)
            if agreement is None:
                raise LookupError(f"agreement {version}")
            self._worlds[version] = replace(self, agreement=agreement)
        return self._worlds[version]

    def opening(self, region: str | None, on: date) -> "World":
        """The same world under the agreement of a region on a day: of who begins now."""
        for adopted in (self.adopted.get(region, ()), self.adopted.get(None, ())):
            for agreement in adopted:
                if agreement.valid_from <= on:
                    return self.under(agreement.version)
        return self

    def kind_of(self, code: str) -> str:
        """Kind of an organisation, also when no file has named it."""
        if code in self.directory:
            return self.directory[code].kind
        if self.almanac.is_region(code):
            return REGION
        if self.almanac.is_municipality(code):
            return MUNICIPALITY
        return "vo" if len(code) == 6 else "mbo"

    def region_of(self, code: str, on: date = date.max) -> str | None:
        """Region of an organisation; None when no file has named it."""
        if code in self.directory:
            return self.directory[code].region
        return code if self.almanac.is_region(code) else self.almanac.region_of(code, on)

    def of_role(self, code: str, role: str, on: date) -> Custodian:
        """An organisation in a role, with who is present in it on a day; without contact when nobody is."""
        on = max(on, self.present_on)
        if (code, role, on) not in self._found:
            at = self._at(code)
            contact = next(iter(at.line(role, on)), None)
            deputy = next(iter(at.deputies(contact, role, on)), None)
            self._found[code, role, on] = Custodian(organisation=code, role=role, contact=contact, deputy=deputy)
        return self._found[code, role, on]

    def person(self, code: str, role: str, person: str | None, on: date) -> Custodian:
        """A named person in a role; who stands in while they are not present, else who holds that role."""
        holder, day, at = self.of_role(code, role, on), max(on, self.present_on), self._at(code)
        if not person or person == holder.contact:
            return holder
        if at.present(person, role, day):
            return holder.model_copy(update={"contact": person, "deputy": holder.contact or holder.deputy})
        deputies = at.deputies(person, role, day)
        return holder.model_copy(update={"contact": deputies[0], "deputy": holder.contact}) if deputies else holder

    def mentor(self, expected: PupilExpected, on: date) -> Custodian:
        """The mentor that the vo site named, then the deputy that it named, then the decaan; when it named no mentor,
        the decaan."""
        site, day = expected.vo_site, max(on, self.present_on)
        decaan, at = self.of_role(site, "decaan", on), self._at(site)
        if not expected.mentor:
            return decaan
        named = [who for who in (expected.mentor, expected.deputy) if who and at.present(who, "mentor", day)]
        deputies = () if expected.deputy else at.deputies(expected.mentor, "mentor", day)
        line = dict.fromkeys((*named, *deputies, *(who for who in (decaan.contact, decaan.deputy) if who)))
        contact, deputy = (*line, None, None)[:2]
        return Custodian(organisation=site, role="mentor", contact=contact, deputy=deputy)

    def named(self, who: Custodian, expected: PupilExpected | None, on: date) -> Custodian:
        """The person that people named in a role, or who acts instead; a mentor without a name is the one of the pupil
        whom that school expects."""
        if who.role == "mentor" and expected and who.organisation == expected.vo_site and not who.contact:
            return self.mentor(expected, on)
        return self.person(who.organisation, who.role, who.contact, on)

    def place_of(self, code: str) -> str | None:
        """Of which municipality an organisation keeps the school days, else of which region; None when no file has
        named it."""
        if self.almanac.is_municipality(code):
            return code
        return self._at(code).municipality or self.region_of(code)

    def coordinator(self, code: str, on: date) -> Custodian | None:
        """Who coordinates at an organisation, by the agreement; None when nobody does or nobody is present."""
        role = self.agreement.escalation.coordinators.get(self.kind_of(code))
        found = self.of_role(code, role, on) if role else None
        return found if found and found.contact else None

    def reachable(self, wanted: Custodian, region: str | None, on: date) -> Custodian:
        """The one wanted, or who stands in; when nobody of the role is present, the coordinator of that organisation,
        then of its region, else of this region."""
        found = self.stand_in(wanted, on)
        if found.contact:
            return found
        at = self.region_of(wanted.organisation, on) or region
        top = self.of_role(at, "region_coordinator", on) if at else found
        return self.coordinator(wanted.organisation, on) or top

    def is_present(self, who: Custodian, on: date) -> bool:
        """Whether the contact of a custodian can act on a day; False without contact."""
        at, day = self._at(who.organisation), max(on, self.present_on)
        return who.contact is not None and at.present(who.contact, who.role, day)

    def stand_in(self, who: Custodian, on: date) -> Custodian:
        """The same organisation in the same role: the contact, the deputy, or who holds the role, whoever is present
        first. Without contact when nobody is."""
        if self.is_present(who, on):
            return who
        deputy = who.model_copy(update={"contact": who.deputy, "deputy": None})
        return deputy if self.is_present(deputy, on) else self.person(who.organisation, who.role, who.contact, on)

    def _at(self, code: str) -> Organisation:
        return self.directory.get(code) or Organisation(code, "", None)


@dataclass(frozen=True)
class Subject:
    """Whom a signal is about, and when."""

    known: Known
    cohort: int
    region: str | None
    """Of the transition: of the vo site, or of the institution when the origin is unknown."""
    now: datetime
    on: date
    institution: str | None = None
    holder: Custodian | None = None
    """Who has the pupil."""
    named: Mapping[Party, tuple[Custodian, ...]] = field(default_factory=dict)
    """Parties that only what the signal is about can name."""


def school_hears(known: Known, cohort: int, holder: Custodian, world: World, on: date) -> bool:
    """Whether the sending school still hears what became of one pupil: until the end of the day that was agreed, or of
    the first day at the mbo when that is later; and as long as it has the pupil itself (decision 33)."""
    starts = [path.began_on for path in known.paths if path.began_on]
    last = max([date.fromisoformat(f"{cohort}-{world.agreement.feedback_until}"), *sorted(starts)[:1]])
    return on <= last or bool(known.expected and holder.organisation == known.expected.vo_site)


def hearing(parties: Sequence[Party], about: Subject, world: World) -> Sequence[Party]:
    """The parties that may hear what became of a pupil at an institution: without the sending school once it hears of
    single pupils no more. When nobody is left, who has the pupil."""
    if not about.holder or school_hears(about.known, about.cohort, about.holder, world, about.on):
        return parties
    return tuple(party for party in parties if party not in SENDING) or ("custodian",)


def route(parties: Sequence[Party], about: Subject, world: World) -> tuple[Custodian, ...]:
    """Who hears a signal, in order of escalation, each once."""
    found: list[Custodian] = []
    for wanted in (one for party in parties for one in _party(party, about, world)):
        reached = world.reachable(wanted, about.region, about.on)
        found += [] if reached in found else [reached]
    return tuple(found)


def _party(party: Party, about: Subject, world: World) -> Iterator[Custodian]:
    expected, at = about.known.expected, about.institution
    match party:
        case "officer":
            yield from _one(officer(about, world))
        case "duty":
            yield from _one(on_duty(about, world) or officer(about, world))
        case "institution" if at:
            yield world.of_role(at, "intake_coordinator", about.on)
        case "slber" if at:
            yield world.of_role(at, "slber", about.on)
        case "mentor" if expected:
            yield world.mentor(expected, about.on)
        case "decaan" if expected:
            yield world.of_role(expected.vo_site, "decaan", about.on)
        case "custodian":
            yield from _one(about.holder)
        case "vo_person" | "mbo_person" | "chosen":
            for named in about.named.get(party, ()):
                yield from _one(_named(named, about, world))


def _one(found: Custodian | None) -> Iterator[Custodian]:
    if found:
        yield found


def _named(named: Custodian, about: Subject, world: World) -> Custodian | None:
    """Somebody that a school or institution named; of an officer it is the residence that says who."""
    return officer(about, world) if named.role in OFFICERS else world.named(named, about.known.expected, about.on)


def officer(about: Subject, world: World) -> Custodian | None:
    """Leerplicht under 18, Doorstroompunt from 18, of the residence; None outside the legal population, or before
    the day from which municipalities hear of it (Leerplichtwet; WEB 8.0.3 and 8.3.2).

    Without Dutch residence, or while nobody has told who the pupil is: the coordinator of the transition's region.
    """
    if about.on < world.almanac.municipal_signal_from(about.cohort):
        return None
    if not _home(about, world):
        return world.of_role(about.region, "region_coordinator", about.on) if about.region else None
    return of_residence(about, world)


def holidays_with_duty(about: Subject, world: World) -> Iterator[Holiday]:
    """Holidays of the last vo year in which not the school itself looks after the pupil."""
    for holiday in world.almanac.calendar(about.region).holidays if about.known.expected else ():
        if holiday.school_year == about.cohort - 1 and world.agreement.duty.get(holiday.name, "school") != "school":
            yield holiday


def on_duty(about: Subject, world: World) -> Custodian | None:
    """Who is on duty in the holiday of the day; None when there is none, or when the school itself keeps the pupil."""
    holiday = next((h for h in holidays_with_duty(about, world) if h.first <= about.on <= h.last), None)
    duty = world.agreement.on_duty(holiday, about.on) if holiday else None
    if isinstance(duty, OnDuty):
        return world.person(duty.organisation, duty.role, duty.person, about.on)
    if not duty or about.on < world.almanac.municipal_signal_from(about.cohort):
        return None
    return of_residence(about, world)


def of_residence(about: Subject, world: World) -> Custodian | None:
    """Leerplicht or Doorstroompunt of the residence, by age; None outside the legal population or without residence."""
    person, home = about.known.person, _home(about, world)
    if not person or not person.municipality or not home:
        return None
    age = world.almanac.age(person.birth_date, about.on)
    if not _in_legal_population(about, world, age):
        return None
    if age < ADULT:
        return world.of_role(world.almanac.municipality(person.municipality, about.on), "leerplicht", about.on)
    return world.of_role(home, "doorstroompunt", about.on)


def _home(about: Subject, world: World) -> str | None:
    """The region in which the pupil lives."""
    person = about.known.person
    return world.almanac.region_of(person.municipality, about.on) if person and person.municipality else None


def _in_legal_population(about: Subject, world: World, age: int) -> bool:
    """Younger than the dated age limit and without basic qualification. Until the school year begins a municipality
    hears of applications, and of the tracks of WEB 8.0.3 alone; from then on of everybody who should be at school,
    whatever they did before (Leerplichtwet 4a and 21a; WEB 8.1.8a and 8.3.2)."""
    expected, person = about.known.expected, about.known.person
    if not person or about.known.qualified or age >= world.almanac.age_limit(about.on):
        return False
    if about.on >= date(about.cohort, *SCHOOL_YEAR):
        return True
    return bool(expected and expected.track in world.agreement.legal_population.tracks)


def climbed(owner: Custodian, step: int, region: str | None, world: World, on: date) -> tuple[Custodian, int]:
    """Who gets what was not done in time, after it was escalated `step` times, and within how many school days.

    The first person higher on the ladder who is present and does not have it already; on the top it stays with the
    region coordinator, or with who has it when nobody is that. Rungs count in school days from the date that passed.
    """
    agreed = world.agreement.escalation
    grace = agreed.ladder[0].after_school_days
    if grace and step == 0:
        return world.reachable(owner, region, on), grace
    begin = step - bool(grace)
    for n, rung in enumerate(agreed.ladder[begin:], begin + 1):
        if found := _on_rung(rung.to, owner, region, world, on):
            later = agreed.ladder[n].after_school_days if n < len(agreed.ladder) else agreed.again_after_school_days
            return found, later
    return world.reachable(owner, region, on), agreed.again_after_school_days


def _on_rung(to: Step, owner: Custodian, region: str | None, world: World, on: date) -> Custodian | None:
    """Who stands on a rung above an owner; None when nobody does, or nobody else."""
    found: Custodian | None = None
    if to == "deputy":
        found = owner.model_copy(update={"contact": owner.deputy, "deputy": None})
    elif to == "coordinator":
        found = world.coordinator(owner.organisation, on)
        found = found if found and found.role != owner.role else None
    elif at := world.region_of(owner.organisation, on) or region:
        found = world.of_role(at, "region_coordinator", on)
    return found if found and world.is_present(found, on) and found.contact != owner.contact else None
