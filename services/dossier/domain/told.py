"""What other services tell: a batch of events folded in memory. Of every entity the highest sequence counts."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.schemas.envelope import Event
from shared.schemas.organisations import AgreementAdopted, ContactRecorded
from shared.schemas.pupils import ErasureConfirmed, PupilLinked

Key = tuple[str, str, str]
"""Entity, subject it was told under, and its own key."""


@dataclass(frozen=True, slots=True)
class Told:
    """An entity of another service, whole, as it came."""

    entity: str
    subject: str
    key: str
    cohort: int
    sequence: int
    type: str
    at: datetime
    state: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class Step:
    """One time that another service told something: of the state only codes, keys and moments."""

    entity: str
    subject: str
    key: str
    cohort: int
    sequence: int
    type: str
    at: datetime
    """When it happened."""
    organisation: str
    role: str
    detail: str
    """JSON."""


@dataclass(frozen=True, slots=True)
class Happening:
    """Something that happened to a pupil, whoever told it."""

    type: str
    key: str
    """What it happened to: one choice, one application."""
    at: datetime
    organisation: str
    role: str
    person_ref: str | None
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation with the names of its contacts by person_ref."""

    code: str
    kind: str
    name: str
    contacts: dict[str, str]
    sequence: int
    region: str | None = None


@dataclass(slots=True)
class Batch:
    """What was known before a batch, and what it adds."""

    sequences: dict[Key, int] = field(default_factory=dict)
    """Highest sequence kept per entity; organisations under the entity ``organisation``."""
    erased: set[str] = field(default_factory=set)
    told: dict[Key, Told] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    organisations: dict[str, Organisation] = field(default_factory=dict)
    agreements: dict[str, str] = field(default_factory=dict)
    """Version → last day (MM-DD) on which schools hear of single pupils."""
    links: dict[tuple[str, str], datetime] = field(default_factory=dict)
    """Survivor and absorbed → when they were joined."""
    erase: dict[str, datetime] = field(default_factory=dict)
    confirmed: dict[tuple[str, str], datetime] = field(default_factory=dict)
    unchanged: int = 0

    def newer(self, key: Key, sequence: int) -> bool:
        """Whether this is newer than what is kept; if so it is what is kept from now on."""
        if sequence <= self.sequences.get(key, -1):
            self.unchanged += 1
            return False
        self.sequences[key] = sequence
        return True


UNTRACED = frozenset({"alert"})
"""Entities of which only the newest state counts."""
Fold = Callable[[Batch, Event], None]


def keep(entity: str, key_of: Callable[..., str]) -> Fold:
    """A fold that keeps the newest state of an entity, unless its pupil was erased."""

    def fold(batch: Batch, event: Event) -> None:
        if event.subject in batch.erased or not event.about_pupil:
            batch.unchanged += 1
            return
        key = (entity, event.subject, key_of(event.data))
        if entity not in UNTRACED:
            batch.steps.append(_step(key, event))
        if batch.newer(key, event.sequence):
            cohort = int(getattr(event.data, "cohort", 0))
            state = event.data.model_dump_json(exclude={"recorded_by"})
            batch.told[key] = Told(*key, cohort, event.sequence, event.type, event.time, state)

    return fold


def _step(key: Key, event: Event) -> Step:
    by = event.data.recorded_by
    detail = event.data.model_dump(mode="json", exclude={"recorded_by", "note_ref"}, exclude_none=True)
    cohort = int(getattr(event.data, "cohort", 0))
    who = (by.organisation, by.role) if by else ("", "")
    return Step(*key, cohort, event.sequence, event.type, event.data.occurred_at, *who, json.dumps(detail))


def keep_organisation(batch: Batch, event: Event) -> None:
    """An organisation with all its contacts; of those only the names."""
    data = event.data
    assert isinstance(data, ContactRecorded)
    if batch.newer(("organisation", data.organisation, ""), event.sequence):
        names = {contact.person_ref: contact.name for contact in data.contacts}
        batch.organisations[data.organisation] = Organisation(
            data.organisation, data.kind, data.name, names, event.sequence, data.region
        )


def keep_agreement(batch: Batch, event: Event) -> None:
    """Until which day the schools of a region hear of single pupils; where the agreement says it."""
    data = event.data
    assert isinstance(data, AgreementAdopted)
    if data.feedback_until:
        batch.agreements[data.version] = data.feedback_until


def join(batch: Batch, event: Event) -> None:
    """Two references are one child, as intake found out."""
    data = event.data
    assert isinstance(data, PupilLinked)
    batch.links[data.survivor, data.absorbed] = event.time


def erase(batch: Batch, event: Event) -> None:
    """The pupil is erased, with what this batch told of it before."""
    batch.erase[event.subject] = event.time
    batch.erased.add(event.subject)
    batch.told = {key: told for key, told in batch.told.items() if told.subject != event.subject}
    batch.steps = [step for step in batch.steps if step.subject != event.subject]


def confirm(batch: Batch, event: Event) -> None:
    """A service says that it has erased the pupil."""
    assert isinstance(event.data, ErasureConfirmed)
    batch.confirmed.setdefault((event.subject, event.data.service), event.time)
