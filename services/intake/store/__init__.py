"""All SQL of intake: named queries from `sql/queries.sql`, whole batches at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from services.intake.domain.application import Fact
from shared.core.links import Link
from shared.schemas.intakes import ApplicationStatus
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "queries.sql")
PUPIL_TABLES = ("pupil", "application", "choice", "handover", "alert", "expectation", "custody", "talk", "action")


@dataclass(frozen=True, slots=True)
class Resolved:
    """Who a reference stands for now."""

    pupil_ref: str
    known: bool
    """Somebody has told who this is: a school, or the institution that met the pupil first."""
    erased: bool


@dataclass(frozen=True, slots=True)
class Person:
    """Who a pupil is, as an institution tells it."""

    first_name: str
    prefix: str
    last_name: str
    birth_date: date
    municipality: str | None


@dataclass(frozen=True, slots=True)
class Application:
    """An application as it now is."""

    application_id: str
    own_id: str
    pupil_ref: str
    cohort: int
    programme: str
    pathway: str
    status: ApplicationStatus
    status_at: datetime
    channel: str
    """How what now decides was told: a door, or a source of the chain."""
    start: date | None = None
    shadow: bool = False
    """The pupil is known from the national chain alone."""
    reason: str | None = None
    """Code of the reason, of an application that was rejected or withdrawn here."""
    arrived_at: datetime | None = None
    """When its present status was first known."""


async def hold_links(conn: Connection, *, alone: bool = False) -> None:
    """Nobody joins or erases pupils while this transaction lasts; `alone`: and nobody looks pupils up."""
    await conn.execute(SQL["hold_links_alone" if alone else "hold_links"])


async def resolve(conn: Connection, refs: Iterable[str]) -> dict[str, Resolved]:
    """Each reference with who it stands for. Call `hold_links` first."""
    rows = await conn.fetch(SQL["resolve"], sorted(set(refs)))
    return {row["ref"]: Resolved(row["pupil_ref"], row["known"], row["erased"]) for row in rows}


async def applications(conn: Connection, institution: str, own_ids: Iterable[str]) -> dict[str, Application]:
    """Applications of an institution by its own keys, locked."""
    rows = await conn.fetch(SQL["applications"], institution, sorted(set(own_ids)))
    return {row["own_id"]: _application(row) for row in rows}


async def application(conn: Connection, institution: str, application_id: str) -> Application | None:
    """One application of an institution, locked; None when the institution has none with this key."""
    row = await conn.fetchrow(SQL["application"], institution, application_id)
    return _application(row) if row else None


async def applications_of(conn: Connection, institution: str, application_ids: Iterable[str]) -> list[Application]:
    """Those of these applications that the institution has, locked."""
    rows = await conn.fetch(SQL["applications_of"], institution, sorted(set(application_ids)))
    return [_application(row) for row in rows]


def _application(row: Any) -> Application:
    return Application(**{**row, "status": ApplicationStatus(row["status"])})


async def facts(conn: Connection, institution: str, application_ids: Iterable[str]) -> dict[str, list[Fact]]:
    """Every fact ever told about these applications."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in await conn.fetch(SQL["facts"], institution, sorted(application_ids)):
        values = dict(row)
        found[values.pop("application_id")].append(Fact(**{**values, "status": ApplicationStatus(row["status"])}))
    return found


async def save_applications(conn: Connection, institution: str, changed: Sequence[Application]) -> None:
    """Write applications as they now are."""
    names = (*Application.__slots__,)
    await _execute(conn, "save_applications", [[getattr(a, name) for name in names] for a in changed], institution)


async def add_facts(conn: Connection, institution: str, told: Sequence[tuple[str, Fact]]) -> None:
    """Keep facts, each with its application_id."""
    rows = [(of, *(getattr(fact, name) for name in Fact.__slots__)) for of, fact in told]
    await _execute(conn, "add_facts", rows, institution)


async def met_here(conn: Connection, institution: str, refs: Iterable[str]) -> dict[str, tuple[Person, datetime]]:
    """Pupils whom this institution met first: as it described them, and of which moment that is."""
    rows = await conn.fetch(SQL["met_here"], institution, sorted(set(refs)))
    return {row["pupil_ref"]: (Person(*(row[name] for name in Person.__slots__)), row["as_of"]) for row in rows}


async def meet_pupils(conn: Connection, institution: str, people: Mapping[str, tuple[Person, datetime]]) -> None:
    """Write down pupils whom this institution meets first, or describes anew."""
    rows = [
        (ref, *(getattr(person, name) for name in Person.__slots__), as_of) for ref, (person, as_of) in people.items()
    ]
    await _execute(conn, "meet_pupils", rows, institution)


async def save_told(conn: Connection, table: str, rows: Sequence[Sequence[Any]]) -> int:
    """Write what others told, each entity once; returns how many were newer than what was known."""
    return await _execute(conn, f"save_{table}", rows)


async def add_links(conn: Connection, links: Iterable[Link]) -> list[Link]:
    """Keep links; returns every link of the families they belong to."""
    new = sorted(links)
    await _execute(conn, "add_links", new)
    rows = await conn.fetch(SQL["links_around"], sorted({ref for pair in new for ref in pair}))
    return [(row["survivor"], row["absorbed"]) for row in rows]


async def move(conn: Connection, survivors: Mapping[str, str]) -> None:
    """Let every row of these references belong to the survivor."""
    aliases = list(survivors.items())
    await conn.execute(SQL["drop_aliases"], list(set(survivors.values())))
    await _execute(conn, "save_aliases", aliases)
    for table in PUPIL_TABLES:
        await _execute(conn, f"move_{table}", aliases)


async def erase(conn: Connection, ref: str) -> list[str]:
    """Erase a pupil, for the worker; returns the reference and all that it had absorbed."""
    refs = [row[0] for row in await conn.fetch(SQL["absorbed_by"], ref)]
    await conn.execute(SQL["erase"], refs)
    return refs


async def erase_met_here(conn: Connection, ref: str) -> list[str]:
    """Erase a pupil whom the actor's institution met first; empty when the database does not allow it."""
    return [row[0] for row in await conn.fetch(SQL["erase_met_here"], ref)]


async def origin(conn: Connection, institution: str, ref: str) -> tuple[bool, str | None] | None:
    """(a school knows this pupil, institution that met them first); None when not a pupil of this institution."""
    row = await conn.fetchrow(SQL["origin"], institution, ref)
    return (row["at_school"], row["met_at"]) if row else None


async def _execute(conn: Connection, name: str, rows: Sequence[Sequence[Any]], *first: Any) -> int:
    return await execute(conn, SQL[name], rows, *first)


async def execute(conn: Connection, query: str, rows: Sequence[Sequence[Any]], *first: Any) -> int:
    """Run a query on whole columns, if there are rows; returns how many were written."""
    if not rows:
        return 0
    columns = [list(column) for column in zip(*rows, strict=True)]
    status: str = await conn.execute(query, *first, *columns)
    return int(status.split()[-1])
