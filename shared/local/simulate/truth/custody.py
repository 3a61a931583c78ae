"""Which organisation had a pupil since when: the table of the agreement and decision 23, from the plan alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property, lru_cache
from heapq import heapify, heappop, heappush

from shared.core.clock import civil_date, local_instant
from shared.core.ids import opaque_ref
from shared.core.reference import load
from shared.core.reference.calendar import SchoolCalendar, age_on, birthday, calendar_at, calendar_of
from shared.local.simulate.deeds import Attitude, attitude
from shared.local.simulate.truth.agreed import Agreed
from shared.local.simulate.truth.course import QUIET, Course, nobodys
from shared.local.simulate.truth.known import Known, Path
from shared.local.simulate.truth.oracle import ADULT, officer

NOBODY = ""
AT_THE_FIRST = ("expected", "origin_unknown", "enrolled")
"""As long as the pupil is with who told of the pupil, custody follows who that is."""
RETURNED = "returned"
ONE_DAY = timedelta(days=1)
Answers = Mapping[str, Sequence[datetime]]
"""Organisation to the instants at which its people answer to who is offered to them."""


@dataclass(frozen=True, slots=True)
class Held:
    """From an instant on an organisation has the pupil; `NOBODY`: it is over."""

    since: datetime
    organisation: str


@dataclass(frozen=True, slots=True)
class Target:
    """Who should have the pupil, and why."""

    situation: str
    organisation: str


@dataclass(frozen=True, slots=True)
class Offer:
    """The last that was offered to somebody."""

    target: Target
    giver: str
    starts_on: date | None
    statutory: bool
    state: str = "offered"
    """offered, accepted, in effect or returned."""


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
        return Target(situation, who) if who else None

    def first(self, known: Known, day: date) -> Target:
        """Who told of the pupil."""
        situation = "expected" if known.expected else "origin_unknown"
        return Target(situation, self._who(situation, known, day, NOBODY))

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


@dataclass
class Reckoning:
    """Goes through the instants at which custody of one pupil may change."""

    pupil: Pupil
    answers: Answers
    held: list[Held] = field(default_factory=list)
    situation: str = ""
    """What made the present holder the holder."""
    offer: Offer | None = None
    later: list[datetime] = field(default_factory=list)
    """Instants still to be looked at, as a heap."""

    def until(self, end: datetime) -> list[Held]:
        """Every holder up to an instant, in order."""
        story = self.pupil.course.story
        facts = {*story.instants, *(at for at, _ in self.pupil.course.steps)}
        self.later = [*facts, *(at + QUIET for at in story.instants), *self._midnights()]
        heapify(self.later)
        done: datetime | None = None
        while self.later and self.later[0] <= end:
            at = heappop(self.later)
            if at != done:
                done = at
                self._look(at, certain=not any(at - QUIET < fact <= at for fact in story.instants))
                self._answer(at)
        return self.held

    def _midnights(self) -> Iterator[datetime]:
        """Of days on which the situation may change, and of those on which that is told ahead."""
        pupil, found = self.pupil, set[date]()
        days = {day for at in pupil.course.story.instants for day in pupil.days(pupil.course.story.known(at))}
        for day in days:
            found.add(day)
            homes = {pupil.course.story.known(at).home for at in pupil.course.story.instants}
            for code in filter(None, {"", *homes, *(load().region_of(home, day) for home in homes if home)}):
                ahead = {row.ahead for row in pupil.agreed.custody.rows.values()}
                found |= {pupil.receiver_days(code).add_school_days(day, -n) for n in ahead}
        return (local_instant(day) for day in found)

    def _look(self, at: datetime, *, certain: bool) -> None:
        """What the facts ask for at an instant; `certain`: it was quiet for long enough to ask somebody."""
        standing, known, day = self.pupil.course.standing(at), self.pupil.course.story.known(at), civil_date(at)
        if standing is None:
            return
        if standing.over:
            self._closed(at)
            return
        self._open(at, known, day)
        self._at_once(at, known, day)
        wanted = self._wanted(known, day)
        if certain and not self._agrees(wanted, known, day):
            self._offered(wanted, at, day)
        self._takes_effect(wanted, at, day)

    @property
    def _holder(self) -> str:
        return self.held[-1].organisation if self.held else NOBODY

    def _closed(self, at: datetime) -> None:
        if self._holder != NOBODY:
            self.held.append(Held(at, NOBODY))
            self.offer = None

    def _open(self, at: datetime, known: Known, day: date) -> None:
        """The first holder told of the pupil; after it was over who should have the pupil, else who had."""
        if self._holder != NOBODY:
            return
        if not self.held:
            self._hold(at, self.pupil.first(known, day))
            return
        last = self.held[-2].organisation
        target = self.pupil.target(known, day, last)
        self._hold(at, Target(self.situation, last) if target is None or self._asks(target) else target)

    def _hold(self, at: datetime, target: Target) -> None:
        """Who stays the holder in the same role is so for the reason that made it so."""
        if target.organisation != self._holder:
            self.held.append(Held(at, target.organisation))
        elif self._role(target.situation) == self._role(self.situation):
            return
        self.situation = target.situation

    def _role(self, situation: str) -> str:
        rows = self.pupil.agreed.custody.rows
        return rows[situation].role if situation in rows else ""

    def _asks(self, target: Target) -> bool:
        return self.pupil.agreed.custody.rows[target.situation].asked

    def _at_once(self, at: datetime, known: Known, day: date) -> None:
        """Within an organisation, to who said that it has the pupil, and to who turns out to have told of the pupil."""
        today = self.pupil.target(known, day, self._holder)
        if today and today.situation == "several_enrolments":
            return
        if today and (not self._asks(today) or today.organisation == self._holder):
            self._hold(at, today)
        elif self.situation in AT_THE_FIRST and (first := self.pupil.first(known, day)).organisation:
            self._hold(at, first)

    def _coming(self, known: Known, day: date) -> list[tuple[date, Target]]:
        """Who should have the pupil today and from each later day on which that becomes another."""
        found: list[tuple[date, Target]] = []
        for one in (day, *(later for later in self.pupil.days(known) if later > day)):
            target = self.pupil.target(known, one, self._holder)
            if target and (not found or found[-1][1] != target):
                found.append((one, target))
        return found

    def _wanted(self, known: Known, day: date) -> tuple[date, Target] | None:
        """The first who must be asked by now and did not give the pupil back."""
        refused = self.offer.target if self.offer and self.offer.state == RETURNED else None
        for one, target in self._coming(known, day):
            row = self.pupil.agreed.custody.rows[target.situation]
            calendar = self.pupil.receiver_days(target.organisation)
            told = calendar.add_school_days(one, -row.ahead) if one > day and row.ahead else one
            if row.asked and target.organisation != self._holder and told <= day and target != refused:
                return one, target
        return None

    @property
    def _awaited(self) -> Offer | None:
        offer = self.offer
        waits = offer and offer.state == "accepted" and offer.target.organisation != self._holder
        return offer if offer and (offer.state == "offered" or waits) else None

    def _agrees(self, wanted: tuple[date, Target] | None, known: Known, day: date) -> bool:
        """Whether what is on offer is what should be, and nothing of it is over."""
        awaited, offer = self._awaited, self.offer
        if wanted and awaited:
            return awaited.target == wanted[1] and (wanted[0] <= day or wanted[0] == awaited.starts_on)
        over = bool(offer and offer.state in ("in effect", RETURNED))
        over = over and all(target != offer.target for _, target in self._coming(known, day) if offer)
        return not wanted and not awaited and not over

    def _offered(self, wanted: tuple[date, Target] | None, at: datetime, day: date) -> None:
        self.offer = None
        if not wanted:
            return
        one, target = wanted
        starts_on, terms = one if one > day else None, self.pupil.agreed.custody
        statutory = terms.rows[target.situation].statutory
        if statutory and not starts_on:
            starts_on = self.pupil.receiver_days(target.organisation).add_school_days(day, terms.notice)
        self.offer = Offer(target, self._holder, starts_on, statutory)
        for moment in (local_instant(starts_on or day), *self.answers.get(target.organisation, ())):
            if moment > at:
                heappush(self.later, moment)

    def _takes_effect(self, wanted: tuple[date, Target] | None, at: datetime, day: date) -> None:
        """On its day: by law without an answer, else when it was accepted."""
        offer = self._awaited
        if not offer or not wanted or offer.target != wanted[1] or (offer.starts_on and offer.starts_on > day):
            return
        if offer.statutory or offer.state == "accepted":
            self._hold(at, offer.target)
            self.offer = replace(offer, state="accepted" if offer.state == "accepted" else "in effect")

    def _answer(self, at: datetime) -> None:
        """Who is offered the pupil answers on the days on which its people do, as it thinks of it."""
        offer = self.offer
        if not offer or offer.state not in ("offered", "in effect"):
            return
        if at not in self.answers.get(offer.target.organisation, ()):
            return
        thinks = attitude(self.pupil.course.story.pupil, offer.target.situation, offer.target.organisation)
        in_effect = offer.state == "in effect"
        if thinks is Attitude.ACCEPTS:
            self.offer = replace(offer, state="accepted")
        elif thinks is Attitude.RETURNS or (thinks is Attitude.RETURNS_LATER and in_effect):
            if in_effect:
                self._hold(at, Target(RETURNED, offer.giver))
            self.offer = replace(offer, state=RETURNED)
        self._look(at, certain=True)


def reckoned(pupil: Pupil, answers: Answers, until: datetime) -> list[Held]:
    """Since when which organisation had the pupil, in order."""
    return Reckoning(pupil, answers).until(until)
