"""Making the codes with which pupils sign in. A code is shown once; what is kept of it is a digest."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request

from services.dossier.domain.career import invitations
from services.dossier.handlers.mine.signin import Invite, invite
from shared.core.actor import Actor
from shared.core.clock import SystemClock
from shared.messaging.outbox import perform


@dataclass(frozen=True, slots=True)
class Made:
    """A code as it is written in a letter, and until when it can be used."""

    code: str
    expires_at: datetime


async def make(request: Request, actor: Actor, refs: Iterable[str]) -> dict[str, Made]:
    """Give each of these pupils a new code. The one before it ends."""
    state, now = request.app.state, SystemClock().now()
    codes = {ref: "".join(secrets.choice(invitations.LETTERS) for _ in range(invitations.LENGTH)) for ref in refs}
    expires_at = now + timedelta(days=state.settings.invitation_days)
    hashes = {ref: state.keys.digest("invitation", code) for ref, code in codes.items()}
    await perform(state.transport, actor, invite, Invite(hashes, now, expires_at))
    return {ref: Made(invitations.written(code), expires_at) for ref, code in codes.items()}
