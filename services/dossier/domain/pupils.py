"""Pupils as their school lists them, their choices, and what a new full list changes."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from shared.core.machine import Machine, moves
from shared.schemas.dossiers import ChoiceRegistered, ChoiceWithdrawn, PupilExpected, PupilNotListed, Track
from shared.schemas.envelope import EventData
from shared.schemas.pupils import PupilRecorded

LARGE_DROP = 0.10
"""Share of a known list above which missing pupils must be confirmed (protocol 11)."""


@dataclass(frozen=True, slots=True)
class Pupil:
    """A pupil as one vo site lists them for one cohort."""

    pupil_ref: str
    cohort: int
    vo_site: str
    number: str
    """The school's own number (leerlingnummer)."""
    first_name: str
    prefix: str
    last_name: str
    birth_date: date
    postcode: str
    municipality: str | None
    basic_qualification: bool
    track: Track
    class_name: str
    mentor: str | None
    deputy: str | None
    listed: bool = True
    pgn: bytes = field(default=b"", compare=False, repr=False)
    """Sealed; never the same twice, so no part of what makes two rows differ."""

    @property
    def name(self) -> str:
        """First name, prefix and last name."""
        return " ".join(part for part in (self.first_name, self.prefix, self.last_name) if part)


@dataclass(frozen=True, slots=True)
class ListChanges:
    """What a full list says that was not known."""

    changed: tuple[tuple[Pupil | None, Pupil], ...]
    """Before and after; None before: new."""
    unchanged: int
    absent: tuple[Pupil, ...]
    """Listed until now, and not on this list."""
    known: int
    """Listed until now."""

    @property
    def large_drop(self) -> bool:
        """Whether so many are missing that the school must say that it means it."""
        return len(self.absent) > self.known * LARGE_DROP


def compare(known: Iterable[Pupil], rows: Sequence[Pupil], mentioned: Collection[str]) -> ListChanges:
    """Compare a full list with what is known of its site and cohort. `mentioned`: cells of rows that could not be
    read; a pupil whose number is among them is not absent."""
    before = {pupil.pupil_ref: pupil for pupil in known}
    changed = tuple((before.get(row.pupil_ref), row) for row in rows if before.get(row.pupil_ref) != row)
    present = {row.pupil_ref for row in rows}
    listed = [pupil for pupil in before.values() if pupil.listed]
    absent = tuple(p for p in listed if p.pupil_ref not in present and p.number not in mentioned)
    return ListChanges(changed, len(rows) - len(changed), absent, len(listed))


def news(before: Pupil | None, after: Pupil, now: datetime) -> list[EventData]:
    """What others must hear of a new or changed pupil; nothing when only what stays inside the school changed."""
    told: list[EventData] = []
    if before is None or _recorded(before, now) != _recorded(after, now):
        told.append(_recorded(after, now))
    if before is None or not before.listed or _expected(before, now) != _expected(after, now):
        told.append(_expected(after, now))
    return told


def _recorded(pupil: Pupil, now: datetime) -> PupilRecorded:
    return PupilRecorded(
        occurred_at=now,
        first_name=pupil.first_name,
        prefix=pupil.prefix,
        last_name=pupil.last_name,
        birth_date=pupil.birth_date,
        municipality=pupil.municipality,
        basic_qualification=pupil.basic_qualification,
    )


def _expected(pupil: Pupil, now: datetime) -> PupilExpected:
    return PupilExpected(
        occurred_at=now,
        cohort=pupil.cohort,
        vo_site=pupil.vo_site,
        track=pupil.track,
        mentor=pupil.mentor,
        deputy=pupil.deputy,
    )


def not_listed(pupil: Pupil, now: datetime) -> PupilNotListed:
    """The pupil is missing from the newest full list, and stays."""
    return PupilNotListed(occurred_at=now, cohort=pupil.cohort, vo_site=pupil.vo_site)


@dataclass(frozen=True, slots=True)
class Choice:
    """What a pupil intends; not an application."""

    choice_id: str
    pupil_ref: str
    cohort: int
    vo_site: str
    mbo_institution: str
    programme: str
    level: int
    pathway: Literal["bol", "bbl"]
    preference: int
    start: date | None
    withdrawn: bool = False

    @property
    def state(self) -> str:
        """Where it stands in the table."""
        return "withdrawn" if self.withdrawn else "registered"


CHOICE = Machine(
    "choice",
    "registered",
    moves(
        [
            ("registered", "register", ["vo"], "registered"),  # Changed: level, pathway, preference or start.
            ("registered", "withdraw", ["vo"], "withdrawn"),
            ("withdrawn", "register", ["vo"], "registered"),
        ]
    ),
)
"""What a pupil intends. Withdrawing what was withdrawn changes nothing."""


def choice_state(choice: Choice, now: datetime) -> ChoiceRegistered | ChoiceWithdrawn:
    """The choice as it now is, as an event."""
    model = ChoiceWithdrawn if choice.withdrawn else ChoiceRegistered
    return model(
        occurred_at=now,
        choice_id=choice.choice_id,
        cohort=choice.cohort,
        vo_site=choice.vo_site,
        mbo_institution=choice.mbo_institution,
        programme=choice.programme,
        level=choice.level,
        pathway=choice.pathway,
        preference=choice.preference,
        start=choice.start,
    )
