"""Erasure of a pupil whom the institution met first (AVG art. 17)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.intake import store
from shared.core.actor import Actor
from shared.core.errors import IllegalMove, NotFound
from shared.schemas.envelope import Draft, Outcome
from shared.schemas.pupils import ErasureConfirmed, PupilErased
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class ErasePupil:
    """All data of this pupil must go, in every service."""

    pupil_ref: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def erase_pupil(conn: Connection, command: ErasePupil, actor: Actor, now: datetime) -> Outcome:
    """Erase, and tell everybody. Raises `NotFound` when not a pupil of this institution, and `IllegalMove` when a
    school knows the pupil, or another institution met them first: then they must do it."""
    await store.hold_links(conn, alone=True)
    ref = command.pupil_ref
    origin = await store.origin(conn, actor.organisation, ref)
    if origin is None:
        raise NotFound(f"pupil {ref}")
    at_school, met_at = origin
    if at_school:
        raise IllegalMove("pupil", "known from a school; the school must erase this pupil", "erase", [])
    if met_at != actor.organisation:
        raise IllegalMove("pupil", "first met elsewhere; that institution must erase this pupil", "erase", [])
    refs = await store.erase_met_here(conn, ref)
    if not refs:
        raise NotFound(f"pupil {ref}")
    events = [Draft(each, PupilErased(occurred_at=now)) for each in refs]
    return Outcome([*events, Draft(ref, ErasureConfirmed(occurred_at=now, service="intake"))], erase=refs)
