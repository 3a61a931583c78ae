"""Compares who had every pupil with who had to: one after the other, and at the end."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby, pairwise
from typing import Any

from shared.core.clock import local_instant
from shared.core.ids import opaque_ref
from shared.core.keys import Keys
from shared.local.simulate.deeds import Deed
from shared.local.simulate.truth.agreed import agreed
from shared.local.simulate.truth.check import LATE
from shared.local.simulate.truth.course import Course
from shared.local.simulate.truth.custody import AT_THE_FIRST, Answers, Held, reckoned
from shared.local.simulate.truth.spans import END
from shared.local.simulate.truth.story import Around, Story, stories
from shared.local.simulate.truth.targets import NOBODY, Pupil
from shared.storage.pool import Connection

MENTOR = "mentor"
Away = dict[str, list[tuple[datetime, datetime]]]
"""Mail address to the times in which its owner is away."""
CAME = """SELECT pupil_ref, cohort, since, organisation, role, contact, closed_at IS NULL AS open
    FROM coordination.custody JOIN coordination.transition USING (pupil_ref, cohort) ORDER BY pupil_ref, cohort, n"""


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody had a pupil for a time."""

    since: datetime
    until: datetime
    person_ref: str

    def differs(self, other: "Contact") -> bool:
        """Whether another had the pupil in the same time, for longer than a message may take."""
        both = min(self.until, other.until) - max(self.since, other.since)
        return self.person_ref != other.person_ref and both > LATE

    def __str__(self) -> str:
        return f"contact {self.person_ref[:8]} {self.since:%Y-%m-%d %H:%M}"


@dataclass(frozen=True, slots=True)
class Holding:
    """Who had a pupil of a cohort in which role, one after the other, and whether the last still does."""

    pupil: str
    cohort: int
    holders: tuple[Held, ...]
    open: bool
    contacts: tuple[Contact, ...] = ()
    """Of a plan: only where the protocol says who it is."""

    def agrees(self, other: "Holding") -> bool:
        """Whether both tell the same, but for minutes that a message may take."""
        if self.open != other.open or len(self.holders) != len(other.holders):
            return False
        pairs = zip(self.holders, other.holders, strict=True)
        if not all(_who(a) == _who(b) and abs(a.since - b.since) <= LATE for a, b in pairs):
            return False
        return not any(a.differs(b) for a in self.contacts for b in other.contacts)

    def __str__(self) -> str:
        told = (f"{one.organisation} {one.role} {one.since:%Y-%m-%d %H:%M}" for one in self.holders)
        return ", ".join((*told, "open" if self.open else "over", *map(str, self.contacts)))


@dataclass(frozen=True, slots=True)
class Difference:
    """A pupil with others than planned; None: nobody planned, or nobody came out."""

    pupil: str
    cohort: int
    planned: str | None
    came: str | None


def must_hold(deeds: Sequence[Deed], around: Around, answers: Answers, until: datetime) -> Iterator[Holding]:
    """Who had to have each pupil of these deeds up to an instant."""
    past = [deed for deed in deeds if deed.at <= until]
    away = _absences(past)
    for story in stories(past, around):
        held = reckoned(Pupil(Course(story), agreed(), around.region), answers, until)
        if held:
            contacts = tuple(_contacts(held, story, away))
            yield Holding(story.pupil, story.cohort, _in_turn(held), held[-1].organisation != NOBODY, contacts)


def _absences(deeds: Iterable[Deed]) -> Away:
    """From when until when who is away: not before it is told."""
    found: Away = defaultdict(list)
    for row, at in ((deed.row, deed.at) for deed in deeds if deed.kind == "afwezigheid"):
        first, back = (local_instant(date.fromisoformat(row[name])) for name in ("afwezig_vanaf", "terug_op"))
        found[row["email"]].append((max(at, first), back))
    return found


def _contacts(held: Sequence[Held], story: Story, away: Away) -> Iterator[Contact]:
    """As long as the pupil is with who told of the pupil: the mentor of the list, and while that one is away the
    deputy of the list. When both are away the protocol leaves open who of the school it is."""
    listed = next((deed.row for deed in story.deeds if deed.kind == "leerlingen"), {})
    line = [listed[name] for name in ("mentor_email", "plaatsvervanger_email")] if listed else []
    for one, until in zip(held, [*(later.since for later in held[1:]), END], strict=True):
        if (one.role, one.situation in AT_THE_FIRST) == (MENTOR, True):
            moments = {moment for mail in line for span in away[mail] for moment in span}
            cuts = sorted({one.since, until, *(m for m in moments if one.since < m < until)})
            for since, then in pairwise(cuts):
                there = [mail for mail in line if not any(first <= since < back for first, back in away[mail])]
                yield from (Contact(since, then, opaque_ref("person", mail.lower())) for mail in there[:1])


async def held(conn: Connection, keys: Keys, pupils: Iterable[str]) -> list[Holding]:
    """Who had each pupil, as coordination stored it."""
    known = {keys.pupil_ref(pupil): pupil for pupil in pupils}
    found = []
    for (ref, cohort), rows in groupby(await conn.fetch(CAME), key=lambda row: (row["pupil_ref"], row["cohort"])):
        told = lasting(list(rows))
        in_turn = _in_turn([Held(row["since"], row["organisation"], row["role"]) for row in told])
        ends = [*(row["since"] for row in told[1:]), END]
        contacts = tuple(Contact(row["since"], end, row["contact"] or "") for row, end in zip(told, ends, strict=True))
        found.append(Holding(known.get(ref, ref), cohort, in_turn, told[-1]["open"], contacts))
    return found


def lasting(rows: Sequence[Any]) -> list[Any]:
    """The starts of who had a pupil for any time at all: of two institutions that tell of one at the same instant
    either may be read first, and the other has the pupil at once."""
    ends = (*(row["since"] for row in rows[1:]), END)
    return [row for row, end in zip(rows, ends, strict=True) if row["since"] < end]


def _who(held: Held) -> tuple[str, str]:
    return held.organisation, held.role


def _in_turn(held: Iterable[Held]) -> tuple[Held, ...]:
    """Each time another organisation got the pupil, or the same one in another role."""
    turns = groupby((one for one in held if one.organisation != NOBODY), key=_who)
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
