"""Compares who had every pupil with who had to: one after the other, and at the end."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from shared.core.keys import Keys
from shared.local.simulate.deeds import Deed
from shared.local.simulate.truth.agreed import agreed
from shared.local.simulate.truth.check import LATE
from shared.local.simulate.truth.course import Course
from shared.local.simulate.truth.custody import NOBODY, Answers, Held, Pupil, reckoned
from shared.local.simulate.truth.story import Around, stories
from shared.storage.pool import Connection

CAME = """SELECT pupil_ref, cohort, since, organisation, closed_at IS NULL AS open
    FROM coordination.custody JOIN coordination.transition USING (pupil_ref, cohort) ORDER BY pupil_ref, cohort, n"""


@dataclass(frozen=True, slots=True)
class Holding:
    """Who had a pupil of a cohort, one after the other, and whether the last still does."""

    pupil: str
    cohort: int
    holders: tuple[Held, ...]
    open: bool

    def agrees(self, other: "Holding") -> bool:
        """Whether both tell the same, but for minutes that a message may take."""
        if self.open != other.open or len(self.holders) != len(other.holders):
            return False
        pairs = zip(self.holders, other.holders, strict=True)
        return all(a.organisation == b.organisation and abs(a.since - b.since) <= LATE for a, b in pairs)

    def __str__(self) -> str:
        told = (f"{one.organisation} {one.since:%Y-%m-%d %H:%M}" for one in self.holders)
        return ", ".join((*told, "open" if self.open else "over"))


@dataclass(frozen=True, slots=True)
class Difference:
    """A pupil with others than planned; None: nobody planned, or nobody came out."""

    pupil: str
    cohort: int
    planned: str | None
    came: str | None


def must_hold(deeds: Sequence[Deed], around: Around, answers: Answers, until: datetime) -> Iterator[Holding]:
    """Who had to have each pupil of these deeds up to an instant."""
    for story in stories([deed for deed in deeds if deed.at <= until], around):
        held = reckoned(Pupil(Course(story), agreed(), around.region), answers, until)
        if held:
            yield Holding(story.pupil, story.cohort, _in_turn(held), held[-1].organisation != NOBODY)


async def held(conn: Connection, keys: Keys, pupils: Iterable[str]) -> list[Holding]:
    """Who had each pupil, as coordination stored it."""
    known = {keys.pupil_ref(pupil): pupil for pupil in pupils}
    found = []
    for (ref, cohort), rows in groupby(await conn.fetch(CAME), key=lambda row: (row["pupil_ref"], row["cohort"])):
        told = list(rows)
        in_turn = _in_turn([Held(row["since"], row["organisation"]) for row in told])
        found.append(Holding(known.get(ref, ref), cohort, in_turn, told[-1]["open"]))
    return found


def _in_turn(held: Iterable[Held]) -> tuple[Held, ...]:
    """Each time another organisation got the pupil."""
    turns = groupby((one for one in held if one.organisation != NOBODY), key=lambda one: one.organisation)
    return tuple(next(same) for _, same in turns)


def differences(must: Iterable[Holding], came: Iterable[Holding]) -> list[Difference]:
    """Every pupil of whom both do not say the same."""
    planned, told = _by_pupil(must), _by_pupil(came)
    found = []
    for key in sorted(planned.keys() | told.keys()):
        a, b = planned.get(key), told.get(key)
        if not a or not b or not a.agrees(b):
            found.append(Difference(*key, str(a) if a else None, str(b) if b else None))
    return found


def _by_pupil(holdings: Iterable[Holding]) -> Mapping[tuple[str, int], Holding]:
    return {(one.pupil, one.cohort): one for one in holdings}
