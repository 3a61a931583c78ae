"""What was known of one pupil at any instant: the deeds of the plan that had come in by then, read anew each time."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property

from shared.core.reference.calendar import SchoolCalendar
from shared.local.simulate.deeds import Deed
from shared.local.simulate.truth.known import Known, known

OF_APPLICATION = frozenset(
    {"aanmeldingen", "intakes", "uitnodigingen", "starters", "uitschrijvingen", "wissels", "verzuim"}
)
LAST_OF_YEAR = 9, 30
"""Whose first status is of this day or before belongs to the school year that begins on 1 August before it."""


@dataclass(frozen=True)
class Around:
    """What holds for every pupil of a region."""

    cohort: int
    calendar: SchoolCalendar
    """School days of the schools and institutions."""
    region: str


@dataclass(frozen=True)
class Story:
    """The deeds about one pupil and one cohort, in order of time."""

    pupil: str
    cohort: int
    deeds: Sequence[Deed]
    calendar: SchoolCalendar
    lists: Sequence[datetime]
    """When the full lists of the school came in."""

    @cached_property
    def instants(self) -> list[datetime]:
        """When anything came in about the pupil, or a list came in without them."""
        listed = [deed.at for deed in self.deeds if deed.kind == "leerlingen"]
        without = [at for at in self.lists if listed and at > listed[0]]
        return sorted({*(deed.at for deed in self.deeds), *without})

    @cached_property
    def _known(self) -> dict[int, Known]:
        return {}

    def known(self, at: datetime) -> Known:
        """Everything that was known at an instant."""
        place = bisect_right(self.instants, at)
        if place not in self._known:
            until = self.instants[place - 1] if place else None
            heard = [deed for deed in self.deeds if until and deed.at <= until]
            lists = [one for one in self.lists if until and one <= until]
            self._known[place] = known(heard, lists, self.cohort)
        return self._known[place]


def stories(deeds: Iterable[Deed], around: Around) -> Iterator[Story]:
    """The stories of every pupil in these deeds, one per cohort; wrong rows are nobody's."""
    of: dict[str, list[Deed]] = {}
    lists: dict[str, set[datetime]] = {}
    for deed in deeds:
        if deed.pupil and not deed.bad:
            of.setdefault(deed.pupil, []).append(deed)
            if deed.kind == "leerlingen":
                lists.setdefault(deed.sender, set()).add(deed.at)
    for pupil, told in of.items():
        told.sort(key=lambda deed: deed.order)
        cohorts = _cohorts(told, around.cohort)
        for cohort in sorted({around.cohort, *cohorts.values()}):
            own = [deed for deed in told if _cohort(deed, cohorts, around.cohort) == cohort]
            site = next((deed.sender for deed in own if deed.kind == "leerlingen"), "")
            yield Story(pupil, cohort, own, around.calendar, sorted(lists.get(site, ())))


def _cohorts(deeds: Sequence[Deed], cohort: int) -> Mapping[str, int]:
    """Application to the school year that it is for, by its first status (docs/csv.md)."""
    first: dict[str, date] = {}
    for deed in deeds:
        if deed.kind == "aanmeldingen":
            row = deed.row
            day, key = date.fromisoformat(row["statusdatum"]), row["aanmelding_id"]
            first[key] = min(first.get(key, day), day)
    return {key: cohort + (day > date(cohort, *LAST_OF_YEAR)) for key, day in first.items()}


def _cohort(deed: Deed, cohorts: Mapping[str, int], cohort: int) -> int:
    return cohorts.get(deed.row["aanmelding_id"], cohort) if deed.kind in OF_APPLICATION else cohort
