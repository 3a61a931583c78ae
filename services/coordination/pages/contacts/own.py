"""Who works at the own organisation, and where to go from there."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import keeps
from services.coordination.handlers.staff.absences import TELLERS
from services.coordination.handlers.staff.contacts import known
from services.coordination.handlers.world import almanac
from services.coordination.pages.contacts import shown
from shared.core.actor import Actor, Role
from shared.core.errors import NotFound
from shared.storage.pool import Connection
from shared.web.auth import page_actor
from shared.web.pages import render

router = APIRouter(prefix="/contacts")
Person = Annotated[Actor, Depends(page_actor)]


@router.get("")
async def show(request: Request, actor: Person) -> Response:
    """The contacts of the own organisation."""
    today = almanac().day(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        listing = await _own(conn, actor)
    people, _before = shown.lines(listing, today, inside=True) if listing else ([], [])
    return render(
        request,
        "coordination/contacts/own.html",
        people=people,
        here=shown.organisation(listing.code) if listing else "",
        keeper=listing is not None and keeps(actor, listing),
        hands_in=actor.role in TELLERS,
        coordinates=actor.role is Role.REGION_COORDINATOR,
    )


async def _own(conn: Connection, actor: Actor) -> Listing | None:
    """The list of the own organisation; None for who belongs to none, such as the operator."""
    try:
        return (await known(conn, actor.organisation)).listing
    except NotFound:
        return None
