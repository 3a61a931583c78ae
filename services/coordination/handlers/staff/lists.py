"""Files with organisations and contacts: good rows are taken in, bad ones wait in quarantine."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from pydantic import Field

from services.coordination import store
from services.coordination.domain.world.organisations import CODE_LENGTH, KINDS, Listing, fits, recorded, with_contact
from services.coordination.handlers.presence import settle
from services.coordination.handlers.world import almanac
from shared.core import reference
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid
from shared.core.ids import opaque_ref
from shared.core.tabular import Row, Table, again
from shared.schemas.coordination import CustodyChanged
from shared.schemas.envelope import BadRow, Outcome
from shared.schemas.imports import Fates, ImportResult
from shared.schemas.organisations import Contact
from shared.storage.pool import Connection

KEEPERS = (Role.OPERATOR, Role.REGION_COORDINATOR)
Listings = dict[str, Listing]
Take = Callable[[Listings, Row], Listing | Fault]
"""Takes in one row: the organisation as it then is, or what is wrong with the row."""


class StaffResult(ImportResult):
    """What became of a file of who works where, and of the pupils of who is not present any more by it."""

    handed_over: int = Field(ge=0, description="Transitions that somebody else has because of it", examples=[0])


@dataclass(frozen=True)
class ImportOrganisations:
    """A file of organisations."""

    table: Table
    pupils: Sequence[str] = ()
    """Whose cases are touched, as far as that is known beforehand."""

    @property
    def subjects(self) -> Sequence[str]:
        return [*(row["code"] for row in self.table.rows), *self.pupils]


@dataclass(frozen=True)
class ImportContacts:
    """A file of contacts of organisations."""

    table: Table
    pupils: Sequence[str] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [*(row["organisatie"] for row in self.table.rows), *self.pupils]


async def import_organisations(conn: Connection, command: ImportOrganisations, actor: Actor, now: datetime) -> Outcome:
    """Take in a file of organisations. Raises `Forbidden`, or `Invalid` when the file as a whole can not be read."""
    require(actor, KEEPERS)
    file = File("file:organisations", command.table, command.subjects)
    return await take_in(conn, file, _organisation, Change(actor, now, command.pupils))


async def import_contacts(conn: Connection, command: ImportContacts, actor: Actor, now: datetime) -> Outcome:
    """Take in a file of contacts. Raises `Forbidden`, or `Invalid` when the file as a whole can not be read."""
    require(actor, KEEPERS)
    file = File("file:contacts", command.table, command.subjects)
    return await take_in(conn, file, _contact, Change(actor, now, command.pupils))


@dataclass(frozen=True)
class File:
    """A file that was handed in, and the subjects that are locked."""

    entrance: str
    table: Table
    subjects: Sequence[str]


@dataclass(frozen=True)
class Change:
    """Who changes lists of contacts, when, and the pupils whose streams are locked."""

    actor: Actor
    now: datetime
    pupils: Sequence[str]


def require(actor: Actor, roles: Collection[Role]) -> None:
    """Raise `Forbidden` unless somebody is there in one of these roles."""
    if actor.role not in roles:
        raise Forbidden(f"the role {actor.role} may not do this")


async def take_in(conn: Connection, file: File, take: Take, change: Change) -> Outcome:
    """Take in every good row of a file, and hand over what people have who are not present any more by it.

    Raises `Invalid` when the file as a whole can not be read, and `Unlocked`.
    """
    if file.table.refused:
        raise Invalid(file.table.file_faults)
    stored = await store.listings(conn, sorted(set(file.subjects)))
    bad_rows = [BadRow(row.place, row.reason, row.faults, file.table.again(row)) for row in file.table.bad_rows]
    fates, listings = Fates(file.entrance, bad_rows), dict(stored)
    codes = _take_all(file.table, listings, take, fates, change.actor)
    followed = await changed(conn, stored, [listings[code] for code in sorted(codes)], change)
    fates.events = list(followed.events)
    return replace(fates.outcome(StaffResult, handed_over=handed_over(followed)), timers=followed.timers)


def handed_over(followed: Outcome) -> int:
    """How many transitions somebody else has because of a change."""
    return sum(isinstance(draft.data, CustodyChanged) for draft in followed.events)


async def changed(conn: Connection, stored: Listings, listings: Sequence[Listing], change: Change) -> Outcome:
    """Write lists that changed, tell of them, and hand over what people have who are not present any more by it.

    `stored`: as they were. Raises `Unlocked` when pupils are touched whose streams are not locked.
    """
    if not listings:
        return Outcome()
    await store.save_listings(conn, stored, listings)
    await store.next_rosters(conn, [listing.code for listing in listings], change.now, change.actor.role)
    followed = await settle(conn, stored, listings, change.pupils, change.now)
    return replace(followed, events=[*(recorded(listing, change.now) for listing in listings), *followed.events])


def _take_all(table: Table, listings: Listings, take: Take, fates: Fates, actor: Actor) -> set[str]:
    """Take in every good row; returns the codes of the organisations that changed."""
    codes = set()
    for row in table.rows:
        found = take(listings, row)
        if isinstance(found, Listing):
            found = _outside(found, actor, row) or _outside(listings.get(found.code), actor, row) or found
        if isinstance(found, Fault):
            fates.bad_rows.append(BadRow(row.place, found.code, (found,), again(row.values)))
        elif listings.get(found.code) != found:
            listings[found.code] = found
            codes.add(found.code)
            fates.applied += 1
        else:
            fates.unchanged += 1
    return codes


def _organisation(listings: Listings, row: Row) -> Listing | Fault:
    code, kind = row["code"], KINDS[row["soort"]]
    known = {"municipality": almanac().is_municipality, "region": almanac().is_region}.get(kind)
    if len(code) != CODE_LENGTH[kind] or (known and not known(code)):
        return Fault(f"regel {row.line}, kolom code", f"de code van een {row['soort']}", "unknown_code")
    before, place = listings.get(code) or Listing(code, kind, "", None), row.values.get("gemeente")
    if place and not almanac().is_municipality(place):
        return Fault(f"regel {row.line}, kolom gemeente", "een CBS-gemeentecode, zoals 0344", "unknown_municipality")
    municipality = before.municipality if place is None else place or None
    return replace(before, kind=kind, name=row["naam"], region=row["regio"], municipality=municipality)


def _contact(listings: Listings, row: Row) -> Listing | Fault:
    listing = listings.get(row["organisatie"]) or listed_in_tables(row["organisatie"])
    if not listing:
        expected = "een organisatie uit het bestand met organisaties"
        return Fault(f"regel {row.line}, kolom organisatie", expected, "unknown_organisation")
    contact = _as_contact(listing, row)
    if contact.valid_until and contact.valid_until <= contact.valid_from:
        return Fault(f"regel {row.line}, kolom tot", "een datum na vanaf", "order")
    longer = with_contact(listing, contact)
    if not fits(longer):
        expected = "ten hoogste zoveel contactpersonen als in een bericht passen; deze organisatie is vol"
        return Fault(f"regel {row.line}, kolom organisatie", expected, "too_many_contacts")
    return longer


def _as_contact(listing: Listing, row: Row) -> Contact:
    """The contact that a row tells of. What a column would say that the file does not have, stays as it was."""
    person, deputy = person_ref(row["email"]), row["plaatsvervanger_email"]
    before = next((c for c in listing.contacts if (c.role, c.person_ref) == (row["rol"], person)), None)
    kept: dict[str, Any] = {"valid_until": before.valid_until, "team": before.team} if before else {}
    if (until := row.values.get("tot")) is not None:
        kept["valid_until"] = date.fromisoformat(until) if until else None
    if (team := row.values.get("team")) is not None:
        kept["team"] = team or None
    return Contact(
        person_ref=person,
        role=row["rol"],
        name=row["naam"],
        email=row["email"],
        deputy_ref=person_ref(deputy) if deputy else None,
        valid_from=date.fromisoformat(row["vanaf"]),
        away=listing.away(person),
        **kept,
    )


def person_ref(email: str) -> str:
    """How a member of staff is named on the wire."""
    return opaque_ref("person", email.lower())


def _outside(listing: Listing | None, actor: Actor, row: Row) -> Fault | None:
    """A region coordinator keeps the organisations of the own region only."""
    if not listing or actor.role is not Role.REGION_COORDINATOR or listing.region == actor.organisation:
        return None
    return Fault(f"regel {row.line}", f"een organisatie in regio {actor.organisation}", "other_region")


def listed_in_tables(code: str) -> Listing | None:
    """A municipality or region that no file has named, by its official name."""
    tables: Mapping[str, str | None] = {
        "municipality": reference.load().municipality_name(code),
        "region": reference.load().region_name(code),
    }
    if name := tables["municipality"]:
        return Listing(code, "municipality", name, almanac().region_of(code, date.max))
    if name := tables["region"]:
        return Listing(code, "region", name, code)
    return None
