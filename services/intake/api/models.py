"""What is asked of the API of intake, and what it answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Depends
from pydantic import Field

from shared.core.actor import Actor
from shared.schemas.envelope import EntityId, ProgrammeCode
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome, Pathway
from shared.web.api import fields
from shared.web.api.router import Asked
from shared.web.auth import api_actor

NOW = "2027-03-01T09:00:00Z"
STATUSES_EXAMPLE = (
    "mbo_brin;aanmelding_id;pgn;geboortedatum;achternaam;tussenvoegsel;roepnaam;gemeentecode;crebo;leerroute;status;"
    "statusdatum;versie\n"
    "99MA;A200396;999990007;2010-10-06;Voorbeeld;van der;Noor;0344;25655;BOL;RECEIVED;2026-11-02;1\n"
)
INTAKES_EXAMPLE = (
    "mbo_brin;aanmelding_id;pgn;intakedatum;uitkomst;redencode\n99MA;A200396;999990007;2026-11-23;placed;\n"
)
EXPORT_EXAMPLE = (
    "id;version;createdat;lastmodifiedat;createdby;lastmodifiedby;ketenid;bsnhash;startmoment;status;begindatum;schooljaar;"
    "statussource;caketenid;group_num;postcodecijfers;onderwijsaanbiedercode;instellingserkenningscode;"
    "onderwijslocatiecode;opleidingcode;leertrajectmbo;leeftijdscategorie\n"
    "8d2f41;2;2026-11-02T09:15:00Z;NA;sis;NA;K200396;5f1d0c93a7be42d8;2027-08-01;RECEIVED;2026-11-02;2027;SIS;NA;1;3511;"
    "110A123;99MA;110X456;25655;BOL;ONDER_16\n"
)
Sender = Annotated[Actor, Depends(api_actor)]
ApplicationInPath = Annotated[EntityId, fields.in_path("Key of the application", fields.KEY)]
ApplicationKey = Annotated[EntityId, fields.said("Key of the application", fields.KEY)]
Status = Annotated[ApplicationStatus, fields.said("Status of the application", "received")]
Route = Annotated[Pathway, fields.said("Pathway", "bol")]
Programme = Annotated[ProgrammeCode, fields.said("Programme: crebo, or a code of vavo such as 1002O2412", "25655")]
HeldOn = Annotated[date | None, fields.said("Day of the intake; null: not held", "2027-03-01")]
Outcome = Annotated[IntakeOutcome | None, fields.said("Outcome of the intake; null: not held", "placed")]
Reason = Annotated[str | None, fields.said("Code of the reason", None)]


class ApplicationStatusIn(Asked):
    """A status that an application got, as the institution's own system knows it."""

    own_id: EntityId = Field(description="The institution's own key of the application", examples=["A200396"])
    version: int = Field(ge=0, le=999_999_999, description="Rises with each change of the application", examples=[1])
    pgn: fields.PersonalNumber
    first_name: fields.Line = Field(min_length=1, max_length=100, description="First name", examples=["Noor"])
    prefix: fields.Line = Field("", max_length=30, description="Prefix of the last name", examples=["van der"])
    last_name: fields.Line = Field(min_length=1, max_length=100, description="Last name", examples=["Voorbeeld"])
    birth_date: fields.CivilDate = Field(description="Date of birth", examples=["2010-05-06"])
    municipality: fields.Municipality | None = Field(None, description="CBS code; null: not in the Netherlands")
    programme: fields.Programme
    pathway: Literal["bol", "bbl"] = Field(description="Pathway", examples=["bol"])
    status: ApplicationStatus = Field(description="Status of the application", examples=["received"])
    status_at: fields.Moment = Field(description="Since when, from 2000 on", examples=[NOW])


class ApplicationMeant(fields.Shown):
    """Which application it was about."""

    application_id: ApplicationKey


class PupilMeant(fields.Shown):
    """Which pupil it was about."""

    pupil_ref: fields.PupilRef


class ApplicationShown(fields.Shown):
    """An application as it stands, with its intake."""

    application_id: ApplicationKey
    own_id: str = Field(description="The institution's own key of the application", examples=["A200396"])
    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    programme: Programme
    pathway: Route
    status: Status
    status_at: datetime = Field(description="Since when", examples=[NOW])
    held_on: HeldOn
    outcome: Outcome
    reason: Reason


class ApplicationPage(fields.Page):
    """Applications, by key."""

    items: list[ApplicationShown] = Field(description="The applications of this page")


class FactShown(fields.Shown):
    """What one version of one row of one source said."""

    source_system: Literal["api", "csv", "overstap", "sis", "cambo"] = Field(
        description="By which door it came, or which source of the national chain told it", examples=["api"]
    )
    row_id: str = Field(description="The row of the source", examples=["A200396"])
    version: int = Field(description="The version of that row", examples=[1])
    programme: Programme
    pathway: Route
    status: Status
    at: datetime = Field(description="Since when, in the real world", examples=[NOW])
    arrived: datetime = Field(description="When it was told, here or in the chain", examples=[NOW])


class ResultShown(fields.Shown):
    """An outcome that was recorded."""

    held_on: date = Field(description="Day of the intake", examples=["2027-03-01"])
    outcome: IntakeOutcome = Field(description="Outcome of the intake", examples=["placed"])
    reason: Reason
    recorded_at: datetime = Field(description="When it was recorded", examples=[NOW])


class ApplicationWhole(ApplicationShown):
    """An application with its history."""

    facts: list[FactShown] = Field(description="Everything that was told of its status")
    results: list[ResultShown] = Field(description="Every outcome that was recorded, the last one counts")
