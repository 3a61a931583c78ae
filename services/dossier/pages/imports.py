"""Handing in a file: first a preview with every fault, then for real."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.api import look_at, take_in
from services.dossier.handlers import uploads
from services.dossier.handlers.files import FILES
from services.dossier.handlers.sides import require_side
from services.dossier.pages import words
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.ids import new_id
from shared.messaging.outbox import perform
from shared.web.auth import page_actor
from shared.web.forms import read_upload
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/import")
Person = Annotated[Actor, Depends(page_actor)]
FAULTS_SHOWN = 200
FIELDS = ("kind", "file", "confirm")


@router.get("")
async def choose(request: Request, actor: Person) -> Response:
    """Choose a file."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return _form(request)


@router.post("")
async def check(request: Request, actor: Person) -> Response:
    """What would become of the file. Nothing has happened yet; it is kept, sealed, until it is confirmed."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    state, form = request.app.state, await request.form()
    kind = str(form.get("kind") or "")
    try:
        if kind not in FILES:
            raise Invalid([Fault("kind", _("Choose what kind of file it is"), "missing")])
        data = await read_upload(form, "file")
        answer = await look_at(state.transport, actor, kind, data)
    except Invalid as error:
        return _form(request, error.faults, kind)
    upload = uploads.KeepUpload(new_id(), kind, state.keys.seal(data.decode("utf-8")))
    await perform(state.transport, actor, uploads.keep_upload, upload)
    return _preview(request, upload.upload_id, kind, answer)


@router.post("/{upload_id}")
async def confirm(upload_id: UUID, request: Request, actor: Person) -> Response:
    """Take the file in."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    state, form = request.app.state, await request.form()
    async with state.database.as_actor(actor) as conn:
        kept = await store.upload(conn, uploads.owner_of(actor))
    if kept is None or kept[0] != upload_id:
        raise NotFound("this file was not kept")
    _id, kind, sealed = kept
    data = state.keys.unseal(sealed).encode()
    try:
        answer = await take_in(state.transport, actor, kind, data, confirm="confirm" in form)
    except Invalid as error:
        return _preview(request, upload_id, kind, await look_at(state.transport, actor, kind, data), error.faults)
    await perform(state.transport, actor, uploads.drop_upload, uploads.DropUpload())
    counts = {name: answer[name] for name in ("applied", "unchanged", "quarantined")}
    message = _("The file is taken in: %(applied)s new, %(unchanged)s unchanged, %(quarantined)s set aside.", **counts)
    return redirect(request, "/dossier/", message)


def _form(request: Request, faults: Sequence[Fault] = (), kind: str = "") -> Response:
    placed = [f if f.where in FIELDS else Fault("file", f"{f.where}: {f.expected}", f.code) for f in faults]
    kinds = [(code, _(text)) for code, text in words.FILES.items()]
    return render(request, "dossier/import.html", 422 if faults else 200, faults=placed, kinds=kinds, kind=kind)


def _preview(
    request: Request, upload_id: UUID, kind: str, answer: dict[str, Any], faults: Sequence[Fault] = ()
) -> Response:
    return render(
        request,
        "dossier/preview.html",
        422 if faults else 200,
        kind=_(words.FILES[kind]),
        upload_id=upload_id,
        answer=answer,
        faults=[Fault("confirm", fault.expected, fault.code) for fault in faults],
        limit=FAULTS_SHOWN,
    )
