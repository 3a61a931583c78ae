"""Topics `pupils` (dossier) and `applicants` (intake): who a pupil is. The only topics with person data, encrypted."""

from datetime import date
from typing import Annotated, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas.envelope import EventData, Municipality, PupilRef
from shared.schemas.vocabulary.limits import AtMost


class Guardian(BaseModel):
    """A parent or guardian, as the school knows them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(title="Naam", description="Naam van de ouder of verzorger", max_length=200)
    email: str | None = Field(None, title="E-mail", description="E-mailadres", max_length=200)


class PupilRecorded(EventData):
    """Who this is. Sent encrypted; `subject` is the pupil_ref. The PGN is never part of it."""

    TYPE: ClassVar[str] = "pupil-recorded"

    first_name: str = Field(title="Roepnaam", description="Roepnaam", max_length=100)
    prefix: str = Field("", title="Tussenvoegsel", description="Tussenvoegsel", max_length=30)
    last_name: str = Field(title="Achternaam", description="Achternaam", max_length=100)
    birth_date: date = Field(title="Geboortedatum", description="Geboortedatum")
    municipality: Municipality | None = Field(
        None, title="Woongemeente", description="CBS-code; leeg: niet in Nederland"
    )
    guardians: Annotated[tuple[Guardian, ...], AtMost(8)] = Field(
        (), title="Ouders", description="Ouders of verzorgers"
    )
    basic_qualification: bool = Field(
        False, title="Startkwalificatie", description="Heeft een startkwalificatie (WEB 7.2.2)"
    )


class PupilLinked(EventData):
    """Two references are one child. Sent under both keys; the survivor's custody stands."""

    TYPE: ClassVar[str] = "pupil-linked"

    survivor: PupilRef = Field(title="Blijvende verwijzing", description="Verwijzing die blijft gelden")
    absorbed: PupilRef = Field(title="Vervallen verwijzing", description="Verwijzing die opgaat in de blijvende")
    evidence: str = Field(title="Bewijs", description="Code van de reden, bijvoorbeeld bsn-received", max_length=64)


class PupilErased(EventData):
    """All data of this pupil must go (AVG art. 17). Each service answers `erasure-confirmed`."""

    TYPE: ClassVar[str] = "pupil-erased"


class ErasureConfirmed(EventData):
    """One service has erased the pupil. Each service sends it on its own topic."""

    TYPE: ClassVar[str] = "erasure-confirmed"

    service: str = Field(title="Dienst", description="Dienst die de gegevens heeft gewist", max_length=32)
