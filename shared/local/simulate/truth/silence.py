"""Which organisations must be told to be silent: nothing new was heard of them for longer than agreed (protocol 8)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from shared.core.clock import civil_date, local_instant
from shared.core.reference.calendar import SchoolCalendar
from shared.local.simulate.deeds import ANSWER, FILES, OPERATOR, OWN, WORK, WRONG, Deed, Signal
from shared.local.simulate.truth.agreed import Agreed
from shared.local.simulate.truth.course import Course
from shared.local.simulate.truth.spans import END

SILENT = "silent-partner"
MUTE = frozenset({ANSWER, WORK, WRONG, OWN, "geinformeerd", *FILES[:3]})
"""Deeds by which a school or institution tells nothing of a pupil: its people act elsewhere, or a pupil writes."""


@dataclass
class Voices:
    """Who was heard when in a region, and who had pupils to tell of."""

    calendar: SchoolCalendar
    heard: dict[str, set[datetime]] = field(default_factory=lambda: defaultdict(set))
    tells: dict[str, list[tuple[datetime, datetime]]] = field(default_factory=lambda: defaultdict(list))

    def listen(self, deeds: Iterable[Deed]) -> None:
        """Hear what is new in these deeds; what comes a second time is not."""
        told: set[tuple[object, ...]] = set()
        lists: dict[tuple[str, datetime], dict[str, Deed]] = {}
        for deed in deeds:
            if deed.kind == "leerlingen" and not deed.bad:
                lists.setdefault((deed.sender, deed.at), {})[deed.pupil] = deed
            elif deed.sender != OPERATOR and deed.kind not in MUTE and not deed.bad:
                said = deed.sender, deed.kind, deed.pupil, deed.cells
                if said not in told:
                    told.add(said)
                    self.heard[deed.sender].add(deed.at)
        self._lists(lists)

    def _lists(self, lists: dict[tuple[str, datetime], dict[str, Deed]]) -> None:
        """A full list says something new when a row of it differs, or when somebody is missing."""
        before: dict[str, dict[str, Deed]] = {}
        for (sender, at), rows in sorted(lists.items(), key=lambda item: item[0][1]):
            last = before.get(sender, {})
            same = last.keys() == rows.keys() and all(last[pupil].cells == row.cells for pupil, row in rows.items())
            if not same:
                self.heard[sender].add(at)
            before[sender] = rows

    def follow(self, course: Course) -> None:
        """Who tells of a pupil: the institution that has come furthest, else the school, while it is open."""
        site = next((deed.sender for deed in course.story.deeds if deed.kind == "leerlingen"), "")
        ends = [at for at, _ in course.steps[1:]]
        for (at, standing), until in zip(course.steps, [*ends, END], strict=True):
            known = course.story.known(at).expected
            teller = standing.live[0] if standing.live else site if known else ""
            if teller and not standing.over:
                self.tells[teller].append((at, until))

    def silent(self, agreed: Agreed, until: datetime) -> Iterator[Signal]:
        """Each time an organisation must be told to be silent."""
        for code, moments in self.heard.items():
            allowed = agreed.silence.get("vo" if len(code) == 6 else "mbo")
            if allowed is None:
                continue
            in_order = [at for at in sorted(moments) if at <= until]
            for heard, following in zip(in_order, [*in_order[1:], END], strict=True):
                day = self.calendar.add_school_days(civil_date(heard), allowed + 1)
                at = self._telling(code, local_instant(day, agreed.rule_hour))
                if at and at < following and at <= until:
                    yield Signal("", SILENT, code, "", at)

    def _telling(self, code: str, since: datetime) -> datetime | None:
        """From when, at the earliest from this instant, it has a pupil to tell of."""
        return min((max(since, begins) for begins, ends in self.tells[code] if ends > since), default=None)
