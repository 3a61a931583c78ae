"""The lists of organisations: read per region, and changed by hand, one person in one role at a time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination import store
from services.coordination.domain.world.organisations import Listing, Roster
from services.coordination.domain.world.roster import Reached, changed, keeps
from services.coordination.handlers.staff import lists
from services.coordination.handlers.staff.lists import Change, listed_in_tables, person_ref
from services.coordination.handlers.world import almanac, world
from services.coordination.store import casetables
from shared.core import reference
from shared.core.actor import Actor
from shared.core.errors import Fault, Forbidden, Invalid, NotFound, check_version
from shared.schemas.envelope import Outcome
from shared.schemas.organisations import Contact
from shared.storage.pool import Connection


@dataclass(frozen=True)
class Filled:
    """What somebody fills in about a person in a role."""

    name: str
    valid_from: date
    valid_until: date | None = None
    deputy: str | None = None
    """Reference of who takes over."""
    team: str | None = None


@dataclass(frozen=True)
class AddContact:
    """Somebody gets a role at an organisation."""

    organisation: str
    role: str
    email: str
    filled: Filled
    version: int | None = None
    """Of the list that the sender read."""
    pupils: Sequence[str] = ()
    """Whose cases are touched, as far as that is known beforehand."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.organisation, *self.pupils]


@dataclass(frozen=True)
class ChangeContact:
    """Something about somebody in a role is different: a deputy, a team, a first or last day."""

    organisation: str
    role: str
    person_ref: str
    filled: Filled
    version: int | None = None
    pupils: Sequence[str] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [self.organisation, *self.pupils]


@dataclass(frozen=True)
class Kept:
    """The list of an organisation and its version, as they are after a change."""

    listing: Listing
    roster: Roster
    handed_over: int = 0
    """Pupils whom somebody else has because of it."""


async def known(conn: Connection, code: str) -> Kept:
    """The list of an organisation that a file or an official table names. Raises `NotFound`."""
    listing = (await store.listings(conn, [code])).get(code) or listed_in_tables(code)
    if not listing:
        raise NotFound
    return Kept(listing, await store.roster(conn, code))


async def own_region(conn: Connection, actor: Actor) -> str | None:
    """The region of the organisation that asks; None for the operator, and while no file has told it."""
    dates = almanac()
    if dates.is_region(actor.organisation):
        return actor.organisation
    if dates.is_municipality(actor.organisation):
        return dates.region_of(actor.organisation, date.max)
    return await casetables.region_of(conn, actor.organisation)


async def of_region(conn: Connection, region: str, on: date) -> list[Listing]:
    """The organisations of a region by name: the region itself, every municipality, and what files have named."""
    official = [one.code for one in reference.load().municipalities(on) if one.region == region]
    stored = await store.listings(conn, await store.organisations_in(conn, region))
    tables = {code: listed_in_tables(code) for code in (region, *official) if code not in stored}
    found = [*stored.values(), *(one for one in tables.values() if one)]
    return sorted(found, key=lambda one: (one.name, one.code))


async def reached_by(conn: Connection, region: str | None, on: date) -> Reached:
    """By which roles organisations of a region are reached: those that its agreement wants filled."""
    around = await world(conn)
    return around.opening(region, on).agreement.vacancies.roles


async def add_contact(conn: Connection, command: AddContact, actor: Actor, now: datetime) -> Outcome:
    """Put somebody on the list. Raises `NotFound`, `Forbidden`, `Stale`, and `Invalid` with every fault."""
    before = await _opened(conn, command, actor)
    person = person_ref(command.email)
    if _of(before.listing, command.role, person):
        raise Invalid([Fault("/email", "somebody who does not have this role here yet", "exists")])
    contact = Contact(
        person_ref=person,
        role=command.role,
        email=command.email,
        away=before.listing.away(person),
        **_told(command.filled),
    )
    return await _keep(conn, before, contact, Change(actor, now, command.pupils))


async def change_contact(conn: Connection, command: ChangeContact, actor: Actor, now: datetime) -> Outcome:
    """Change what the list says of somebody in a role. Raises as `add_contact`."""
    before = await _opened(conn, command, actor)
    contact = _of(before.listing, command.role, command.person_ref)
    if not contact:
        raise NotFound
    contact = contact.model_copy(update=_told(command.filled))
    return await _keep(conn, before, contact, Change(actor, now, command.pupils))


def _told(filled: Filled) -> dict[str, str | date | None]:
    return {
        "name": filled.name,
        "deputy_ref": filled.deputy,
        "valid_from": filled.valid_from,
        "valid_until": filled.valid_until,
        "team": filled.team,
    }


def _of(listing: Listing, role: str, person: str) -> Contact | None:
    return next((c for c in listing.contacts if (c.role, c.person_ref) == (role, person)), None)


async def _opened(conn: Connection, command: AddContact | ChangeContact, actor: Actor) -> Kept:
    found = await known(conn, command.organisation)
    if not keeps(actor, found.listing):
        raise Forbidden("this list is kept by others")
    check_version("contacts", found.roster.version, command.version, found.roster.changed)
    return found


async def _keep(conn: Connection, before: Kept, contact: Contact, change: Change) -> Outcome:
    """Write the list and tell it; who is not present any more hands over in the same transaction."""
    after = changed(before.listing, contact)
    if after == before.listing:
        return Outcome(value=before)
    stored = await store.listings(conn, [after.code])
    followed = await lists.changed(conn, stored, [after], change)
    return replace(followed, value=Kept(after, await store.roster(conn, after.code), lists.handed_over(followed)))
