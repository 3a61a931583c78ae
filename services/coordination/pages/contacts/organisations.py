"""Whom to reach in a region, and one organisation with everybody on its list."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import Reached, keeps, vacant
from services.coordination.handlers.staff.contacts import known, of_region, own_region, reached_by
from services.coordination.handlers.world import almanac
from services.coordination.pages.contacts import shown
from shared.core import reference
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.schemas.envelope import Organisation
from shared.web.auth import page_actor
from shared.web.pages import render
from shared.web.texts import gettext as _
from shared.web.words import ROLES

router = APIRouter(prefix="/contacts/organisations")
Person = Annotated[Actor, Depends(page_actor)]


@router.get("")
async def region(request: Request, actor: Person, region: str = "", view: str = "all") -> Response:
    """Whom to reach in a region: its coordinator and Doorstroompunt, leerplicht per municipality, institutions and
    schools. `view`: `nobody` for where a role is empty."""
    today = almanac().day(request.app.state.clock.now())
    regions = reference.load().regions(today)
    if region and not almanac().is_region(region):
        raise NotFound
    async with request.app.state.database.as_actor(actor) as conn:
        region = region or await own_region(conn, actor) or ""
        listings = await of_region(conn, region, today) if region else []
        by = await reached_by(conn, region, today)
    empty = [one for one in listings if vacant(one, by, today)]
    return render(
        request,
        "coordination/contacts/region.html",
        region=region,
        name=reference.load().region_name(region) or "",
        regions=[(one.code, one.name) for one in regions],
        views=_views(region, view, len(listings), len(empty)),
        groups=_groups(empty if view == "nobody" else listings, by, today),
    )


@router.get("/{code}")
async def organisation(request: Request, actor: Person, code: Organisation) -> Response:
    """Everybody on the list of one organisation."""
    today = almanac().day(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        found = await known(conn, code)
        by = await reached_by(conn, found.listing.region, today)
    listing, keeper = found.listing, keeps(actor, found.listing)
    inside = keeper or actor.organisation == code
    people, before = shown.lines(listing, today, inside)
    return render(
        request,
        "coordination/contacts/organisation.html",
        listing=listing,
        here=shown.organisation(code),
        kind=_(shown.KIND[listing.kind]),
        region=reference.load().region_name(listing.region) if listing.region else "",
        municipality=reference.load().municipality_name(listing.municipality or "") or "",
        reached=shown.reached(listing, by, today),
        people=people,
        before=before,
        keeper=keeper,
        inside=inside,
        changed=found.roster.changed_at,
        changed_by=_(ROLES.get(found.roster.changed_by or "", found.roster.changed_by or "")),
    )


def _views(region: str, view: str, everything: int, empty: int) -> list[dict[str, Any]]:
    base = f"{shown.HOME}/organisations?region={region}&view="
    return [
        {"href": f"{base}all", "text": _("All organisations"), "n": everything, "current": view != "nobody"},
        {"href": f"{base}nobody", "text": _("Nobody to reach"), "n": empty, "current": view == "nobody"},
    ]


def _groups(listings: list[Listing], by: Reached, on: date) -> list[dict[str, Any]]:
    """The organisations per kind, each with who is reached there."""
    return [
        {
            "kind": kind,
            "title": _(title),
            "rows": [
                {"name": one.name, "href": shown.organisation(one.code), "reached": shown.reached(one, by, on)}
                for one in listings
                if one.kind == kind
            ],
        }
        for kind, title in shown.KINDS.items()
    ]
