"""What an application is: facts of many sources, in any order, give one present state."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.core.clock import civil_date
from shared.schemas.intakes import ApplicationStatus, Pathway

Channel = Literal["api", "csv"]
CHAIN = ("sis", "cambo")
"""Sources whose facts come by the national chain."""

ENDED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
_RANK = {status: n for n, status in enumerate(ApplicationStatus)}


@dataclass(frozen=True, slots=True)
class Fact:
    """What one version of one row of one source said about an application."""

    source_system: str
    """How it was told here (`Channel`), or a source of the chain."""
    row_id: str
    version: int
    programme: str
    pathway: Pathway
    status: ApplicationStatus
    at: datetime
    """When this began, in the real world."""
    arrived: datetime
    """When it was told here; of the chain: when it was told there."""
    start: date | None = None
    """Intended first day, where the source tells it."""

    @property
    def key(self) -> tuple[str, str, int]:
        """A second fact with the same key is a repetition."""
        return self.source_system, self.row_id, self.version

    @property
    def says(self) -> tuple[object, ...]:
        """What it tells, however it came."""
        return self.programme, self.pathway, self.status, self.at, self.start

    @property
    def order(self) -> tuple[object, ...]:
        """Of the facts that count, the last in this order is the present: `at`, but never after it was told."""
        said = self.programme, self.pathway, str(self.start or "")
        return min(self.at, self.arrived), _RANK[self.status], self.at, *self.key, *said


def distinct(facts: Iterable[Fact]) -> dict[tuple[str, str, int], Fact]:
    """Each key once: the fact that was told first."""
    first: dict[tuple[str, str, int], Fact] = {}
    for fact in facts:
        known = first.get(fact.key)
        if known is None or (fact.arrived, fact.order) < (known.arrived, known.order):
            first[fact.key] = fact
    return first


def counting(facts: Iterable[Fact]) -> list[Fact]:
    """Of each row of each source the highest version."""
    newest: dict[tuple[str, str], Fact] = {}
    for fact in distinct(facts).values():
        row = fact.source_system, fact.row_id
        if row not in newest or newest[row].version < fact.version:
            newest[row] = fact
    return list(newest.values())


def present(facts: Iterable[Fact]) -> Fact:
    """The fact that now decides; there must be at least one."""
    return max(counting(facts), key=lambda fact: fact.order)


def start_of(facts: Iterable[Fact]) -> date | None:
    """Intended first day: as the last fact says that tells it."""
    told = [fact for fact in counting(facts) if fact.start]
    return max(told, key=lambda fact: fact.order).start if told else None


def cohort(facts: Collection[Fact]) -> int:
    """School year of the intended start: of the first day where that was told, else from the first status."""
    if start := start_of(facts):
        return start.year - (start.month < 8)
    return cohort_of(civil_date(min(fact.at for fact in facts)))


def cohort_of(first_day: date) -> int:
    """School year of the intended start, for a source that does not tell it: the one after the first status date.

    Applying runs from 1 October to 30 September, so 1-10-2026 up to and including 30-9-2027 is cohort 2027. The first
    date decides, because a later status (withdrawn in October) does not move the start.
    """
    return first_day.year + (first_day.month >= 10)


@dataclass(frozen=True, slots=True)
class Merged:
    """What is known of an application once more was told."""

    facts: Sequence[Fact]
    fresh: Sequence[Fact]
    """Those that must be kept: new, or told earlier than what is kept under their key."""
    applied: int
    """How many of what was told said something new."""


def merge(known: Sequence[Fact], told: Sequence[Fact]) -> Merged:
    """Take facts in. What says the same under a new key says nothing new, and is kept: its version may decide later."""
    before, says, applied = {fact.key: fact for fact in known}, {fact.says for fact in known}, 0
    kept = distinct([*known, *told])
    for fact in told:
        applied += fact.says not in says and kept[fact.key] == fact
        says.add(fact.says)
    return Merged(list(kept.values()), [fact for key, fact in kept.items() if before.get(key) != fact], applied)
