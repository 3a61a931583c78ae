"""Where an intake is a condition for admission: an institution lays it down per programme, from a day on."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.intake.domain.access import WRITERS, check_access
from services.intake.store import steps
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection

ALL = "all"


@dataclass(frozen=True, slots=True)
class LayDown:
    """Whether the intake of a programme is mandatory."""

    programme: str
    """Crebo, or ``all`` for the programmes that are not named."""
    valid_from: date
    mandatory: bool
    source: str

    @property
    def subjects(self) -> Sequence[str]:
        return []


async def lay_down(conn: Connection, command: LayDown, actor: Actor, _now: datetime) -> Outcome:
    """Write it down. Intakes carry it from their next change on. Raises `Forbidden` and `Invalid`."""
    check_access(actor, WRITERS)
    if command.programme != ALL and not re.fullmatch("[0-9]{5}", command.programme):
        raise Invalid([Fault("/path/programme", "A programme (crebo), or all")])
    programme = "" if command.programme == ALL else command.programme
    duty = command.mandatory, command.source
    await steps.save_duty(conn, actor.organisation, programme, command.valid_from, duty)
    return Outcome()
