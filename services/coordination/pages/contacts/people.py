"""Adding somebody to the list of an organisation, and changing what it says of somebody in a role: for who keeps it."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import FormData
from starlette.responses import Response

from services.coordination.api.staff import carry_out
from services.coordination.domain.world.roster import ROLES_OF, keeps
from services.coordination.handlers.staff.contacts import (
    AddContact,
    ChangeContact,
    Filled,
    Kept,
    add_contact,
    change_contact,
    known,
)
from services.coordination.handlers.staff.lists import person_ref as ref_of
from services.coordination.handlers.world import almanac
from services.coordination.pages.contacts import shown
from services.coordination.pages.contacts.again import Again, again
from shared.core.actor import Actor
from shared.core.errors import Fault, Forbidden, Invalid, NotFound, Stale
from shared.core.tabular import formats
from shared.messaging.outbox import perform
from shared.schemas.envelope import Code, EntityId, Organisation
from shared.schemas.organisations import Contact
from shared.web.api.fields import CivilDate, Line
from shared.web.auth import page_actor
from shared.web.forms import parse
from shared.web.pages import Undo, redirect, render
from shared.web.texts import gettext as _
from shared.web.texts import in_words
from shared.web.words import ROLES

router = APIRouter(prefix="/contacts/organisations/{code}/people")
Person = Annotated[Actor, Depends(page_actor)]
FIELDS = ("name", "deputy", "team", "valid_from", "valid_until")
FORMATS = {"team": formats.TEAM, "email": formats.EMAIL}


class ContactForm(BaseModel):
    """Somebody in a role."""

    model_config = ConfigDict(extra="forbid")

    version: int
    name: Line = Field(max_length=200)
    deputy: EntityId | None = None
    team: str | None = None
    valid_from: CivilDate
    valid_until: CivilDate | None = None


class NewForm(ContactForm):
    """Somebody who gets a role."""

    role: str
    email: Line = Field(max_length=200)


@router.get("/new")
async def new(request: Request, actor: Person, code: Organisation, person: str = "") -> Response:
    """The form to add somebody, or to give somebody another role."""
    found = await _kept_by(request, actor, code)
    contact = next((c for c in found.listing.contacts if c.person_ref == person), None)
    filled = {"name": contact.name, "email": contact.email} if contact else {}
    return _new(request, found, Again(filled))


@router.post("/new")
async def add(request: Request, actor: Person, code: Organisation) -> Response:
    """Add somebody to the list."""
    form = await request.form()
    try:
        asked, tidy = _read(NewForm, form)
        command = AddContact(code, asked.role, tidy["email"], _filled(asked, tidy), asked.version)
        kept = await carry_out(perform, request.app.state.transport, actor, add_contact, command)
    except (Invalid, Stale) as error:
        return _new(request, await _kept_by(request, actor, code), again(form, error))
    message = _("%(name)s stands on the list.", name=asked.name)
    return redirect(request, shown.person(code, ref_of(tidy["email"])), f"{message} {_moved(kept)}".strip())


@router.get("/{person_ref}/roles/{role}")
async def edit(request: Request, actor: Person, code: Organisation, person_ref: EntityId, role: Code) -> Response:
    """The form to change what the list says of somebody in a role."""
    found = await _kept_by(request, actor, code)
    return _edit(request, found, _of(found, person_ref, role), Again())


@router.post("/{person_ref}/roles/{role}")
async def change(request: Request, actor: Person, code: Organisation, person_ref: EntityId, role: Code) -> Response:
    """Change it; wrong input, or a list that somebody else changed, shows the form again."""
    before, form = _of(await _kept_by(request, actor, code), person_ref, role), await request.form()
    try:
        asked, tidy = _read(ContactForm, form)
        command = ChangeContact(code, role, person_ref, _filled(asked, tidy), asked.version)
        kept = await carry_out(perform, request.app.state.transport, actor, change_contact, command)
    except (Invalid, Stale) as error:
        found = await _kept_by(request, actor, code)
        return _edit(request, found, _of(found, person_ref, role), again(form, error))
    undo = Undo(str(request.url.path), _stands(before) | {"version": str(kept.roster.version)})
    message = _("What the list says of %(name)s is saved.", name=asked.name)
    return redirect(request, shown.person(code, person_ref), f"{message} {_moved(kept)}".strip(), undo)


def _read(model: type[Any], form: FormData) -> tuple[Any, dict[str, str]]:
    """The form, and the cells that are written in one way. Raises `Invalid` with every fault at once."""
    tidy, faults = {}, []
    for name, kind in FORMATS.items():
        if typed := str(form.get(name, "")).strip():
            try:
                tidy[name] = kind.parse(typed)
            except ValueError:
                faults.append(Fault(name, kind.expected))
    try:
        asked = parse(model, form)
    except Invalid as error:
        raise Invalid([*error.faults, *faults]) from None
    if faults:
        raise Invalid(faults)
    return asked, tidy


def _filled(asked: ContactForm, tidy: Mapping[str, str]) -> Filled:
    return Filled(asked.name, asked.valid_from, asked.valid_until, asked.deputy, tidy.get("team"))


def _moved(kept: Kept) -> str:
    """What follows for pupils from who is present now."""
    return _("Pupils went to somebody else: %(n)s.", n=kept.handed_over) if kept.handed_over else ""


async def _kept_by(request: Request, actor: Actor, code: str) -> Kept:
    """The list, for who keeps it. Raises `NotFound` and `Forbidden`."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await known(conn, code)
    if not keeps(actor, found.listing):
        raise Forbidden("this list is kept by others")
    return found


def _of(found: Kept, person: str, role: str) -> Contact:
    contact = next((c for c in found.listing.contacts if (c.person_ref, c.role) == (person, role)), None)
    if not contact:
        raise NotFound
    return contact


def _stands(contact: Contact) -> dict[str, str]:
    """What the form begins with."""
    days = {"valid_from": contact.valid_from, "valid_until": contact.valid_until}
    told = {"name": contact.name, "deputy": contact.deputy_ref or "", "team": contact.team or ""}
    return told | {name: day.isoformat() if day else "" for name, day in days.items()}


def _new(request: Request, found: Kept, form: Again) -> Response:
    listing, today = found.listing, almanac().day(request.app.state.clock.now())
    empty = dict.fromkeys(("role", "email", *FIELDS), "") | {"valid_from": today.isoformat()}
    return _form(
        request,
        found,
        form,
        title=_("Add somebody"),
        back=(shown.organisation(listing.code), listing.name),
        filled=empty | dict(form.filled),
        roles=[(role, _(ROLES[role])) for role in ROLES_OF[listing.kind]],
        deputies=_deputies(found, "", None),
        now=[],
    )


def _edit(request: Request, found: Kept, contact: Contact, form: Again) -> Response:
    return _form(
        request,
        found,
        form,
        title=f"{contact.name}, {shown.role(contact.role)}",
        back=(shown.person(found.listing.code, contact.person_ref), contact.name),
        filled=_stands(contact) | dict(form.filled),
        roles=[],
        deputies=_deputies(found, contact.person_ref, contact.deputy_ref),
        now=_in_words(found, contact),
    )


def _deputies(found: Kept, person: str, present: str | None) -> list[tuple[str, str]]:
    """Who may stand in: everybody else on the list, and who does now without being on it."""
    people = dict(sorted(shown.names(found.listing).items(), key=lambda one: one[1]))
    people.pop(person, None)
    unlisted = [(present, shown.unlisted())] if present and present not in people else []
    return [("", _("Nobody")), *unlisted, *people.items()]


def _in_words(found: Kept, contact: Contact) -> list[tuple[str, str]]:
    """What the list says of somebody in a role, beside what was typed."""
    deputy = shown.names(found.listing).get(contact.deputy_ref or "", shown.unlisted())
    return [
        (_("Name"), contact.name),
        (_("Deputy"), deputy if contact.deputy_ref else _("Nobody")),
        (_("Team"), contact.team or _("None")),
        (_("First day in this role"), in_words(contact.valid_from)),
        (_("First day no longer in this role"), _day(contact.valid_until)),
    ]


def _day(day: date | None) -> str:
    return in_words(day) if day else _("Not known")


def _form(request: Request, found: Kept, form: Again, *, back: tuple[str, str], **context: Any) -> Response:
    return render(
        request,
        "coordination/contacts/edit.html",
        form.status,
        listing=found.listing,
        version=found.roster.version,
        action=request.url.path,
        back=back[0],
        back_to=back[1],
        **form.context,
        **context,
    )
