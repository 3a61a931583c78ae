"""Topic `dossiers`: what the vo school expects, what the pupil intends, and the ladder of the handover."""

from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import Field

from shared.schemas.envelope import Code, Cohort, Crebo, EntityId, EventData, MboInstitution, VoSite

Track = Literal["pro", "vso", "isk", "vmbo-bb", "vmbo-kb", "vmbo-gl", "vmbo-tl", "havo", "vwo", "vavo"]
PersonRef = str


class PupilExpected(EventData):
    """The school expects this pupil to move to the mbo: the denominator of everything."""

    TYPE: ClassVar[str] = "pupil-expected"

    cohort: Cohort = Field(
        title="Cohort", description="Schooljaar van de beoogde start; 2027 is 1-8-2027 tot en met 31-7-2028"
    )
    vo_site: VoSite = Field(title="Vestiging", description="BRIN en vestigingsnummer van de vo-school")
    track: Track = Field(title="Leerweg", description="Leerweg in het voortgezet onderwijs")
    mentor: PersonRef | None = Field(None, title="Mentor", description="Verwijzing naar de mentor", max_length=64)
    deputy: PersonRef | None = Field(
        None, title="Plaatsvervanger", description="Verwijzing naar de plaatsvervanger", max_length=64
    )


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
    categories: tuple[Code, ...] = Field((), title="Onderdelen", description="Onderdelen die meegaan")
    withheld: tuple[Code, ...] = Field((), title="Achtergehouden", description="Onderdelen die na bezwaar niet meegaan")
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
