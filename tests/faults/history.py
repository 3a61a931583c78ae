"""What is known after a run, as plain values: what services told, what lies on the topics, what each one handled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Told:
    """An event as it stands in the history of the service that published it."""

    service: str
    subject: str
    sequence: int
    event_id: str
    type: str
    topic: str
    at: datetime
    transaction: str = ""
    """Events of one transaction became true together."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """Empty where it is encrypted."""


@dataclass(frozen=True, slots=True)
class Lain:
    """A record as it lies on a topic; only records that are readable events of ours."""

    topic: str
    partition: int
    offset: int
    service: str
    """Who sent it."""
    subject: str
    sequence: int
    event_id: str


@dataclass(frozen=True, slots=True)
class Fates:
    """What one service says became of everything that came in at one entrance."""

    service: str
    entrance: str
    received: int
    applied: int
    unchanged: int
    skipped: int
    quarantined: int


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it is stored."""

    alert_id: str
    cause: str
    organisation: str
    role: str
    resolved: bool


@dataclass(frozen=True, slots=True)
class Stored:
    """The state that services keep, as far as it can be folded again from what they told."""

    custody: frozenset[tuple[str, int, int, datetime, str, str]] = frozenset()
    """Pupil, cohort, number, since, organisation, role."""
    open_actions: frozenset[str] = frozenset()
    open_transitions: frozenset[tuple[str, int]] = frozenset()
    standing_risks: frozenset[str] = frozenset()
    alerts: tuple[Alert, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that was found when a run had come to rest."""

    told: Sequence[Told]
    lain: Sequence[Lain]
    handled: Sequence[tuple[str, str]]
    """(service, event id) for every time a handler's transaction with this event was committed."""
    consumers: Mapping[str, frozenset[str]]
    """Topic → the services that must handle it."""
    apart: frozenset[tuple[str, str]] = frozenset()
    """(service, event id) of what waits in quarantine for a person."""
    unsent: Sequence[tuple[str, str]] = ()
    """(service, subject) of pointers that still wait for the broker."""
    fates: Sequence[Fates] = ()
    pupils: frozenset[str] = frozenset()
    """Everybody who stood on a list that a school handed in."""
    stored: Stored = Stored()


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be."""

    rule: str
    service: str
    subject: str
    what: str
