"""Topic `coordination`: who has the pupil, what must be done next and by when, and which rule fired on which facts.

Of an organisation too: what must be done about it, and whether anything is heard of it; and of a region what it means
to reach. Without names of staff, so that whoever counts pupils hears it (docs/decisions/0029, 0034).
"""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from shared.schemas.envelope import Code, Cohort, EntityId, EventData, Organisation, Region
from shared.schemas.vocabulary import codes
from shared.schemas.vocabulary.limits import AtMost

DAY_OF_EVERY_YEAR = (
    "^((0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8]))$"
)
"""MM-DD; 29 February is none."""


class Custodian(BaseModel):
    """An organisation in a role, with a named contact and a deputy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    organisation: Organisation = Field(title="Organisatie", description="Code van de organisatie")
    role: str = Field(title="Rol", description="Rol binnen die organisatie", max_length=32)
    contact: str | None = Field(None, title="Contactpersoon", description="Verwijzing naar de persoon", max_length=64)
    deputy: str | None = Field(None, title="Plaatsvervanger", description="Verwijzing naar de vervanger", max_length=64)


class Evidence(BaseModel):
    """One fact a rule used, so that a person can check it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    fact: Code = Field(title="Feit", description="Welk feit, als code")
    value: str | None = Field(
        None, title="Waarde", description="Code of datum, nooit een persoonsgegeven", max_length=64
    )
    at: datetime | None = Field(None, title="Moment", description="Wanneer dit feit gold")


class TransitionState(EventData):
    """A transition, (pupil, cohort), as it now is."""

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    origin: Organisation | None = Field(None, title="Herkomst", description="Vestiging van herkomst; leeg: onbekend")
    region: str | None = Field(
        None, title="Regio", description="Doorstroompuntregio waarvan de afspraken gelden", max_length=2
    )
    outcome: Code | None = Field(None, title="Uitkomst", description="Waarom de overstap is afgesloten")
    agreement_version: Annotated[str, AtMost(64)] | None = Field(
        None, title="Afspraak", description="Versie van de regionale afspraak waarop deze overstap blijft"
    )
    evidence: Annotated[tuple[Evidence, ...], AtMost(20)] = Field(
        (), title="Feiten", description="De feiten waarop openen of afsluiten berust"
    )


class TransitionOpened(TransitionState):
    """From now on this pupil has exactly one custodian and one next action."""

    TYPE: ClassVar[str] = "transition-opened"


class TransitionClosed(TransitionState):
    """Arrived, other route, out of scope, linked, erased or entered in error."""

    TYPE: ClassVar[str] = "transition-closed"


class TransitionReopened(TransitionState):
    """A closed transition goes on; the next custodian takes the next number."""

    TYPE: ClassVar[str] = "transition-reopened"

    reason: Annotated[Code, codes.REOPENINGS] = Field(title="Reden", description="Waarom de overstap weer open is")


class CustodyChanged(EventData):
    """Custodian number n of this transition, from `since` until number n + 1."""

    TYPE: ClassVar[str] = "custody-changed"

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    number: int = Field(ge=1, title="Nummer", description="Volgnummer van de verantwoordelijke, vanaf 1")
    since: datetime = Field(title="Sinds", description="Vanaf wanneer")
    holder: Custodian = Field(title="Verantwoordelijke", description="Wie de leerling onder zich heeft")
    basis: Literal["statutory", "agreed"] = Field(title="Grond", description="wettelijk of afgesproken")
    situation: Annotated[Code, codes.SITUATIONS] | None = Field(
        None, title="Situatie", description="Situatie die om deze verantwoordelijke vroeg"
    )


class CustodyState(EventData):
    """An offer of custody as it now is."""

    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    target: Custodian = Field(title="Beoogde verantwoordelijke", description="Aan wie de leerling wordt aangeboden")
    basis: Literal["statutory", "agreed"] = Field(title="Grond", description="wettelijk of afgesproken")
    answer_by: datetime = Field(title="Antwoord voor", description="Uiterste moment van antwoord")
    offer_id: EntityId | None = Field(None, title="Aanbod", description="Sleutel van het aanbod")
    situation: Annotated[Code, codes.SITUATIONS] | None = Field(
        None, title="Situatie", description="Situatie die om deze verantwoordelijke vraagt"
    )
    offered_at: datetime | None = Field(None, title="Aangeboden", description="Moment van aanbieden")
    effective_on: date | None = Field(
        None, title="Gaat in op", description="Dag waarop een wettelijke overgang ingaat, ook zonder antwoord"
    )
    holder: Custodian | None = Field(
        None, title="Verantwoordelijke", description="Wie de leerling tot dan onder zich heeft"
    )
    answered_at: datetime | None = Field(None, title="Beantwoord", description="Moment van antwoord")
    state: Annotated[Code, codes.CUSTODY_OFFERS] | None = Field(
        None, title="Stand", description="Hoe ver het aanbod is"
    )
    starts_on: date | None = Field(
        None,
        title="Vanaf",
        description="Dag waarop de beoogde verantwoordelijke de leerling krijgt; leeg: na aanvaarden",
    )
    ended_at: datetime | None = Field(
        None, title="Afgerond", description="Moment van antwoord, van afhandelen na teruggeven of van vervallen"
    )


class CustodyOffered(CustodyState):
    """The pupil is offered to another custodian; the holder stays until it is accepted, or until its statutory day."""

    TYPE: ClassVar[str] = "custody-offered"

    lapsed_at: datetime | None = Field(
        None, title="Vervallen", description="Moment waarop het aanbod verviel, omdat de situatie een andere werd"
    )


class CustodyAccepted(CustodyState):
    """The offer was accepted; `custody-changed` follows."""

    TYPE: ClassVar[str] = "custody-accepted"


class CustodyReturned(CustodyState):
    """The target gives the pupil back, to a named contact and with a reason."""

    TYPE: ClassVar[str] = "custody-returned"

    returned_to: Custodian = Field(title="Terug naar", description="Wie de leerling weer onder zich heeft")
    reason: Annotated[Code, codes.CUSTODY_RETURNS] = Field(title="Reden", description="Waarom de leerling terugkomt")
    note_ref: EntityId | None = Field(
        None, title="Notitie", description="Verwijzing naar een notitie binnen de organisatie"
    )


class ActionState(EventData):
    """An action as it now is. Of the open ones, exactly one per transition is next."""

    action_id: EntityId = Field(title="Actie", description="Sleutel van de actie")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    kind: Code = Field(title="Soort", description="Wat er moet gebeuren, als code")
    owner: Custodian = Field(title="Eigenaar", description="Wie dit moet doen")
    due_at: datetime = Field(title="Uiterlijk", description="Uiterste moment")
    severity: int = Field(ge=1, le=3, title="Zwaarte", description="1 melding, 2 waarschuwing, 3 risico")
    next: bool = Field(title="Eerstvolgende", description="Is dit nu de eerstvolgende actie")
    window_from: datetime | None = Field(None, title="Niet voor", description="Begin van de periode voor deze actie")
    window_until: datetime | None = Field(
        None, title="Uiterlijk met uitstel", description="Einde van de periode met de afgesproken speling"
    )
    risk_id: EntityId | None = Field(None, title="Signaal", description="Signaal waar deze actie bij hoort")
    done_at: datetime | None = Field(None, title="Gedaan", description="Moment waarop de actie is afgerond")
    result: Code | None = Field(None, title="Resultaat", description="Code van hoe de actie is afgerond")
    opened_at: datetime | None = Field(None, title="Gevraagd", description="Moment waarop dit zo werd gevraagd")
    escalations: int | None = Field(
        None, ge=0, title="Doorgeschoven", description="Hoe vaak de actie is doorgeschoven omdat hij te laat was"
    )


class ActionOpened(ActionState):
    """Something must be done by somebody before a date."""

    TYPE: ClassVar[str] = "action-opened"


class ActionDone(ActionState):
    """It was done, or is no longer needed."""

    TYPE: ClassVar[str] = "action-done"


class ActionOverdue(ActionState):
    """Its date has passed; `owner` is now the person it escalated to."""

    TYPE: ClassVar[str] = "action-overdue"


class Severity(StrEnum):
    """How serious an at-risk signal is."""

    NOTICE = "notice"
    WARNING = "warning"
    RISK = "risk"


class AtRiskState(EventData):
    """A firing of a rule as it now is: transparent process facts, never a score on a person."""

    risk_id: EntityId = Field(title="Signaal", description="Sleutel van het signaal")
    cohort: Cohort = Field(title="Cohort", description="Schooljaar van de beoogde start")
    rule: Code = Field(title="Regel", description="Welke regel, bijvoorbeeld no-application")
    agreement_version: str = Field(title="Afspraak", description="Versie van de regionale afspraak", max_length=64)
    severity: Severity = Field(title="Ernst", description="notice, warning of risk")
    evidence: Annotated[tuple[Evidence, ...], AtMost(50)] = Field(
        title="Feiten", description="De feiten waarop de regel afging"
    )
    route: Annotated[tuple[Custodian, ...], AtMost(20)] = Field(
        title="Route", description="Wie dit hoort, in volgorde van escalatie"
    )
    known_until: datetime = Field(title="Bekend tot", description="Tot welk moment de gegevens binnen waren")
    fired_at: datetime | None = Field(None, title="Afgegaan", description="Moment waarop de regel afging")
    cleared_reason: Code | None = Field(
        None, title="Reden van vervallen", description="Waarom het signaal verviel, of een mens het afwees"
    )


class StudentAtRisk(AtRiskState):
    """A rule fired."""

    TYPE: ClassVar[str] = "student-at-risk"


class StudentAtRiskCleared(AtRiskState):
    """The reason has gone."""

    TYPE: ClassVar[str] = "student-at-risk-cleared"


class OrganisationSilent(EventData):
    """Nothing was heard of an organisation for longer than agreed, or it speaks again. `subject` is its code."""

    TYPE: ClassVar[str] = "organisation-silent"

    organisation: Organisation = Field(title="Organisatie", description="Code van de organisatie")
    status: Literal["silent", "heard"] = Field(title="Stand", description="stil, of weer gehoord")
    last_heard_at: datetime | None = Field(
        None, title="Laatst gehoord", description="Moment van het laatste bericht; leeg: nooit"
    )
    allowed_days: int = Field(ge=1, title="Afgesproken dagen", description="Hoeveel schooldagen stilte is afgesproken")
    agreement_version: Annotated[str, AtMost(64)] = Field(
        title="Afspraak", description="Versie van de regionale afspraak"
    )
    coordinator: Custodian | None = Field(
        None, title="Coördinator", description="Wie bij deze organisatie wordt aangesproken"
    )


class TaskState(EventData):
    """Something that must be done about an organisation and about no pupil, as it now is. `subject` is its code."""

    task_id: EntityId = Field(title="Taak", description="Sleutel van de taak")
    organisation: Organisation = Field(title="Organisatie", description="Organisatie waar dit over gaat")
    kind: Code = Field(title="Soort", description="Wat er aan de hand is, als code")
    about: Code | None = Field(None, title="Waarover", description="De rol waarin niemand is; leeg: de organisatie")
    owner: Custodian = Field(title="Eigenaar", description="Wie dit moet doen")
    due_at: datetime = Field(title="Uiterlijk", description="Uiterste moment")
    window_until: datetime | None = Field(
        None, title="Uiterlijk met uitstel", description="Einde van de periode met de afgesproken speling"
    )
    severity: int = Field(ge=1, le=3, title="Zwaarte", description="1 melding, 2 waarschuwing, 3 risico")
    evidence: Annotated[tuple[Evidence, ...], AtMost(20)] = Field(
        title="Feiten", description="De feiten waarop dit berust"
    )
    agreement_version: Annotated[str, AtMost(64)] = Field(
        title="Afspraak", description="Versie van de regionale afspraak"
    )
    opened_at: datetime = Field(title="Gevraagd", description="Moment waarop dit werd gevraagd")
    escalations: int = Field(
        0, ge=0, title="Doorgeschoven", description="Hoe vaak de taak is doorgeschoven omdat hij te laat was"
    )
    done_at: datetime | None = Field(None, title="Gedaan", description="Moment waarop het niet meer nodig was")


class TaskOpened(TaskState):
    """Something must be done by somebody before a date, or somebody else must do it now."""

    TYPE: ClassVar[str] = "task-opened"


class TaskDone(TaskState):
    """It is no longer needed: the facts say so."""

    TYPE: ClassVar[str] = "task-done"


class TaskOverdue(TaskState):
    """Its date has passed; `owner` is now the person it escalated to."""

    TYPE: ClassVar[str] = "task-overdue"


class AgreedNorm(BaseModel):
    """A figure that a region means to reach in the year of every intended start."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    figure: Code = Field(title="Cijfer", description="Welk cijfer, als code")
    percentage: int = Field(ge=0, le=100, title="Percentage", description="Hoeveel procent van de leerlingen")
    day: Annotated[str, StringConstraints(pattern=DAY_OF_EVERY_YEAR)] | None = Field(
        None, title="Dag", description="Dag (MM-DD) in het jaar van de start; leeg: de aanmelddatum van dat jaar"
    )


class NormsAgreed(EventData):
    """What a region means to reach from a day on. `subject` is `norms-` and the region, such as `norms-19`."""

    TYPE: ClassVar[str] = "norms-agreed"

    region: Region = Field(title="Regio", description="Doorstroompuntregio die dit afsprak")
    agreement_version: Annotated[str, AtMost(64)] = Field(
        title="Afspraak", description="Versie van de regionale afspraak"
    )
    valid_from: date = Field(title="Vanaf", description="Eerste dag waarop deze normen gelden")
    norms: Annotated[tuple[AgreedNorm, ...], AtMost(50)] = Field(
        title="Normen", description="Alle normen van deze versie; leeg: er zijn er geen afgesproken"
    )


def norms_subject(region: str) -> str:
    """Whose history tells the norms of a region: none that is told in part where names of staff go."""
    return f"norms-{region}"
