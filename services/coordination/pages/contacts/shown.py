"""Lists of contacts in words, for the pages."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import Desk, acting, desks
from shared.schemas.organisations import Absence
from shared.web.texts import gettext as _
from shared.web.texts import in_words, marked
from shared.web.words import ROLES

HOME = "/coordination/contacts"
KINDS = {
    "region": marked("Region"),
    "municipality": marked("Municipalities"),
    "mbo": marked("Mbo institutions"),
    "vo": marked("Schools"),
}
"""Kinds of organisation, in the order of the page."""
KIND = {
    "region": marked("Region"),
    "municipality": marked("Municipality"),
    "mbo": marked("Mbo institution"),
    "vo": marked("School"),
}
STATES = {
    "present": (marked("Present"), "done"),
    "away": (marked("Away"), "escalated"),
    "later": (marked("Not yet"), "neutral"),
    "ended": (marked("Ended"), "neutral"),
}


@dataclass(frozen=True, slots=True)
class Reached:
    """Who acts in a role today, and who stands in; without anybody the role is empty."""

    role: str
    name: str = ""
    email: str = ""
    deputy: str = ""


def role(code: str) -> str:
    """A role in words."""
    return _(ROLES.get(code, code))


def organisation(code: str) -> str:
    """Address of the page of an organisation."""
    return f"{HOME}/organisations/{code}"


def person(code: str, ref: str) -> str:
    """Address of the page of somebody at an organisation."""
    return f"{organisation(code)}/people/{ref}"


def names(listing: Listing) -> Mapping[str, str]:
    """Who is on the list, by reference."""
    return {contact.person_ref: contact.name for contact in listing.contacts}


def reached(listing: Listing, by: Mapping[str, Sequence[str]], on: date) -> list[Reached]:
    """By which roles others reach an organisation, and who acts in each today."""
    return [_reached(listing, code, on) for code in by.get(listing.kind, ())]


def _reached(listing: Listing, code: str, on: date) -> Reached:
    found, people = acting(listing, code, on), {contact.person_ref: contact for contact in listing.contacts}
    first = people.get(found[0]) if found else None
    if not found:
        return Reached(role(code))
    second = names(listing).get(found[1], unlisted()) if len(found) > 1 else ""
    return Reached(role(code), first.name if first else unlisted(), first.email if first else "", second)


def lines(listing: Listing, on: date, inside: bool) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Everybody on the list in words: who has a role or gets one, and who had one before. `inside`: the reader belongs
    there and sees until when somebody is away; anybody else sees that they are, and who stands in."""
    told = list(_told(listing, desks(listing, on), inside))
    return [one for one in told if one["state"] != "ended"], [one for one in told if one["state"] == "ended"]


def _told(listing: Listing, found: Sequence[Desk], inside: bool) -> Iterator[dict[str, Any]]:
    people = names(listing)
    for desk in found:
        contact = desk.contact
        yield {
            "name": contact.name,
            "email": contact.email,
            "role": role(contact.role),
            "team": contact.team or "",
            "deputy": people.get(contact.deputy_ref, unlisted()) if contact.deputy_ref else "",
            "since": contact.valid_from,
            "until": contact.valid_until,
            "state": desk.state,
            "tag": (_(STATES[desk.state][0]), STATES[desk.state][1]),
            "note": _note(desk, people, inside),
            "href": person(listing.code, contact.person_ref),
            "edit": f"{person(listing.code, contact.person_ref)}/roles/{contact.role}",
        }


def _note(desk: Desk, people: Mapping[str, str], inside: bool) -> str:
    """What goes with somebody who is away."""
    if desk.state != "away":
        return ""
    parts = [_("Back on %(day)s.", day=in_words(desk.back_on))] if inside and desk.back_on else []
    parts += [_("%(name)s stands in.", name=people.get(desk.stands_in, unlisted()))] if desk.stands_in else []
    return " ".join(parts)


def period(away: Absence, on: date) -> tuple[str, str]:
    """Whether somebody is away in these days, was or will be: its tag."""
    if away.until and away.until <= on:
        return _("Over"), "neutral"
    return (_("Now"), "escalated") if away.since <= on else (_("Later"), "new")


def unlisted() -> str:
    """A name for who is known by reference alone."""
    return _("Somebody who is not on the list")
