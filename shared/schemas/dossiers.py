"""Topic `dossiers`: what the vo school expects, what the pupil intends, and the ladder of the handover."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from shared.schemas.envelope import (
    Code,
    Cohort,
    Crebo,
    EntityId,
    EventData,
    MboInstitution,
    Organisation,
    PersonRef,
    VoSite,
)
from shared.schemas.vocabulary import codes
from shared.schemas.vocabulary.limits import AtMost

Track = Literal["pro", "vso", "isk", "vmbo-bb", "vmbo-kb", "vmbo-gl", "vmbo-tl", "havo", "vwo", "vavo"]


class PupilExpected(EventData):
    """The school expects this pupil to move to the mbo: the denominator of everything."""

    TYPE: ClassVar[str] = "pupil-expected"

    cohort: Cohort = Field(
        title="Cohort", description="Schooljaar van de beoogde start; 2027 is 1-8-2027 tot en met 31-7-2028"
    )
    vo_site: VoSite = Field(title="Vestiging", description="BRIN en vestigingsnummer van de vo-school")
    track: Track = Field(title="Leerweg", description="Leerweg in het voortgezet onderwijs")
    mentor: PersonRef | None = Field(None, title="Mentor", description="Verwijzing naar de mentor")
    deputy: PersonRef | None = Field(None, title="Plaatsvervanger", description="Verwijzing naar de plaatsvervanger")


class PupilNotListed(EventData):
    """Missing from the school's newest full list. The pupil stays in view until somebody explains it."""

    TYPE: ClassVar[str] = "pupil-not-listed"

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging waarvan de lijst kwam")


class ChoiceState(EventData):
    """A choice as it now is: an intention of the pupil, not an application."""

    choice_id: EntityId = Field(title="Keuze", description="Sleutel van de keuze")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging die de keuze vastlegde")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de mbo-instelling")
    programme: Crebo = Field(title="Opleiding", description="Erkende opleidingscode (crebo)")
    level: int = Field(ge=1, le=4, title="Niveau", description="Niveau 1 tot en met 4")
    pathway: Literal["bol", "bbl"] = Field(title="Leerroute", description="bol of bbl")
    preference: int = Field(ge=1, le=9, title="Voorkeur", description="1 is de eerste keuze")
    start: date | None = Field(None, title="Startdatum", description="Beoogde eerste dag")


class ChoiceRegistered(ChoiceState):
    """What the pupil intends."""

    TYPE: ClassVar[str] = "choice-registered"


class ChoiceWithdrawn(ChoiceState):
    """The pupil no longer intends this."""

    TYPE: ClassVar[str] = "choice-withdrawn"


class HandoverStatus(StrEnum):
    """Steps of the ladder. Delivered is never shown as read, nor read as taken on."""

    DRAFT = "draft"
    OFFERED = "offered"
    OPENED = "opened"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class HandoverState(EventData):
    """A handover as it now is, with the time of every step."""

    handover_id: EntityId = Field(title="Overdracht", description="Sleutel van de overdracht")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging die overdraagt")
    mbo_institution: MboInstitution = Field(
        title="Mbo-instelling", description="BRIN van de mbo-instelling die ontvangt"
    )
    kind: Literal["cold", "warm"] = Field(title="Soort", description="koud: alleen het dossier; warm: met een gesprek")
    status: HandoverStatus = Field(title="Stand", description="Stand van de overdracht")
    categories: Annotated[tuple[codes.Category, ...], AtMost(16)] = Field(
        (), title="Onderdelen", description="Onderdelen die meegaan"
    )
    withheld: Annotated[tuple[codes.Category, ...], AtMost(16)] = Field(
        (), title="Achtergehouden", description="Onderdelen die na bezwaar niet meegaan"
    )
    not_present: Annotated[tuple[codes.Category, ...], AtMost(16)] = Field(
        (), title="Niet aanwezig", description="Onderdelen waarover de school niets heeft"
    )
    informed_on: date | None = Field(
        None, title="Geïnformeerd", description="Dag waarop ouders of leerling van het delen hoorden"
    )
    received_at: datetime | None = Field(
        None, title="Ontvangen", description="Moment waarop het aanbod bij de instelling binnenkwam; geen inzage"
    )
    dataref: str | None = Field(
        None, title="Adres", description="Waar de ontvanger het dossier kan lezen", max_length=300
    )
    offered_at: datetime | None = Field(None, title="Aangeboden", description="Moment van aanbieden")
    opened_at: datetime | None = Field(None, title="Geopend", description="Moment van eerste inzage")
    accepted_at: datetime | None = Field(None, title="Overgenomen", description="Moment van overnemen")
    ended_at: datetime | None = Field(None, title="Geëindigd", description="Moment van weigeren of intrekken")
    reason: Code | None = Field(None, title="Reden", description="Code van de reden van weigeren of intrekken")


class DossierHandedOver(HandoverState):
    """The dossier is offered to an institution."""

    TYPE: ClassVar[str] = "dossier-handed-over"


class HandoverOpened(HandoverState):
    """The institution read the dossier for the first time."""

    TYPE: ClassVar[str] = "handover-opened"


class HandoverAccepted(HandoverState):
    """The institution took the dossier on."""

    TYPE: ClassVar[str] = "handover-accepted"


class HandoverRefused(HandoverState):
    """The institution refused the dossier, with a coded reason."""

    TYPE: ClassVar[str] = "handover-refused"


class HandoverWithdrawn(HandoverState):
    """The school took the offer back: an error, or an objection."""

    TYPE: ClassVar[str] = "handover-withdrawn"


class OtherRouteRegistered(EventData):
    """The pupil goes another way than the mbo: a state, not an alert. The whole state; a mistake is `withdrawn`."""

    TYPE: ClassVar[str] = "other-route-registered"

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging die dit vastlegde")
    status: Literal["registered", "confirmed", "withdrawn"] = Field(
        title="Stand", description="gemeld, bevestigd met bewijs, of ingetrokken"
    )
    route: Annotated[Code, codes.OTHER_ROUTES] = Field(title="Route", description="Waar de leerling heen gaat")
    since: date = Field(title="Vanaf", description="Eerste dag van deze route")
    until: date | None = Field(None, title="Tot", description="Eerste dag waarop de route niet meer geldt")
    evidence: Annotated[Code, codes.ROUTE_EVIDENCE] | None = Field(
        None, title="Bewijs", description="Waaruit dit blijkt; verplicht om te bevestigen"
    )
    note_ref: EntityId | None = Field(None, title="Notitie", description="Verwijzing naar een notitie van de school")


class DossierPart(BaseModel):
    """A part of the dossier and how far it is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    part: Literal["pupil", "mentor", "care", "plus"] = Field(
        title="Onderdeel", description="deel van de leerling, de mentor, de zorg, of het plusdocument"
    )
    status: Literal["open", "complete", "not_applicable"] = Field(
        title="Stand", description="open, compleet of niet van toepassing"
    )
    completed_at: datetime | None = Field(None, title="Compleet sinds", description="Moment waarop het compleet werd")


Competence = Literal["capacities", "motives", "work_exploration", "career_steering", "networking"]
"""The five career competences (Kuijpers): kwaliteitenreflectie, motievenreflectie, werkexploratie, loopbaansturing,
netwerken."""


class DossierCompleted(EventData):
    """A part of the dossier is complete. Always all parts, as they now are."""

    TYPE: ClassVar[str] = "dossier-completed"

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging waar het dossier ligt")
    complete: bool = Field(title="Compleet", description="Zijn alle onderdelen die nodig zijn compleet")
    parts: Annotated[tuple[DossierPart, ...], AtMost(8)] = Field(
        title="Onderdelen", description="Alle onderdelen met hun stand"
    )
    competences: Annotated[tuple[Competence, ...], AtMost(5)] = Field(
        (), title="Competenties", description="Loopbaancompetenties die het dossier beschrijft"
    )


class ExamResultRecorded(EventData):
    """The result of the final exam, as it now is."""

    TYPE: ClassVar[str] = "exam-result-recorded"

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging die de uitslag vaststelde")
    result: Literal["passed", "failed", "resit", "retracted"] = Field(
        title="Uitslag", description="geslaagd, gezakt, herkansing volgt, of ten onrechte vastgelegd"
    )
    track: Track | None = Field(None, title="Behaalde leerweg", description="Leerweg van het diploma; leeg: geen")
    sitting: int = Field(1, ge=1, le=3, title="Tijdvak", description="Tijdvak van het centraal examen")
    decided_on: date = Field(title="Uitslagdatum", description="Dag waarop de uitslag is vastgesteld")


class ConcernState(EventData):
    """A concern of a mentor or slb'er as it now is. Never what the matter is: that stays in the note."""

    concern_id: EntityId = Field(title="Zorg", description="Sleutel van de zorg")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    organisation: Organisation = Field(title="Organisatie", description="Organisatie die de zorg meldt")
    raised_by: codes.Role | None = Field(None, title="Rol", description="Rol van wie de zorg meldt")
    raised_at: datetime = Field(title="Gemeld", description="Moment van melden")
    reason: Annotated[Code, codes.CONCERN_REASONS] = Field(title="Reden", description="Waarom aandacht nodig is")
    severity: int = Field(2, ge=1, le=3, title="Zwaarte", description="1 melding, 2 waarschuwing, 3 risico")
    route: Annotated[tuple[codes.Role, ...], AtMost(5)] = Field(
        (), title="Voor wie", description="Rollen die dit moeten horen, in volgorde"
    )
    mbo_institution: MboInstitution | None = Field(
        None, title="Mbo-instelling", description="Waar de rollen van het mbo zijn, voor wie dit is of die dit meldt"
    )
    note_ref: EntityId | None = Field(
        None, title="Notitie", description="Verwijzing naar een notitie binnen de organisatie"
    )
    resolved_at: datetime | None = Field(None, title="Afgerond", description="Moment van afronden")
    resolution: Annotated[Code, codes.CONCERN_RESOLUTIONS] | None = Field(
        None, title="Afronding", description="Hoe het is afgerond"
    )


class ConcernRaised(ConcernState):
    """Somebody asks for attention for this pupil."""

    TYPE: ClassVar[str] = "concern-raised"


class ConcernResolved(ConcernState):
    """A person says that it is solved."""

    TYPE: ClassVar[str] = "concern-resolved"


class FollowUp(BaseModel):
    """What was agreed in a talk: something to do, by somebody, before a date."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    action: Annotated[Code, codes.FOLLOW_UPS] = Field(title="Vervolgactie", description="Wat er moet gebeuren")
    organisation: Organisation = Field(title="Organisatie", description="Organisatie van de eigenaar")
    role: codes.Role = Field(title="Rol", description="Rol van de eigenaar")
    person_ref: PersonRef | None = Field(None, title="Eigenaar", description="Verwijzing naar wie dit doet")
    due: date = Field(title="Uiterlijk", description="Laatste dag")
    done_on: date | None = Field(None, title="Gedaan", description="Dag waarop het is gedaan")


class WarmHandoverState(EventData):
    """A talk between the schools about a pupil, as it now is; there may be several. Never the care content itself."""

    talk_id: EntityId = Field(title="Gesprek", description="Sleutel van het gesprek")
    handover_id: EntityId | None = Field(None, title="Overdracht", description="Overdracht waar het gesprek bij hoort")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    vo_site: VoSite = Field(title="Vestiging", description="Vestiging die overdraagt")
    mbo_institution: MboInstitution = Field(title="Mbo-instelling", description="BRIN van de ontvangende instelling")
    status: Literal["requested", "planned", "held", "missed"] = Field(
        title="Stand", description="gevraagd, gepland, gehouden of gemist"
    )
    requested_by: Literal["vo", "mbo"] = Field(title="Gevraagd door", description="Kant die om het gesprek vroeg")
    requested_at: datetime = Field(title="Gevraagd", description="Moment van de vraag")
    hold_by: date = Field(title="Houden voor", description="Laatste dag waarop het gesprek gehouden moet zijn")
    form: Literal["phone", "on_site", "three_way", "speed_date"] | None = Field(
        None, title="Vorm", description="telefonisch, op locatie, driegesprek of speeddate"
    )
    roles: Annotated[tuple[codes.Role, ...], AtMost(10)] = Field(
        (), title="Deelnemers", description="Rollen die meedoen"
    )
    vo_person: PersonRef | None = Field(None, title="Namens de school", description="Verwijzing naar wie van de school")
    mbo_person: PersonRef | None = Field(None, title="Namens het mbo", description="Verwijzing naar wie van het mbo")
    planned_at: datetime | None = Field(None, title="Gepland", description="Begin van het gesprek")
    held_at: datetime | None = Field(None, title="Gehouden", description="Moment waarop het gesprek was")
    missed: int = Field(0, ge=0, title="Gemist", description="Hoe vaak het gesprek niet doorging")
    missed_reason: Annotated[Code, codes.TALK_MISSED] | None = Field(
        None, title="Reden", description="Waarom het de laatste keer niet doorging"
    )
    informed: bool = Field(False, title="Geïnformeerd", description="Weten leerling of ouders van het gesprek")
    follow_ups: Annotated[tuple[FollowUp, ...], AtMost(10)] = Field(
        (), title="Vervolg", description="Afgesproken acties met eigenaar en datum"
    )
    note_ref: EntityId | None = Field(None, title="Notitie", description="Verwijzing naar een notitie in het dossier")


class WarmHandoverRequested(WarmHandoverState):
    """One of the schools asks for a talk."""

    TYPE: ClassVar[str] = "warm-handover-requested"


class WarmHandoverPlanned(WarmHandoverState):
    """The talk has a time, a form and people in it."""

    TYPE: ClassVar[str] = "warm-handover-planned"


class WarmHandoverHeld(WarmHandoverState):
    """The talk was held; the follow-ups say who does what."""

    TYPE: ClassVar[str] = "warm-handover-held"


class WarmHandoverMissed(WarmHandoverState):
    """The talk did not take place; it is planned again."""

    TYPE: ClassVar[str] = "warm-handover-missed"
