"""Inviting pupils, and letting them in once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.dossier.domain.career import Owner
from services.dossier.handlers.mine import GUIDES, of_site, own
from services.dossier.handlers.sides import require_side
from services.dossier.store import invitations
from shared.core.actor import Actor, Role
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Invite:
    """New codes for these pupils: what is kept of each, and how long they can be used (wall-clock time)."""

    hashes: Mapping[str, bytes]
    made_at: datetime
    expires_at: datetime

    @property
    def subjects(self) -> Sequence[str]:
        return list(self.hashes)


@dataclass(frozen=True, slots=True)
class Redeem:
    """Somebody typed a code."""

    code_hash: bytes
    source: str
    """Keyed digest of where it came from."""
    at: datetime
    """Wall-clock time: security time never stands still."""

    @property
    def subjects(self) -> Sequence[str]:
        return []


async def invite(conn: Connection, command: Invite, actor: Actor, _now: datetime) -> Outcome:
    """Give pupils a new code: the school its own pupils, a pupil themselves for next time. The one before it ends."""
    hashes: dict[Owner, bytes] = {}
    for ref, code_hash in command.hashes.items():
        if actor.role is Role.PUPIL:
            owner = await own(conn, actor)
        else:
            require_side(actor, "vo", *GUIDES, Role.SCHOOL_SYSTEM)
            owner = await of_site(conn, actor.organisation, ref)
        hashes[owner] = code_hash
    await invitations.replace(conn, hashes, command.made_at, command.expires_at)
    return Outcome()


async def redeem(conn: Connection, command: Redeem, _actor: Actor, _now: datetime) -> Outcome:
    """Use a code. The answer says whether it fitted; a wrong one and one that is used or expired look the same."""
    return Outcome(value=await invitations.redeem(conn, command.code_hash, command.source, command.at))
