"""Who is away at an organisation: read, told, taken back."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field

from services.coordination.api.staff import carry_out
from services.coordination.domain.world.absences import Away
from services.coordination.domain.world.roster import keeps
from services.coordination.handlers.staff.absences import (
    RecordAbsence,
    WithdrawAbsence,
    record_absence,
    withdraw_absence,
)
from services.coordination.store import listings, roster
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.messaging.outbox import perform
from shared.schemas import envelope
from shared.web.api import fields
from shared.web.api.router import Asked, Part
from shared.web.api.versions import STALE, Expected, tag
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
Where = Annotated[envelope.Organisation, fields.in_path("Vo site, mbo institution, municipality or region", "99AA00")]
Who = Annotated[str, Field(max_length=64, description="Reference of the member of staff", examples=[fields.KEY])]


class AbsenceAsked(Asked):
    """Days on which somebody is away, in each of their roles; never why."""

    person_ref: Who
    since: fields.CivilDate = Field(description="First day away", examples=["2027-03-01"])
    until: fields.CivilDate | None = Field(None, description="First day back; null: not known", examples=["2027-03-15"])


class WithdrawalAsked(Asked):
    """Which absence was told of by mistake."""

    person_ref: Who
    since: fields.CivilDate = Field(description="First day away, as it was told", examples=["2027-03-01"])


class AbsenceShown(fields.Shown):
    """Days on which somebody is away."""

    person_ref: Who
    since: date = Field(description="First day away", examples=["2027-03-01"])
    until: date | None = Field(description="First day back; null: not known", examples=["2027-03-15"])


class Absences(fields.Shown):
    """Who is away, or will be."""

    items: list[AbsenceShown] = Field(description="The absences, by person and first day")


class ListMeant(fields.Shown):
    """Of which organisation the list changed."""

    organisation: fields.Organisation


@router.get("/organisations/{organisation}/staff-absences", tags=["absences"], responses={404: {}})
async def get_staff_absences(request: Request, response: Response, actor: Caller, organisation: Where) -> Absences:
    """List who is away at the own organisation, or at one whose contacts the sender keeps. The ETag is theirs."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = (await listings(conn, [organisation])).get(organisation)
        version = (await roster(conn, organisation)).version
    if not found or not (actor.organisation == organisation or keeps(actor, found)):
        raise NotFound
    tag(response, version)
    away = [Away(*one) for one in sorted(found.absences, key=lambda one: one[:2])]
    return Absences(items=[AbsenceShown.model_validate(one) for one in away])


@router.post(
    "/organisations/{organisation}/staff-absences", status_code=202, tags=["absences"], responses={404: {}, **STALE}
)
async def post_staff_absence(
    request: Request, response: Response, version: Expected, organisation: Where, asked: AbsenceAsked, actor: Caller
) -> ListMeant:
    """Tell that somebody is away. From that day on who stands in has what they had; with the same first day and another
    `until`, the period ends on that day."""
    away = Away(asked.person_ref, asked.since, asked.until)
    tag(response, await tell(request, actor, RecordAbsence(organisation, away, version)))
    return ListMeant(organisation=organisation)


@router.post(
    "/organisations/{organisation}/staff-absence-withdrawals",
    status_code=202,
    tags=["absences"],
    responses={404: {}, **STALE},
)
async def post_staff_absence_withdrawal(
    request: Request, response: Response, version: Expected, organisation: Where, asked: WithdrawalAsked, actor: Caller
) -> ListMeant:
    """Take back what was told by mistake. Who was said to be away gets back what still asks for them."""
    tag(
        response, await take_back(request, actor, WithdrawAbsence(organisation, asked.person_ref, asked.since, version))
    )
    return ListMeant(organisation=organisation)


async def tell(request: Request, actor: Actor, command: RecordAbsence) -> int:
    """Tell that somebody is away; shared by the API and the pages. Returns the version of the list."""
    version: int = await carry_out(perform, request.app.state.transport, actor, record_absence, command)
    return version


async def take_back(request: Request, actor: Actor, command: WithdrawAbsence) -> int:
    """Take back that somebody is away; shared by the API and the pages. Returns the version of the list."""
    version: int = await carry_out(perform, request.app.state.transport, actor, withdraw_absence, command)
    return version
