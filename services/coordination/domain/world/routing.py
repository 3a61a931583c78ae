"""Who can be reached where, and who hears a signal: by role, age, residence and region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.coordination.domain.facts import Known
from services.coordination.domain.world.agreed import Agreement, Party
from services.coordination.domain.world.almanac import Almanac
from shared.schemas.coordination import Custodian
from shared.schemas.dossiers import PupilExpected

ADULT = 18
MUNICIPALITY, REGION = "municipality", "region"


@dataclass(frozen=True, slots=True)
class Post:
    """A person in a role, from a day on."""

    role: str
    person_ref: str
    deputy_ref: str | None
    valid_from: date


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation that can be reached."""

    code: str
    kind: str
    """vo, mbo, municipality or region."""
    region: str | None
    posts: tuple[Post, ...] = ()


@dataclass(frozen=True)
class World:
    """What a decision needs beside the facts of the pupil: the agreement, who is where, and the calendar."""

    agreement: Agreement
    almanac: Almanac
    directory: Mapping[str, Organisation] = field(default_factory=dict)
    adopted: Mapping[str | None, Sequence[Agreement]] = field(default_factory=dict)
    """What each region adopted, the newest first; under None what holds where a region adopted nothing."""
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

    def post(self, code: str, role: str, on: date) -> Post | None:
        """Who holds a role on a day: the one who took it on last."""
        organisation = self.directory.get(code)
        posts = [p for p in organisation.posts if p.role == role and p.valid_from <= on] if organisation else []
        return max(posts, key=lambda p: (p.valid_from, p.person_ref), default=None)

    def of_role(self, code: str, role: str, on: date) -> Custodian:
        """An organisation in a role; without contact when nobody holds it."""
        if (code, role, on) not in self._found:
            post = self.post(code, role, on)
            contact, deputy = (post.person_ref, post.deputy_ref) if post else (None, None)
            found = Custodian(organisation=code, role=role, contact=contact, deputy=deputy)
            self._found[code, role, on] = found
        return self._found[code, role, on]

    def person(self, code: str, role: str, person: str | None, on: date) -> Custodian:
        """A named person in a role; who holds that role when none is named."""
        holder = self.of_role(code, role, on)
        if not person or person == holder.contact:
            return holder
        return holder.model_copy(update={"contact": person, "deputy": holder.contact or holder.deputy})

    def mentor(self, expected: PupilExpected, on: date) -> Custodian:
        """The mentor that the vo site named, with the decaan as deputy when it named no other; else the decaan."""
        decaan = self.of_role(expected.vo_site, "decaan", on)
        if not expected.mentor:
            return decaan
        deputy = expected.deputy or (decaan.contact if decaan.contact != expected.mentor else decaan.deputy)
        return Custodian(organisation=expected.vo_site, role="mentor", contact=expected.mentor, deputy=deputy)

    def reachable(self, wanted: Custodian, region: str | None, on: date) -> Custodian:
        """The one wanted; when there is no contact, the coordinator of its region, else of this region."""
        at = self.region_of(wanted.organisation, on) or region
        return wanted if wanted.contact or not at else self.of_role(at, "region_coordinator", on)


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


def route(parties: Sequence[Party], about: Subject, world: World) -> tuple[Custodian, ...]:
    """Who hears a signal, in order of escalation, each once."""
    found: list[Custodian] = []
    for party in parties:
        wanted = _party(party, about, world)
        if wanted:
            reached = world.reachable(wanted, about.region, about.on)
            found += [] if reached in found else [reached]
    return tuple(found)


def _party(party: Party, about: Subject, world: World) -> Custodian | None:
    expected = about.known.expected
    if party == "officer":
        return officer(about, world)
    if party == "institution":
        return world.of_role(about.institution, "intake_coordinator", about.on) if about.institution else None
    if not expected:
        return None
    return (
        world.mentor(expected, about.on) if party == "mentor" else world.of_role(expected.vo_site, "decaan", about.on)
    )


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


def of_residence(about: Subject, world: World) -> Custodian | None:
    """Leerplicht or Doorstroompunt of the residence, by age; None outside the legal population or without residence."""
    person, home = about.known.person, _home(about, world)
    if not person or not person.municipality or not home:
        return None
    age = world.almanac.age(person.birth_date, about.on)
    if not _in_legal_population(about, world, age):
        return None
    if age < ADULT:
        return world.of_role(person.municipality, "leerplicht", about.on)
    return world.of_role(home, "doorstroompunt", about.on)


def _home(about: Subject, world: World) -> str | None:
    """The region in which the pupil lives."""
    person = about.known.person
    return world.almanac.region_of(person.municipality, about.on) if person and person.municipality else None


def _in_legal_population(about: Subject, world: World, age: int) -> bool:
    expected, person = about.known.expected, about.known.person
    tracks = world.agreement.legal_population.tracks
    return bool(
        expected
        and expected.track in tracks
        and person
        and not person.basic_qualification
        and age < world.almanac.age_limit(about.on)
    )
