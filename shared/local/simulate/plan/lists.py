"""The full lists of a site: who comes later, who vanishes, who moves house, and who was forgotten for a moment."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from shared.core.clock import local_instant
from shared.local.sample.catalogue import Site
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil
from shared.local.sample.staff import Staff
from shared.local.simulate.plan import rows
from shared.local.simulate.plan.diary import HOUR, ONE_DAY, Diary
from shared.local.simulate.plan.magnitudes import share

LISTS = ((10, 6), (1, 22), (4, 16), (6, 11))
"""Days from which a site hands in its full list."""
MISSED = 2
"""Number of the list that planted pupils are missing from."""
Back = timedelta | None


@dataclass(slots=True)
class Lists:
    """The full lists of one site."""

    dice: Dice
    diary: Diary
    site: Site
    staff: Staff
    pupils: list[Pupil]
    days: list[date] = field(init=False)
    first: list[date] = field(default_factory=list)
    """Of each pupil: day of the first list with them."""

    def __post_init__(self) -> None:
        spread = (self.diary.year.day(*day) + ONE_DAY * self.dice.number(0, 9) for day in LISTS)
        self.days = [self.diary.handed_in(self.site.code, day) for day in spread]

    def instant(self, turn: int) -> datetime:
        """When a list comes in."""
        return local_instant(self.days[turn], HOUR)

    def hand_in(self, fixed: int, missing: Mapping[int, Back]) -> None:
        """Hand in all lists. Of the first pupils, so many have a planted life; of those some are missing from a list
        until a list that follows it, or for ever."""
        spells = [self._spell(number < fixed) for number in range(len(self.pupils))]
        for number, (pupil, (begins, ends)) in enumerate(zip(self.pupils, spells, strict=True)):
            moved = self.dice.number(begins + 1, 3) if self.dice.chance(share("moves_house")) else len(LISTS)
            elsewhere = replace(pupil, municipality=self.dice.pick(self.site.municipalities))
            last = MISSED if number in missing and missing[number] is None else ends
            for turn in range(begins, last):
                if number not in missing or turn != MISSED:
                    self._row(elsewhere if turn >= moved else pupil, self.instant(turn))
            for back in sorted(back for back in missing.values() if back):
                if begins <= MISSED < last and (missing.get(number) or back) <= back:
                    self._row(elsewhere if moved <= MISSED else pupil, self.instant(MISSED) + back)
            self.first.append(self.days[begins])

    def _spell(self, fixed: bool) -> tuple[int, int]:
        """Number of the first list with a pupil, and of the first without them again."""
        begins = 1 if not fixed and self.dice.chance(share("late_listed")) else 0
        gone = not fixed and not begins and self.dice.chance(share("not_listed"))
        return begins, MISSED if gone else len(LISTS)

    def _row(self, pupil: Pupil, at: datetime) -> None:
        mentor, deputy = self.staff.mentors[self.site.code, pupil.group], self.staff.decaan[self.site.code]
        row = rows.listed(pupil, self.diary.year.cohort, mentor, deputy)
        self.diary.at(at, self.site.code, "leerlingen", pupil.pgn, row)
