"""What an audit reads: everybody of whom anything is known, page by page, with what was told and what is stored."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from services.coordination.domain.history import Columns, Place, Told, named
from services.coordination.store.cases import CUSTODIAN, EVIDENCE, ROUTE
from shared.schemas.catalog import EVENTS
from shared.schemas.envelope import read
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "history.sql")
DOCUMENTS: Mapping[str, TypeAdapter[Any]] = {"evidence": EVIDENCE, "route": ROUTE, "holder": CUSTODIAN}
TABLES = ("transition", "custody", "offer", "action", "risk")
PAGE = 500
"""References at a time: what is in memory does not grow with their number."""


@dataclass
class Recorded:
    """What was told of one reference, and what is stored of it."""

    pupil_ref: str
    told: list[Told] = field(default_factory=list)
    stored: dict[Place, Columns] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)
    """Types of events that are not what their schema says."""


async def recorded(conn: Connection, types: Collection[str]) -> AsyncIterator[Recorded]:
    """Everybody, one after another, with the events of these types. Asks for a transaction in which nothing moves."""
    cursor = await conn.cursor(SQL["references"])
    while refs := [row["ref"] for row in await cursor.fetch(PAGE)]:
        page = {ref: Recorded(ref) for ref in refs}
        await _fill_told(conn, page, types)
        await _fill_stored(conn, page)
        for one in page.values():
            yield one


async def recorded_of_organisations(conn: Connection, types: Sequence[str]) -> AsyncIterator[Recorded]:
    """Every organisation of which anything was told or asked, as :func:`recorded` does pupils."""
    page = {row["code"]: Recorded(row["code"]) for row in await conn.fetch(SQL["partners"], types)}
    await _fill_told(conn, page, types)
    for table in ("partner", "task"):
        for row in await conn.fetch(SQL[table], list(page)):
            columns = {name: _value(name, value) for name, value in row.items()}
            page[row["organisation"]].stored[table, 0, row["key"]] = columns
    for one in page.values():
        yield one


async def _fill_told(conn: Connection, page: Mapping[str, Recorded], types: Collection[str]) -> None:
    for row in await conn.fetch(SQL["told"], list(page), list(types)):
        try:
            data = read(EVENTS[row["type"]], row["payload"])
        except ValidationError:
            page[row["subject"]].unreadable.append(row["type"])
        else:
            page[row["subject"]].told.append(Told(row["recorded_at"], data))


async def _fill_stored(conn: Connection, page: Mapping[str, Recorded]) -> None:
    for table in TABLES:
        for row in await conn.fetch(SQL[table], list(page)):
            place = table, row["cohort"], _key(table, row)
            page[row["pupil_ref"]].stored[place] = {name: _value(name, value) for name, value in row.items()}


def _key(table: str, row: Any) -> str:
    """A signal is found by what it is about, so that its key and that are compared too."""
    if table == "risk":
        return named(row["pupil_ref"], row["cohort"], row["rule"], row["about"])
    return str(row["key"])


def _value(name: str, value: Any) -> object:
    """As the events have it; as it is stored when it is nothing that an event could have."""
    try:
        return DOCUMENTS[name].validate_json(value) if name in DOCUMENTS else value
    except ValidationError:
        return value
