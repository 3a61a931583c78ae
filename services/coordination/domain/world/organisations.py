"""Organisations and their contacts, as the region's files list them."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.coordination.domain.world.staff import Organisation, Post
from shared.schemas.envelope import Draft
from shared.schemas.organisations import CONTACTS_ROOM, Absence, Contact, ContactRecorded

Kind = Literal["vo", "mbo", "municipality", "region"]
KINDS: dict[str, Kind] = {"vo": "vo", "mbo": "mbo", "gemeente": "municipality", "regio": "region"}
"""Word of the file → kind on the wire."""
CODE_LENGTH: dict[Kind, int] = {"vo": 6, "mbo": 4, "municipality": 4, "region": 2}


@dataclass(frozen=True, slots=True)
class Listing:
    """An organisation with all its contacts."""

    code: str
    kind: Kind
    name: str
    region: str | None
    contacts: tuple[Contact, ...] = ()
    municipality: str | None = None
    """Where it is, when a file says so: its school days count."""

    @property
    def absences(self) -> frozenset[tuple[str, date, date | None]]:
        """Person, first day away and first day back; of each person once, whatever roles they hold."""
        return frozenset((c.person_ref, one.since, one.until) for c in self.contacts for one in c.away)

    def away(self, person_ref: str) -> tuple[Absence, ...]:
        """When somebody is away."""
        return next((c.away for c in self.contacts if c.person_ref == person_ref), ())


@dataclass(frozen=True, slots=True)
class Roster:
    """How often the list of an organisation changed, and who did it last."""

    version: int
    changed_at: datetime | None = None
    changed_by: str | None = None

    @property
    def changed(self) -> tuple[datetime, str] | None:
        return (self.changed_at, self.changed_by) if self.changed_at and self.changed_by else None


def with_contact(listing: Listing, contact: Contact) -> Listing:
    """The listing with this contact, in place of the same person in the same role."""
    others = [c for c in listing.contacts if (c.role, c.person_ref) != (contact.role, contact.person_ref)]
    return replace(listing, contacts=in_order((*others, contact)))


def staffed(listing: Listing) -> Organisation:
    """The organisation as decisions know it."""
    posts = (Post(c.role, c.person_ref, c.deputy_ref, c.valid_from, c.valid_until, c.away) for c in listing.contacts)
    return Organisation(listing.code, listing.kind, listing.region, tuple(posts))


def changed_people(before: Listing, after: Listing) -> set[str]:
    """Of whom something changed that matters to who is present."""
    return {post.person_ref for post in {*staffed(before).posts} ^ {*staffed(after).posts}}


def in_order(contacts: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """By role, then by person: the order says nothing."""
    return tuple(sorted(contacts, key=lambda c: (c.role, c.person_ref)))


def fits(listing: Listing) -> bool:
    """Whether all contacts fit in the one event that tells of this organisation."""
    return CONTACTS_ROOM.hold(listing.contacts)


def recorded(listing: Listing, now: datetime) -> Draft:
    """The organisation as an event, with its whole new state."""
    data = ContactRecorded(
        occurred_at=now,
        organisation=listing.code,
        kind=listing.kind,
        name=listing.name,
        region=listing.region,
        municipality=listing.municipality,
        contacts=listing.contacts,
    )
    return Draft(listing.code, data)
