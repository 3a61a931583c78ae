"""Handing in a file: first a preview with every error, then for real."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.intake import domain, store
from services.intake.handlers import files
from services.intake.handlers.receipts import Told
from services.intake.store import Upload
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.ids import new_id
from shared.messaging.outbox import perform, preview
from shared.web.auth import page_actor
from shared.web.forms import read_upload
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked

router = APIRouter(prefix="/import")
Person = Annotated[Actor, Depends(page_actor)]
KINDS: dict[files.Kind, str] = {
    "applications": marked("Application statuses (aanmeldingen)"),
    "intakes": marked("Outcomes of intakes (intakes)"),
}
FAULTS_SHOWN = 200


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file."""
    domain.check_access(actor, domain.WRITERS)
    return _form(request)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """What would become of the file. Nothing has happened yet; it is kept, sealed, until it is confirmed."""
    domain.check_access(actor, domain.WRITERS)
    state, form = request.app.state, await request.form()
    now = state.clock.now()
    kind = next((kind for kind in KINDS if kind == form.get("kind")), None)
    try:
        if kind is None:
            raise Invalid([Fault("kind", "Choose what kind of file it is", "missing")])
        data = await read_upload(form, "file")
        handler, command = files.command(kind, data, state.keys, now)
    except Invalid as error:
        return _form(request, error, str(form.get("kind") or ""))
    told: Told = await preview(state.transport, actor, handler, command)
    upload_id = new_id()
    async with state.database.as_actor(actor) as conn:
        sealed = state.keys.seal(data.decode("utf-8"))
        await store.keep_upload(conn, Upload(upload_id, actor.organisation, kind, sealed), now)
    return render(
        request,
        "intake/preview.html",
        kind=_(KINDS[kind]),
        upload_id=upload_id,
        receipt=told.receipt,
        faults=told.faults,
        limit=FAULTS_SHOWN,
    )


@router.post("/{upload_id}")
async def confirm(upload_id: UUID, request: Request, actor: Person) -> Response:
    """Take the file in."""
    domain.check_access(actor, domain.WRITERS)
    state = request.app.state
    async with state.database.as_actor(actor) as conn:
        kept = await store.upload(conn, upload_id, actor.organisation)
    if kept is None:
        raise NotFound(f"upload {upload_id}")
    data = state.keys.unseal(kept.content).encode()
    handler, command = files.command(_kind(kept.kind), data, state.keys, state.clock.now())
    told: Told = await perform(state.transport, actor, handler, command)
    async with state.database.as_actor(actor) as conn:
        await store.drop_upload(conn, upload_id, actor.organisation)
    receipt = told.receipt
    counts = {"applied": receipt.applied, "unchanged": receipt.unchanged, "quarantined": receipt.quarantined}
    return redirect(
        request,
        "/intake/",
        _("The file is taken in: %(applied)s new, %(unchanged)s unchanged, %(quarantined)s set aside.", **counts),
    )


def _kind(text: str) -> files.Kind:
    return "applications" if text == "applications" else "intakes"


def _form(request: Request, error: Invalid | None = None, kind: str = "") -> Response:
    fields = ("kind", "file")
    faults: list[Any] = [
        fault if fault.where in fields else Fault("file", f"{fault.where}: {fault.expected}", fault.code)
        for fault in (error.faults if error else ())
    ]
    options = [(code, _(name)) for code, name in KINDS.items()]
    return render(request, "intake/import.html", 422 if faults else 200, faults=faults, kinds=options, kind=kind)
