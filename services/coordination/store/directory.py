"""Organisations and their contacts: who can be reached where, and who is present."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.coordination.domain.world.organisations import Listing, Roster, in_order
from services.coordination.domain.world.staff import Organisation, Post
from services.coordination.store.cases import SQL as CASES
from shared.core.ids import new_id
from shared.schemas.organisations import Absence, Contact
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "presence.sql")
Person = tuple[str, str]
"""Organisation and person."""
CONTACT = ("role", "person_ref", "name", "email", "deputy_ref", "valid_from", "valid_until", "team")
_kept: dict[UUID, Mapping[str, Organisation]] = {}
"""The directory of the version read last. Every change makes a new version, unique over all databases."""


@dataclass(frozen=True, slots=True)
class Directory:
    """Every organisation with who holds which role, and the newest day on which it was looked who is present."""

    organisations: Mapping[str, Organisation]
    present_on: date


async def directory(conn: Connection) -> Directory:
    """The directory as it is until this transaction ends: who changes it waits for that."""
    await conn.execute(SQL["share_directory"])
    row = await conn.fetchrow(SQL["directory"])
    assert row
    if row["version"] not in _kept:
        found = await _organisations(conn)
        _kept.clear()
        _kept[row["version"]] = found
    return Directory(_kept[row["version"]], row["present_on"])


async def _organisations(conn: Connection) -> Mapping[str, Organisation]:
    away = await _away(conn, None)
    posts: dict[str, list[Post]] = defaultdict(list)
    for row in await conn.fetch(SQL["posts"]):
        values = dict(row)
        code = values.pop("organisation")
        posts[code].append(Post(**values, away=away[code, values["person_ref"]]))
    return {
        row["code"]: Organisation(
            row["code"], row["kind"], row["region"], tuple(posts[row["code"]]), row["municipality"]
        )
        for row in await conn.fetch(SQL["all_organisations"])
    }


async def _away(conn: Connection, codes: Sequence[str] | None) -> Mapping[Person, tuple[Absence, ...]]:
    found: dict[Person, tuple[Absence, ...]] = defaultdict(tuple)
    for row in await conn.fetch(SQL["absences"], codes):
        found[row["organisation"], row["person_ref"]] += (Absence(since=row["since"], until=row["until"]),)
    return found


async def listings(conn: Connection, codes: Sequence[str]) -> dict[str, Listing]:
    """These organisations with all their contacts, as far as they are known."""
    away = await _away(conn, codes)
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for row in await conn.fetch(CASES["contacts"], codes):
        values = dict(row)
        code = values.pop("organisation")
        contacts[code].append(Contact(**values, away=away[code, values["person_ref"]]))
    rows = await conn.fetch(CASES["organisations"], codes)
    return {row["code"]: Listing(**dict(row), contacts=in_order(tuple(contacts[row["code"]]))) for row in rows}


async def organisations_in(conn: Connection, region: str) -> list[str]:
    """Codes of the organisations in a region that a file has named."""
    return [row["code"] for row in await conn.fetch(SQL["organisations_in"], region)]


async def hold_directory(conn: Connection) -> None:
    """Wait until nobody decides by the directory any more, and let nobody do so until this transaction ends."""
    await conn.execute(SQL["hold_directory"])


async def save_listings(conn: Connection, before: Mapping[str, Listing], changed: Sequence[Listing]) -> None:
    """Write what changed of organisations with their contacts, and let every process read the directory again."""
    pairs = [(before.get(new.code), new) for new in changed]
    own = [(o.code, o.kind, o.name, o.region, o.municipality) for _, o in pairs]
    known = [(o.code, o.kind, o.name, o.region, o.municipality) for o, _ in pairs if o]
    await _write(conn, "save_organisations", [row for row in own if row not in known])
    rows = {row: None for _, new in pairs for row in _contact_rows(new)}
    await _write(
        conn, "save_contacts", list(rows.keys() - {row for old, _ in pairs if old for row in _contact_rows(old)})
    )
    was, now = ({(o.code, *one) for o in side if o for one in o.absences} for side in zip(*pairs, strict=True))
    await _write(conn, "forget_absences", sorted((row[0], row[1], row[2]) for row in was - now))
    await _write(conn, "save_absences", list(now - was))
    await conn.execute(SQL["new_directory_version"], new_id())


def _contact_rows(listing: Listing) -> Iterable[tuple[Any, ...]]:
    return ((listing.code, *(getattr(contact, name) for name in CONTACT)) for contact in listing.contacts)


async def looked_on(conn: Connection, day: date) -> None:
    """Remember that on this day it was looked who is present; an earlier day changes nothing."""
    await conn.execute(SQL["looked_on"], day)


async def roster(conn: Connection, code: str) -> Roster:
    """How often the list of an organisation changed; a list that never did has version 0."""
    row = await conn.fetchrow(SQL["roster"], code)
    return Roster(**dict(row)) if row else Roster(0)


async def next_rosters(conn: Connection, codes: Sequence[str], now: datetime, by: str) -> None:
    """The lists of these organisations have changed."""
    await conn.execute(SQL["next_rosters"], codes, now, by)


async def _write(conn: Connection, query: str, rows: Sequence[Sequence[Any]]) -> None:
    if rows:
        await conn.execute(SQL[query], *(list(column) for column in zip(*rows, strict=True)))
