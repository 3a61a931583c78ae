"""Topic `organisations`: who can be reached where, and what was agreed.

Encrypted, because it holds names and addresses of staff.
"""

from datetime import date
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.schemas.envelope import Code, EventData, Municipality, Organisation, Region
from shared.schemas.vocabulary.limits import AtMost, AtMostBytes

CONTACTS_ROOM = AtMostBytes(44 * 1024)
"""Room for the contacts of one organisation in one event: encrypted, a third larger, it still fits."""
AUTUMN_DAY = "^((08|10|12)-(0[1-9]|[12][0-9]|3[01])|(09|11)-(0[1-9]|[12][0-9]|30))$"
"""MM-DD, from August to the end of the year."""


class Absence(BaseModel):
    """Days on which somebody is away; never why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    since: date = Field(title="Vanaf", description="Eerste dag van afwezigheid")
    until: date | None = Field(None, title="Tot", description="Eerste dag terug; leeg: nog niet bekend")


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
    team: Code | None = Field(None, title="Team", description="Team binnen de organisatie, als code")
    away: Annotated[tuple[Absence, ...], AtMost(10)] = Field(
        (), title="Afwezig", description="Perioden waarin de plaatsvervanger waarneemt"
    )


class ContactRecorded(EventData):
    """An organisation with all its contacts, as they now are. `subject` is the organisation's code."""

    TYPE: ClassVar[str] = "contact-recorded"

    organisation: Organisation = Field(title="Organisatie", description="Code van de organisatie")
    kind: Literal["vo", "mbo", "municipality", "region"] = Field(title="Soort", description="Soort organisatie")
    name: str = Field(title="Naam", description="Naam van de organisatie", max_length=200)
    region: str | None = Field(None, title="Regio", description="Doorstroompuntregio", max_length=2)
    municipality: Municipality | None = Field(
        None, title="Gemeente", description="Gemeente waar de organisatie staat: daarvan zijn de schooldagen"
    )
    contacts: Annotated[tuple[Contact, ...], CONTACTS_ROOM] = Field(
        (), title="Contactpersonen", description="Alle contactpersonen"
    )


class Norm(BaseModel):
    """A figure that the region agreed to reach on a day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: Code = Field(title="Cijfer", description="Welk cijfer, als code")
    percentage: int = Field(ge=0, le=100, title="Percentage", description="Hoeveel procent van de leerlingen")
    day: Annotated[str, AtMost(5)] = Field(title="Dag", description="Dag van het jaar (MM-DD) waarop de norm geldt")


class AgreementAdopted(EventData):
    """A region adopted a version of its agreement. `subject` is the region; the text itself is read at `dataref`."""

    TYPE: ClassVar[str] = "agreement-adopted"

    region: Region = Field(title="Regio", description="Doorstroompuntregio die dit afsprak")
    version: Annotated[str, AtMost(64)] = Field(title="Versie", description="Versie van de regionale afspraak")
    previous: Annotated[str, AtMost(64)] | None = Field(
        None, title="Vorige versie", description="Versie die hierdoor is vervangen"
    )
    valid_from: date = Field(title="Vanaf", description="Eerste dag waarop overstappen onder deze versie openen")
    digest: Annotated[str, AtMost(71)] = Field(title="Vingerafdruk", description="sha256: en de hash van de tekst")
    dataref: Annotated[str, AtMost(300)] | None = Field(
        None, title="Adres", description="Waar de hele afspraak te lezen is"
    )
    rules: Annotated[tuple[Code, ...], AtMost(50)] = Field(
        title="Regels", description="Regels die aan staan, bijvoorbeeld no-application"
    )
    norms: Annotated[tuple[Norm, ...], AtMost(50)] = Field((), title="Normen", description="Afgesproken normen")
    small_number: int = Field(
        5, ge=5, title="Klein aantal", description="Groepen tot en met dit aantal worden niet getoond"
    )
    feedback_until: Annotated[str, StringConstraints(pattern=AUTUMN_DAY)] | None = Field(
        None,
        title="Terugkoppeling tot en met",
        description="Laatste dag (MM-DD) waarop de school van herkomst over losse leerlingen hoort",
    )
    silence_days: int | None = Field(
        None, ge=1, title="Stilte", description="Na hoeveel dagen zonder bericht een organisatie stil heet"
    )
