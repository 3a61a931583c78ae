"""Handing in a file: first a preview with every fault, then for real."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.intake.domain.access import WRITERS, check_access
from services.intake.handlers import files
from shared.core.actor import Actor
from shared.core.errors import Invalid
from shared.messaging import uploads
from shared.messaging.outbox import perform, preview
from shared.web.auth import page_actor
from shared.web.texts import marked
from shared.web.uploads import FilePages, Kept

router = APIRouter(prefix="/import")
Person = Annotated[Actor, Depends(page_actor)]
KINDS = {
    "applications": marked("Application statuses (aanmeldingen)"),
    "intakes": marked("Outcomes of intakes (intakes)"),
}
PAGES = FilePages("/intake/", KINDS)


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file."""
    check_access(actor, WRITERS)
    return PAGES.form(request)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """What would become of the file. Nothing has happened yet; it is kept, sealed, until it is confirmed."""
    check_access(actor, WRITERS)
    state, form = request.app.state, await request.form()
    try:
        kind, data = await PAGES.read(form)
        handler, command = files.command(kind, data, state.keys, state.clock.now())
    except Invalid as error:
        return PAGES.form(request, error.faults, str(form.get("kind") or ""))
    result = await preview(state.transport, actor, handler, command)
    upload_id = await uploads.keep(state.transport, actor, kind, data)
    return PAGES.preview(request, Kept(upload_id, kind), result)


@router.post("/{upload_id}")
async def confirm(upload_id: UUID, request: Request, actor: Person) -> Response:
    """Take the file in."""
    check_access(actor, WRITERS)
    state = request.app.state
    kind, data = await uploads.kept(state.transport, actor, upload_id)
    handler, command = files.command(kind, data, state.keys, state.clock.now())
    result = await perform(state.transport, actor, handler, command)
    await uploads.drop(state.transport, actor)
    return PAGES.taken_in(request, result)
