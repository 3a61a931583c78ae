"""What an institution tells the sending school about a pupil, and the figures that remain of it (decision 30)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from services.dossier.domain.told import Happening
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    EnrolmentEnded,
    IntakeDone,
    IntakeOutcome,
    ProgrammeSwitched,
    StudentNotStarted,
    StudentStarted,
)

EARLY = timedelta(days=100)
"""Who ends within so many days of the first day left early (protocol 8)."""


class Kind(StrEnum):
    """Why a school hears of a former pupil, what asks for its help first (agreed triggers: domain 2.5)."""

    NOT_STARTED = "not-started"
    EARLY_EXIT = "early-exit"
    SWITCH = "switch"
    FURTHER_STUDY = "further-study"
    PLACEMENT = "placement"


@dataclass(frozen=True, slots=True)
class Feedback:
    """What is last known of one application, enrolment or switch."""

    kind: Kind
    at: datetime
    """When it happened."""
    mbo_institution: str
    programme: str
    said: str
    """The code that was told: status, outcome, or where a switch stands. Why somebody is not there is not for the
    school that they left: empty."""


PLACEMENTS = frozenset({ApplicationStatus.OFFERED, ApplicationStatus.ENROLLED, ApplicationStatus.REJECTED})
"""Statuses of an application that are a decision."""
CLOSED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
PLACED = frozenset({ApplicationStatus.OFFERED, ApplicationStatus.ENROLLED})
PLACING = frozenset({IntakeOutcome.PLACED, IntakeOutcome.PROVISIONAL})


def feedback(told: Iterable[Happening]) -> list[Feedback]:
    """What a school hears of one pupil, newest first. `told`: oldest first; of each thing the last word counts."""
    newest = {one.key: one for one in told}
    found = [said for one in newest.values() if (said := _of(one, newest))]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _of(one: Happening, newest: Mapping[str, Happening]) -> Feedback | None:
    said = one.detail
    match one.type:
        case ApplicationStatusChanged.TYPE if said["status"] in PLACEMENTS:
            return _said(Kind.PLACEMENT, one, said["status"])
        case IntakeDone.TYPE if not _decided(said["application_id"], newest):
            kind = Kind.FURTHER_STUDY if said["outcome"] == IntakeOutcome.FURTHER_STUDY else Kind.PLACEMENT
            return _said(kind, one, said["outcome"])
        case StudentNotStarted.TYPE:
            return _said(Kind.NOT_STARTED, one)
        case EnrolmentEnded.TYPE if left_early(one):
            return _said(Kind.EARLY_EXIT, one)
        case ProgrammeSwitched.TYPE if said["status"] != "cancelled":
            return _said(Kind.SWITCH, one, said["status"])
    return None


def _decided(application_id: str, newest: Mapping[str, Happening]) -> bool:
    """Whether the application itself says what became of it: that is newer than what the intake advised."""
    application = newest.get(f"application {application_id}")
    return application is not None and application.detail["status"] in PLACEMENTS | CLOSED


def _said(kind: Kind, one: Happening, said: str = "") -> Feedback:
    programme = one.detail.get("programme") or one.detail.get("to_programme") or one.detail.get("from_programme", "")
    return Feedback(kind, one.at, one.detail["mbo_institution"], programme, said)


def left_early(one: Happening) -> bool:
    """Whether an enrolment that ended was begun, and ended without a diploma within 100 days."""
    first = one.detail.get("first_day")
    if first is None or one.detail.get("diploma"):
        return False
    return date.fromisoformat(one.detail["ended_on"]) - date.fromisoformat(first) < EARLY


class Figure(StrEnum):
    """What is counted of the pupils of a school: those to whom it applies."""

    EXPECTED = "expected"
    """A school listed them for this year, also when a later list leaves them out: by that nobody disappears from the
    figures (protocol 11)."""
    PLACED = "placed"
    HEARD = "heard"
    """Somebody told whether they started."""
    STARTED = "started"
    EARLY_EXIT = "early-exit"
    SWITCH = "switch"
    FURTHER_STUDY = "further-study"


NESTED: Mapping[Figure, tuple[Figure, ...]] = {
    Figure.EXPECTED: (),
    Figure.PLACED: (Figure.EXPECTED,),
    Figure.HEARD: (Figure.EXPECTED,),
    Figure.STARTED: (Figure.EXPECTED, Figure.HEARD),
    Figure.EARLY_EXIT: (Figure.EXPECTED, Figure.HEARD, Figure.STARTED),
    Figure.SWITCH: (Figure.EXPECTED,),
    Figure.FURTHER_STUDY: (Figure.EXPECTED,),
}
"""Figure → those before it of which it is a part, so that what lies between the two is a group of pupils as well."""


def counted(told: Sequence[Happening]) -> set[Figure]:
    """The figures in which one pupil counts. `told`: oldest first."""
    newest = {one.key: one for one in told}
    retracted = {key for key, one in newest.items() if one.type == StudentNotStarted.TYPE}
    started = any(one.type == StudentStarted.TYPE and one.key not in retracted for one in told)
    heard = started or any(one.key.startswith("enrolment ") for one in told)
    kinds = {one.kind for one in feedback(told)}
    held = {
        Figure.EXPECTED: True,
        Figure.PLACED: any(_places(one) for one in newest.values()),
        Figure.HEARD: heard,
        Figure.STARTED: started,
        Figure.EARLY_EXIT: started and Kind.EARLY_EXIT in kinds,
        Figure.SWITCH: Kind.SWITCH in kinds,
        Figure.FURTHER_STUDY: Kind.FURTHER_STUDY in kinds,
    }
    return {figure for figure, applies in held.items() if applies}


def _places(one: Happening) -> bool:
    match one.type:
        case ApplicationStatusChanged.TYPE:
            return one.detail["status"] in PLACED
        case IntakeDone.TYPE:
            return one.detail["outcome"] in PLACING
    return False


HIDDEN, ALL = "c", "all"


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure of a school, or of all schools of its region, as it may be seen."""

    figure: str
    vo_site: str
    value: str
    """The number, or ``c``: protected."""
