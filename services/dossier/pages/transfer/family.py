"""What the school does with the family before a dossier leaves: informing them, and recording what they object to."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.dossier.domain.transfer import CATEGORIES, Information, Objector, to_inform
from services.dossier.handlers.transfer.informing import RecordInformation, record_information
from services.dossier.handlers.transfer.objecting import (
    RaiseObjection,
    WithdrawObjection,
    raise_objection,
    withdraw_objection,
)
from services.dossier.pages import words
from services.dossier.pages.reading import Card
from services.dossier.pages.transfer.sections import back_to, surveyed
from services.dossier.pages.transfer.words import CATEGORIES as NAMES
from services.dossier.pages.transfer.words import WHOM
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, Stale
from shared.messaging.outbox import perform
from shared.schemas.envelope import PupilRef
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/pupils/{pupil_ref}")
Person = Annotated[Actor, Depends(page_actor)]
EVERYTHING = "everything"
"""An objection to the whole dossier, as the form says it."""


class InformingForm(BaseModel):
    """Who was told, when and how."""

    model_config = ConfigDict(extra="forbid")

    informed_on: date
    whom: Literal["parents", "pupil"]
    how: Literal["talk", "letter", "mail", "portal", "other"]
    version: int = Field(ge=0)
    back: str = Field("", max_length=20)


class ObjectionForm(BaseModel):
    """What somebody does not want to leave."""

    model_config = ConfigDict(extra="forbid")

    category: Literal[(EVERYTHING, *CATEGORIES)]  # type: ignore[valid-type]
    raised_by: Objector
    reason: str = Field(min_length=1, max_length=2000)


@router.get("/informing")
async def ask_informing(request: Request, actor: Person, pupil_ref: PupilRef, back: str = "") -> Response:
    """The form: who was told what goes."""
    card = await surveyed(request, actor, pupil_ref)
    known = await _information(request, actor, card)
    today = civil_date(request.app.state.settings.clock.now())
    whom = to_inform(card.pupil.birth_date, today)
    filled = {"informed_on": today.isoformat(), "whom": whom, "how": "talk", "version": "0"}
    if known:
        told = (known.informed_on.isoformat(), known.whom, known.how, str(known.version))
        filled = dict(zip(("informed_on", "whom", "how", "version"), told, strict=True))
    return _informing_form(request, card, filled | {"back": back})


@router.post("/informing")
async def save_informing(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Record it; wrong input, or what somebody else recorded in the meantime, shows the form again."""
    card = await surveyed(request, actor, pupil_ref)
    form = await request.form()
    given = {name: str(form.get(name, "")) for name in InformingForm.model_fields}
    try:
        filled = parse(InformingForm, form)
        command = RecordInformation(
            card.pupil.pupil_ref, card.pupil.cohort, filled.informed_on, filled.whom, filled.how, filled.version
        )
        await perform(request.app.state.transport, actor, record_information, command)
    except Invalid as error:
        return _informing_form(request, card, given, error.faults)
    except Stale:
        there = await _information(request, actor, card)
        version = str(there.version if there else 0)
        return _informing_form(request, card, given | {"version": version}, there=there)
    path = f"/dossier/pupils/{card.pupil.pupil_ref}"
    message = _("Recorded: %(whom)s told what goes.", whom=_(WHOM[filled.whom]).lower())
    return redirect(request, back_to(path, filled.back, path), message)


async def _information(request: Request, actor: Actor, card: Card) -> Information | None:
    pupil = card.pupil
    async with request.app.state.database.as_actor(actor) as conn:
        found = await transfer.information(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    return found.get(pupil.pupil_ref)


def _informing_form(
    request: Request,
    card: Card,
    filled: dict[str, str],
    faults: Sequence[Fault] = (),
    there: Information | None = None,
) -> Response:
    return render(
        request,
        "dossier/transfer/informing.html",
        422 if faults or there else 200,
        card=card,
        pupil=card.pupil,
        goes=card.preparation.categories,
        filled=filled,
        faults=faults,
        there=there,
        words=words.EVERYTHING,
    )


@router.get("/objections")
async def objections(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """What somebody objects to, and the form for another objection."""
    return await _objections(request, actor, await surveyed(request, actor, pupil_ref))


@router.post("/objections")
async def object_to(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Record an objection. It holds at once, also for what was handed over."""
    card = await surveyed(request, actor, pupil_ref)
    form = await request.form()
    try:
        filled = parse(ObjectionForm, form)
    except Invalid as error:
        given = {name: str(form.get(name, "")) for name in ObjectionForm.model_fields}
        return await _objections(request, actor, card, given, error.faults)
    what = None if filled.category == EVERYTHING else filled.category
    command = RaiseObjection(card.pupil.pupil_ref, card.pupil.cohort, what, filled.raised_by, filled.reason)
    made = await perform(request.app.state.transport, actor, raise_objection, command)
    path = f"/dossier/pupils/{card.pupil.pupil_ref}/objections"
    undo = Undo(f"{path}/{made.objection_id}/withdraw")
    return redirect(request, path, _("The objection is recorded. It holds from now on."), undo)


@router.post("/objections/{objection_id}/withdraw")
async def withdraw(request: Request, actor: Person, pupil_ref: PupilRef, objection_id: str) -> Response:
    """Who objected no longer does."""
    card = await surveyed(request, actor, pupil_ref)
    command = WithdrawObjection(card.pupil.pupil_ref, card.pupil.cohort, objection_id)
    await perform(request.app.state.transport, actor, withdraw_objection, command)
    path = f"/dossier/pupils/{card.pupil.pupil_ref}/objections"
    return redirect(request, path, _("The objection is withdrawn."))


async def _objections(
    request: Request,
    actor: Actor,
    card: Card,
    filled: dict[str, str] | None = None,
    faults: Sequence[Fault] = (),
) -> Response:
    pupil = card.pupil
    async with request.app.state.database.as_actor(actor) as conn:
        found = await transfer.objections(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    return render(
        request,
        "dossier/transfer/objections.html",
        422 if faults else 200,
        card=card,
        pupil=pupil,
        objections=found.get(pupil.pupil_ref, []),
        subjects=[(EVERYTHING, _("The whole dossier")), *((c, _(NAMES[c])) for c in CATEGORIES)],
        filled=filled or {"category": EVERYTHING, "raised_by": "parent", "reason": ""},
        faults=faults,
        words=words.EVERYTHING,
    )
