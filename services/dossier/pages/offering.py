"""Handing over, for the school: check what goes, confirm, and take back."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.dossier import store
from services.dossier.domain.handover import open_moves
from services.dossier.domain.progress import may_receive
from services.dossier.domain.transfer import CATEGORIES, WRITTEN
from services.dossier.handlers import handovers
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.transfer.readers import may_see
from services.dossier.pages import reading, words
from services.dossier.pages.reading import Card, Names
from services.dossier.pages.transfer.sections import surveyed
from services.dossier.pages.transfer.words import CATEGORIES as NAMES
from services.dossier.pages.transfer.words import OBSTACLES
from services.dossier.store import transfer
from shared.core import reference
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, NotFound
from shared.messaging.outbox import perform
from shared.schemas.envelope import MboInstitution, PupilRef
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import marked

router = APIRouter()
Person = Annotated[Actor, Depends(page_actor)]
OPENED_WITHIN = 10
"""School days, as in the agreement that holds without any other (deploy/agreements/default.yaml)."""


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
    """What would go to whom, and everything that is still in the way. Nothing has happened yet."""
    return await _check(request, actor, await surveyed(request, actor, pupil_ref))


@router.post("/pupils/{pupil_ref}/handover")
async def confirm(request: Request, actor: Person, pupil_ref: PupilRef) -> Response:
    """Offer the dossier. With something in the way the page is shown again, with everything that is."""
    card = await surveyed(request, actor, pupil_ref)
    if _obstacles(request, card):
        return await _check(request, actor, card)
    form = await request.form()
    try:
        filled = parse(OfferForm, form)
    except Invalid as error:
        given = {name: str(form.get(name, "")) for name in OfferForm.model_fields}
        return await _check(request, actor, card, given, error.faults)
    command = handovers.Offer(card.pupil.pupil_ref, card.pupil.cohort, filled.mbo_institution, filled.kind)
    handover_id = await perform(request.app.state.transport, actor, handovers.offer, command)
    return redirect(request, f"/dossier/handovers/{handover_id}/offered")


def _obstacles(request: Request, card: Card) -> list[str]:
    """Codes of everything that is in the way of handing over to whichever institution."""
    today = civil_date(request.app.state.settings.clock.now())
    nobody = [] if may_receive(card.applications, card.handovers) else ["no_application"]
    return [*nobody, *card.preparation.obstacles(today)]


async def _check(
    request: Request,
    actor: Actor,
    card: Card,
    filled: Mapping[str, str] | None = None,
    faults: Sequence[Fault] = (),
) -> Response:
    pupil = card.pupil
    async with request.app.state.database.as_actor(actor) as conn:
        names = Names(await store.organisations(conn, [actor.organisation], "mbo"))
        informed = await transfer.information(conn, pupil.vo_site, pupil.cohort, [pupil.pupil_ref])
    open_to = may_receive(card.applications, card.handovers)
    path = f"/dossier/pupils/{pupil.pupil_ref}"
    return render(
        request,
        "dossier/handover_check.html",
        422 if request.method == "POST" else 200,
        card=card,
        pupil=pupil,
        residence=reference.load().municipality_name(pupil.municipality or ""),
        names=names,
        obstacles=[_obstacle(code, path) for code in _obstacles(request, card)],
        rows=[_row(actor, card, code, path) for code in CATEGORIES],
        informed=informed.get(pupil.pupil_ref),
        institutions=[(code, names.organisation(code)) for code in open_to],
        kinds=[(code, _(text)) for code, text in words.HANDOVER_KINDS.items()],
        filled=filled or {"mbo_institution": open_to[0] if len(open_to) == 1 else "", "kind": "cold"},
        faults=faults,
        words=words.EVERYTHING,
    )


def _obstacle(code: str, path: str) -> dict[str, str]:
    return {"text": _(OBSTACLES[code]), "href": f"{path}{words.MENDED[code]}"}


def _row(actor: Actor, card: Card, code: str, path: str) -> dict[str, str]:
    """One category: whether it goes, and where that can be changed by who may."""
    goes = card.preparation
    if code in goes.withheld:
        return _line(code, marked("Withheld: somebody objects"), "escalated", f"{path}/objections")
    mend = f"{path}/parts/{code}?back=handover" if code in WRITTEN and may_see(actor, card.pupil, code) else ""
    if code in goes.unfinished:
        return _line(code, marked("Not finished, does not go"), "busy", mend)
    if code in goes.not_present:
        return _line(code, marked("Absent"), "neutral", mend)
    return _line(code, marked("Goes"), "done", mend)


def _line(code: str, state: str, kind: str, href: str) -> dict[str, str]:
    return {"title": _(NAMES[code]), "state": _(state), "kind": kind, "href": href}


@router.get("/handovers/{handover_id}/offered")
async def offered(request: Request, actor: Person, handover_id: str) -> Response:
    """What happens next, and until when the institution should have opened it."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
        if held is None or held.offered_at is None:
            raise NotFound("no such handover")
        pupil = (await reading.card(conn, actor.organisation, held.pupil_ref)).pupil
        names = Names(await store.organisations(conn, [held.mbo_institution]))
    return render(
        request,
        "dossier/offered.html",
        pupil=pupil,
        held=held,
        institution=names.organisation(held.mbo_institution),
        open_by=answer_day(pupil.municipality, held.offered_at),
        may_withdraw="withdraw" in open_moves(held.status, "vo"),
        words=words.EVERYTHING,
    )


def answer_day(municipality: str | None, offered_at: datetime) -> date:
    """By when an institution should have opened a dossier: so many school days where the pupil lives."""
    return reading.calendar_of(municipality).add_school_days(civil_date(offered_at), OPENED_WITHIN)


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


@router.post("/handovers/{handover_id}/supplement")
async def supplement(request: Request, actor: Person, handover_id: str) -> Response:
    """Let what was finished since go too."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
    if held is None:
        raise NotFound("no such handover")
    command = handovers.Supplement(held.pupil_ref, handover_id)
    await perform(request.app.state.transport, actor, handovers.supplement, command)
    return redirect(request, f"/dossier/pupils/{held.pupil_ref}", _("What was new goes with the dossier now."))
