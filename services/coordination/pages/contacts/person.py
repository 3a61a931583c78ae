"""One person at an organisation: their roles, whom they stand in for, and when they are away. Read by who works there,
changed by who keeps the list."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict
from starlette.responses import Response

from services.coordination.api.absences import take_back, tell
from services.coordination.domain.world.absences import Away
from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import keeps
from services.coordination.handlers.staff.absences import RecordAbsence, WithdrawAbsence
from services.coordination.handlers.staff.contacts import Kept, known
from services.coordination.handlers.world import almanac
from services.coordination.pages.contacts import shown
from services.coordination.pages.contacts.again import Again, again
from shared.core.actor import Actor
from shared.core.errors import Invalid, NotFound, Stale
from shared.schemas.envelope import EntityId, Organisation
from shared.web.api.fields import CivilDate
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _

router = APIRouter(prefix="/contacts/organisations/{code}/people/{person_ref}")
Person = Annotated[Actor, Depends(page_actor)]


class AwayForm(BaseModel):
    """Days on which somebody is away."""

    model_config = ConfigDict(extra="forbid")

    version: int
    since: CivilDate
    until: CivilDate | None = None


class BackForm(BaseModel):
    """Which absence is taken back."""

    model_config = ConfigDict(extra="forbid")

    version: int
    since: CivilDate


@router.get("")
async def show(request: Request, actor: Person, code: Organisation, person_ref: EntityId) -> Response:
    """Somebody with their roles and absences."""
    return await _page(request, actor, (code, person_ref), Again())


@router.post("/absences")
async def away(request: Request, actor: Person, code: Organisation, person_ref: EntityId) -> Response:
    """Tell that somebody is away, or back on another day."""
    before, form = await _read(request, actor, (code, person_ref)), await request.form()
    try:
        asked = parse(AwayForm, form)
        command = RecordAbsence(code, Away(person_ref, asked.since, asked.until), asked.version)
        version = await tell(request, actor, command)
    except (Invalid, Stale) as error:
        return await _page(request, actor, (code, person_ref), again(form, error))
    known_before = next((one for one in before.listing.away(person_ref) if one.since == asked.since), None)
    undo = _taken_back(asked.since, version) if not known_before else _told(asked.since, known_before.until, version)
    message = _("The absence is saved. Who stands in gets what this person has, from the first day on.")
    return redirect(request, shown.person(code, person_ref), message, _undo(code, person_ref, undo))


@router.post("/absences/withdrawn")
async def back(request: Request, actor: Person, code: Organisation, person_ref: EntityId) -> Response:
    """Take an absence back."""
    before, form = await _read(request, actor, (code, person_ref)), await request.form()
    try:
        asked = parse(BackForm, form)
        version = await take_back(request, actor, WithdrawAbsence(code, person_ref, asked.since, asked.version))
    except (Invalid, Stale) as error:
        return await _page(request, actor, (code, person_ref), again(form, error))
    until = next((one.until for one in before.listing.away(person_ref) if one.since == asked.since), None)
    over = until is not None and until <= almanac().day(request.app.state.clock.now())
    message = _("The absence is taken back. This person gets back what still asks for them.")
    undo = None if over else _undo(code, person_ref, _told(asked.since, until, version))
    return redirect(request, shown.person(code, person_ref), message, undo)


def _told(since: date, until: date | None, version: int) -> tuple[str, dict[str, str]]:
    fields = {"since": since.isoformat(), "until": until.isoformat() if until else "", "version": str(version)}
    return "/absences", fields


def _taken_back(since: date, version: int) -> tuple[str, dict[str, str]]:
    return "/absences/withdrawn", {"since": since.isoformat(), "version": str(version)}


def _undo(code: str, person: str, what: tuple[str, dict[str, str]]) -> Undo:
    path, fields = what
    return Undo(shown.person(code, person) + path, fields)


async def _read(request: Request, actor: Actor, where: tuple[str, str]) -> Kept:
    """The list on which somebody stands. Raises `NotFound`, also for who neither works there nor keeps it."""
    code, person = where
    async with request.app.state.database.as_actor(actor) as conn:
        found = await known(conn, code)
    inside = actor.organisation == code or keeps(actor, found.listing)
    if not inside or person not in shown.names(found.listing):
        raise NotFound
    return found


async def _page(request: Request, actor: Actor, where: tuple[str, str], form: Again) -> Response:
    (code, person), today = where, almanac().day(request.app.state.clock.now())
    found = await _read(request, actor, where)
    listing, others = found.listing, [c for c in found.listing.contacts if c.deputy_ref == person]
    lines = [line for part in shown.lines(listing, today, inside=True) for line in part]
    return render(
        request,
        "coordination/contacts/person.html",
        form.status,
        listing=listing,
        here=shown.organisation(code),
        mine=shown.person(code, person),
        person=person,
        name=shown.names(listing)[person],
        roles=[line for line in lines if line["href"] == shown.person(code, person)],
        deputises=[f"{c.name}, {shown.role(c.role)}" for c in others],
        absences=_absences(listing, person, today),
        keeper=keeps(actor, listing),
        version=found.roster.version,
        filled={"since": today.isoformat(), "until": ""} | dict(form.filled),
        **form.context,
    )


def _absences(listing: Listing, person: str, today: date) -> list[dict[str, Any]]:
    """When somebody is away, the first first."""
    return [
        {
            "since": one.since,
            "until": one.until,
            "tag": shown.period(one, today),
        }
        for one in sorted(listing.away(person), key=lambda one: one.since)
    ]
