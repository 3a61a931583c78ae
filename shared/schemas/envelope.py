"""The envelope: CloudEvents 1.0 in the NL GOV profile, and what every event's data has in common.

Producers validate closed (an unknown field is a mistake), consumers read open (an unknown field is the future).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.schemas.vocabulary.limits import OPEN, AtMost

PUPIL_REF_LENGTH = 26
PupilRef = Annotated[str, StringConstraints(pattern=rf"^[a-z2-7]{{{PUPIL_REF_LENGTH}}}$")]
VoSite = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}[A-Z0-9]{2}[0-9]{2}$")]
MboInstitution = Annotated[str, StringConstraints(pattern=r"^[0-9]{2}[A-Z0-9]{2}$")]
Municipality = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}$")]
Region = Annotated[str, StringConstraints(pattern=r"^(0[1-9]|[1-3][0-9]|40)$")]
PLACE_LENGTH = 6
"""Codes of organisations, municipalities and regions are no longer than this, and every other subject is longer."""
Organisation = Annotated[str, StringConstraints(pattern=rf"^[0-9A-Z]{{2,{PLACE_LENGTH}}}$")]
Crebo = Annotated[str, StringConstraints(pattern=r"^[0-9]{5}$")]
Cohort = Annotated[int, Field(ge=2000, le=2100)]
ProgrammeCode = Annotated[str, StringConstraints(pattern=r"^([0-9]{5}|[0-9]{4}O[0-9]{4})$")]
"""A crebo, or an elementcode of vavo such as 1002O2412."""
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")]
PersonRef = Annotated[str, StringConstraints(max_length=64)]
EntityId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]


class RecordedBy(BaseModel):
    """Who recorded the fact: an organisation in a role, with an opaque person."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Annotated[str, AtMost(64)] = Field(
        title="Organisatie", description="Code van de organisatie die dit vastlegde"
    )
    role: Annotated[str, AtMost(64)] = Field(title="Rol", description="Rol waarin dit is vastgelegd")
    person_ref: Annotated[str, AtMost(64)] | None = Field(
        None, title="Persoon", description="Verwijzing naar de medewerker, zonder naam"
    )


class EventData(BaseModel):
    """Base of the data of every event. Always the whole new state of the entity it names, never a delta."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    TYPE: ClassVar[str]
    """Short type, such as ``choice-registered``; on the wire ``nl.overstappen.choice-registered.v1``."""
    VERSION: ClassVar[str] = "v1"

    occurred_at: datetime = Field(title="Moment", description="Wanneer dit in werkelijkheid gebeurde (RFC 3339)")
    recorded_by: RecordedBy | None = Field(None, title="Vastgelegd door", description="Wie dit vastlegde")


D = TypeVar("D", bound=EventData)


def read(model: type[D], text: str | bytes) -> D:
    """The data of an event as a consumer reads it: open. Raises pydantic's `ValidationError` when it does not fit."""
    return model.model_validate_json(text, extra="ignore", context=OPEN)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that a handler decided on; the outbox gives it an id, a source and a sequence number."""

    subject: str
    data: EventData
    at: datetime | None = None
    """Moment of recording. None: the `now` of the command, event or timer that caused it."""

    @property
    def cohort(self) -> int:
        """School year of the intended start; decides how long the history keeps the event. 0: no cohort."""
        return int(getattr(self.data, "cohort", 0))


@dataclass(frozen=True, slots=True)
class Event:
    """An event as a consumer sees it."""

    id: UUID
    source: str
    """Name of the publishing service, such as ``dossier``; on the wire a urn."""
    time: datetime
    """Moment of recording. `now` of the handler."""
    subject: str
    sequence: int
    """Counts, from 1 without gaps, what one source publishes about one subject."""
    data: EventData
    traceparent: str | None = None
    """The case it belongs to (CloudEvents extension Distributed Tracing); None: not told."""

    @property
    def type(self) -> str:
        return self.data.TYPE

    @property
    def about_pupil(self) -> bool:
        """Whether its subject is a pupil, and not an organisation, a region or a service."""
        return len(self.subject) == PUPIL_REF_LENGTH


@dataclass(frozen=True, slots=True)
class Timer:
    """Something that must be looked at again at a certain instant. A late timer of a finished case does nothing."""

    kind: str
    subject: str
    key: str
    due_at: datetime
    date_rule: bool = False
    """True: fires only after all input up to `due_at` was consumed (at most `late_input_minutes` later)."""
    traceparent: str | None = None
    """The case that set it, filled in by the transport."""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row of a file that can not be applied; it waits in quarantine and the other rows go on."""

    place: str
    """Where it stands, such as ``regel 4``."""
    reason: str
    faults: tuple[Any, ...]
    payload: str
    """The row as it was sent; kept inside the service only."""
    subject: str | None = None
    """Whom it is about, where that can be read: the row goes when that pupil is erased."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of everything that was received. The sum always fits, or this can not be made."""

    entrance: str
    received: int
    applied: int = 0
    unchanged: int = 0
    skipped: int = 0
    quarantined: int = 0

    def __post_init__(self) -> None:
        if self.received != self.applied + self.unchanged + self.skipped + self.quarantined:
            raise ValueError(f"received does not add up: {self}")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a handler decided: events to publish, timers to set, and for files what became of each row."""

    events: Sequence[Draft] = ()
    timers: Sequence[Timer] = ()
    unchanged: int = 0
    """Of a batch of events: how many changed nothing, because newer state was already there."""
    receipt: Receipt | None = None
    bad_rows: Sequence[BadRow] = ()
    erase: Sequence[str] = ()
    """Pupils whose history, timers and quarantine are forgotten before the events are written."""
    value: Any = None
    """Answer to the one who gave the command."""
