"""Handing in a file: first a preview with every fault, then for real."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dossier.api.files import look_at, take_in
from services.dossier.handlers.sides import require_side
from services.dossier.pages import words
from shared.core.actor import Actor, Role
from shared.core.errors import Invalid
from shared.messaging import uploads
from shared.web.auth import page_actor
from shared.web.uploads import FilePages, Kept

router = APIRouter(prefix="/import")
Person = Annotated[Actor, Depends(page_actor)]
PAGES = FilePages("/dossier/", words.FILES, "dossier/preview.html")


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return PAGES.form(request)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """What would become of the file. Nothing has happened yet; it is kept, sealed, until it is confirmed."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    state, form = request.app.state, await request.form()
    try:
        kind, data = await PAGES.read(form)
        result = await look_at(state.transport, actor, kind, data)
    except Invalid as error:
        return PAGES.form(request, error.faults, str(form.get("kind") or ""))
    upload_id = await uploads.keep(state.transport, actor, kind, data)
    return PAGES.preview(request, Kept(upload_id, kind), result)


@router.post("/{upload_id}")
async def confirm(upload_id: UUID, request: Request, actor: Person) -> Response:
    """Take the file in."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    state, form = request.app.state, await request.form()
    kind, data = await uploads.kept(state.transport, actor, upload_id)
    try:
        result = await take_in(state.transport, actor, kind, data, confirm="confirm" in form)
    except Invalid as error:
        again = await look_at(state.transport, actor, kind, data)
        return PAGES.preview(request, Kept(upload_id, kind), again, error.faults)
    await uploads.drop(state.transport, actor)
    return PAGES.taken_in(request, result)
