"""Handing in who works where and who is away: first what would become of it, then for real."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination.api import lists
from services.coordination.pages import words
from shared.core.actor import Actor
from shared.core.errors import Invalid
from shared.messaging import uploads
from shared.messaging.outbox import preview
from shared.web.auth import page_actor, require
from shared.web.uploads import FilePages, Kept

router = APIRouter(prefix="/import")
Person = Annotated[Actor, Depends(page_actor)]


def _pages(actor: Actor) -> FilePages:
    """The pages with the kinds of file that this person may hand in. Raises `Forbidden` when there is none."""
    require(actor, *(role for kind in lists.KINDS.values() for role in kind.senders))
    mine = {code: name for code, name in words.KINDS.items() if actor.role in lists.KINDS[code].senders}
    return FilePages("/coordination/", mine, "coordination/import_check.html", "/coordination/contacts")


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file."""
    return _pages(actor).form(request)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """What would become of the file, and of whose pupils. Nothing has happened yet; it is kept, sealed, until it is
    confirmed."""
    pages, form = _pages(actor), await request.form()
    try:
        kind, data = await pages.read(form)
        result = await lists.take_file(request, actor, kind, data, preview)
    except Invalid as error:
        return pages.form(request, error.faults, str(form.get("kind") or ""))
    upload_id = await uploads.keep(request.app.state.transport, actor, kind, data)
    return pages.preview(request, Kept(upload_id, kind), result)


@router.post("/{upload_id}")
async def confirm(upload_id: UUID, request: Request, actor: Person) -> Response:
    """Take the file in."""
    pages = _pages(actor)
    kind, data = await uploads.kept(request.app.state.transport, actor, upload_id)
    result = await lists.take_file(request, actor, kind, data)
    await uploads.drop(request.app.state.transport, actor)
    return pages.taken_in(request, result)
