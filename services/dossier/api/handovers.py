"""Handing over a dossier: the moves of both sides, and the reading by the institution."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.dossier import store
from services.dossier.api import models, transfer_models
from services.dossier.domain.handover import Handover, Move
from services.dossier.handlers import handovers
from services.dossier.handlers.sides import side_of
from shared.core.actor import Actor
from shared.core.errors import Forbidden, NotFound
from shared.messaging.outbox import perform
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, PageAsked, Part
from shared.web.api.versions import fingerprint
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
HandoverInPath = Annotated[EntityId, fields.in_path("Key of the handover", fields.KEY)]


@router.post("/handovers", status_code=202, tags=["handovers"], responses={404: {}, **MOVES})
async def post_handover(request: Request, actor: Who, asked: models.OfferAsked) -> models.HandoverMoved:
    """Offer a dossier to an institution that has received an application."""
    key = await perform(request.app.state.transport, actor, handovers.offer, handovers.Offer(**asked.model_dump()))
    return models.HandoverMoved(handover_id=key, status=HandoverStatus.OFFERED)


@router.get("/handovers", tags=["handovers"])
async def get_handovers(request: Request, actor: Who, asked: Annotated[PageAsked, Query()]) -> models.HandoverPage:
    """List handovers: for a school what it handed over, for an institution what was offered to it.

    What an institution has in its list counts as received, not as read.
    """
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")
    async with request.app.state.database.as_actor(actor) as conn:
        found = await store.page_of_handovers(conn, actor.organisation, store.Place(asked.after, asked.limit))
    fresh = [handover for handover in found if handover.received_at is None]
    if fresh and side_of(actor) == "mbo":
        await perform(request.app.state.transport, actor, handovers.receive, handovers.Receive(fresh))
    following = found[-1].handover_id if len(found) == asked.limit else None
    return models.HandoverPage(items=[models.HandoverShown.model_validate(one) for one in found], next=following)


@router.get("/handovers/{handover_id}", tags=["handovers"])
async def get_handover(
    request: Request,
    response: Response,
    actor: Who,
    handover_id: HandoverInPath,
    asked: Annotated[transfer_models.ReadAsked, Query()],
) -> models.HandoverRead:
    """Show one handover. An institution that has opened it gets the dossier too, and that reading is written down.

    The care part is fetched apart.
    """
    held = await _held(request, actor, handover_id)
    dossier = None
    if side_of(actor) == "mbo" and handovers.verdict(actor, held).allowed:
        command = handovers.Read(handover_id, purpose=asked.purpose)
        dossier = await perform(request.app.state.transport, actor, handovers.read, command)
    answer = models.HandoverRead.model_validate(asdict(held) | {"dossier": dossier})
    fingerprint(response, answer)
    return answer


@router.post("/handovers/{handover_id}/opening", status_code=202, tags=["handovers"], responses=MOVES)
async def post_opening(request: Request, actor: Who, handover_id: HandoverInPath) -> models.HandoverMoved:
    """Open a dossier: the institution reads it for the first time."""
    return await _step(request, actor, handover_id, "open")


@router.post("/handovers/{handover_id}/acceptance", status_code=202, tags=["handovers"], responses=MOVES)
async def post_acceptance(request: Request, actor: Who, handover_id: HandoverInPath) -> models.HandoverMoved:
    """Accept a dossier: the institution takes it on."""
    return await _step(request, actor, handover_id, "accept")


@router.post("/handovers/{handover_id}/refusal", status_code=202, tags=["handovers"], responses=MOVES)
async def post_refusal(
    request: Request, actor: Who, handover_id: HandoverInPath, asked: models.RefusalAsked
) -> models.HandoverMoved:
    """Refuse a dossier: the access of the institution ends."""
    return await _step(request, actor, handover_id, "refuse", (asked.reason, asked.text))


@router.post("/handovers/{handover_id}/supplement", status_code=202, tags=["handovers"], responses=MOVES)
async def post_supplement(request: Request, actor: Who, handover_id: HandoverInPath) -> models.HandoverShown:
    """Let what was finished since go with the dossier too, also after acceptance."""
    held = await _held(request, actor, handover_id)
    command = handovers.Supplement(held.pupil_ref, handover_id)
    fresh = await perform(request.app.state.transport, actor, handovers.supplement, command)
    return models.HandoverShown.model_validate(fresh)


@router.post("/handovers/{handover_id}/withdrawal", status_code=202, tags=["handovers"], responses=MOVES)
async def post_withdrawal(
    request: Request, actor: Who, handover_id: HandoverInPath, asked: models.WithdrawalAsked
) -> models.HandoverMoved:
    """Take an offer back: the access of the institution ends."""
    return await _step(request, actor, handover_id, "withdraw", (asked.reason, None))


async def _held(request: Request, actor: Actor, handover_id: str) -> Handover:
    async with request.app.state.database.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
    if held is None or side_of(actor) is None:
        raise NotFound("no such handover")
    return held


async def _step(
    request: Request, actor: Actor, handover_id: str, move: Move, why: tuple[str | None, str | None] = (None, None)
) -> models.HandoverMoved:
    held = await _held(request, actor, handover_id)
    command = handovers.Step(held.pupil_ref, handover_id, move, *why)
    moved: Handover = await perform(request.app.state.transport, actor, handovers.step, command)
    return models.HandoverMoved(handover_id=handover_id, status=moved.status)
