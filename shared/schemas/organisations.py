"""Topic `organisations`: who can be reached where. Encrypted, because it holds names and addresses of staff."""

from datetime import date
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas.envelope import EventData, Organisation


class Contact(BaseModel):
    """A member of staff in a role, with the one who takes over when they are away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    person_ref: str = Field(title="Persoon", description="Verwijzing naar de persoon", max_length=64)
    role: str = Field(title="Rol", description="Rol binnen de organisatie", max_length=32)
    name: str = Field(title="Naam", description="Naam van de medewerker", max_length=200)
    email: str = Field(title="E-mail", description="E-mailadres van de medewerker", max_length=200)
    deputy_ref: str | None = Field(
        None, title="Plaatsvervanger", description="Wie waarneemt bij afwezigheid", max_length=64
    )
    valid_from: date = Field(title="Vanaf", description="Vanaf wanneer deze rol geldt")
    valid_until: date | None = Field(None, title="Tot", description="Eerste dag waarop de rol niet meer geldt")


class ContactRecorded(EventData):
    """An organisation with all its contacts, as they now are. `subject` is the organisation's code."""

    TYPE: ClassVar[str] = "contact-recorded"

    organisation: Organisation = Field(title="Organisatie", description="Code van de organisatie")
    kind: Literal["vo", "mbo", "municipality", "region"] = Field(title="Soort", description="Soort organisatie")
    name: str = Field(title="Naam", description="Naam van de organisatie", max_length=200)
    region: str | None = Field(None, title="Regio", description="Doorstroompuntregio", max_length=2)
    contacts: tuple[Contact, ...] = Field((), title="Contactpersonen", description="Alle contactpersonen")
