"""One thing that happened, as data: words are for the pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from shared.schemas.coordination import Custodian, Evidence
from shared.schemas.envelope import EventData

Detail = str | int | date | datetime


class Kind(StrEnum):
    """What a story can be filtered by."""

    CUSTODY = "custody"
    SCHOOL = "school"
    APPLICATION = "application"
    HANDOVER = "handover"
    SIGNAL = "signal"
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Recorded:
    """An event that coordination published, as its history holds it."""

    at: datetime
    data: EventData


@dataclass(frozen=True)
class Happening:
    """Something that happened, or became known, at a moment."""

    at: datetime
    kind: Kind
    what: str
    """Code of what happened, such as ``handover-opened``."""
    by: str | None = None
    """Organisation that did or told it; None: it followed from what was known."""
    who: Custodian | None = None
    """Who has the pupil from then on, or who must act."""
    details: Mapping[str, Detail] = field(default_factory=dict)
    """Codes, numbers and dates by name; never free text, never who the pupil is."""
    evidence: tuple[Evidence, ...] = ()
    route: tuple[Custodian, ...] = ()
    concerns: frozenset[str] = frozenset()
    """Organisations that may read it without having the pupil; empty: everybody who sees the pupil."""
