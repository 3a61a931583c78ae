"""Files of the pupil: put in, look at, take out."""

from typing import Any

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from services.dossier.api.career.files import download
from services.dossier.domain.career import files
from services.dossier.domain.career.files import MOST_BYTES, TITLE_LENGTH, File
from services.dossier.handlers.mine.files import AddFile, ReadFile, RemoveFile, add_file, remove_file
from services.dossier.pages.mine.own import Pupil, load, ref
from shared.core.errors import Fault, Invalid
from shared.core.ids import new_id
from shared.messaging.outbox import perform
from shared.web.forms import read_upload
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/mine/career/files")


@router.get("/new")
async def ask(request: Request, actor: Pupil) -> Response:
    """The form for a file."""
    await load(request, actor)
    return _form(request)


@router.post("")
async def add(request: Request, actor: Pupil) -> Response:
    """Check a file and keep it, sealed."""
    form, state = await request.form(), request.app.state
    title = " ".join(str(form.get("title") or "").split())
    try:
        checked = _checked(title, await read_upload(form, "file", MOST_BYTES + 1))
        upload = form["file"]
        assert isinstance(upload, UploadFile)
        name = state.keys.seal(files.plain_name(upload.filename or ""))
        now = state.settings.clock.now()
        file = File(new_id().hex, title, checked.kind, len(checked.content), name, now)
        command = AddFile(ref(actor), file, state.keys.seal_bytes(checked.content))
        await perform(state.transport, actor, add_file, command)
    except Invalid as error:
        return _form(request, title, error.faults)
    return redirect(request, "/dossier/mine/career", _("The file is kept. Only you and your guides at school see it."))


def _checked(title: str, data: bytes) -> files.Checked:
    """The file as it is kept; everything that is wrong at once."""
    faults = [] if title else [Fault("title", _("Fill this in"), "missing")]
    if len(title) > TITLE_LENGTH or not title.isprintable():
        faults.append(Fault("title", _("At most %(max_length)s characters", max_length=TITLE_LENGTH), "too_long"))
    try:
        checked = files.checked(data)
    except Invalid as error:
        raise Invalid([*faults, *error.faults]) from None
    if faults:
        raise Invalid(faults)
    return checked


def _form(request: Request, title: str = "", faults: Any = ()) -> Response:
    return render(request, "dossier/mine/file.html", 422 if faults else 200, title=title, faults=faults)


@router.get("/{file_id}")
async def get(request: Request, actor: Pupil, file_id: str) -> Response:
    """The file itself, for its owner."""
    return await download(request, actor, ReadFile(file_id))


@router.post("/{file_id}/remove")
async def remove(request: Request, actor: Pupil, file_id: str) -> Response:
    """Delete a file. It does not come back."""
    await perform(request.app.state.transport, actor, remove_file, RemoveFile(ref(actor), file_id))
    return redirect(request, "/dossier/mine/career", _("It is deleted."))
