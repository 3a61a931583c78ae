"""What an application is: facts of many sources, in any order, give one present state."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from shared.schemas.intakes import ApplicationStatus

Channel = Literal["api", "csv"]
Pathway = Literal["bol", "bbl"]

ENDED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
_RANK = {status: n for n, status in enumerate(ApplicationStatus)}


@dataclass(frozen=True, slots=True)
class Fact:
    """What one version of one row of one source said about an application."""

    source_system: Channel
    row_id: str
    version: int
    programme: str
    pathway: Pathway
    status: ApplicationStatus
    at: datetime
    """When this began, in the real world."""
    arrived: datetime
    """When it was told here."""

    @property
    def key(self) -> tuple[str, str, int]:
        """A second fact with the same key is a repetition."""
        return self.source_system, self.row_id, self.version

    @property
    def says(self) -> tuple[object, ...]:
        """What it tells, however it came."""
        return self.programme, self.pathway, self.status, self.at

    @property
    def order(self) -> tuple[object, ...]:
        """Of the facts that count, the last in this order is the present: `at`, but never after it was told."""
        return min(self.at, self.arrived), _RANK[self.status], self.at, *self.key, self.programme, self.pathway


def distinct(facts: Iterable[Fact]) -> dict[tuple[str, str, int], Fact]:
    """Each key once: the fact that was told first."""
    first: dict[tuple[str, str, int], Fact] = {}
    for fact in facts:
        known = first.get(fact.key)
        if known is None or (fact.arrived, fact.order) < (known.arrived, known.order):
            first[fact.key] = fact
    return first


def present(facts: Iterable[Fact]) -> Fact:
    """The fact that now decides. Of each row only the highest version counts; there must be at least one fact."""
    newest: dict[tuple[str, str], Fact] = {}
    for fact in distinct(facts).values():
        row = fact.source_system, fact.row_id
        if row not in newest or newest[row].version < fact.version:
            newest[row] = fact
    return max(newest.values(), key=lambda fact: fact.order)


def cohort_of(first_day: date) -> int:
    """School year of the intended start, for a source that does not tell it: the one after the first status date.

    Applying runs from 1 October to 30 September, so 1-10-2026 up to and including 30-9-2027 is cohort 2027. The first
    date decides, because a later status (withdrawn in October) does not move the start.
    """
    return first_day.year + (first_day.month >= 10)
