"""Handing over, for the school: check what goes, confirm, and take back."""

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.progress import may_receive
from services.dossier.handlers import handovers
from services.dossier.handlers.sides import require_side
from services.dossier.pages import reading, words
from services.dossier.pages.reading import Names
from shared.core import reference
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, NotFound
from shared.messaging.outbox import perform
from shared.schemas.envelope import MboInstitution, PupilRef
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]


class OfferForm(BaseModel):
    """An offer as somebody confirms it."""

    model_config = ConfigDict(extra="forbid")

    mbo_institution: MboInstitution
    kind: Literal["cold", "warm"]


class WithdrawalForm(BaseModel):
    """Why an offer is taken back."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["error", "objection"]


@router.get("/pupils/{pupil_ref}/handover")
async def check(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """What would go to whom. Nothing has happened yet."""
    return await _check(request, actor, pupil_ref)


@router.post("/pupils/{pupil_ref}/handover")
async def confirm(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Offer the dossier."""
    require_side(actor, "vo")
    try:
        filled = parse(OfferForm, await request.form())
    except Invalid as error:
        return await _check(request, actor, pupil_ref, error.faults)
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = (await reading.card(conn, actor.organisation, pupil_ref)).pupil
        names = Names(await store.organisations(conn, [filled.mbo_institution]))
    command = handovers.Offer(pupil.pupil_ref, pupil.cohort, filled.mbo_institution, filled.kind)
    await perform(request.app.state.transport, actor, handovers.offer, command)
    message = _(
        "The dossier of %(name)s is offered to %(institution)s. You see here when it is opened and taken over.",
        name=pupil.name,
        institution=names.organisation(filled.mbo_institution),
    )
    return redirect(request, f"/dossier/pupils/{pupil.pupil_ref}", message)


async def _check(request: Request, actor: Actor, pupil_ref: str, faults: Sequence[Fault] = ()) -> Response:
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        card = await reading.card(conn, actor.organisation, pupil_ref)
        names = Names(await store.organisations(conn, [actor.organisation], "mbo"))
    open_to = may_receive(card.applications, card.handovers)
    return render(
        request,
        "dossier/handover_check.html",
        422 if faults else 200,
        pupil=card.pupil,
        residence=reference.load().municipality_name(card.pupil.municipality or ""),
        names=names,
        institutions=[(code, names.organisation(code)) for code in open_to],
        kinds=[(code, _(text)) for code, text in words.HANDOVER_KINDS.items()],
        faults=faults,
    )


@router.post("/handovers/{handover_id}/withdraw")
async def withdraw(request: Request, actor: Person, handover_id: str) -> Response:
    """Take an offer back; the institution can no longer read the dossier."""
    require_side(actor, "vo")
    filled = parse(WithdrawalForm, await request.form())
    async with request.app.state.database.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
    if held is None:
        raise NotFound("no such handover")
    command = handovers.Step(held.pupil_ref, handover_id, "withdraw", filled.reason)
    await perform(request.app.state.transport, actor, handovers.step, command)
    return redirect(request, f"/dossier/pupils/{held.pupil_ref}", _("The offer is taken back."))
