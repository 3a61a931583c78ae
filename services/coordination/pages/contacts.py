"""Who can be reached at the own organisation; and handing in the files, for who keeps them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.coordination.api import take_contacts, take_organisations
from services.coordination.handlers.staff.lists import KEEPERS
from services.coordination.pages import words
from services.coordination.store import views
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid
from shared.schemas.imports import ImportResult
from shared.web.auth import page_actor, require
from shared.web.forms import parse, read_upload
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/contacts")
Person = Annotated[Actor, Depends(page_actor)]
DOORS = {"organisations": take_organisations, "contacts": take_contacts}


class UploadForm(BaseModel):
    """What kind of file it is."""

    model_config = ConfigDict(extra="ignore")

    kind: Literal["organisations", "contacts"]


@dataclass(frozen=True)
class HandedIn:
    """What became of a file that was handed in, if one was."""

    kind: str = ""
    faults: Sequence[Fault] = ()
    """Wrong with the form or the file as a whole."""
    result: ImportResult | None = None


@router.get("")
async def show(request: Request, actor: Person) -> Response:
    """The contacts of the own organisation."""
    return await _page(request, actor, HandedIn())


@router.post("")
async def hand_in(request: Request, actor: Person) -> Response:
    """Take in a file; rows that do not fit are shown and wait in quarantine."""
    require(actor, *KEEPERS)
    form = await request.form()
    kind = str(form.get("kind", ""))
    try:
        door = DOORS[parse(UploadForm, form).kind]
        result = await door(request, actor, await read_upload(form, "file"))
    except Invalid as error:
        return await _page(request, actor, HandedIn(kind, error.faults))
    if result.faults:
        return await _page(request, actor, HandedIn(kind, result=result))
    return redirect(request, "/coordination/contacts", _summary(result))


def _summary(result: ImportResult) -> str:
    return _(
        "The file is taken in: %(applied)s new or changed, %(unchanged)s unchanged, %(quarantined)s set aside.",
        applied=result.applied,
        unchanged=result.unchanged,
        quarantined=result.quarantined,
    )


async def _page(request: Request, actor: Actor, handed_in: HandedIn) -> Response:
    async with request.app.state.database.as_actor(actor) as conn:
        contacts = await views.contacts(conn, actor.organisation)
    people = {contact["person_ref"]: contact["name"] for contact in contacts}
    return render(
        request,
        "coordination/contacts.html",
        422 if handed_in.faults or handed_in.result else 200,
        contacts=[contact | {"deputy": people.get(contact["deputy_ref"] or "", "")} for contact in contacts],
        keeper=actor.role in KEEPERS,
        kinds=[(code, _(text)) for code, text in words.KINDS.items() if code in DOORS],
        handed_in=handed_in,
        result=_summary(handed_in.result) if handed_in.result else "",
        words=words.EVERYTHING,
    )
