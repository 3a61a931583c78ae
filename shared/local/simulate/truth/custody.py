"""Which organisation had a pupil since when and in which role: decision 23, from the plan alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from heapq import heapify, heappop, heappush

from shared.core.clock import civil_date, local_instant
from shared.core.reference import load
from shared.local.simulate.deeds import Attitude, attitude
from shared.local.simulate.truth.course import QUIET
from shared.local.simulate.truth.known import Known
from shared.local.simulate.truth.targets import NOBODY, Pupil, Target

AT_THE_FIRST = ("expected", "origin_unknown", "enrolled")
"""As long as the pupil is with who told of the pupil, custody follows who that is."""
RETURNED = "returned"
Answers = Mapping[str, Sequence[datetime]]
"""Organisation to the instants at which its people answer to who is offered to them."""


@dataclass(frozen=True, slots=True)
class Held:
    """From an instant on an organisation has the pupil; `NOBODY`: it is over."""

    since: datetime
    organisation: str
    role: str = ""
    situation: str = field(default="", compare=False)
    """What made it so."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The last that was offered to somebody and not given back."""

    target: Target
    giver: Held
    starts_on: date | None
    statutory: bool
    state: str = "offered"
    """offered, accepted or in effect."""


@dataclass
class Reckoning:
    """Goes through the instants at which custody of one pupil may change."""

    pupil: Pupil
    answers: Answers
    held: list[Held] = field(default_factory=list)
    situation: str = ""
    """What made the present holder the holder."""
    offer: Offer | None = None
    returned: set[Target] = field(default_factory=set)
    """Who gave the pupil back, for as long as it is about the same."""
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
        if certain:
            self.returned &= {target for _, target in self._coming(known, day)}
        if certain and not self._agrees(wanted, known, day):
            self._offered(wanted, at, day)
        self._takes_effect(wanted, at, day)

    @property
    def _holder(self) -> str:
        return self.held[-1].organisation if self.held else NOBODY

    def _closed(self, at: datetime) -> None:
        if self._holder != NOBODY:
            self.held.append(Held(at, NOBODY))
            self.offer, self.returned = None, set()

    def _open(self, at: datetime, known: Known, day: date) -> None:
        """The first holder told of the pupil; after it was over who should have the pupil, else who had."""
        if self._holder != NOBODY:
            return
        if not self.held:
            self._hold(at, self.pupil.first(known, day))
            return
        last = self.held[-2]
        target = self.pupil.target(known, day, last.organisation)
        as_before = Target(self.situation, last.organisation, last.role)
        self._hold(at, as_before if target is None or self._asks(target) else target)

    def _hold(self, at: datetime, target: Target) -> None:
        """Who stays the holder in the same role is so for the reason that made it so."""
        role = target.role or (self.held[-1].role if self.held else "")
        if target.organisation == self._holder and self._role(target.situation) == self._role(self.situation):
            return
        if not self.held or (target.organisation, role) != (self._holder, self.held[-1].role):
            self.held.append(Held(at, target.organisation, role, target.situation))
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
        """Who is asked already and is still to come; else the first who must be asked by now and did not give the pupil
        back."""
        found = []
        for one, target in self._coming(known, day):
            row = self.pupil.agreed.custody.rows[target.situation]
            calendar = self.pupil.receiver_days(target.organisation)
            told = calendar.add_school_days(one, -row.ahead) if one > day and row.ahead else one
            if row.asked and target.organisation != self._holder and told <= day and target not in self.returned:
                found.append((one, target))
        asked = (one for one in found if self._asked(one, day))
        return next(asked, found[0] if found else None)

    def _asked(self, wanted: tuple[date, Target], day: date) -> bool:
        """Whether this is what is on offer. Who is asked again for a later time is asked anew."""
        starts, target = wanted
        awaited = self._awaited
        return bool(awaited and awaited.target == target and (starts <= day or starts == awaited.starts_on))

    @property
    def _awaited(self) -> Offer | None:
        offer = self.offer
        waits = offer and offer.state == "accepted" and offer.target.organisation != self._holder
        return offer if offer and (offer.state == "offered" or waits) else None

    def _agrees(self, wanted: tuple[date, Target] | None, known: Known, day: date) -> bool:
        """Whether what is on offer is what should be, and nothing of it is over."""
        awaited, offer = self._awaited, self.offer
        if wanted and awaited:
            return self._asked(wanted, day)
        over = bool(offer and offer.state == "in effect")
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
        self.offer = Offer(target, self.held[-1], starts_on, statutory)
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
                self._hold(at, Target(RETURNED, offer.giver.organisation, offer.giver.role))
            self.offer = None
            self.returned.add(offer.target)
        self._look(at, certain=True)


def reckoned(pupil: Pupil, answers: Answers, until: datetime) -> list[Held]:
    """Since when which organisation had the pupil, in order."""
    return Reckoning(pupil, answers).until(until)
