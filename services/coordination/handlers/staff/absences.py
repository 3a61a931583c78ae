"""Who is away at an organisation: told one by one or by file, taken back, and heard at once by who stands in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination import store
from services.coordination.domain.world.absences import (
    Away,
    flaws,
    with_absence,
    without_absence,
)
from services.coordination.domain.world.organisations import Listing
from services.coordination.domain.world.roster import COORDINATORS, keeps
from services.coordination.handlers.staff.lists import Change, File, Listings, changed, person_ref, require, take_in
from services.coordination.handlers.world import almanac
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid, NotFound, check_version
from shared.core.tabular import Row, Table
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection

TELLERS = frozenset({Role.OPERATOR, *COORDINATORS})
COLUMNS = {"person_ref": "email", "since": "afwezig_vanaf", "until": "terug_op"}
"""Field → column of the file."""


@dataclass(frozen=True)
class RecordAbsence:
    """Somebody is away from a day on; told again with another last day, that counts."""

    organisation: str
    away: Away
    roster: int | None = None
    """Version of the list that the sender read; None: they do not say."""
    pupils: Sequence[str] = ()
    """Whose cases are touched, as far as that is known beforehand."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.organisation, *self.pupils]


@dataclass(frozen=True)
class WithdrawAbsence:
    """Somebody is not away after all from this day on."""

    organisation: str
    person_ref: str
    since: date
    roster: int | None = None
    pupils: Sequence[str] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [self.organisation, *self.pupils]


@dataclass(frozen=True)
class ImportAbsences:
    """A file of who is away."""

    table: Table
    pupils: Sequence[str] = ()

    @property
    def subjects(self) -> Sequence[str]:
        return [*(row["organisatie"] for row in self.table.rows), *self.pupils]


async def record_absence(conn: Connection, command: RecordAbsence, actor: Actor, now: datetime) -> Outcome:
    """Somebody is away: from today on who stands in has what they had, from a later day on as that day begins.

    The value is the version of the list. Raises `Forbidden`, `NotFound`, `Stale`, `Invalid` with every fault at its
    field, and `Unlocked`.
    """
    listings, today = await _open(conn, command, actor), almanac().day(now)
    before = listings[command.organisation]
    if faults := flaws(before, command.away, today):
        raise Invalid(faults)
    after = with_absence(before, command.away, today)
    return await _told(conn, listings, after, Change(actor, now, command.pupils))


async def withdraw_absence(conn: Connection, command: WithdrawAbsence, actor: Actor, now: datetime) -> Outcome:
    """Somebody is not away after all: a new event says so, and they get back what still asks for them.

    Raises `NotFound` when nobody told of it, and as `record_absence`.
    """
    listings, today = await _open(conn, command, actor), almanac().day(now)
    after = without_absence(listings[command.organisation], command.person_ref, command.since, today)
    if not after:
        raise NotFound
    return await _told(conn, listings, after, Change(actor, now, command.pupils))


async def import_absences(conn: Connection, command: ImportAbsences, actor: Actor, now: datetime) -> Outcome:
    """Take in a file of who is away. Raises `Forbidden`, or `Invalid` when the file as a whole can not be read."""
    require(actor, TELLERS)
    today = almanac().day(now)

    def take(listings: Listings, row: Row) -> Listing | Fault:
        return _row(listings, row, actor, today)

    file = File("file:staff-absences", command.table, command.subjects)
    return await take_in(conn, file, take, Change(actor, now, command.pupils))


async def _open(conn: Connection, command: RecordAbsence | WithdrawAbsence, actor: Actor) -> Listings:
    """The list of one organisation, in the version that the sender read."""
    require(actor, TELLERS)
    listings = await store.listings(conn, [command.organisation])
    if command.organisation not in listings:
        raise NotFound
    if not keeps(actor, listings[command.organisation]):
        raise Forbidden("who is away elsewhere is told there")
    found = await store.roster(conn, command.organisation)
    check_version("contacts", found.version, command.roster, found.changed)
    return listings


async def _told(conn: Connection, before: Listings, after: Listing, change: Change) -> Outcome:
    outcome = await changed(conn, before, [after] if after != before[after.code] else [], change)
    return replace(outcome, value=(await store.roster(conn, after.code)).version)


def _row(listings: Listings, row: Row, actor: Actor, today: date) -> Listing | Fault:
    """The list in which a row of the file is heard. What is over already says nothing."""
    listing = listings.get(row["organisatie"])
    if not listing or not keeps(actor, listing):
        return Fault(
            f"regel {row.line}, kolom organisatie", "een organisatie waarvan u dit bijhoudt", "other_organisation"
        )
    back = date.fromisoformat(row["terug_op"]) if row["terug_op"] else None
    told = Away(person_ref(row["email"]), date.fromisoformat(row["afwezig_vanaf"]), back)
    found = flaws(listing, told, today)
    if not found:
        return with_absence(listing, told, today)
    if found[0].code == "over":
        return listing
    return replace(found[0], where=f"regel {row.line}, kolom {COLUMNS[found[0].where]}")
