"""Topic `intakes`: what an mbo institution received, decided and saw."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import ConfigDict, Field

from shared.schemas.envelope import Code, Cohort, Crebo, EntityId, EventData, MboInstitution, ProgrammeCode, VoSite
from shared.schemas.vocabulary import codes

Pathway = Literal["bol", "bbl", "vavo", "odt"]
"""How somebody learns: at school, at work, adult general secondary education, other education (WEB 8.0.3)."""


class ApplicationStatus(StrEnum):
    """Statuses of the national application chain (WEB 8.0.3), lower case."""

    SUBMITTED = "submitted"
    RECEIVED = "received"
    OFFERED = "offered"
    ENROLLED = "enrolled"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class ApplicationState(EventData):
    """An application as it now is: what the institution received and decided."""

    TYPE: ClassVar[str] = "application-status-changed"

    application_id: EntityId = Field(title="Aanmelding", description="Sleutel van de aanmelding")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de mbo-instelling")
    programme: str
    pathway: str
    status: ApplicationStatus = Field(title="Status", description="Status van de aanmelding")
    status_at: datetime = Field(title="Sinds", description="Moment waarop deze status inging")
    channel: Literal["api", "csv", "page"] = Field(title="Bron", description="Waarlangs dit binnenkwam")
    arrived_at: datetime | None = Field(
        None, title="Aangekomen", description="Moment waarop de instelling of de keten dit voor het eerst wist"
    )
    source_system: Code | None = Field(
        None, title="Bronsysteem", description="Systeem dat deze status meldde, zoals sis of cambo"
    )
    start: date | None = Field(None, title="Startdatum", description="Beoogde eerste dag")
    vo_site: VoSite | None = Field(None, title="Herkomst", description="Vestiging van herkomst, als die bekend is")
    reason: Code | None = Field(None, title="Reden", description="Code van de reden, bij afwijzen of intrekken")


class ApplicationStatusChanged(ApplicationState):
    """An application as it now is, of the whole national chain: vavo and other education too, and shadow pupils."""

    VERSION: ClassVar[str] = "v2"

    programme: ProgrammeCode = Field(
        title="Opleiding", description="Erkende opleidingscode (crebo), of een vavo-code zoals 1002O2412"
    )
    pathway: Pathway = Field(title="Leerroute", description="bol, bbl, vavo of odt (overig onderwijs)")
    shadow: bool = Field(
        False,
        title="Niet gekoppeld",
        description="De leerling is alleen uit de landelijke keten bekend: telt mee, heeft geen verantwoordelijke",
    )


class ApplicationStatusChangedV1(ApplicationState):
    """An application as it now is: what the institution received and decided."""

    model_config = ConfigDict(title="ApplicationStatusChanged")

    programme: Crebo = Field(title="Opleiding", description="Erkende opleidingscode (crebo)")
    pathway: Literal["bol", "bbl"] = Field(title="Leerroute", description="bol of bbl")


class IntakeOutcome(StrEnum):
    """What came out of an intake."""

    PLACED = "placed"
    PROVISIONAL = "provisional"
    REJECTED = "rejected"
    OTHER_ADVICE = "other_advice"
    FURTHER_STUDY = "further_study"


class IntakeState(EventData):
    """An intake as it now is: one per application."""

    application_id: EntityId = Field(title="Aanmelding", description="Sleutel van de aanmelding")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de mbo-instelling")
    programme: Crebo = Field(title="Opleiding", description="Erkende opleidingscode (crebo)")
    mandatory: bool = Field(False, title="Verplicht", description="Is de intake verplicht voor toelating")
    invited_at: datetime | None = Field(None, title="Uitgenodigd", description="Moment van uitnodigen")
    planned_at: datetime | None = Field(None, title="Gepland", description="Begin van de intake")
    form: Literal["on_site", "online", "phone"] | None = Field(
        None, title="Vorm", description="op locatie, online of telefonisch"
    )
    missed: int = Field(0, ge=0, title="Gemist", description="Hoe vaak de intake niet doorging")
    missed_reason: Annotated[Code, codes.INTAKE_MISSED] | None = Field(
        None, title="Reden van missen", description="Waarom de intake de laatste keer niet doorging"
    )


class IntakeInvited(IntakeState):
    """The applicant was invited."""

    TYPE: ClassVar[str] = "intake-invited"

    answer_by: date | None = Field(None, title="Antwoord voor", description="Laatste dag om te reageren")


class IntakePlanned(IntakeState):
    """The intake has a date."""

    TYPE: ClassVar[str] = "intake-planned"


class IntakeMissed(IntakeState):
    """The intake did not take place. Of a mandatory one this asks for an action; it is not the end."""

    TYPE: ClassVar[str] = "intake-missed"

    missed_at: datetime = Field(title="Gemist op", description="Moment waarop de intake had moeten zijn")


class IntakeDone(IntakeState):
    """The intake was held and this came out of it."""

    TYPE: ClassVar[str] = "intake-done"

    held_on: date = Field(title="Intakedatum", description="Dag van de intake")
    outcome: IntakeOutcome = Field(title="Uitkomst", description="Uitkomst van de intake")
    reason: Code | None = Field(None, title="Reden", description="Code van de reden, bij afwijzing of ander advies")
    advised_programme: Crebo | None = Field(
        None, title="Geadviseerde opleiding", description="Opleiding die wel past, bij ander advies"
    )
    note_ref: EntityId | None = Field(
        None, title="Notitie", description="Verwijzing naar een notitie van de instelling"
    )


class EnrolmentState(EventData):
    """An enrolment as it now is: what became of an application that was enrolled."""

    application_id: EntityId = Field(title="Aanmelding", description="Sleutel van de aanmelding")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de mbo-instelling")
    programme: Crebo = Field(title="Opleiding", description="Erkende opleidingscode (crebo)")
    pathway: Literal["bol", "bbl"] = Field(title="Leerroute", description="bol of bbl")
    level: int | None = Field(None, ge=1, le=4, title="Niveau", description="Niveau 1 tot en met 4")


class StudentStarted(EnrolmentState):
    """The student was seen in class."""

    TYPE: ClassVar[str] = "student-started"

    first_day: date = Field(title="Eerste dag", description="Dag waarop de student voor het eerst in de les was")


class StudentNotStarted(EnrolmentState):
    """The student was enrolled and has not been seen."""

    TYPE: ClassVar[str] = "student-not-started"

    first_day: date = Field(title="Eerste dag", description="Eerste lesdag waarop de student had moeten komen")
    checked_on: date = Field(title="Nagegaan", description="Dag waarop de instelling dit vaststelde")
    reason: Annotated[Code, codes.NOT_STARTED] | None = Field(
        None, title="Reden", description="Waarom de student niet kwam, als dat bekend is"
    )
    contact_attempts: int | None = Field(
        None, ge=0, title="Pogingen", description="Hoe vaak de instelling contact zocht"
    )


class AbsenceReported(EventData):
    """The statutory report of absence as it now is. Only with its number: no other record of absence exists here."""

    TYPE: ClassVar[str] = "absence-reported"

    report_number: EntityId = Field(title="Meldingsnummer", description="Nummer van de melding in het Verzuimregister")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de instelling die meldde")
    application_id: EntityId | None = Field(None, title="Aanmelding", description="Aanmelding van deze inschrijving")
    kind: Annotated[Code, codes.ABSENCE_KINDS] = Field(title="Soort", description="Soort melding")
    status: Literal["registered", "in_progress", "closed", "withdrawn", "noted"] = Field(
        title="Stand", description="geregistreerd, in behandeling, afgesloten, ingetrokken, voor kennisgeving"
    )
    reported_on: date = Field(title="Gemeld", description="Dag van de melding")
    absent_from: date | None = Field(None, title="Afwezig vanaf", description="Eerste dag van het verzuim")
    absent_until: date | None = Field(None, title="Afwezig tot en met", description="Laatste dag waarover is gemeld")
    action_wanted: bool = Field(True, title="Actie gewenst", description="Vraagt de instelling om actie")
    closed_on: date | None = Field(None, title="Afgesloten", description="Dag van afsluiten")
    closed_reason: Annotated[Code, codes.ABSENCE_CLOSED] | None = Field(
        None, title="Reden van afsluiten", description="Waarom de melding is afgesloten"
    )


class ProgrammeSwitched(EventData):
    """A change of programme as it now is: from `registered` (it is considered) to `started` in the new one."""

    TYPE: ClassVar[str] = "programme-switched"

    switch_id: EntityId = Field(title="Wissel", description="Sleutel van de opleidingswissel")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de start")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de instelling die dit meldt")
    application_id: EntityId = Field(title="Aanmelding", description="Aanmelding van de opleiding die stopt")
    status: Literal["registered", "started", "cancelled"] = Field(
        title="Stand", description="gemeld, begonnen aan de nieuwe opleiding, of toch niet"
    )
    from_programme: Crebo = Field(title="Van opleiding", description="Erkende opleidingscode die de student verlaat")
    from_level: int | None = Field(None, ge=1, le=4, title="Van niveau", description="Niveau 1 tot en met 4")
    to_institution: MboInstitution | None = Field(
        None, title="Naar instelling", description="BRIN van de nieuwe instelling; leeg: dezelfde of nog onbekend"
    )
    to_programme: Crebo | None = Field(
        None, title="Naar opleiding", description="Nieuwe erkende opleidingscode; leeg: nog onbekend"
    )
    to_level: int | None = Field(None, ge=1, le=4, title="Naar niveau", description="Niveau 1 tot en met 4")
    to_application_id: EntityId | None = Field(
        None, title="Nieuwe aanmelding", description="Aanmelding voor de nieuwe opleiding"
    )
    switched_on: date = Field(title="Wisseldatum", description="Dag waarop de wissel ingaat of is gemeld")


class EnrolmentEnded(EnrolmentState):
    """The enrolment ended, also with retroactive effect."""

    TYPE: ClassVar[str] = "enrolment-ended"

    first_day: date | None = Field(None, title="Eerste dag", description="Eerste lesdag; leeg: nooit begonnen")
    ended_on: date = Field(title="Einddatum", description="Eerste dag zonder inschrijving")
    reason: Literal[1, 2, 3, 4, 5, 6, 7] = Field(
        title="Reden",
        description="Reden van uitval (BRON): 1 persoonsgebonden zonder invloed, 2 persoonsgebonden met opvang "
        "mogelijk, 3 instellingsgebonden, 4 studie- of beroepskeuze, 5 arbeidsmarkt of omgeving, "
        "6 zonder diploma toch succesvol, 7 onbekend",
    )
    destination: Annotated[Code, codes.DESTINATIONS] = Field(
        "unknown", title="Bestemming", description="Waar de student heen gaat"
    )
    to_institution: MboInstitution | None = Field(
        None, title="Naar instelling", description="BRIN van de nieuwe instelling, als die bekend is"
    )
    diploma: bool = Field(False, title="Diploma", description="Behaalde de student het diploma van deze opleiding")
    basic_qualification: bool | None = Field(
        None, title="Startkwalificatie", description="Heeft de student nu een startkwalificatie; leeg: onbekend"
    )
