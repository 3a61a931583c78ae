"""Mentor and careers adviser read along with what a pupil writes; the institution fetches a file that is shared."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dossier.api.career.files import download
from services.dossier.handlers.mine import GUIDES
from services.dossier.handlers.mine.files import ReadFile
from services.dossier.handlers.mine.sharing import ReadAlong, Written, read_along
from services.dossier.handlers.sides import require_side
from services.dossier.pages import reading
from services.dossier.pages.mine import words
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.envelope import EntityId, PupilRef
from shared.web.auth import page_actor
from shared.web.pages import render

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]


@router.get("/pupils/{pupil_ref}/career")
async def show(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """What a pupil wrote, for who guides them; the pupil sees that they looked. For others how far it is."""
    require_side(actor, "vo")
    found: Written = await perform(request.app.state.transport, actor, read_along, ReadAlong(pupil_ref))
    async with request.app.state.database.as_actor(actor) as conn:
        card = await reading.card(conn, actor.organisation, pupil_ref)
    return render(
        request,
        "dossier/mine/along.html",
        pupil=card.pupil,
        found=found,
        guides=actor.role in GUIDES,
        words=words.EVERYTHING,
    )


@router.get("/pupils/{pupil_ref}/career/files/{file_id}")
async def get_file(request: Request, actor: Person, pupil_ref: PupilRef, file_id: str) -> Response:
    """A file of an own pupil."""
    require_side(actor, "vo", *GUIDES)
    return await download(request, actor, ReadFile(file_id, pupil_ref=pupil_ref))


@router.get("/handovers/{handover_id}/files/{file_id}")
async def get_shared_file(request: Request, actor: Person, handover_id: EntityId, file_id: str) -> Response:
    """A file that the pupil shares, for the institution that has opened the dossier."""
    require_side(actor, "mbo")
    return await download(request, actor, ReadFile(file_id, handover_id=handover_id))
