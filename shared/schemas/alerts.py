"""Topic `alerts`: how a person hears of a signal, and whether they did."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from shared.schemas.coordination import Severity
from shared.schemas.envelope import Code, Cohort, EntityId, EventData, Organisation


class AlertStatus(StrEnum):
    """States of an alert."""

    RAISED = "raised"
    DELIVERED = "delivered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


class AlertState(EventData):
    """An alert as it now is."""

    alert_id: EntityId = Field(title="Melding", description="Sleutel van de melding")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    rule: Code = Field(title="Regel", description="Regel of actie waarover dit gaat")
    severity: Severity = Field(title="Ernst", description="notice, warning of risk")
    organisation: Organisation = Field(title="Organisatie", description="Organisatie die dit hoort")
    role: str = Field(title="Rol", description="Rol die dit hoort", max_length=32)
    person_ref: str | None = Field(None, title="Persoon", description="Wie dit hoort", max_length=64)
    status: AlertStatus = Field(title="Stand", description="Stand van de melding")
    step: int = Field(ge=1, title="Stap", description="Hoeveelste stap van de escalatie")
    raised_at: datetime = Field(title="Gemeld", description="Moment van melden")
    delivered_at: datetime | None = Field(None, title="Bezorgd", description="Moment van bezorgen")
    acknowledged_at: datetime | None = Field(None, title="Bevestigd", description="Moment van bevestigen")
    in_progress_at: datetime | None = Field(None, title="Opgepakt", description="Moment waarop iemand eraan begon")
    resolved_at: datetime | None = Field(None, title="Afgesloten", description="Moment van afsluiten")
    channel: Literal["inbox", "mail"] = Field("inbox", title="Kanaal", description="Langs welke weg")
    verdict: Literal["useful", "too_late", "unnecessary", "cleared"] | None = Field(
        None, title="Oordeel", description="Wat de ontvanger ervan vond; cleared: de reden is vervallen"
    )


class AlertRaised(AlertState):
    """Somebody must hear this."""

    TYPE: ClassVar[str] = "alert-raised"


class AlertDelivered(AlertState):
    """The message was accepted by the channel. Not the same as read."""

    TYPE: ClassVar[str] = "alert-delivered"


class AlertAcknowledged(AlertState):
    """A person says: I have seen this."""

    TYPE: ClassVar[str] = "alert-acknowledged"


class AlertEscalated(AlertState):
    """The next person on the route hears it too."""

    TYPE: ClassVar[str] = "alert-escalated"


class AlertResolved(AlertState):
    """Closed, with a verdict."""

    TYPE: ClassVar[str] = "alert-resolved"
