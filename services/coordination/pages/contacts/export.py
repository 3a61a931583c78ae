"""Lists of contacts as a file, in the columns in which they are handed in (docs/csv.md). It is written down before it
leaves."""

from collections.abc import Iterator, Sequence
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination import store
from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import keeps
from services.coordination.handlers.staff.contacts import known
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import Forbidden
from shared.core.logging import get_logger
from shared.core.tabular import write
from shared.core.tabular.kinds import CONTACTS
from shared.schemas.envelope import Organisation
from shared.web.auth import page_actor, require
from shared.web.lists import kept

router = APIRouter(prefix="/contacts")
Person = Annotated[Actor, Depends(page_actor)]
PAGE = "coordination-contacts"
COLUMNS = [column.name for column in CONTACTS.columns]


@router.post("/organisations/{code}/export")
async def export(request: Request, actor: Person, code: Organisation) -> Response:
    """The list of one organisation, for who works there or keeps it."""
    async with request.app.state.database.as_actor(actor) as conn:
        listing = (await known(conn, code)).listing
    if actor.organisation != code and not keeps(actor, listing):
        raise Forbidden("this list is kept by others")
    return await _file(request, actor, code, [listing])


@router.post("/export")
async def export_region(request: Request, actor: Person) -> Response:
    """Every list of the own region, for its coordinator."""
    require(actor, Role.REGION_COORDINATOR)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await store.listings(conn, await store.organisations_in(conn, actor.organisation))
    return await _file(request, actor, actor.organisation, [found[code] for code in sorted(found)])


async def _file(request: Request, actor: Actor, about: str, listings: Sequence[Listing]) -> Response:
    now, rows = request.app.state.clock.now(), [row for listing in listings for row in _rows(listing)]
    async with request.app.state.database.as_actor(actor) as conn:
        told = kept.Export(now, PAGE, actor.person_ref or "", actor.role, "", False, len(rows))
        await kept.log_export(conn, actor, told)
    get_logger().info("list_exported", page=PAGE, rows=len(rows))
    name = f"contactpersonen-{about}-{civil_date(now).isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(write(COLUMNS, rows), media_type="text/csv; charset=utf-8", headers=headers)


def _rows(listing: Listing) -> Iterator[dict[str, str]]:
    """The list as rows. A deputy who is on no list has no known address, and stays out."""
    addresses = {contact.person_ref: contact.email for contact in listing.contacts}
    for contact in listing.contacts:
        yield {
            "organisatie": listing.code,
            "rol": contact.role,
            "naam": contact.name,
            "email": contact.email,
            "plaatsvervanger_email": addresses.get(contact.deputy_ref or "", ""),
            "vanaf": contact.valid_from.isoformat(),
            "tot": contact.valid_until.isoformat() if contact.valid_until else "",
            "team": contact.team or "",
        }
