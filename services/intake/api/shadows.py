"""Pupils whom an institution knows from the national chain alone."""

from typing import Annotated

from fastapi import Query, Request
from pydantic import Field

from services.intake.api.exports import check_sender
from services.intake.api.models import Programme, PupilMeant, Sender, Status
from services.intake.domain.access import READERS, check_access
from services.intake.handlers.chain.shadows import LinkShadow, link_shadow
from services.intake.store import exports
from shared.core.errors import Fault, Invalid
from shared.core.tabular import formats
from shared.messaging.outbox import perform
from shared.web.api import fields
from shared.web.api.router import MOVES, Asked, PageAsked, Part

part = Part()


class ShadowApplication(fields.Shown):
    """An application of a shadow at the own institution."""

    own_id: str = Field(description="Its key in the chain (ketenid)", examples=["K200396"])
    programme: Programme
    status: Status


class ShadowShown(fields.Shown):
    """A pupil who is known from the national chain alone."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    applications: list[ShadowApplication] = Field(description="The applications at the own institution")


class ShadowPage(fields.Page):
    """Shadows, by reference."""

    items: list[ShadowShown] = Field(description="The shadows of this page")


class ShadowIs(Asked):
    """Who a shadow is."""

    pgn: fields.PersonalNumber


@part.get("/shadows", tags=["pupils"])
async def get_shadows(actor: Sender, request: Request, asked: Annotated[PageAsked, Query()]) -> ShadowPage:
    """List the pupils whom the own institution knows from the national chain alone."""
    check_access(actor, READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await exports.shadows(conn, actor.organisation, asked.after, asked.limit)
    items = [
        ShadowShown(
            pupil_ref=one["pupil_ref"],
            cohort=one["cohort"],
            applications=[
                ShadowApplication(own_id=own_id, programme=programme, status=status)
                for own_id, programme, status in zip(one["own_ids"], one["programmes"], one["statuses"], strict=True)
            ],
        )
        for one in found
    ]
    return ShadowPage(items=items, next=found[-1]["pupil_ref"] if len(found) == asked.limit else None)


@part.post("/shadows/{pupil_ref}/links", status_code=202, tags=["pupils"], responses=MOVES)
async def post_shadow_link(
    pupil_ref: fields.PupilInPath, body: ShadowIs, actor: Sender, request: Request
) -> PupilMeant:
    """Say who a shadow is. The applications become the pupil's, at every institution; all services are told."""
    check_sender(actor)
    state = request.app.state
    try:
        formats.PGN.parse(body.pgn)
    except ValueError:
        raise Invalid([Fault("/body/pgn", formats.PGN.expected)]) from None
    command = LinkShadow(pupil_ref, state.keys.pupil_ref(body.pgn))
    return PupilMeant(pupil_ref=await perform(state.transport, actor, link_shadow, command))
