"""What becomes of somebody who was enrolled: seen in class or not, and how it ended."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Literal

from services.intake.domain.access import FOLLOWERS
from services.intake.domain.steps import Step, standing
from shared.core.errors import Fault
from shared.core.machine import Machine, moves
from shared.schemas.intakes import ApplicationStatus
from shared.schemas.vocabulary import codes

EndReason = Literal[1, 2, 3, 4, 5, 6, 7]
END_REASONS: tuple[EndReason, ...] = (1, 2, 3, 4, 5, 6, 7)
"""BRON, reden uitval."""
TO_INSTITUTION = frozenset({"other_mbo", "same_mbo"})
"""Destinations at a known mbo institution."""

ENROLMENT = Machine(
    "enrolment",
    "enrolled",
    moves(
        [
            ("enrolled", "start", FOLLOWERS, "started"),
            ("enrolled", "not_start", FOLLOWERS, "not_started"),
            ("enrolled", "end", FOLLOWERS, "ended"),
            ("not_started", "start", FOLLOWERS, "started"),
            ("not_started", "not_start", FOLLOWERS, "not_started"),  # Looked again: still not there.
            ("not_started", "end", FOLLOWERS, "ended"),
            ("started", "start", FOLLOWERS, "started"),  # A correction of the first day.
            ("started", "not_start", FOLLOWERS, "not_started"),  # It was somebody else.
            ("started", "end", FOLLOWERS, "ended"),
            ("ended", "end", FOLLOWERS, "ended"),  # A correction.
            # The last step was a mistake; where it was before. The first thing that was told can only be corrected.
            ("not_started", "undo", FOLLOWERS, "not_started"),
            ("not_started", "undo", FOLLOWERS, "started"),
            ("started", "undo", FOLLOWERS, "started"),
            ("started", "undo", FOLLOWERS, "not_started"),
            ("ended", "undo", FOLLOWERS, "started"),
            ("ended", "undo", FOLLOWERS, "not_started"),
            ("ended", "undo", FOLLOWERS, "ended"),
        ]
    ),
)
"""Of an application that was enrolled. Before that it is *not_enrolled*, and nothing can be done."""


@dataclass(frozen=True, slots=True)
class NotStarted:
    """Was expected in class and has not been seen."""

    first_day: date
    """First day on which they should have come."""
    checked_on: date
    reason: str | None = None
    contact_attempts: int | None = None
    rank: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Started:
    """Was seen in class."""

    first_day: date
    rank: ClassVar[int] = 2


@dataclass(frozen=True, slots=True)
class Ended:
    """The enrolment ended, also with retroactive effect."""

    ended_on: date
    """First day without enrolment."""
    reason: EndReason
    destination: str = "unknown"
    to_institution: str | None = None
    diploma: bool = False
    basic_qualification: bool | None = None
    """None: not known."""
    rank: ClassVar[int] = 3


Said = NotStarted | Started | Ended


@dataclass(frozen=True, slots=True)
class Enrolment:
    """An enrolment as its steps make it."""

    state: str = "enrolled"
    first_day: date | None = None
    """Of a start the day itself, of somebody who did not come the day on which they should have."""
    not_started: NotStarted | None = None
    """What was told last of somebody who did not come; None: they came, or nothing is known."""
    ended: Ended | None = None


def present(steps: Iterable[Step]) -> Enrolment:
    """Where an enrolment stands. Once it ended it stays so, for an end may work back to before the first day."""
    enrolment = Enrolment()
    for step in standing(steps):
        match step.says:
            case Started(first_day):
                enrolment = replace(enrolment, state="started", first_day=first_day, not_started=None)
            case NotStarted(first_day) as told:
                enrolment = replace(enrolment, state="not_started", first_day=first_day, not_started=told)
            case Ended() as ended:
                enrolment = replace(enrolment, ended=ended)
    return replace(enrolment, state="ended") if enrolment.ended else enrolment


def enrolment_state(status: ApplicationStatus, enrolment: Enrolment) -> str:
    """Where the enrolment of an application stands."""
    nothing_told = enrolment.state == ENROLMENT.start
    return "not_enrolled" if nothing_told and status is not ApplicationStatus.ENROLLED else enrolment.state


def faults_of(said: Said, today: date) -> list[Fault]:
    """Everything wrong with what is told of an enrolment, by field. Texts are message ids."""
    match said:
        case Started(first_day):
            return _future("first_day", first_day, today)
        case NotStarted() as told:
            return _not_started_faults(told, today)
        case Ended() as ended:
            return _ended_faults(ended, today)


def _future(field: str, day: date, today: date) -> list[Fault]:
    return [Fault(field, "A date that is not in the future", "future")] if day > today else []


def _not_started_faults(told: NotStarted, today: date) -> list[Fault]:
    faults = _future("checked_on", told.checked_on, today)
    if told.first_day > told.checked_on:
        faults.append(Fault("first_day", "A date that is not after the day on which this was checked", "order"))
    if told.reason and told.reason not in codes.NOT_STARTED.codes:
        faults.append(Fault("reason", "A reason from the list", "unlisted_code"))
    return faults


def _ended_faults(ended: Ended, today: date) -> list[Fault]:
    faults = _future("ended_on", ended.ended_on, today)
    if ended.destination not in codes.DESTINATIONS.codes:
        faults.append(Fault("destination", "A destination from the list", "unlisted_code"))
    if ended.to_institution and ended.destination not in TO_INSTITUTION:
        faults.append(Fault("to_institution", "An institution with a destination in the mbo only", "not_expected"))
    return faults
