"""Pupils who are offered to the own organisation: who takes them on, or gives them back for a reason."""

from collections.abc import Mapping
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response

from services.coordination.api.custody import answer
from services.coordination.domain.offers import ANSWERERS
from services.coordination.handlers.custody import AnswerOffer
from services.coordination.handlers.world import dates
from services.coordination.pages import naming, words
from services.coordination.pages.pupil import said
from services.coordination.pages.worklist import school_days
from services.coordination.store import offers, views
from shared.core.actor import Actor
from shared.core.errors import Invalid
from shared.schemas.vocabulary import codes
from shared.web.api.fields import Prose
from shared.web.auth import page_actor, require
from shared.web.forms import parse
from shared.web.pages import redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/custody-offers")
Person = Annotated[Actor, Depends(page_actor)]
LIST = "/coordination/custody-offers"
RETURNS = codes.CUSTODY_RETURNS.codes


class ReturnForm(BaseModel):
    """Why a pupil is given back, as somebody fills it in."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal[tuple(RETURNS)]  # type: ignore[valid-type]
    note: Prose | None = Field(None, max_length=2000)


@router.get("")
async def show(request: Request, actor: Person) -> Response:
    """Everybody who waits for an answer or a confirmation of the own organisation, the most urgent first."""
    return await _page(request, actor)


@router.post("/{offer_id}/acceptance")
async def accept(request: Request, actor: Person, offer_id: str) -> Response:
    """Take a pupil on."""
    require(actor, *ANSWERERS)
    await answer(request, actor, AnswerOffer("", offer_id))
    return redirect(request, LIST, _("You take the pupil on: now, or on the day that stood with it."))


@router.post("/{offer_id}/return")
async def give_back(request: Request, actor: Person, offer_id: str) -> Response:
    """Give a pupil back; without a reason the page is shown again."""
    require(actor, *ANSWERERS)
    form = await request.form()
    try:
        filled = parse(ReturnForm, form)
    except Invalid as error:
        typed = {name: str(form.get(name, "")) for name in ReturnForm.model_fields}
        return await _page(request, actor, again={"offer_id": offer_id, "faults": error.faults, **typed})
    await answer(request, actor, AnswerOffer("", offer_id, filled.reason, note=filled.note))
    return redirect(request, LIST, _("The pupil is given back. The coordinator of the region sees to it."))


async def _page(request: Request, actor: Actor, again: Mapping[str, Any] | None = None) -> Response:
    """The list; `again`: what somebody filled in wrongly, and in which form."""
    require(actor, *ANSWERERS)
    now = request.app.state.clock.now()
    async with request.app.state.database.as_actor(actor) as conn:
        found = await offers.offered_pupils(conn, actor.organisation)
        people = {one[who] for one in found for who in ("contact", "holder_contact") if one[who]}
        names = await naming.organisations(conn, {one["holder"] for one in found})
        names |= await views.people(conn, sorted(people))
        days = partial(school_days, now=now, dates=await dates(conn))
    return render(
        request,
        "coordination/offers.html",
        422 if again else 200,
        offers=[_shown(one, names, days(one)) for one in found],
        returns=RETURNS,
        again=again or {"offer_id": "", "faults": ()},
        words=words.EVERYTHING,
    )


def _shown(offer: dict[str, Any], names: Mapping[str, str], days: int) -> dict[str, Any]:
    holder = {"organisation": offer["holder"], "role": offer["holder_role"], "contact": offer["holder_contact"]}
    return offer | {
        "why": codes.SITUATIONS.codes.get(offer["situation"], offer["situation"]),
        "from": said(holder, names),
        "to": said(offer | {"organisation": ""}, names),
        "days": days,
        "urgent": days <= 1,
    }
