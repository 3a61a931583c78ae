"""Files with organisations and contacts: good rows are taken in, bad ones wait in quarantine."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from services.coordination import store
from services.coordination.domain.world.organisations import CODE_LENGTH, KINDS, Listing, fits, recorded, with_contact
from services.coordination.handlers.presence import settle
from services.coordination.handlers.world import almanac
from shared.core import reference
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid
from shared.core.ids import opaque_ref
from shared.core.tabular import Row, Table, again
from shared.schemas.envelope import BadRow, Outcome
from shared.schemas.imports import Fates
from shared.schemas.organisations import Contact
from shared.storage.pool import Connection

KEEPERS = (Role.OPERATOR, Role.REGION_COORDINATOR)
Listings = dict[str, Listing]
Take = Callable[[Listings, Row], Listing | Fault]
"""Takes in one row: the organisation as it then is, or what is wrong with the row."""


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
    stored = await _listings(conn, command.table, command.subjects, actor)
    file = _File("file:organisations", command.table, actor, command.pupils)
    return await _import(conn, file, stored, _organisation, now)


async def import_contacts(conn: Connection, command: ImportContacts, actor: Actor, now: datetime) -> Outcome:
    """Take in a file of contacts. Raises `Forbidden`, or `Invalid` when the file as a whole can not be read."""
    stored = await _listings(conn, command.table, command.subjects, actor)
    return await _import(conn, _File("file:contacts", command.table, actor, command.pupils), stored, _contact, now)


@dataclass(frozen=True)
class _File:
    entrance: str
    table: Table
    actor: Actor
    pupils: Sequence[str]


async def _listings(conn: Connection, table: Table, codes: Sequence[str], actor: Actor) -> Listings:
    if actor.role not in KEEPERS:
        raise Forbidden(f"the role {actor.role} may not do this")
    if table.refused:
        raise Invalid(table.file_faults)
    return await store.listings(conn, sorted(set(codes)))


async def _import(conn: Connection, file: _File, stored: Listings, take: Take, now: datetime) -> Outcome:
    bad_rows = [BadRow(row.place, row.reason, row.faults, file.table.again(row)) for row in file.table.bad_rows]
    fates, listings = Fates(file.entrance, bad_rows), dict(stored)
    codes = _take_all(file, listings, take, fates)
    changed = [listings[code] for code in sorted(codes)]
    if changed:
        await store.save_listings(conn, stored, changed)
        await store.next_rosters(conn, sorted(codes), now, file.actor.role)
    followed = await settle(conn, stored, changed, file.pupils, now) if changed else Outcome()
    fates.events = [*(recorded(listing, now) for listing in changed), *followed.events]
    return replace(fates.outcome(), timers=followed.timers)


def _take_all(file: _File, listings: Listings, take: Take, fates: Fates) -> set[str]:
    """Take in every good row; returns the codes of the organisations that changed."""
    changed = set()
    for row in file.table.rows:
        found = take(listings, row)
        if isinstance(found, Listing):
            found = _outside(found, file.actor, row) or _outside(listings.get(found.code), file.actor, row) or found
        if isinstance(found, Fault):
            fates.bad_rows.append(BadRow(row.place, found.code, (found,), again(row.values)))
        elif listings.get(found.code) != found:
            listings[found.code] = found
            changed.add(found.code)
            fates.applied += 1
        else:
            fates.unchanged += 1
    return changed


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
    listing = listings.get(row["organisatie"]) or _from_reference(row["organisatie"])
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


def _from_reference(code: str) -> Listing | None:
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
