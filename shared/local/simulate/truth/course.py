"""How far a pupil had come, as time went by (protocol 5): good news counts at once, bad news after a minute."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from shared.core.clock import civil_date, local_instant
from shared.core.reference import load
from shared.core.reference.calendar import age_on
from shared.local.simulate.truth.known import FIRST_DAYS, Known, Path, Route
from shared.local.simulate.truth.story import Story

QUIET, AT_MOST = timedelta(seconds=60), timedelta(minutes=5)
LOST, ELSEWHERE, ENROLLED, STARTED = "lost", "elsewhere", "enrolled", "started"
RANK = (LOST, "none", ELSEWHERE, "applied", "placed", ENROLLED, STARTED, "settled")
SCHOOL_YEAR, NEVER_ARRIVED = (8, 1), (10, 1)
OUTSIDE = "deceased"


@dataclass(frozen=True, slots=True)
class Standing:
    """How far, where, and whether it is over with that."""

    position: str
    live: tuple[str, ...] = ()
    """Institutions, the furthest first."""
    over: bool = False

    def at_least(self, position: str) -> bool:
        return RANK.index(self.position) >= RANK.index(position)

    @property
    def elsewhere(self) -> bool:
        return self.position == ELSEWHERE

    def good_news(self, before: "Standing") -> bool:
        """Whether it takes nothing away."""
        if before.over and not self.over:
            return True
        if self.position != before.position:
            return self.at_least(before.position)
        return set(self.live) >= set(before.live)


def standing(known: Known, day: date, cohort: int) -> Standing:
    """What the facts of a day say: a live application goes before another way, and that before a lost one."""
    route = known.route if known.route and (known.route.until is None or day < known.route.until) else None
    found = _on_the_way(known, route, day)
    return Standing(found.position, found.live, found.over or nobodys(known, day, cohort))


def _on_the_way(known: Known, route: Route | None, day: date) -> Standing:
    if route and route.name == OUTSIDE:
        return Standing(ELSEWHERE, over=True)
    if known.live:
        settled = any(path.began and day >= path.began + FIRST_DAYS for path in known.live)
        paths = sorted(known.live, key=lambda path: (-RANK.index(path.position), path.since, path.id))
        live = tuple(dict.fromkeys(path.institution for path in paths))
        return Standing("settled" if settled else paths[0].position, live, settled)
    if route:
        return Standing(ELSEWHERE, over=route.confirmed)
    return Standing(LOST if known.paths else "none")


def nobodys(known: Known, day: date, cohort: int) -> bool:
    """Whether the pupil left or never arrived, and nobody has to look after them: a basic qualification, no residence,
    or above the age limit (protocol 6)."""
    begin, last = date(cohort, *SCHOOL_YEAR), date(cohort, *NEVER_ARRIVED)
    left = day >= begin and any(path.ended and path.ended >= begin for path in known.paths)
    if known.enrolments or not (left or day >= last):
        return False
    too_old = known.born and age_on(known.born, day) >= load().doorstroompunt_age_limit(day)
    return bool(known.qualified or not known.home or too_old)


@dataclass(frozen=True)
class Course:
    """What counted at any instant."""

    story: Story

    @cached_property
    def steps(self) -> list[tuple[datetime, Standing]]:
        """From which instant on which standing counted."""
        return list(self._steps())

    @cached_property
    def _since(self) -> list[datetime]:
        return [at for at, _ in self.steps]

    def standing(self, at: datetime) -> Standing | None:
        """What counted; None: nothing that asks for anything was known."""
        place = bisect_right(self._since, at)
        return self.steps[place - 1][1] if place else None

    def open(self, at: datetime) -> bool:
        """Whether somebody had the pupil."""
        found = self.standing(at)
        return found is not None and not found.over

    def _steps(self) -> Iterator[tuple[datetime, Standing]]:
        has: Standing | None = None
        waits: tuple[datetime, datetime] | None = None
        for at in self._instants():
            if has and waits and (due := _due(*waits)) < at:
                has, waits = self._found(due), None
                yield due, has
            found = self._found(at)
            if has is None or found == has or found.good_news(has) or at in self._days:
                waits = None
                if found != has and (has or self._begins(at)):
                    has = found
                    yield at, has
            else:
                waits = (waits[0] if waits else at, at)
        if waits:
            yield _due(*waits), self._found(_due(*waits))

    def _found(self, at: datetime) -> Standing:
        return standing(self.story.known(at), civil_date(at), self.story.cohort)

    def _begins(self, at: datetime) -> bool:
        known = self.story.known(at)
        return known.expected or bool(known.paths)

    def _instants(self) -> list[datetime]:
        return sorted({*self.story.instants, *self._days})

    @cached_property
    def _days(self) -> frozenset[datetime]:
        """Midnights at which something changes by itself."""
        cohort = self.story.cohort
        days = {date(cohort, *SCHOOL_YEAR), date(cohort, *NEVER_ARRIVED)}
        for at in self.story.instants:
            known = self.story.known(at)
            days |= {path.began + FIRST_DAYS for path in known.paths if path.began}
            days |= {known.route.until} if known.route and known.route.until else set()
        return frozenset(local_instant(day) for day in days)


def _due(first: datetime, last: datetime) -> datetime:
    return min(last + QUIET, first + AT_MOST)


def last_closed(known: Known) -> Path:
    """The way that closed last."""
    return max(known.paths, key=lambda path: (path.since, path.id))
