"""Overstaptafels: the tables, who sits at them, their agenda and what was agreed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from services.coordination.domain.casetable import Table
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "casetables.sql")
PAGE = 25
"""Cases on one page of an agenda."""
MOST_TABLES = 100
Key = tuple[str, int]


@dataclass(frozen=True)
class Item:
    """An open case on an agenda, with everything that is talked about."""

    case: dict[str, Any]
    risks: list[dict[str, Any]] = field(default_factory=list)
    agreed: list[dict[str, Any]] = field(default_factory=list)

    @property
    def key(self) -> Key:
        return self.case["pupil_ref"], self.case["cohort"]


@dataclass(frozen=True, slots=True)
class Decision:
    """An action that was agreed at a table."""

    action_id: str
    table_id: str
    pupil_ref: str
    cohort: int


@dataclass(frozen=True)
class Agenda:
    """One page of what an organisation sees, and how many there are."""

    items: Sequence[Item]
    total: int
    """Cases in which the organisation is involved itself."""
    everybody: int
    """Cases of all who are present, each counted once."""
    by_organisation: dict[str, int]


async def table(conn: Connection, table_id: str, organisation: str) -> Table:
    """A table at which this organisation sits, that it planned or that is in its region. Raises `NotFound`."""
    row = await conn.fetchrow(SQL["table"], table_id, organisation)
    if not row:
        raise NotFound
    return _table(row)


async def locked(conn: Connection, table_id: str, organisation: str) -> Table:
    """The same, locked until the transaction ends."""
    await conn.execute(SQL["lock_table"], table_id)
    return await table(conn, table_id, organisation)


async def tables(conn: Connection, organisation: str) -> list[Table]:
    """Tables of an organisation, open ones first."""
    return [_table(row) for row in await conn.fetch(SQL["tables"], organisation, MOST_TABLES)]


def _table(row: Any) -> Table:
    return Table(**dict(row) | {"seats": tuple(row["seats"])})


async def add(conn: Connection, new: Table) -> None:
    """Keep a new table."""
    await conn.execute(SQL["add_table"], new.table_id, new.region, new.held_on, new.planned_by, new.version)
    await conn.execute(SQL["add_seats"], new.table_id, list(new.seats))


async def keep(conn: Connection, changed: Table) -> None:
    """Keep a table as it now is."""
    await conn.execute(SQL["keep_table"], changed.table_id, changed.version, changed.closed_at)
    await conn.execute(SQL["add_seats"], changed.table_id, list(changed.seats))
    await conn.execute(SQL["clear_seats"], changed.table_id, list(changed.seats))


async def close(conn: Connection, table_ids: Iterable[str], now: datetime) -> None:
    """Close tables of which the time has come."""
    await conn.execute(SQL["close_tables"], sorted(table_ids), now)


async def region_of(conn: Connection, organisation: str) -> str | None:
    """The region of an organisation that a file has named."""
    found: str | None = await conn.fetchval(SQL["region_of_organisation"], organisation)
    return found


async def organisations(conn: Connection, region: str) -> list[dict[str, Any]]:
    """Who may sit at a table of a region: code, kind and name."""
    return [dict(row) for row in await conn.fetch(SQL["organisations_of_region"], region)]


async def agenda(conn: Connection, table_id: str, page: int) -> Agenda:
    """One page of the agenda of the organisation that asks: the open cases in which it is involved itself."""
    rows = [dict(row) for row in await conn.fetch(SQL["agenda"], table_id, PAGE, (page - 1) * PAGE)]
    refs, cohorts = [row["pupil_ref"] for row in rows], [row["cohort"] for row in rows]
    risks: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    agreed: dict[Key, list[dict[str, Any]]] = defaultdict(list)
    for found, query in ((risks, "open_risks"), (agreed, "agreed")):
        for row in await conn.fetch(SQL[query], refs, cohorts):
            found[row["pupil_ref"], row["cohort"]].append(dict(row))
    items = [Item(row, risks[row["pupil_ref"], row["cohort"]], agreed[row["pupil_ref"], row["cohort"]]) for row in rows]
    numbers = {row["organisation"]: row["n"] for row in await conn.fetch(SQL["agenda_numbers"], table_id)}
    return Agenda(items, rows[0]["total"] if rows else 0, numbers.pop(None, 0), numbers)


async def on_agenda(conn: Connection, table_id: str, pupil_ref: str, cohort: int) -> bool:
    """Whether the organisation that asks may talk about this case at the table."""
    found: bool = await conn.fetchval(SQL["on_agenda"], table_id, pupil_ref, cohort)
    return found


async def add_decision(conn: Connection, made: Decision, actor: Actor, now: datetime) -> None:
    """Remember at which table an action was agreed, and who wrote it down."""
    row = (made.action_id, made.table_id, made.pupil_ref, made.cohort)
    await conn.execute(SQL["add_decision"], *row, now, actor.organisation, actor.person_ref)


async def decisions(conn: Connection, table_id: str) -> list[dict[str, Any]]:
    """What was agreed at a table, as far as the organisation that asks is involved."""
    return [dict(row) for row in await conn.fetch(SQL["decisions_of_table"], table_id)]
