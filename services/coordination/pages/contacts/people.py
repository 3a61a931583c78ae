"""One person at an organisation: their roles, for who works there; and the forms of who keeps the list."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Again:
    """A form that is shown again: what was typed, what is wrong with it, and who changed the list meanwhile."""

    filled: Mapping[str, str] = field(default_factory=dict)
    faults: Sequence[Fault] = ()
    stale: Stale | None = None


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
        return _new(request, await _kept_by(request, actor, code), _again(form, error))
    message = _("%(name)s stands on the list.", name=asked.name)
    return redirect(request, shown.person(code, ref_of(tidy["email"])), f"{message} {_moved(kept)}".strip())


@router.get("/{person_ref}")
async def show(request: Request, actor: Person, code: Organisation, person_ref: EntityId) -> Response:
    """Somebody with their roles, for who works there or keeps the list."""
    today = almanac().day(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        found = await known(conn, code)
    listing, keeper = found.listing, keeps(actor, found.listing)
    if person_ref not in shown.names(listing) or not (keeper or actor.organisation == code):
        raise NotFound
    mine = [c for c in listing.contacts if c.person_ref == person_ref]
    others = [c for c in listing.contacts if c.deputy_ref == person_ref]
    lines = [line for part in shown.lines(listing, today, inside=True) for line in part]
    return render(
        request,
        "coordination/contacts/person.html",
        listing=listing,
        here=shown.organisation(code),
        person=person_ref,
        name=mine[0].name,
        roles=[line for line in lines if line["href"] == shown.person(code, person_ref)],
        deputises=[f"{c.name}, {shown.role(c.role)}" for c in others],
        keeper=keeper,
    )


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
        return _edit(request, found, _of(found, person_ref, role), _again(form, error))
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


def _again(form: FormData, error: Invalid | Stale) -> Again:
    typed = {name: str(form.get(name, "")) for name in form}
    if isinstance(error, Stale):
        return Again(typed, stale=error)
    return Again(typed, [Fault(fault.where.lstrip("/"), fault.expected, fault.code) for fault in error.faults])


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


def _new(request: Request, found: Kept, again: Again) -> Response:
    listing, today = found.listing, almanac().day(request.app.state.clock.now())
    empty = dict.fromkeys(("role", "email", *FIELDS), "") | {"valid_from": today.isoformat()}
    return _form(
        request,
        found,
        again,
        title=_("Add somebody"),
        back=(shown.organisation(listing.code), listing.name),
        filled=empty | dict(again.filled),
        roles=[(role, _(ROLES[role])) for role in ROLES_OF[listing.kind]],
        deputies=_deputies(found, "", None),
        now=[],
    )


def _edit(request: Request, found: Kept, contact: Contact, again: Again) -> Response:
    return _form(
        request,
        found,
        again,
        title=f"{contact.name}, {shown.role(contact.role)}",
        back=(shown.person(found.listing.code, contact.person_ref), contact.name),
        filled=_stands(contact) | dict(again.filled),
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


def _form(request: Request, found: Kept, again: Again, *, back: tuple[str, str], **context: Any) -> Response:
    by = again.stale.changed_by if again.stale else None
    return render(
        request,
        "coordination/contacts/edit.html",
        422 if again.faults or again.stale else 200,
        listing=found.listing,
        version=found.roster.version,
        action=request.url.path,
        back=back[0],
        back_to=back[1],
        faults=again.faults,
        stale=again.stale,
        by=_(ROLES.get(by or "", by or "")),
        **context,
    )
