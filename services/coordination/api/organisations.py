"""Organisations and who can be reached there: read by everybody, changed by who keeps the list."""

from datetime import date
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.coordination.api.absences import Where
from services.coordination.api.staff import carry_out
from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import Desk, Reached, desks, vacant
from services.coordination.handlers.staff.contacts import (
    AddContact,
    ChangeContact,
    Filled,
    Kept,
    add_contact,
    change_contact,
    known,
    of_region,
    own_region,
    reached_by,
)
from services.coordination.handlers.staff.lists import person_ref as ref_of
from services.coordination.handlers.world import almanac
from shared.core.actor import Actor
from shared.core.tabular.kinds import ROLES
from shared.messaging.outbox import perform
from shared.schemas.envelope import Code, EntityId
from shared.web.api import fields
from shared.web.api.router import Asked, PageAsked, Part
from shared.web.api.versions import STALE, Expected, tag
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
RoleCode = Literal[ROLES]  # type: ignore[valid-type]
RoleInPath = Annotated[RoleCode, fields.in_path("Role at that organisation", "mentor")]
PersonInPath = Annotated[EntityId, fields.in_path("Reference of the member of staff", fields.KEY)]
EMAIL = r"^[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,60}(\.[A-Za-z0-9-]{1,30}){1,3}$"
DAY = "2026-08-01"


class OrganisationsAsked(PageAsked):
    """Which organisations are asked for."""

    region: fields.Region | None = Field(None, description="Region; absent: the own one", examples=["15"])


class OrganisationShown(fields.Shown):
    """An organisation, and by which roles nobody can reach it today."""

    organisation: fields.Organisation
    kind: Literal["vo", "mbo", "municipality", "region"] = Field(description="Kind of organisation", examples=["vo"])
    name: str = Field(description="Its name", examples=["Voorbeeldcollege"])
    region: str | None = Field(description="Its region; null: not known", examples=["15"])
    municipality: str | None = Field(description="Where it is, when it told; its school days count", examples=["0344"])
    vacant: list[str] = Field(description="Roles that must act and in which nobody is present", examples=[["decaan"]])


class OrganisationPage(fields.Page):
    """Organisations of a region, by code."""

    items: list[OrganisationShown] = Field(description="The organisations of this page")


class ContactShown(fields.Shown):
    """Somebody in a role."""

    person_ref: EntityId = Field(description="Reference of the member of staff", examples=[fields.KEY])
    role: fields.Role
    name: str = Field(description="Full name", examples=["Ada Voorbeeld"])
    email: str = Field(description="Work address", examples=["decaan@school.example"])
    deputy: fields.PersonRef = None
    team: str | None = Field(None, description="Team within the organisation", examples=["techniek"])
    valid_from: date = Field(description="First day in the role", examples=[DAY])
    valid_until: date | None = Field(None, description="First day no longer in the role", examples=[None])
    state: Literal["present", "away", "later", "ended"] = Field(description="Today", examples=["present"])
    stands_in: fields.PersonRef = None


class OrganisationContacts(OrganisationShown):
    """An organisation with everybody on its list. The ETag is the version of the list."""

    contacts: list[ContactShown] = Field(description="Everybody on the list, by role and name")


class ContactFilled(Asked):
    """What the list says of somebody in a role."""

    name: fields.Line = Field(min_length=1, max_length=200, description="Full name", examples=["Ada Voorbeeld"])
    deputy: EntityId | None = Field(None, description="Who takes over: somebody else on the list", examples=[None])
    team: Code | None = Field(None, description="Team within the organisation, as a code", examples=["techniek"])
    valid_from: fields.CivilDate = Field(description="First day in the role", examples=[DAY])
    valid_until: fields.CivilDate | None = Field(
        None, description="First day no longer in the role; null: not known", examples=[None]
    )


class ContactAdded(ContactFilled):
    """Somebody who gets a role."""

    role: RoleCode = Field(description="Role that people have at this kind of organisation", examples=["decaan"])
    email: str = Field(pattern=EMAIL, max_length=200, description="Work address", examples=["decaan@school.example"])


class ContactMeant(fields.Shown):
    """Whom it was about, and what followed for pupils. The ETag is the new version of the list."""

    organisation: fields.Organisation
    role: fields.Role
    person_ref: EntityId = Field(description="Reference of the member of staff", examples=[fields.KEY])
    handed_over: int = Field(ge=0, description="Transitions that somebody else has because of it", examples=[0])


@router.get("/organisations", tags=["organisations"])
async def get_organisations(
    request: Request, actor: Caller, asked: Annotated[OrganisationsAsked, Query()]
) -> OrganisationPage:
    """List the organisations of a region, with its municipalities, and where nobody can be reached."""
    today = almanac().day(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        region = asked.region or await own_region(conn, actor)
        found = await of_region(conn, region, today) if region else []
        by = await reached_by(conn, region, today)
    rest = [one for one in sorted(found, key=lambda one: one.code) if one.code > asked.after]
    items = [OrganisationShown.model_validate(_told(one, by, today)) for one in rest[: asked.limit]]
    return OrganisationPage(items=items, next=items[-1].organisation if len(rest) > asked.limit else None)


@router.get("/organisations/{organisation}/contacts", tags=["organisations"], responses={404: {}})
async def get_contacts(
    request: Request, response: Response, actor: Caller, organisation: Where
) -> OrganisationContacts:
    """Show who can be reached at an organisation."""
    today = almanac().day(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        found = await known(conn, organisation)
        by = await reached_by(conn, found.listing.region, today)
    tag(response, found.roster.version)
    people = [_desk(desk) for desk in desks(found.listing, today)]
    return OrganisationContacts.model_validate(_told(found.listing, by, today) | {"contacts": people})


@router.post(
    "/organisations/{organisation}/contacts", status_code=202, tags=["organisations"], responses={404: {}, **STALE}
)
async def post_contact(
    request: Request, response: Response, version: Expected, organisation: Where, asked: ContactAdded, actor: Caller
) -> ContactMeant:
    """Put somebody on the list in a role."""
    filled = Filled(asked.name, asked.valid_from, asked.valid_until, asked.deputy, asked.team)
    command = AddContact(organisation, asked.role, asked.email.lower(), filled, version)
    kept: Kept = await carry_out(perform, request.app.state.transport, actor, add_contact, command)
    return _meant(response, kept, asked.role, ref_of(asked.email))


@router.put(
    "/organisations/{organisation}/contacts/{role}/{person_ref}", tags=["organisations"], responses={404: {}, **STALE}
)
async def put_contact(
    request: Request,
    response: Response,
    version: Expected,
    organisation: Where,
    role: RoleInPath,
    person_ref: PersonInPath,
    asked: ContactFilled,
    actor: Caller,
) -> ContactMeant:
    """Say something else of somebody in a role; who is not present by it hands over at once."""
    filled = Filled(asked.name, asked.valid_from, asked.valid_until, asked.deputy, asked.team)
    command = ChangeContact(organisation, role, person_ref, filled, version)
    kept: Kept = await carry_out(perform, request.app.state.transport, actor, change_contact, command)
    return _meant(response, kept, role, person_ref)


def _meant(response: Response, kept: Kept, role: str, person: str) -> ContactMeant:
    tag(response, kept.roster.version)
    code = kept.listing.code
    return ContactMeant(organisation=code, role=role, person_ref=person, handed_over=kept.handed_over)


def _told(listing: Listing, by: Reached, on: date) -> dict[str, object]:
    names = ("kind", "name", "region", "municipality")
    return {name: getattr(listing, name) for name in names} | {
        "organisation": listing.code,
        "vacant": list(vacant(listing, by, on)),
    }


def _desk(desk: Desk) -> ContactShown:
    contact = desk.contact
    told = contact.model_dump(exclude={"away", "deputy_ref"})
    return ContactShown(**told, deputy=contact.deputy_ref, state=desk.state, stands_in=desk.stands_in)
