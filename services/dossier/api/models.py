"""What is asked of the API of the dossier, and what it answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.dossier.api.career.models import CareerShared, FileShared, PlusShared
from services.dossier.domain.handover import REFUSALS
from shared.schemas.dossiers import HandoverStatus, Track
from shared.schemas.envelope import Code, EntityId
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome
from shared.web.api import fields
from shared.web.api.router import Asked, PageAsked

NOW = "2027-03-01T09:00:00Z"
ChoiceKey = Annotated[EntityId, fields.said("Key of the choice", fields.KEY)]
HandoverKey = Annotated[EntityId, fields.said("Key of the handover", fields.KEY)]
ApplicationKey = Annotated[EntityId, fields.said("Key of the application", fields.KEY)]
Level = Annotated[int, fields.said("Level of the programme, 1 to 4", 2)]
Preference = Annotated[int, fields.said("1 is what the pupil wants most", 1)]
Start = Annotated[date | None, fields.said("Intended first day; null: not known", "2027-08-30")]
Kind = Annotated[Literal["cold", "warm"], fields.said("With a talk (warm) or on paper alone (cold)", "cold")]


# Asked


class PupilsAsked(PageAsked):
    """Which pupils are asked for."""

    cohort: fields.Cohort | None = Field(None, description="Only pupils of this cohort")


class PupilListAsked(Asked):
    """How a full list is meant."""

    confirm: bool = Field(False, description="More than one in ten is missing, and that is meant")


class ChoiceAsked(Asked):
    """A choice to register, new or changed."""

    cohort: fields.Cohort
    mbo_institution: fields.MboInstitution
    programme: fields.Programme
    level: Level = Field(ge=1, le=4)
    pathway: Literal["bol", "bbl"] = Field(description="Pathway", examples=["bol"])
    preference: Preference = Field(ge=1, le=3)
    start: fields.CivilDate | None = Field(None, description="Intended first day", examples=["2027-08-30"])


class OfferAsked(Asked):
    """A dossier to hand over."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    mbo_institution: fields.MboInstitution
    kind: Kind = "cold"


class RefusalAsked(Asked):
    """Why a dossier is refused. The text stays inside the dossier; the code goes to every service."""

    reason: Literal[REFUSALS] = Field(description="Code of the reason", examples=["capacity"])  # type: ignore[valid-type]
    text: fields.Prose = Field(
        min_length=1, max_length=2000, description="The reason in words, for the school", examples=["The class is full"]
    )


class WithdrawalAsked(Asked):
    """Why an offer is taken back."""

    reason: Literal["error", "objection"] = Field(description="Code of the reason", examples=["error"])


class LinkAsked(Asked):
    """The reference that is the same child, and why."""

    absorbed: fields.PupilRef
    evidence: Code = Field("bsn-received", description="Code of what proves it", examples=["bsn-received"])


# Answered


class PupilListed(fields.Shown):
    """An own pupil: the school's number and the reference that every other call asks for."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    number: str = Field(description="The school's own number (leerlingnummer)", examples=["10001"])
    listed: bool = Field(description="Whether the pupil is on the newest full list", examples=[True])


class PupilPage(fields.Page):
    """Own pupils, by reference."""

    items: list[PupilListed] = Field(description="The pupils of this page")


class ChoiceShown(fields.Shown):
    """A choice as it stands."""

    choice_id: ChoiceKey
    cohort: fields.Cohort
    mbo_institution: fields.MboInstitution
    programme: fields.Programme
    level: Level
    pathway: fields.Pathway
    preference: Preference
    start: Start
    withdrawn: bool = Field(description="Whether the pupil no longer intends this", examples=[False])


class ApplicationShown(fields.Shown):
    """An application as the institution last told it."""

    application_id: ApplicationKey
    cohort: fields.Cohort
    mbo_institution: fields.MboInstitution
    programme: fields.Programme
    status: ApplicationStatus = Field(description="Status of the application", examples=["received"])
    status_at: datetime = Field(description="Since when", examples=[NOW])
    outcome: IntakeOutcome | None = Field(description="Outcome of the intake; null: not held", examples=[None])
    held_on: date | None = Field(description="Day of the intake; null: not held", examples=[None])


class HandoverShown(fields.Shown):
    """One offer of one dossier to one institution, with the moment of every step."""

    handover_id: HandoverKey
    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    vo_site: fields.VoSite
    mbo_institution: fields.MboInstitution
    kind: Kind
    status: HandoverStatus = Field(description="Where it stands", examples=["offered"])
    categories: tuple[str, ...] = Field(description="Parts of the dossier", examples=[["administrative"]])
    withheld: tuple[str, ...] = Field(description="Parts that are absent after an objection", examples=[[]])
    not_present: tuple[str, ...] = Field(description="Parts of which the school has nothing", examples=[["advice"]])
    informed_on: date | None = Field(description="Day on which parents or pupil were told of it", examples=[None])
    received_at: datetime | None = Field(description="When it stood in a list of the institution", examples=[None])
    offered_at: datetime | None = Field(description="When the school offered it", examples=[NOW])
    opened_at: datetime | None = Field(description="When the institution first read it", examples=[None])
    accepted_at: datetime | None = Field(description="When the institution took it on", examples=[None])
    ended_at: datetime | None = Field(description="When it was refused or taken back", examples=[None])
    reason: str | None = Field(description="Code of why it was refused or taken back", examples=[None])
    reason_text: str | None = Field(description="Why it was refused, in words", examples=[None])


class HandoverPage(fields.Page):
    """Handovers, by key."""

    items: list[HandoverShown] = Field(description="The handovers of this page")


class Administrative(fields.Shown):
    """Who the pupil is."""

    first_name: str = Field(description="First name", examples=["Noor"])
    prefix: str = Field(description="Prefix of the last name; may be empty", examples=["van der"])
    last_name: str = Field(description="Last name", examples=["Voorbeeld"])
    birth_date: date = Field(description="Date of birth", examples=["2010-05-06"])
    municipality: str | None = Field(description="Municipality of residence (CBS code)", examples=["0344"])
    basic_qualification: bool = Field(description="Whether the basic qualification is obtained", examples=[False])


class ChoiceHandedOver(fields.Shown):
    """A choice for the institution that reads."""

    programme: fields.Programme
    level: Level
    pathway: fields.Pathway
    start: Start


class EducationHistory(fields.Shown):
    """Where the pupil comes from."""

    model_config = ConfigDict(populate_by_name=True)

    vo_site: fields.VoSite
    track: Track = Field(description="Track in the vo", examples=["vmbo-kb"])
    class_name: str = Field(alias="class", description="Class; may be empty", examples=["4kb1"])
    mentor: fields.PersonRef
    choices: list[ChoiceHandedOver] = Field(description="Choices for this institution, by preference")


class Written(fields.Shown):
    """What the school wrote about one category."""

    text: str = Field(description="What the school wrote", examples=["Works with care and on time"])
    saved_at: datetime = Field(description="Since when it says so", examples=[NOW])


class Absence(Written):
    """Unauthorised absence, of one school year alone."""

    school_year: int = Field(description="The school year before the start; 2026 ends in 2027", examples=[2026])


class Dossier(fields.Shown):
    """What an institution reads of a pupil. A category that was withheld or is not there is null; so is what the pupil
    made and does not share."""

    administrative: Administrative | None = Field(None, description="Who the pupil is")
    education_history: EducationHistory | None = Field(None, description="Where the pupil comes from")
    results: Written | None = Field(None, description="Results of learning")
    internship_and_work: Written | None = Field(None, description="Internship and work")
    advice: Written | None = Field(None, description="Advice of the school")
    cognitive: Written | None = Field(None, description="Cognitive development")
    social_emotional: Written | None = Field(None, description="Social and emotional development, and behaviour")
    career: CareerShared | None = Field(None, description="The loopbaandossier; null: the pupil does not share it")
    plus: PlusShared | None = Field(None, description="The plusdocument; null: the pupil does not share it")
    files: list[FileShared] | None = Field(None, description="Files that the pupil shares; null: none")


class CarePart(fields.Shown):
    """The care part of a dossier. A category that was withheld or is not there is null."""

    support: Written | None = Field(None, description="Support, and what is in the way of learning")
    absence: Absence | None = Field(None, description="Unauthorised absence of the year before")


class HandoverRead(HandoverShown):
    """A handover, with the dossier for an institution that has opened it."""

    dossier: Dossier | None = Field(description="The dossier; null until opened, and for the school")


class PupilShown(PupilListed):
    """Everything the school knows of an own pupil."""

    vo_site: fields.VoSite
    first_name: str = Field(description="First name", examples=["Noor"])
    prefix: str = Field(description="Prefix of the last name; may be empty", examples=["van der"])
    last_name: str = Field(description="Last name", examples=["Voorbeeld"])
    birth_date: date = Field(description="Date of birth", examples=["2010-05-06"])
    postcode: str = Field(description="Postcode; may be empty", examples=["3511AB"])
    municipality: str | None = Field(description="Municipality of residence (CBS code)", examples=["0344"])
    basic_qualification: bool = Field(description="Whether the basic qualification is obtained", examples=[False])
    track: Track = Field(description="Track in the vo", examples=["vmbo-kb"])
    class_name: str = Field(description="Class; may be empty", examples=["4kb1"])
    mentor: fields.PersonRef
    deputy: fields.PersonRef
    choices: list[ChoiceShown] = Field(description="Choices, withdrawn ones included, by preference")
    applications: list[ApplicationShown] = Field(description="Applications as the institutions told them")
    handovers: list[HandoverShown] = Field(description="Handovers of the dossier")


class ChoiceMade(fields.Shown):
    """Which choice it was about."""

    choice_id: ChoiceKey


class HandoverMoved(fields.Shown):
    """Where the handover stands after the step."""

    handover_id: HandoverKey
    status: HandoverStatus = Field(description="Where it stands now", examples=["opened"])


class PupilMeant(fields.Shown):
    """Which pupil it was about; after a link the reference that counts from now on."""

    pupil_ref: fields.PupilRef


class ErasureShown(PupilMeant):
    """How far an erasure is."""

    erased_at: datetime = Field(description="When the pupil was erased here", examples=[NOW])
    confirmed: dict[str, datetime] = Field(
        description="Service → when it confirmed that everything of the pupil is gone", examples=[{"intake": NOW}]
    )
