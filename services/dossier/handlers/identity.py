"""Two references that are one child, and the erasure of a child."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier import store
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.transfer.joining import joined
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Invalid, NotFound
from shared.schemas.envelope import Draft, Outcome
from shared.schemas.pupils import PupilErased, PupilLinked
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class LinkPupils:
    """Somebody found that two references are one child."""

    survivor: str
    absorbed: str
    evidence: str
    """Code of the reason, such as ``bsn-received``."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.survivor, self.absorbed]


@dataclass(frozen=True, slots=True)
class EraseAgain:
    """After a restore: who was erased when. The backup may be older than that."""

    moments: Mapping[str, datetime]

    @property
    def subjects(self) -> Sequence[str]:
        return list(self.moments)


@dataclass(frozen=True, slots=True)
class ErasePupil:
    """The school wants a pupil erased (AVG art. 17)."""

    pupil_ref: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def link_pupils(conn: Connection, command: LinkPupils, actor: Actor, now: datetime) -> Outcome:
    """Join two references. What is already one child changes nothing, in whichever direction it is asked.

    A careers adviser joins own pupils only; the operator any. The answer is the reference that counts from now on.
    """
    await store.hold_links(conn)
    roots = await store.roots(conn, command.subjects)
    survivor = roots.get(command.survivor, command.survivor)
    absorbed = roots.get(command.absorbed, command.absorbed)
    if command.survivor == command.absorbed:
        raise Invalid([Fault("/absorbed", "een andere leerling dan die blijft", "same_pupil")])
    if await store.erased_among(conn, [survivor, absorbed]):
        raise NotFound("no such pupil")
    if actor.role is not Role.OPERATOR:
        require_side(actor, "vo", Role.DECAAN)
        for ref in (survivor, absorbed):
            await _own_pupil(conn, actor, ref)
    if survivor == absorbed:
        return Outcome(value=survivor)
    await store.link_pupils(conn, survivor, absorbed)
    told = PupilLinked(occurred_at=now, survivor=survivor, absorbed=absorbed, evidence=command.evidence)
    follows = await joined(conn, survivor, actor, now)
    return Outcome([Draft(survivor, told), Draft(absorbed, told), *follows], value=survivor)


async def erase_pupil(conn: Connection, command: ErasePupil, actor: Actor, now: datetime) -> Outcome:
    """Erase an own pupil here, and tell every service to do the same. Asking twice changes nothing."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    if await store.erasure(conn, actor.organisation, command.pupil_ref):
        return Outcome()
    roots = await store.roots(conn, [command.pupil_ref])
    await _own_pupil(conn, actor, roots.get(command.pupil_ref, command.pupil_ref))
    refs = await store.erase_pupil(conn, command.pupil_ref, now, actor.organisation)
    return Outcome([Draft(ref, PupilErased(occurred_at=now)) for ref in refs], erase=refs)


async def erase_again(conn: Connection, command: EraseAgain, _actor: Actor, _now: datetime) -> Outcome:
    """Erase everybody on the list who is not erased already, at the moment it happened."""
    done = await store.erased_among(conn, command.subjects)
    gone: dict[str, datetime] = {}
    for ref, moment in command.moments.items():
        if ref not in done and ref not in gone:
            gone |= dict.fromkeys(await store.erase_pupil(conn, ref, moment), moment)
    drafts = [Draft(ref, PupilErased(occurred_at=moment)) for ref, moment in gone.items()]
    return Outcome(drafts, erase=list(gone), value=len(gone))


async def _own_pupil(conn: Connection, actor: Actor, ref: str) -> None:
    if not await store.pupils(conn, actor.organisation, ref=ref):
        raise NotFound("no such pupil")
