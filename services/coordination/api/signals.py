"""What a person says about a signal."""

from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import Field

from services.coordination.handlers.commands import Dismiss, dismiss
from services.coordination.store import views
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, Asked, Part
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
RiskKey = Annotated[EntityId, fields.said("Key of the signal", fields.KEY)]


class Dismissed(Asked):
    """Why a signal needs nobody."""

    reason: Literal["known-already", "arranged", "facts-wrong", "does-not-apply"] = Field(
        description="Why it needs nobody", examples=["facts-wrong"]
    )


class SignalMeant(fields.Shown):
    """Which signal it was about."""

    risk_id: RiskKey


@router.post("/signals/{risk_id}/dismissals", status_code=202, tags=["transitions"], responses=MOVES)
async def post_dismissal(
    risk_id: Annotated[EntityId, fields.in_path("Key of the signal", fields.KEY)],
    body: Dismissed,
    request: Request,
    actor: Caller,
) -> SignalMeant:
    """Dismiss a signal that the own organisation is the first to hear, or must act on.

    It must still see the pupil: a school that the pupil left, and that has nothing more to do, gets 404. The signal
    fires no more, unless it grows more serious, or its reason goes and comes back."""
    await dismiss_signal(request, actor, risk_id, body.reason)
    return SignalMeant(risk_id=risk_id)


async def dismiss_signal(request: Request, actor: Actor, risk_id: str, reason: str) -> str:
    """Dismiss a signal; shared by the API and the pages. Returns whom it is about."""
    async with request.app.state.database.as_actor(actor) as conn:
        pupil_ref = await views.pupil_of_signal(conn, risk_id)
    await perform(request.app.state.transport, actor, dismiss, Dismiss(pupil_ref, risk_id, reason))
    return pupil_ref
