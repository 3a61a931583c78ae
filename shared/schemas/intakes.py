"""Topic `intakes`: what an mbo institution received, decided and saw."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from shared.schemas.envelope import Code, Cohort, Crebo, EntityId, EventData, MboInstitution


class ApplicationStatus(StrEnum):
    """Statuses of the national application chain (WEB 8.0.3), lower case."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    OFFERED = "offered"
    ENROLLED = "enrolled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ApplicationStatusChanged(EventData):
    """An application as it now is: what the institution received and decided."""

    TYPE: ClassVar[str] = "application-status-changed"

    application_id: EntityId = Field(title="Aanmelding", description="Sleutel van de aanmelding")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de mbo-instelling")
    programme: Crebo = Field(title="Opleiding", description="Erkende opleidingscode (crebo)")
    pathway: Literal["bol", "bbl"] = Field(title="Leerroute", description="bol of bbl")
    status: ApplicationStatus = Field(title="Status", description="Status van de aanmelding")
    status_at: datetime = Field(title="Sinds", description="Moment waarop deze status inging")
    channel: Literal["api", "csv", "page"] = Field(title="Bron", description="Waarlangs dit binnenkwam")


class IntakeOutcome(StrEnum):
    """What came out of an intake."""

    PLACED = "placed"
    PROVISIONAL = "provisional"
    REJECTED = "rejected"
    OTHER_ADVICE = "other_advice"
    FURTHER_STUDY = "further_study"


class IntakeDone(EventData):
    """The intake was held and this came out of it."""

    TYPE: ClassVar[str] = "intake-done"

    application_id: EntityId = Field(title="Aanmelding", description="Sleutel van de aanmelding")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de mbo-instelling")
    programme: Crebo = Field(title="Opleiding", description="Erkende opleidingscode (crebo)")
    held_on: date = Field(title="Intakedatum", description="Dag van de intake")
    outcome: IntakeOutcome = Field(title="Uitkomst", description="Uitkomst van de intake")
    reason: Code | None = Field(None, title="Reden", description="Code van de reden, bij afwijzing of ander advies")
