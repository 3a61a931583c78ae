"""What is known of a pupil's move, and how far it has come: none → chosen → applied → placed → enrolled."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import cast

from shared.schemas.dossiers import ChoiceRegistered, ChoiceState, HandoverState, PupilExpected
from shared.schemas.envelope import Event, EventData
from shared.schemas.intakes import ApplicationStatus, ApplicationStatusChanged, IntakeDone, IntakeOutcome
from shared.schemas.pupils import PupilRecorded


class Position(StrEnum):
    """Net position over all applications; losing one of three is nothing."""

    NONE = "none"
    CHOSEN = "chosen"
    APPLIED = "applied"
    PLACED = "placed"
    ENROLLED = "enrolled"


@dataclass(frozen=True, slots=True)
class Fact:
    """The newest state of one entity, as one source told it under one reference."""

    subject: str
    entity: str
    sequence: int
    at: datetime
    data: EventData


def entity_of(event: Event) -> str:
    """The entity whose whole new state this event carries."""
    match event.data:
        case PupilRecorded():
            return f"person:{event.source}"
        case PupilExpected(cohort=cohort):
            return f"expected:{cohort}"
        case ChoiceState(choice_id=key):
            return f"choice:{key}"
        case ApplicationStatusChanged(application_id=key):
            return f"application:{key}"
        case IntakeDone(application_id=key):
            return f"intake:{key}"
        case HandoverState(handover_id=key):
            return f"handover:{key}"
    raise ValueError(f"{event.type} is not a fact of a pupil")


@dataclass(frozen=True, slots=True)
class Path:
    """One application with its intake: a way into the mbo."""

    application_id: str
    institution: str
    position: Position | None
    """None: closed, by rejection or withdrawal."""
    since: datetime


RANK = list(Position)
_BY_STATUS = {
    ApplicationStatus.SUBMITTED: Position.APPLIED,
    ApplicationStatus.RECEIVED: Position.APPLIED,
    ApplicationStatus.OFFERED: Position.PLACED,
    ApplicationStatus.ENROLLED: Position.ENROLLED,
}
PLACED = (IntakeOutcome.PLACED, IntakeOutcome.PROVISIONAL)


def path(application: ApplicationStatusChanged | None, intake: IntakeDone | None) -> Path:
    """Status and intake of one application together; either may be the first to be known."""
    told = application or intake
    assert told
    status = application.status if application else ApplicationStatus.RECEIVED
    position = _BY_STATUS.get(status)
    if position is Position.APPLIED and intake and intake.outcome in PLACED:
        position = Position.PLACED
    if position is Position.APPLIED and intake and intake.outcome is IntakeOutcome.REJECTED:
        position = None
    since = application.status_at if application else told.occurred_at
    return Path(told.application_id, told.mbo_institution, position, since)


@dataclass(frozen=True)
class Known:
    """All facts about one child that matter to one cohort, under all references of the child."""

    facts: Sequence[Fact]
    """One per entity; what was told under the surviving reference goes first."""

    @cached_property
    def _kinds(self) -> dict[str, list[Fact]]:
        kinds: dict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            kinds[fact.entity.partition(":")[0]].append(fact)
        return kinds

    @cached_property
    def person(self) -> PupilRecorded | None:
        """Who it is; the school's word goes before an institution's."""
        told = {fact.entity: cast(PupilRecorded, fact.data) for fact in reversed(self._kinds["person"])}
        return told.get("person:dossier") or told.get("person:intake")

    @cached_property
    def expected(self) -> PupilExpected | None:
        """What the sending school said; None: the origin is unknown."""
        return next((cast(PupilExpected, fact.data) for fact in self._kinds["expected"]), None)

    @cached_property
    def handovers(self) -> dict[str, HandoverState]:
        return {h.handover_id: h for h in (cast(HandoverState, fact.data) for fact in self._kinds["handover"])}

    @cached_property
    def choices(self) -> int:
        """Number of choices that stand."""
        return sum(isinstance(fact.data, ChoiceRegistered) for fact in self._kinds["choice"])

    @cached_property
    def applications(self) -> dict[str, ApplicationStatusChanged]:
        told = (cast(ApplicationStatusChanged, fact.data) for fact in self._kinds["application"])
        return {application.application_id: application for application in told}

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Every application, the furthest first; then the oldest."""
        intakes = {i.application_id: i for i in (cast(IntakeDone, fact.data) for fact in self._kinds["intake"])}
        found = (path(self.applications.get(key), intakes.get(key)) for key in {**self.applications, **intakes})
        return tuple(sorted(found, key=lambda p: (-RANK.index(p.position or Position.NONE), p.since, p.application_id)))

    @cached_property
    def first_institution(self) -> str | None:
        """Where the pupil applied first, as it became known."""
        first = min(self._kinds["application"], key=lambda fact: (fact.at, fact.entity), default=None)
        return cast(ApplicationStatusChanged, first.data).mbo_institution if first else None

    @cached_property
    def live(self) -> tuple[Path, ...]:
        """Applications that may still lead to a place."""
        return tuple(path for path in self.paths if path.position)

    @cached_property
    def position(self) -> Position:
        """How far the pupil has come."""
        if self.live:
            return self.live[0].position or Position.NONE
        return Position.CHOSEN if self.choices else Position.NONE


def merged(facts: Iterable[Fact], survivor: str) -> Known:
    """One fact per entity: the survivor's own, else the newest; the same whatever the order of arrival."""
    best: dict[str, tuple[tuple[bool, datetime, str], Fact]] = {}
    for fact in facts:
        weight = (fact.subject == survivor, fact.at, fact.subject)
        if fact.entity not in best or weight > best[fact.entity][0]:
            best[fact.entity] = (weight, fact)
    return Known([fact for _, fact in sorted(best.values(), key=lambda pair: (pair[0], pair[1].entity), reverse=True)])
