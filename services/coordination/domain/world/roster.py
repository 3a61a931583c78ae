"""The list of an organisation as people read it and change it by hand: who has which role, and who acts in it today."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from services.coordination.domain.world.organisations import Kind, Listing, fits, staffed, with_contact
from services.coordination.domain.world.staff import Organisation, is_away
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Invalid
from shared.schemas.organisations import Contact

ROLES_OF: dict[Kind, tuple[str, ...]] = {
    "vo": ("decaan", "mentor", "care_coordinator"),
    "mbo": ("intake_coordinator", "intaker", "slber", "care_coordinator"),
    "municipality": ("leerplicht",),
    "region": ("region_coordinator", "doorstroompunt"),
}
"""Kind of organisation → roles that people have there."""
COORDINATORS = frozenset(
    {Role.DECAAN, Role.INTAKE_COORDINATOR, Role.LEERPLICHT, Role.DOORSTROOMPUNT, Role.REGION_COORDINATOR}
)
"""Who keeps the list of the own organisation."""
Reached = Mapping[str, Sequence[str]]
"""Kind of organisation → roles by which others reach it: somebody must be there. The agreement says them."""
State = Literal["present", "away", "later", "ended"]


@dataclass(frozen=True, slots=True)
class Desk:
    """Somebody in a role on a day."""

    contact: Contact
    state: State
    back_on: date | None
    """First day back of who is away; None: not known, or not away."""
    stands_in: str | None
    """Who acts instead of somebody who is away."""


def keeps(actor: Actor, listing: Listing) -> bool:
    """Whether somebody may change the list of an organisation and say who is away there: who coordinates its region,
    and who coordinates at it. Row-level security says the same (`tells_absence`)."""
    if actor.role is Role.OPERATOR or (actor.role is Role.REGION_COORDINATOR and listing.region == actor.organisation):
        return True
    return listing.code == actor.organisation and actor.role in COORDINATORS


def desks(listing: Listing, on: date) -> tuple[Desk, ...]:
    """Everybody on the list as they are on a day: by role, who coordinates first, then by name."""
    order = {role: n for n, role in enumerate(ROLES_OF[listing.kind])}
    contacts = sorted(listing.contacts, key=lambda c: (order.get(c.role, len(order)), c.role, c.name, c.person_ref))
    at = staffed(listing)
    return tuple(_desk(contact, at, on) for contact in contacts)


def acting(listing: Listing, role: str, on: date) -> tuple[str, ...]:
    """Who acts in a role on a day, and who stands in for them: two people at most, nobody when nobody is present."""
    at = staffed(listing)
    first = at.line(role, on)[:1]
    return tuple(dict.fromkeys((*first, *(who for one in first for who in at.deputies(one, role, on)[:1]))))


def vacant(listing: Listing, reached: Reached, on: date) -> tuple[str, ...]:
    """Roles by which others reach this organisation and in which nobody is present on a day."""
    return tuple(role for role in reached.get(listing.kind, ()) if not acting(listing, role, on))


def _desk(contact: Contact, at: Organisation, on: date) -> Desk:
    absent = next((period for period in contact.away if is_away((period,), on)), None)
    state: State = "present"
    if contact.valid_until is not None and contact.valid_until <= on:
        state = "ended"
    elif contact.valid_from > on:
        state = "later"
    elif absent:
        state = "away"
    away = state == "away"
    instead = next(iter(at.deputies(contact.person_ref, contact.role, on)), None) if away else None
    return Desk(contact, state, absent.until if away and absent else None, instead)


def changed(listing: Listing, contact: Contact) -> Listing:
    """The list with somebody added to it or changed on it; a name is one in every role.

    Raises `Invalid` with everything that is wrong.
    """
    before = next((c for c in listing.contacts if (c.role, c.person_ref) == (contact.role, contact.person_ref)), None)
    if faults := list(_faults(listing, contact, before)):
        raise Invalid(faults)
    named = {"name": contact.name}
    same = (c.model_copy(update=named) if c.person_ref == contact.person_ref else c for c in listing.contacts)
    return with_contact(replace(listing, contacts=tuple(same)), contact)


def _faults(listing: Listing, contact: Contact, before: Contact | None) -> Iterator[Fault]:
    if before is None and contact.role not in ROLES_OF[listing.kind]:
        yield Fault("/role", "one of: " + ", ".join(ROLES_OF[listing.kind]), "unknown_role")
    if contact.valid_until and contact.valid_until <= contact.valid_from:
        yield Fault("/valid_until", "a day after the first day", "order")
    people = {c.person_ref for c in listing.contacts} - {contact.person_ref}
    kept = before.deputy_ref if before else None
    if contact.deputy_ref and contact.deputy_ref not in people | {kept}:
        yield Fault("/deputy", "somebody else on the list of this organisation", "unknown_person")
    if not fits(with_contact(listing, contact)):
        yield Fault("/name", "fewer people on the list: what is told of an organisation is full", "too_many_contacts")
