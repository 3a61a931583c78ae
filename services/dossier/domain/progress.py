"""How far a pupil is, and so what the school must do: the groups of the class list, most urgent first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.dossier.domain.handover import LIVE, RECEIVED, Handover
from services.dossier.domain.pupils import Choice
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.intakes import ApplicationStatus

ENDED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})


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


class Todo(StrEnum):
    """What must be done for a pupil."""

    NO_CHOICE = "no-choice"
    NO_APPLICATION = "no-application"
    READY = "ready"
    OFFERED = "offered"
    OPENED = "opened"
    DONE = "done"


# The best step of any live handover decides; what was offered is not yet read, what was read is not yet taken on.
_BY_HANDOVER = (
    (HandoverStatus.ACCEPTED, Todo.DONE),
    (HandoverStatus.OPENED, Todo.OPENED),
    (HandoverStatus.OFFERED, Todo.OFFERED),
)


def todo(choices: Iterable[Choice], applications: Iterable[Application], handovers: Iterable[Handover]) -> Todo:
    """The group a pupil belongs to."""
    steps = {handover.status for handover in handovers}
    for status, group in _BY_HANDOVER:
        if status in steps:
            return group
    statuses = {application.status for application in applications}
    if statuses & RECEIVED:
        return Todo.READY
    chosen = any(not choice.withdrawn for choice in choices)
    return Todo.NO_APPLICATION if chosen or statuses - ENDED else Todo.NO_CHOICE


def may_receive(applications: Sequence[Application], handovers: Iterable[Handover]) -> list[str]:
    """Institutions to which the dossier can be offered now: they received an application and have no live offer."""
    offered = {handover.mbo_institution for handover in handovers if handover.status in LIVE}
    received = {a.mbo_institution for a in applications if a.status in RECEIVED}
    return sorted(received - offered)
