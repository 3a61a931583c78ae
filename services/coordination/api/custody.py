"""Offers of custody: what is offered to the own organisation, and the answer to it."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Request
from pydantic import Field

from services.coordination.handlers.custody import AnswerOffer, answer_offer
from services.coordination.store import offers
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.envelope import Code, EntityId
from shared.schemas.vocabulary import codes
from shared.web.api import fields
from shared.web.api.router import MOVES, Asked, Part
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
OfferInPath = Annotated[EntityId, fields.in_path("Key of the offer", fields.KEY)]
RETURNS = tuple(codes.CUSTODY_RETURNS.codes)
MOMENT = "2027-09-03T09:00:00Z"


class ReturnAsked(Asked):
    """Why a pupil is given back."""

    reason: Literal[RETURNS] = Field(description="Code of the reason", examples=["not_resident"])  # type: ignore[valid-type]
    note_ref: EntityId | None = Field(None, description="Note within the organisation", examples=[None])


class OfferShown(fields.Shown):
    """A pupil who is offered to the own organisation."""

    offer_id: EntityId = Field(description="Key of the offer", examples=[fields.KEY])
    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    situation: Code = Field(description="What asks for this custodian", examples=["left_under_18"])
    basis: Literal["statutory", "agreed"] = Field(description="By law or by agreement", examples=["statutory"])
    state: Literal["offered", "in_effect"] = Field(description="Not answered, or in effect", examples=["offered"])
    offered_at: datetime = Field(description="When it was offered", examples=[MOMENT])
    answer_by: datetime = Field(description="By when an answer is expected", examples=["2027-10-01T15:00:00Z"])
    starts_on: date | None = Field(description="Day it begins; null: when accepted", examples=["2027-10-01"])


class Offers(fields.Shown):
    """What is offered, most urgent first; 500 at most."""

    items: list[OfferShown] = Field(description="The offers")


class OfferMeant(fields.Shown):
    """Which offer it was about."""

    offer_id: EntityId = Field(description="Key of the offer", examples=[fields.KEY])


@router.get("/custody-offers", tags=["custody-offers"])
async def get_custody_offers(request: Request, actor: Caller) -> Offers:
    """List the pupils who are offered to the own organisation and wait for an answer."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await offers.open_offers(conn, actor.organisation)
    return Offers(items=[OfferShown.model_validate(one) for one in found])


@router.post(
    "/custody-offers/{offer_id}/acceptance", status_code=202, tags=["custody-offers"], responses={404: {}, **MOVES}
)
async def post_acceptance(request: Request, actor: Caller, offer_id: OfferInPath) -> OfferMeant:
    """Take a pupil on: at once, or on the day that the offer names."""
    return await _answered(request, actor, offer_id)


@router.post(
    "/custody-offers/{offer_id}/return", status_code=202, tags=["custody-offers"], responses={404: {}, **MOVES}
)
async def post_return(request: Request, actor: Caller, offer_id: OfferInPath, asked: ReturnAsked) -> OfferMeant:
    """Give a pupil back; the coordinator of the region is asked to settle it."""
    return await _answered(request, actor, offer_id, asked.reason, asked.note_ref)


async def _answered(
    request: Request, actor: Actor, offer_id: str, reason: str | None = None, note_ref: str | None = None
) -> OfferMeant:
    await answer(request, actor, AnswerOffer("", offer_id, reason, note_ref))
    return OfferMeant(offer_id=offer_id)


async def answer(request: Request, actor: Actor, command: AnswerOffer) -> str:
    """Answer an offer to the own organisation; shared by the API and the pages. Whom it is about is looked up here, and
    returned. Raises `NotFound` and what `answer_offer` raises."""
    async with request.app.state.database.as_actor(actor) as conn:
        pupil_ref = await offers.pupil_of_offer(conn, command.offer_id, actor.organisation)
    await perform(request.app.state.transport, actor, answer_offer, replace(command, pupil_ref=pupil_ref))
    return pupil_ref
