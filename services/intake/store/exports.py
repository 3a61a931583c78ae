"""The application status export: its file, its rows while they wait, and the applications that they make."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from services.intake.domain.application import Fact
from services.intake.store import Application, execute
from shared.core.actor import Actor, Role
from shared.core.errors import Fault
from shared.schemas.intakes import ApplicationStatus
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "exports.sql")
FAULTS_KEPT = 200


@dataclass(frozen=True, slots=True)
class Export:
    """A file, and what became of its rows so far."""

    export_id: UUID
    organisation: str
    role: str
    person_ref: str | None
    state: str
    """`arriving`, `arrived` (waits for a person), `taking` or `done`."""
    sent_at: datetime
    header: str
    received: int
    applied: int
    unchanged: int
    skipped: int
    quarantined: int
    bad: int
    """Rows that can not be used, found on arrival."""
    faults: tuple[Fault, ...]
    """The first of what is wrong with those."""

    @property
    def sender(self) -> Actor:
        return Actor(self.organisation, Role(self.role), self.person_ref)

    @property
    def left(self) -> int:
        """Rows whose fate is not known yet."""
        return self.received - self.applied - self.unchanged - self.skipped - self.quarantined


@dataclass(frozen=True, slots=True)
class Staged:
    """A row of a file while it waits. The good ones have everything from `pupil_ref` on, the others a reason."""

    export_id: UUID
    line: int
    sealed: bytes
    reason: str | None = None
    faults: str | None = None
    """JSON."""
    pupil_ref: str | None = None
    application_id: str | None = None
    mbo_institution: str | None = None
    own_id: str | None = None
    source_system: str | None = None
    row_id: str | None = None
    version: int | None = None
    programme: str | None = None
    pathway: str | None = None
    status: str | None = None
    at: datetime | None = None
    arrived: datetime | None = None
    start: date | None = None


@dataclass(frozen=True, slots=True)
class ChainRow:
    """A good row: what it says of which application of whom."""

    line: int
    sealed: bytes
    pupil_ref: str
    application_id: str
    mbo_institution: str
    own_id: str
    fact: Fact


@dataclass(frozen=True, slots=True)
class BadLine:
    """A row that waits for quarantine."""

    line: int
    sealed: bytes
    reason: str
    faults: tuple[Fault, ...]
    pupil_ref: str | None


# The file


async def begin(conn: Connection, export_id: UUID, actor: Actor, now: datetime) -> None:
    """A file begins to arrive."""
    await conn.execute(SQL["begin"], export_id, actor.organisation, actor.role.value, actor.person_ref, now)


async def stage(conn: Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """Put rows aside, each in the order of `Staged`."""
    await conn.copy_records_to_table("export_row", records=rows, columns=list(Staged.__slots__))


async def arrived(conn: Connection, organisation: str, export: Export) -> None:
    """The file is complete."""
    faults = json.dumps([[fault.where, fault.expected, fault.code] for fault in export.faults])
    counts = export.received, export.bad
    await conn.execute(SQL["arrived"], export.export_id, organisation, export.state, export.header, *counts, faults)


async def confirm(conn: Connection, organisation: str, export_id: UUID) -> bool:
    """The file may be taken in; False when it does not wait for that."""
    return await conn.fetchval(SQL["confirm"], export_id, organisation) is not None


async def one(conn: Connection, organisation: str, export_id: UUID) -> Export | None:
    """One file of a sender."""
    row = await conn.fetchrow(SQL["one"], export_id, organisation)
    return _export(row) if row else None


async def latest(conn: Connection, organisation: str) -> list[Export]:
    """The newest files of a sender."""
    return [_export(row) for row in await conn.fetch(SQL["latest"], organisation)]


async def to_take(conn: Connection) -> Export | None:
    """The file that must be taken in first."""
    row = await conn.fetchrow(SQL["to_take"])
    return _export(row) if row else None


async def count(conn: Connection, export_id: UUID, fates: Sequence[int]) -> None:
    """Add to what became of a file: applied, unchanged, skipped, quarantined."""
    await conn.execute(SQL["count"], export_id, *fates)


async def done(conn: Connection, export_id: UUID) -> None:
    """Every row of the file has its fate."""
    await conn.execute(SQL["done"], export_id)


async def forget(conn: Connection, unconfirmed: datetime, done: datetime) -> None:
    """Forget files that came before these moments: those that wait or are not complete, and those taken in."""
    await conn.execute(SQL["forget"], unconfirmed, done)


def _export(row: Any) -> Export:
    return Export(**{**row, "faults": _faults(row["faults"])})


def _faults(text: str) -> tuple[Fault, ...]:
    return tuple(Fault(*fault) for fault in json.loads(text))


# Its rows


async def next_refs(conn: Connection, export_id: UUID, after: str, limit: int) -> list[str]:
    """The next pupils with rows that wait."""
    return [row["pupil_ref"] for row in await conn.fetch(SQL["next_refs"], export_id, after, limit)]


async def take(conn: Connection, export_id: UUID, refs: Sequence[str]) -> list[ChainRow]:
    """All rows of these pupils; they do not wait any more."""
    return [_chain_row(row) for row in await conn.fetch(SQL["take"], export_id, list(refs))]


def _chain_row(row: Any) -> ChainRow:
    values = dict(row)
    own = {name: values.pop(name) for name in ChainRow.__slots__ if name != "fact"}
    return ChainRow(**own, fact=_fact(values))


def _fact(values: dict[str, Any]) -> Fact:
    return Fact(**{**values, "status": ApplicationStatus(values["status"])})


async def take_bad(conn: Connection, export_id: UUID, limit: int) -> list[BadLine]:
    """The first rows that wait for quarantine."""
    rows = await conn.fetch(SQL["take_bad"], export_id, limit)
    return [BadLine(**{**row, "faults": _faults(row["faults"])}) for row in rows]


# Applications of any institution, for the worker


async def applications(conn: Connection, application_ids: Iterable[str]) -> dict[str, Application]:
    """Those of these applications that are known, locked."""
    rows = await conn.fetch(SQL["applications"], sorted(set(application_ids)))
    return {row["application_id"]: Application(**{**row, "status": ApplicationStatus(row["status"])}) for row in rows}


async def facts(conn: Connection, application_ids: Collection[str]) -> dict[str, list[Fact]]:
    """Every fact ever told about these applications."""
    found: dict[str, list[Fact]] = {}
    for row in await conn.fetch(SQL["facts"], sorted(application_ids)):
        values = dict(row)
        found.setdefault(values.pop("application_id"), []).append(_fact(values))
    return found


async def save(
    conn: Connection, states: Sequence[tuple[str, Application]], facts: Sequence[tuple[str, str, Fact]]
) -> None:
    """Write applications and facts, each with its institution; facts with their application too."""
    await execute(
        conn,
        SQL["save_applications"],
        [(institution, *(getattr(state, name) for name in Application.__slots__)) for institution, state in states],
    )
    await execute(
        conn,
        SQL["save_facts"],
        [(*place, *(getattr(fact, name) for name in Fact.__slots__)) for *place, fact in facts],
    )


# Shadows


async def shadows(conn: Connection, institution: str, after: str, limit: int) -> list[Mapping[str, Any]]:
    """Pupils whom an institution knows from the chain alone, with their applications there."""
    return [dict(row) for row in await conn.fetch(SQL["shadows"], institution, after, limit)]


async def shadow(conn: Connection, institution: str, ref: str) -> Mapping[str, Any] | None:
    """One of those."""
    row = await conn.fetchrow(SQL["shadow"], institution, ref)
    return dict(row) if row else None


async def count_shadows(conn: Connection, institution: str) -> int:
    """How many those are."""
    return int(await conn.fetchval(SQL["count_shadows"], institution))


async def is_shadow(conn: Connection, actor: Actor, ref: str) -> bool:
    """Whether this is a shadow: with an application at the actor's institution; for the operator of any."""
    if actor.role is Role.OPERATOR:
        return bool(await conn.fetchval(SQL["is_shadow"], ref))
    return bool(await conn.fetchval(SQL["has_shadow"], actor.organisation, ref))


async def ask_link(conn: Connection, shadow: str, pupil_ref: str, actor: Actor) -> bool:
    """Keep that a shadow is a pupil until the worker joins them; False when somebody asked that already."""
    who = actor.organisation, actor.role.value, actor.person_ref
    return await conn.fetchval(SQL["ask_link"], shadow, pupil_ref, *who) is not None


async def asked_links(conn: Connection, shadows: Sequence[str]) -> list[tuple[str, str, Actor]]:
    """(shadow, pupil, who said so) of these shadows; they do not wait any more."""
    rows = await conn.fetch(SQL["asked_links"], list(shadows))
    return [(r["shadow"], r["pupil_ref"], Actor(r["organisation"], Role(r["role"]), r["person_ref"])) for r in rows]


async def shadow_applications(conn: Connection, refs: Iterable[str]) -> list[str]:
    """Applications of these pupils that are a shadow's."""
    return [row["application_id"] for row in await conn.fetch(SQL["shadows_among"], sorted(set(refs)))]


async def unshadowed(conn: Connection, application_ids: Sequence[str]) -> list[tuple[str, Application]]:
    """Of these applications those whose pupil has become known, each with its institution."""
    found = []
    for row in await conn.fetch(SQL["unshadowed"], list(application_ids)):
        values = {**row, "status": ApplicationStatus(row["status"])}
        found.append((values.pop("mbo_institution"), Application(**values)))
    return found
