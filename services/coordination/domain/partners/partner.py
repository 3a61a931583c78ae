"""What is stored of an organisation that has to do with pupils: when it was heard, and what must be done about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from shared.schemas.coordination import Custodian, Evidence

VACANT, SILENT = "vacant-role", "silent-partner"
"""Kinds of task: nobody is present in a role, and nothing was heard for longer than was agreed."""


@dataclass(frozen=True, slots=True)
class Task:
    """Something that somebody must do about an organisation before an instant: an action of no pupil."""

    task_id: str
    number: int
    kind: str
    about: str
    """The role in which nobody is present; empty: the organisation."""
    owner: Custodian
    due_at: datetime
    window_until: datetime | None
    """Until when nobody else is told: the due instant with the grace agreed on."""
    severity: int
    evidence: tuple[Evidence, ...]
    agreement: str
    opened_at: datetime
    step: int = 0
    """Number of times it was escalated."""
    escalated_at: datetime | None = None
    done_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.done_at is None

    @property
    def late_at(self) -> datetime:
        """When it escalates."""
        return self.window_until or self.due_at


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
