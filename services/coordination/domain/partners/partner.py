"""What is stored of an organisation that has to do with pupils: when it was heard, and what must be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from services.coordination.domain.case import Obligation
from shared.schemas.coordination import Evidence

VACANT, SILENT = "vacant-role", "silent-partner"
"""Kinds of task: nobody is present in a role, and nothing was heard for longer than was agreed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task(Obligation):
    """Something that somebody must do about an organisation: an action of no pupil. It is about a role in which nobody
    is present; empty: about the organisation."""

    task_id: str
    evidence: tuple[Evidence, ...]
    agreement: str


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when an organisation is told to be silent, and by which agreement."""

    since: datetime
    allowed_days: int
    """School days that it might be silent."""
    agreement: str


@dataclass(frozen=True, slots=True)
class Partner:
    """An organisation that has, or had, to do with pupils."""

    code: str
    known_at: datetime
    """When it first had to do with a pupil, or was first heard."""
    heard_at: datetime | None = None
    """When it last told anything of a pupil, to the hour; None: never."""
    silence: Silence | None = None
    """None: it speaks, or has not been silent for longer than was agreed."""
    looked_at: datetime | None = None
    """Up to when time was counted in."""
    active: bool = False
    """Whether it had to do with pupils on their way when it was last looked at."""
    awaited: bool = False
    """Whether its silence was watched when it was last looked at."""
    numbered: int = 0
    """Number of tasks ever opened."""
    tasks: Mapping[str, Task] = field(default_factory=dict)
    """Those that are open, and what this look closes."""


@dataclass(frozen=True, slots=True)
class Part:
    """What an organisation has to do with the pupils who are on their way now."""

    active: bool = False
    """It has one, sent one, received one, or is leerplicht, Doorstroompunt or region of one."""
    tells: bool = False
    """It is the one who knows how a pupil is doing: the institution that has come furthest, else the school."""
    region: str | None = None
    """Of such a pupil."""
