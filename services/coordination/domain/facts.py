"""What is known of a pupil's move: facts of other services, the newest state of each entity."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import cast

from services.coordination.domain.position import (
    ARRIVED,
    DECEASED,
    OUT_OF_SCOPE,
    SETTLED_AFTER,
    Path,
    Position,
    Standing,
    outcome_of,
    path,
    stands,
)
from shared.schemas.dossiers import (
    ChoiceRegistered,
    ChoiceState,
    ConcernState,
    DossierCompleted,
    ExamResultRecorded,
    HandoverState,
    OtherRouteRegistered,
    PupilExpected,
    PupilNotListed,
    WarmHandoverState,
)
from shared.schemas.envelope import Event, EventData
from shared.schemas.intakes import (
    AbsenceReported,
    ApplicationStatusChanged,
    EnrolmentEnded,
    EnrolmentState,
    IntakeMissed,
    IntakeState,
    ProgrammeSwitched,
)
from shared.schemas.pupils import PupilRecorded


@dataclass(frozen=True, slots=True)
class Fact:
    """The newest state of one entity, as one source told it under one reference."""

    subject: str
    entity: str
    sequence: int
    at: datetime
    data: EventData
    first_at: datetime
    """When anything was first told of this entity, whichever state arrived first."""

    def before(self, other: "Fact") -> bool:
        """Whether one source told this before the other: in order of its sequence, else of time."""
        if self.subject == other.subject:
            return self.sequence < other.sequence
        return self.at < other.at


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
        case IntakeState(application_id=key):
            return f"intake:{key}"
        case EnrolmentState(application_id=key):
            return f"enrolment:{key}"
        case ProgrammeSwitched(switch_id=key):
            return f"switch:{key}"
        case HandoverState(handover_id=key):
            return f"handover:{key}"
        case WarmHandoverState(talk_id=key):
            return f"talk:{key}"
        case OtherRouteRegistered(cohort=cohort):
            return f"route:{cohort}"
        case DossierCompleted(cohort=cohort):
            return f"dossier:{cohort}"
        case ExamResultRecorded(cohort=cohort):
            return f"exam:{cohort}"
        case PupilNotListed(cohort=cohort):
            return f"unlisted:{cohort}"
        case ConcernState(concern_id=key):
            return f"concern:{key}"
        case AbsenceReported(report_number=key):
            return f"absence:{key}"
    raise ValueError(f"{event.type} is not a fact of a pupil")


@dataclass(frozen=True)
class Known:
    """All facts about one child that matter to one cohort, under all references of the child."""

    facts: Sequence[Fact]
    """One per entity; what was told under the surviving reference goes first."""
    survivor: str = ""

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
    def talks(self) -> tuple[WarmHandoverState, ...]:
        """Talks between the schools, in order of their keys."""
        return tuple(cast(WarmHandoverState, f.data) for f in sorted(self._kinds["talk"], key=lambda f: f.entity))

    @cached_property
    def missed_intakes(self) -> tuple[IntakeMissed, ...]:
        """Mandatory intakes that did not take place and were not planned again."""
        told = [fact.data for fact in self._kinds["intake"]]
        missed = [intake for intake in told if isinstance(intake, IntakeMissed) and intake.mandatory]
        live = {path.application_id for path in self.live} if missed else set()
        in_order = sorted(missed, key=lambda intake: intake.application_id)
        return tuple(intake for intake in in_order if intake.application_id in live)

    @cached_property
    def choices(self) -> int:
        """Number of choices that stand."""
        return sum(isinstance(fact.data, ChoiceRegistered) for fact in self._kinds["choice"])

    @cached_property
    def levels(self) -> tuple[int, ...]:
        """Levels of the choices that stand, lowest first."""
        told = (fact.data for fact in self._kinds["choice"])
        return tuple(sorted({choice.level for choice in told if isinstance(choice, ChoiceRegistered)}))

    @cached_property
    def dossier(self) -> DossierCompleted | None:
        """How far the dossier is; None: nothing of it is complete."""
        return next((cast(DossierCompleted, fact.data) for fact in self._kinds["dossier"]), None)

    @cached_property
    def exam(self) -> ExamResultRecorded | None:
        """The result of the final exam; None: there is none yet, or it was recorded in error."""
        told = (cast(ExamResultRecorded, fact.data) for fact in self._kinds["exam"])
        return next((exam for exam in told if exam.result != "retracted"), None)

    @cached_property
    def unlisted(self) -> PupilNotListed | None:
        """Missing from the newest full list of the school; None: on it, or on it again."""
        told, again = self._kinds["unlisted"][:1], self._kinds["expected"][:1]
        for missing in told:
            if not again or not missing.before(again[0]):
                return cast(PupilNotListed, missing.data)
        return None

    @cached_property
    def concerns(self) -> tuple[ConcernState, ...]:
        """What members of staff asked attention for, in order of their keys."""
        return tuple(cast(ConcernState, f.data) for f in sorted(self._kinds["concern"], key=lambda f: f.entity))

    @cached_property
    def absences(self) -> tuple[AbsenceReported, ...]:
        """Statutory reports of absence, in order of their numbers."""
        return tuple(cast(AbsenceReported, f.data) for f in sorted(self._kinds["absence"], key=lambda f: f.entity))

    @cached_property
    def switches(self) -> tuple[ProgrammeSwitched, ...]:
        """Changes of programme, in order of their keys."""
        return tuple(cast(ProgrammeSwitched, f.data) for f in sorted(self._kinds["switch"], key=lambda f: f.entity))

    @cached_property
    def route(self) -> OtherRouteRegistered | None:
        """The way the pupil goes instead of the mbo, as the school told it last."""
        return next((cast(OtherRouteRegistered, fact.data) for fact in self._kinds["route"]), None)

    @cached_property
    def applications(self) -> dict[str, ApplicationStatusChanged]:
        told = (cast(ApplicationStatusChanged, fact.data) for fact in self._kinds["application"])
        return {application.application_id: application for application in told}

    @cached_property
    def enrolments(self) -> tuple[EnrolmentState, ...]:
        """What became of each application that was enrolled."""
        return tuple(cast(EnrolmentState, fact.data) for fact in self._kinds["enrolment"])

    @cached_property
    def qualified(self) -> bool:
        """Whether the pupil has a basic qualification: a diploma of havo, vwo or mbo level 2 and higher (WEB 7.2.2)."""
        exams = (cast(ExamResultRecorded, fact.data) for fact in self._kinds["exam"])
        return (
            bool(self.person and self.person.basic_qualification)
            or any(exam.result == "passed" and exam.track in ("havo", "vwo") for exam in exams)
            or any(isinstance(one, EnrolmentEnded) and _qualifies(one) for one in self.enrolments)
        )

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Every application, the furthest first; then the oldest."""
        intakes = {i.application_id: i for i in (cast(IntakeState, fact.data) for fact in self._kinds["intake"])}
        enrolled = {enrolment.application_id: enrolment for enrolment in self.enrolments}
        keys = {**self.applications, **intakes, **enrolled}
        found = (path(self.applications.get(key), intakes.get(key), enrolled.get(key)) for key in keys)
        return tuple(sorted(found, key=lambda p: (-(p.position or Position.LOST).rank, p.since, p.application_id)))

    @property
    def ended_enrolment(self) -> bool:
        """Whether an enrolment of this pupil ended."""
        return any(path.ended for path in self.paths)

    @cached_property
    def live(self) -> tuple[Path, ...]:
        """Applications that may still lead to a place, or have."""
        return tuple(path for path in self.paths if path.position)

    @cached_property
    def shadow(self) -> bool:
        """Whether all that is known came from the national chain, about somebody whom nobody here knows."""
        kinds = {kind for kind, told in self._kinds.items() if told}
        return kinds <= {"application"} and all(application.shadow for application in self.applications.values())

    @cached_property
    def first_institution(self) -> str | None:
        """Where the pupil applied first, as it became known; under the surviving reference, if there."""
        first = min(
            self._kinds["application"],
            key=lambda fact: (fact.subject != self.survivor, fact.first_at, fact.entity),
            default=None,
        )
        return cast(ApplicationStatusChanged, first.data).mbo_institution if first and not self.shadow else None

    def standing(self, day: date) -> Standing:
        """How far the pupil has come on a day: a live path goes before another route, and that before a lost path."""
        route = self.route if stands(self.route, day) else None
        if route and route.route == DECEASED:
            return Standing(Position.OTHER_ROUTE, outcome=OUT_OF_SCOPE, beyond_doubt=True)
        if self.live:
            live = tuple(dict.fromkeys(path.institution for path in self.live))
            if any(path.started_on and day >= path.started_on + SETTLED_AFTER for path in self.live):
                return Standing(Position.SETTLED, live, ARRIVED)
            return Standing(self.live[0].position or Position.NONE, live)
        if route:
            return Standing(Position.OTHER_ROUTE, outcome=outcome_of(route) if route.status == "confirmed" else None)
        if self.paths:
            return Standing(Position.LOST)
        return Standing(Position.CHOSEN if self.choices else Position.NONE)

    def turning_days(self) -> list[date]:
        """Days on which the standing changes by itself, in order."""
        settled = [path.started_on + SETTLED_AFTER for path in self.live if path.started_on]
        ended = [self.route.until] if self.route and self.route.until else []
        return sorted({*settled, *ended})


def _qualifies(ended: EnrolmentEnded) -> bool:
    """Whether an enrolment ended with a basic qualification, as the institution says or as the diploma does."""
    return ended.basic_qualification or (ended.diploma and (ended.level or 0) >= 2)


def merged(facts: Iterable[Fact], survivor: str) -> Known:
    """One fact per entity: the survivor's own, else the newest; the same whatever the order of arrival."""
    best: dict[str, tuple[tuple[bool, datetime, str], Fact]] = {}
    first: dict[str, datetime] = {}
    for fact in facts:
        weight = (fact.subject == survivor, fact.at, fact.subject)
        first[fact.entity] = min(first.get(fact.entity, fact.first_at), fact.first_at)
        if fact.entity not in best or weight > best[fact.entity][0]:
            best[fact.entity] = (weight, fact)
    in_order = sorted(best.values(), key=lambda pair: (pair[0], pair[1].entity), reverse=True)
    return Known([_since(fact, first[fact.entity]) for _, fact in in_order], survivor)


def _since(fact: Fact, first_at: datetime) -> Fact:
    return fact if fact.first_at == first_at else replace(fact, first_at=first_at)
