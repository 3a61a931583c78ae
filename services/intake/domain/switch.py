"""A change of programme: considered, begun or called off after all."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal

from services.intake.domain.access import FOLLOWERS
from services.intake.domain.steps import Step, standing
from shared.core.errors import Fault
from shared.core.ids import opaque_ref
from shared.core.machine import Machine, moves

Status = Literal["registered", "started", "cancelled"]
MOVES: dict[Status, str] = {"registered": "register", "started": "start", "cancelled": "cancel"}
"""Status that is told → the move that it is."""
_RANK = {status: n for n, status in enumerate(MOVES, 1)}

SWITCH = Machine(
    "switch",
    "none",
    moves(
        [
            ("none", "register", FOLLOWERS, "registered"),
            ("none", "start", FOLLOWERS, "started"),  # It was not told before it began.
            ("registered", "register", FOLLOWERS, "registered"),  # A correction, or more is known of the programme.
            ("registered", "start", FOLLOWERS, "started"),
            ("registered", "cancel", FOLLOWERS, "cancelled"),
            ("started", "start", FOLLOWERS, "started"),  # A correction.
            ("cancelled", "register", FOLLOWERS, "registered"),  # Considered again.
            # The last step was a mistake; where it was before.
            ("registered", "undo", FOLLOWERS, "registered"),
            ("registered", "undo", FOLLOWERS, "cancelled"),
            ("started", "undo", FOLLOWERS, "registered"),
            ("started", "undo", FOLLOWERS, "started"),
            ("cancelled", "undo", FOLLOWERS, "registered"),
        ]
    ),
)


@dataclass(frozen=True, slots=True)
class Switch:
    """A change of programme, whole."""

    status: Status
    switched_on: date
    """Day on which it begins or was told."""
    to_institution: str | None = None
    """None: the same, or not known yet."""
    to_programme: str | None = None
    to_level: int | None = None
    to_application_id: str | None = None

    @property
    def rank(self) -> int:
        return _RANK[self.status]


def present(steps: Iterable[Step]) -> Switch | None:
    """A switch as it now is: what was told last, of the latest day. None: nothing was."""
    told = [step.says for step in standing(steps) if isinstance(step.says, Switch)]
    return told[-1] if told else None


def key_of(application_id: str, own_id: str) -> str:
    """Key of a switch, by the application and the institution's own key of it."""
    return opaque_ref("switch", application_id, own_id)


def faults_of(switch: Switch) -> list[Fault]:
    """Everything wrong with a switch, by field. Texts are message ids."""
    if switch.status == "started" and not switch.to_programme:
        return [Fault("to_programme", "The programme that was begun", "missing")]
    return []
