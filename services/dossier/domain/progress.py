"""How far a pupil is, and so what the school must do: the groups of the class list, most urgent first."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.dossier.domain.handover import LIVE, RECEIVED, Handover
from services.dossier.domain.pupils import Choice
from services.dossier.domain.told import Happening
from shared.schemas.dossiers import HandoverStatus, Track
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    EnrolmentEnded,
    IntakeDone,
    IntakeOutcome,
    StudentNotStarted,
    StudentStarted,
)

ENDED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
PLACED = frozenset({ApplicationStatus.OFFERED, ApplicationStatus.ENROLLED})
WITH_EXAM: frozenset[Track] = frozenset({"vmbo-bb", "vmbo-kb", "vmbo-gl", "vmbo-tl", "havo", "vwo", "vavo"})
"""Tracks that end in a central exam."""
PLACING = frozenset({IntakeOutcome.PLACED, IntakeOutcome.PROVISIONAL})


@dataclass(frozen=True, slots=True)
class Application:
    """An application as the institution last told it."""

    application_id: str
    cohort: int
    mbo_institution: str
    programme: str
    status: ApplicationStatus
    status_at: datetime
    outcome: str | None = None
    """Outcome of the intake, when one was held."""
    held_on: date | None = None


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What an institution last told of an enrolment."""

    application_id: str
    mbo_institution: str
    started: bool
    """False: not seen in class, or ended."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a pupil besides choices, applications and handovers."""

    complete: bool = True
    """Every part of the dossier that is needed is complete."""
    informed: bool = True
    """Pupil or parents were told what goes."""
    talk_to_plan: bool = False
    """A talk was asked for, or did not take place, and has no date."""
    exam_missing: bool = False
    """The results are out, and of this pupil none is recorded."""
    other_route: bool = False
    """The pupil does not go to the mbo."""
    started: bool | None = None
    """Seen in class; None: nothing was told of it."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that decides in which group a pupil is."""

    chosen: bool
    applications: frozenset[ApplicationStatus]
    handovers: frozenset[HandoverStatus]
    known: Known = Known()

    @property
    def applied(self) -> bool:
        """An application is alive."""
        return bool(self.applications - ENDED)

    @property
    def received(self) -> bool:
        """An institution has received an application and has not closed it."""
        return bool(self.applications & RECEIVED)

    @property
    def offered(self) -> bool:
        """An offer of the dossier stands."""
        return bool(self.handovers & LIVE)


class Todo(StrEnum):
    """What must be done for a pupil: the groups of the class list, most urgent first."""

    REFUSED = "refused"
    NO_CHOICE = "no-choice"
    NO_APPLICATION = "no-application"
    INCOMPLETE = "incomplete"
    INFORM = "inform"
    READY = "ready"
    TALK = "talk"
    EXAM = "exam"
    OFFERED = "offered"
    OPENED = "opened"
    OTHER_ROUTE = "other-route"
    DONE = "done"


H = HandoverStatus
# The first row that fits counts. What the school itself must do goes before what it waits for. Of several offers the
# one that came furthest counts: offered is not yet read, and read not yet taken on.
GROUPS: tuple[tuple[Todo, Callable[[Facts], bool]], ...] = (
    (Todo.OTHER_ROUTE, lambda pupil: pupil.known.other_route),
    (Todo.DONE, lambda pupil: pupil.known.started is True),
    (Todo.TALK, lambda pupil: pupil.offered and pupil.known.talk_to_plan),
    (Todo.EXAM, lambda pupil: pupil.offered and pupil.known.exam_missing),
    (Todo.DONE, lambda pupil: H.ACCEPTED in pupil.handovers),
    (Todo.OPENED, lambda pupil: H.OPENED in pupil.handovers),
    (Todo.OFFERED, lambda pupil: H.OFFERED in pupil.handovers),
    (Todo.REFUSED, lambda pupil: pupil.received and H.REFUSED in pupil.handovers),
    (Todo.INCOMPLETE, lambda pupil: pupil.received and not pupil.known.complete),
    (Todo.INFORM, lambda pupil: pupil.received and not pupil.known.informed),
    (Todo.READY, lambda pupil: pupil.received),
    (Todo.NO_APPLICATION, lambda pupil: pupil.chosen or pupil.applied),
    (Todo.NO_CHOICE, lambda _: True),
)


def facts(
    choices: Iterable[Choice], applications: Iterable[Application], handovers: Iterable[Handover], known: Known
) -> Facts:
    """What decides, from what is kept."""
    return Facts(
        any(not choice.withdrawn for choice in choices),
        frozenset(application.status for application in applications),
        frozenset(handover.status for handover in handovers),
        known,
    )


def todo(pupil: Facts) -> Todo:
    """The group a pupil belongs to."""
    return next(group for group, fits in GROUPS if fits(pupil))


def steps(pupil: Facts) -> dict[str, bool | None]:
    """The five steps of the class list: done, not done, or None: nothing was told of it."""
    return {
        "choice": pupil.chosen or pupil.applied,
        "dossier": pupil.known.complete,
        "applied": pupil.applied,
        "handed_over": pupil.offered,
        "started": pupil.known.started,
    }


def may_receive(applications: Sequence[Application], handovers: Iterable[Handover]) -> list[str]:
    """Institutions to which the dossier can be offered now: they received an application and have no live offer."""
    offered = {handover.mbo_institution for handover in handovers if handover.status in LIVE}
    received = {a.mbo_institution for a in applications if a.status in RECEIVED}
    return sorted(received - offered)


# Where is my pupil


class Stage(StrEnum):
    """The road from the school to the first day at the institution."""

    CHOSEN = "chosen"
    APPLIED = "applied"
    PLACED = "placed"
    HANDED_OVER = "handed-over"
    ENROLLED = "enrolled"
    STARTED = "started"


@dataclass(frozen=True, slots=True)
class Milestone:
    """A stage that was reached: first when, and at which institutions it still holds."""

    stage: Stage
    at: datetime
    institutions: tuple[str, ...]


# Type of event → which stages this state of its entity shows. An entity whose newest state shows none is no longer on
# the road: a withdrawn choice, a rejected application, a refused dossier.
_STAGES: Mapping[str, Callable[[Mapping[str, object]], Sequence[Stage]]] = {
    "choice-registered": lambda _: [Stage.CHOSEN],
    "dossier-handed-over": lambda _: [Stage.HANDED_OVER],
    "handover-opened": lambda _: [Stage.HANDED_OVER],
    "handover-accepted": lambda _: [Stage.HANDED_OVER],
    ApplicationStatusChanged.TYPE: lambda said: _of_application(str(said["status"])),
    IntakeDone.TYPE: lambda said: [Stage.PLACED] if said["outcome"] in PLACING else [],
    StudentStarted.TYPE: lambda _: [Stage.ENROLLED, Stage.STARTED],
    StudentNotStarted.TYPE: lambda _: [Stage.ENROLLED],
}


def _of_application(status: str) -> list[Stage]:
    if status in ENDED:
        return []
    reached = {Stage.PLACED: PLACED, Stage.ENROLLED: {ApplicationStatus.ENROLLED}}
    return [Stage.APPLIED, *(stage for stage, statuses in reached.items() if status in statuses)]


def road(happenings: Iterable[Happening]) -> dict[Stage, Milestone]:
    """The stages a pupil has reached and has not fallen back from. `happenings`: oldest first."""
    told = list(happenings)
    status = {one.key: one for one in told if one.type == ApplicationStatusChanged.TYPE}
    closed = {one.detail["application_id"] for one in status.values() if one.detail["status"] in ENDED}
    shown: dict[str, list[tuple[Happening, Sequence[Stage]]]] = {}
    for one in told:
        if one.detail.get("application_id") in closed:
            continue
        if one.type in _STAGES:
            shown.setdefault(one.key, []).append((one, _STAGES[one.type](one.detail)))
        elif one.key in shown:
            shown[one.key].append((one, []))
    found: dict[Stage, Milestone] = {}
    for course in shown.values():
        holds = set(course[-1][1])
        for one, stages in course:
            for stage in holds.intersection(stages):
                found[stage] = _earliest(found.get(stage), stage, one)
    return {stage: found[stage] for stage in Stage if stage in found}


def _earliest(known: Milestone | None, stage: Stage, one: Happening) -> Milestone:
    institution = str(one.detail.get("mbo_institution", ""))
    if known is None:
        return Milestone(stage, one.at, (institution,))
    institutions = tuple(dict.fromkeys((*known.institutions, institution)))
    return Milestone(stage, min(known.at, one.at), institutions)


ENROLMENTS = (StudentStarted.TYPE, StudentNotStarted.TYPE, EnrolmentEnded.TYPE)


def enrolments(told: Iterable[Happening]) -> list[Enrolment]:
    """What was last told of every enrolment. `told`: oldest first."""
    last = {one.key: one for one in told if one.type in ENROLMENTS}
    return [
        Enrolment(one.detail["application_id"], one.detail["mbo_institution"], one.type == StudentStarted.TYPE)
        for one in last.values()
    ]
