"""The pupil's own side by API: the school invites, the institution fetches a file. Pupils themselves use pages."""

from typing import Annotated

from fastapi import Depends, Request
from starlette.responses import Response

from services.dossier.api.career import models
from services.dossier.api.career.codes import make
from services.dossier.api.career.files import DOCUMENTED, download
from services.dossier.handlers.mine import GUIDES, of_site
from services.dossier.handlers.mine.files import ReadFile
from services.dossier.handlers.sides import require_side
from services.dossier.store import invitations
from shared.core.actor import Actor, Role
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.once import keep_no_answer
from shared.web.api.router import Part
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
HandoverInPath = Annotated[EntityId, fields.in_path("Key of the handover", fields.KEY)]
FileInPath = Annotated[EntityId, fields.in_path("Key of the file", fields.KEY)]


@router.post("/pupils/{pupil_ref}/invitations", status_code=202, tags=["pupils"], responses={404: {}})
async def post_invitation(request: Request, actor: Who, pupil_ref: fields.PupilInPath) -> models.Invited:
    """Make a code with which an own pupil signs in, once. The code before it ends.

    The answer is kept nowhere, so with an Idempotency-Key a repeated request hears only that it was carried out.
    """
    require_side(actor, "vo", *GUIDES, Role.SCHOOL_SYSTEM)
    made = (await make(request, actor, [pupil_ref]))[pupil_ref]
    keep_no_answer()
    return models.Invited.model_validate(made)


@router.get("/pupils/{pupil_ref}/invitations", tags=["pupils"], responses={404: {}})
async def get_invitations(request: Request, actor: Who, pupil_ref: fields.PupilInPath) -> models.InvitationPage:
    """Show whether an own pupil has a code, until when it can be used, and when it was."""
    require_side(actor, "vo", *GUIDES, Role.SCHOOL_SYSTEM)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        owner = await of_site(conn, actor.organisation, pupil_ref)
        held = await invitations.of(conn, owner.vo_site, owner.cohort, [owner.pupil_ref])
    return models.InvitationPage(items=[models.InvitationShown.model_validate(one) for one in held.values()], next=None)


@router.get(
    "/handovers/{handover_id}/files/{file_id}", tags=["handovers"], responses=DOCUMENTED, response_class=Response
)
async def get_file(request: Request, actor: Who, handover_id: HandoverInPath, file_id: FileInPath) -> Response:
    """Fetch a file that the pupil shares, for an institution that has opened the dossier. It is written down."""
    require_side(actor, "mbo")
    return await download(request, actor, ReadFile(file_id, handover_id=handover_id))
