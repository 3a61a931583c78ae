"""Handing in a file: first a preview with every fault, then for real."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.intake.domain.access import check_access
from services.intake.handlers import files
from services.intake.handlers.files.step_kinds import senders
from shared.core.actor import Actor, Role
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
    "invitations": marked("Invitations and appointments (uitnodigingen)"),
    "starters": marked("Started or not (starters)"),
    "switches": marked("Changes of programme (wissels)"),
    "leavers": marked("Enrolments that ended (uitschrijvingen)"),
    "absences": marked("Reports of absence (verzuim)"),
}
SENDERS = frozenset[Role]().union(*(senders(kind) for kind in KINDS))


def _pages(actor: Actor) -> FilePages:
    """The pages with the kinds of file that this person may send."""
    return FilePages("/intake/", {kind: name for kind, name in KINDS.items() if actor.role in senders(kind)})


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file."""
    check_access(actor, SENDERS)
    return _pages(actor).form(request)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """What would become of the file. Nothing has happened yet; it is kept, sealed, until it is confirmed."""
    check_access(actor, SENDERS)
    state, form, pages = request.app.state, await request.form(), _pages(actor)
    try:
        kind, data = await pages.read(form)
        handler, command = files.command(kind, data, state.keys, state.clock.now())
    except Invalid as error:
        return pages.form(request, error.faults, str(form.get("kind") or ""))
    result = await preview(state.transport, actor, handler, command)
    upload_id = await uploads.keep(state.transport, actor, kind, data)
    return pages.preview(request, Kept(upload_id, kind), result)


@router.post("/{upload_id}")
async def confirm(upload_id: UUID, request: Request, actor: Person) -> Response:
    """Take the file in."""
    state = request.app.state
    kind, data = await uploads.kept(state.transport, actor, upload_id)
    check_access(actor, senders(kind))
    handler, command = files.command(kind, data, state.keys, state.clock.now())
    result = await perform(state.transport, actor, handler, command)
    await uploads.drop(state.transport, actor)
    return _pages(actor).taken_in(request, result)
