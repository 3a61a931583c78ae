"""What people ask of an Overstaptafel: plan it, say who is present, agree on an action, close it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from services.coordination import store
from services.coordination.domain import actions, casetable
from services.coordination.domain.casetable import KINDS, LONGEST, OPEN_DAYS, Table
from services.coordination.domain.pinning import pinned
from services.coordination.domain.world.deadlines import after, exactly
from services.coordination.handlers.events import outcome
from services.coordination.handlers.world import almanac, world
from services.coordination.store import casetables
from shared.core.actor import Actor, Role
from shared.core.errors import Fault, Forbidden, Invalid, NotFound, check_version
from shared.core.ids import new_id, opaque_ref
from shared.schemas.coordination import Custodian
from shared.schemas.envelope import Outcome, Timer
from shared.storage.pool import Connection

CLOSES = "case-table"
AHEAD = timedelta(days=366)


@dataclass(frozen=True)
class PlanTable:
    """A table on a day, with the organisations that come."""

    held_on: date
    organisations: Sequence[str]

    @property
    def subjects(self) -> Sequence[str]:
        return []


@dataclass(frozen=True)
class SeatTable:
    """Who is present. `version`: of the table as it was read."""

    table_id: str
    organisations: Sequence[str]
    version: int | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return []


@dataclass(frozen=True)
class CloseTable:
    """The table is over."""

    table_id: str
    version: int | None = None

    @property
    def subjects(self) -> Sequence[str]:
        return []


@dataclass(frozen=True)
class Decide:
    """What was agreed about a pupil: what is done, by whom, within so many school days."""

    table_id: str
    pupil_ref: str
    cohort: int
    kind: str
    organisation: str
    role: str
    within_school_days: int

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def plan_table(conn: Connection, command: PlanTable, actor: Actor, now: datetime) -> Outcome:
    """Plan a table in the region of the actor, whose organisation is present. Raises `Forbidden` or `Invalid`."""
    if actor.role not in casetable.PLANNERS:
        raise Forbidden(f"the role {actor.role} plans no case table")
    today = almanac().day(now)
    if not today <= command.held_on <= today + AHEAD:
        raise Invalid([Fault("held_on", "a day from today, within a year", "out_of_range")])
    region = await _region(conn, actor)
    own = [] if actor.role is Role.REGION_COORDINATOR else [actor.organisation]
    table_id = opaque_ref("case-table", str(new_id()))
    table = Table(table_id, region, command.held_on, actor.organisation, (), version=0)
    table = casetable.seated(table, [*command.organisations, *own], await _known(conn, region))
    await casetables.add(conn, table)
    closes = almanac().instant(command.held_on + timedelta(days=OPEN_DAYS), 0)
    return Outcome(timers=[Timer(CLOSES, table_id, "", closes)], value=table)


async def seat_table(conn: Connection, command: SeatTable, actor: Actor, _now: datetime) -> Outcome:
    """Say who is present. Raises `NotFound`, `Forbidden`, `IllegalMove`, `Stale` or `Invalid`."""
    table = await _moved(conn, command.table_id, "seat", actor, command.version)
    known = await _known(conn, table.region)
    table = casetable.seated(table, command.organisations, [*known, *table.seats])
    await casetables.keep(conn, table)
    return Outcome(value=table)


async def close_table(conn: Connection, command: CloseTable, actor: Actor, now: datetime) -> Outcome:
    """Close a table: nothing more is agreed, and sight of the cases of others ends. Raises as `seat_table`."""
    table = await _moved(conn, command.table_id, "close", actor, command.version)
    table = replace(table, closed_at=now, version=table.version + 1)
    await casetables.keep(conn, table)
    return Outcome(value=table)


async def decide(conn: Connection, command: Decide, actor: Actor, now: datetime) -> Outcome:
    """Agree on an action. Raises `NotFound` for a case in which the actor's organisation is not involved, `Forbidden`,
    `IllegalMove` when the table is closed, and `Invalid` with everything that is wrong."""
    table = await _moved(conn, command.table_id, "decide", actor, None)
    if not await casetables.on_agenda(conn, table.table_id, command.pupil_ref, command.cohort):
        raise NotFound
    around = await world(conn)
    if faults := _faults(table, command, around.kind_of(command.organisation)):
        raise Invalid(faults)
    book = await store.load(conn, [command.pupil_ref], may_be_new=False)
    case, known = book.case(command.pupil_ref, command.cohort), book.known(command.pupil_ref, command.cohort)
    if not case.open or not case.transition:
        raise NotFound
    around, day = pinned(case, around), around.almanac.day(now)
    named = Custodian(organisation=command.organisation, role=command.role)
    wanted = actions.Wanted(
        command.kind,
        f"{actions.AGREED}{table.table_id}",
        around.reachable(around.named(named, known.expected, day), case.transition.region, day),
        exactly(after(named.organisation, command.within_school_days, around, now)),
        severity=2,
    )
    case, agreed = actions.opened(case, wanted, now)
    book.put(actions.planned(case, known, around, now), now)
    await store.save(conn, book)
    made = casetables.Decision(agreed.action_id, table.table_id, command.pupil_ref, command.cohort)
    await casetables.add_decision(conn, made, actor, now)
    return replace(outcome(book), value=agreed)


async def close_in_time(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """A week after its day a table closes by itself."""
    await casetables.close(conn, [timer.subject for timer in timers], timers[0].due_at)
    return Outcome()


async def _moved(conn: Connection, table_id: str, command: str, actor: Actor, version: int | None) -> Table:
    table = await casetables.locked(conn, table_id, actor.organisation)
    casetable.after(table, command, actor)
    check_version("case table", table.version, version)
    return table


async def _region(conn: Connection, actor: Actor) -> str:
    if almanac().is_region(actor.organisation):
        return actor.organisation
    region = await casetables.region_of(conn, actor.organisation)
    if not region:
        raise Invalid([Fault("held_on", "an organisation of which a file has told the region", "no_region")])
    return region


async def _known(conn: Connection, region: str) -> list[str]:
    return [one["code"] for one in await casetables.organisations(conn, region)]


def _faults(table: Table, command: Decide, kind_of_owner: str) -> list[Fault]:
    faults = casetable.owner_faults(table, kind_of_owner, command.organisation, command.role)
    if command.kind not in KINDS:
        faults.append(Fault("kind", "one of: " + ", ".join(KINDS), "unknown"))
    if not 1 <= command.within_school_days <= LONGEST:
        faults.append(Fault("within_school_days", f"from 1 to {LONGEST} school days", "out_of_range"))
    return faults
