"""Objections of the family: they hold back what they are about, at once and also after acceptance."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.dossier import store
from services.dossier.domain.handover import after_objections, handover_state
from services.dossier.domain.pupils import Pupil
from services.dossier.domain.transfer import Objection, Objector, objected
from services.dossier.handlers.sides import require_side
from services.dossier.store import transfer
from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden, NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class RaiseObjection:
    """The pupil or a parent does not want a category, or anything, to leave."""

    pupil_ref: str
    cohort: int | None
    """None: the newest."""
    category: str | None
    """None: the whole dossier."""
    raised_by: Objector
    reason: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


@dataclass(frozen=True, slots=True)
class WithdrawObjection:
    """Who objected no longer does."""

    pupil_ref: str
    cohort: int | None
    objection_id: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def raise_objection(conn: Connection, command: RaiseObjection, actor: Actor, now: datetime) -> Outcome:
    """Record an objection: by the pupil, or by the school for pupil or parent. What already stands changes nothing.

    Every live handover loses what it is about; with nothing left an offer ends, and what was accepted stays accepted.
    """
    pupil = await _pupil(conn, actor, command.pupil_ref, command.cohort)
    if actor.role is Role.PUPIL and command.raised_by != "pupil":
        raise Forbidden("a pupil objects for themselves")
    known = await _known(conn, pupil)
    for other in known:
        if other.withdrawn_at is None and (other.category, other.raised_by) == (command.category, command.raised_by):
            return Outcome(value=other)
    whose = (pupil.pupil_ref, pupil.cohort, pupil.vo_site)
    key = opaque_ref("objection", pupil.pupil_ref, str(pupil.cohort), pupil.vo_site, str(len(known) + 1))
    what = (command.category, command.raised_by, command.reason)
    fresh = Objection(key, *whose, *what, now, actor.role.value)
    await transfer.save_objection(conn, fresh)
    return Outcome(await apply(conn, _place(pupil), [*known, fresh], command.raised_by, now), value=fresh)


async def withdraw_objection(conn: Connection, command: WithdrawObjection, actor: Actor, now: datetime) -> Outcome:
    """An objection no longer stands; what it held back may be read again where a handover is still live.

    A pupil withdraws their own alone. Withdrawing twice changes nothing.
    """
    pupil = await _pupil(conn, actor, command.pupil_ref, command.cohort)
    known = await _known(conn, pupil)
    found = next((one for one in known if one.objection_id == command.objection_id), None)
    if found is None:
        raise NotFound("no such objection")
    if actor.role is Role.PUPIL and found.raised_by != "pupil":
        raise Forbidden("an objection of the parents")
    if found.withdrawn_at:
        return Outcome(value=found)
    gone = replace(found, withdrawn_at=now)
    await transfer.save_objection(conn, gone)
    standing = [gone if one is found else one for one in known]
    return Outcome(await apply(conn, _place(pupil), standing, gone.raised_by, now), value=gone)


async def _pupil(conn: Connection, actor: Actor, ref: str, cohort: int | None) -> Pupil:
    """An own pupil of the school, or the pupil themself."""
    if actor.role is Role.PUPIL:
        if ref != actor.person_ref:
            raise NotFound("no such pupil")
    else:
        require_side(actor, "vo")
    found = await store.pupils(conn, actor.organisation, cohort, ref)
    if not found:
        raise NotFound("no such pupil")
    return found[0]


def _place(pupil: Pupil) -> transfer.Place:
    return transfer.Place(pupil.vo_site, pupil.cohort, pupil.pupil_ref)


async def _known(conn: Connection, pupil: Pupil) -> list[Objection]:
    found = await transfer.objections(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    return found.get(pupil.pupil_ref, [])


async def apply(
    conn: Connection, place: transfer.Place, objections: Sequence[Objection], by: Objector, now: datetime
) -> list[Draft]:
    """Change every live handover of a pupil that the objections matter to; gives their events."""
    held_back = objected(objections)
    drafts = []
    for handover in await store.lock_handovers(conn, *place):
        moved = after_objections(handover, held_back, by, now)
        if moved != handover:
            await store.move_handover(conn, moved)
            drafts.append(Draft(moved.pupil_ref, handover_state(moved, now)))
    return drafts
