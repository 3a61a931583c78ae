"""Handing in the status export of the national chain: it waits, with every fault, until it is confirmed."""

from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.intake.api.exports import hand_in
from services.intake.domain.access import WRITERS, check_access
from services.intake.handlers.chain.exports import ConfirmExport, confirm_export
from services.intake.store import exports
from services.intake.store.exports import Export
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound
from shared.messaging.outbox import perform
from shared.web.auth import page_actor
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked

router = APIRouter(prefix="/import/exports")
Person = Annotated[Actor, Depends(page_actor)]
HOME = "/intake/import/exports"
PIECE = 64 * 1024
STATES = {
    "arrived": (marked("Waits for you"), "new"),
    "taking": (marked("Is being taken in"), "busy"),
    "done": (marked("Taken in"), "done"),
}
"""State of a file → its words and the colour of its tag. One that does not come whole is forgotten, and not shown."""


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file; and what became of earlier ones."""
    check_access(actor, WRITERS)
    return await _form(request, actor)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """Put the rows aside. Nothing is taken in yet."""
    check_access(actor, WRITERS)
    upload = (await request.form()).get("file")
    if not isinstance(upload, UploadFile) or not upload.filename:
        return await _form(request, actor, [Fault("file", _("Choose a file"), "missing")])
    try:
        export_id = await hand_in(request, actor, _pieces(upload), confirmed=False)
    except Invalid as error:
        faults = [Fault("file", f"{fault.where}: {_(fault.expected)}", fault.code) for fault in error.faults]
        return await _form(request, actor, faults)
    return redirect(request, f"{HOME}/{export_id}")


@router.get("/{export_id}")
async def show(export_id: UUID, request: Request, actor: Person) -> Response:
    """A file: what is wrong with it, or what became of it."""
    check_access(actor, WRITERS)
    return render(request, "intake/export.html", home=HOME, export=await _own(request, actor, export_id), states=STATES)


@router.post("/{export_id}")
async def confirm(export_id: UUID, request: Request, actor: Person) -> Response:
    """Let the file be taken in. Who comes twice sees how far it is."""
    check_access(actor, WRITERS)
    try:
        await perform(request.app.state.transport, actor, confirm_export, ConfirmExport(export_id))
    except IllegalMove:
        return redirect(request, f"{HOME}/{export_id}")
    return redirect(request, f"{HOME}/{export_id}", _("The file is being taken in. You may leave this page."))


async def _form(request: Request, actor: Actor, faults: Sequence[Fault] = ()) -> Response:
    async with request.app.state.database.as_actor(actor) as conn:
        found = await exports.latest(conn, actor.organisation)
    status = 422 if faults else 200
    return render(request, "intake/exports.html", status, home=HOME, faults=faults, found=found, states=STATES)


async def _own(request: Request, actor: Actor, export_id: UUID) -> Export:
    async with request.app.state.database.as_actor(actor) as conn:
        found = await exports.one(conn, actor.organisation, export_id)
    if found is None or found.state not in STATES:
        raise NotFound(f"export {export_id}")
    return found


async def _pieces(upload: UploadFile) -> AsyncIterator[bytes]:
    while piece := await upload.read(PIECE):
        yield piece
