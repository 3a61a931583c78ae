"""Rows of organisations as partners, and of what must be done about them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from services.coordination.domain.partners.partner import Part, Partner, Silence, Task
from services.coordination.store.cases import EVIDENCE
from shared.core.errors import NotFound
from shared.schemas.coordination import Custodian
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "partners.sql")
MOST = 500
SAME = (
    *("task_id", "number", "kind", "about", "due_at", "window_until", "severity", "agreement", "opened_at", "step"),
    "escalated_at",
)
"""Fields of a task that are columns as they are."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides whether news of an organisation must be looked at."""

    organisation: str
    known_at: datetime
    heard_at: datetime | None
    active: bool
    awaited: bool
    silent: bool


async def standing(conn: Connection, codes: Iterable[str]) -> dict[str, Standing]:
    """These organisations, as far as they were ever noted; until this transaction ends nobody looks at them."""
    wanted = sorted(codes)
    await conn.execute(SQL["share"], wanted)
    rows = await conn.fetch(SQL["standing"], wanted)
    return {row["organisation"]: Standing(**dict(row)) for row in rows}


async def note(conn: Connection, seen: Mapping[str, tuple[datetime, datetime | None]]) -> None:
    """Keep when organisations were first known and last heard; only what is earlier or later counts."""
    if seen:
        rows = [(code, *seen[code]) for code in sorted(seen)]
        await conn.execute(SQL["note"], *_columns(rows))


async def load(conn: Connection, codes: Iterable[str]) -> dict[str, Partner]:
    """These organisations with their open tasks; until this transaction ends nobody tells news of them."""
    wanted = sorted(set(codes))
    await conn.execute(SQL["hold"], wanted)
    rows = await conn.fetch(SQL["partners"], wanted)
    tasks: dict[str, dict[str, Task]] = {row["organisation"]: {} for row in rows}
    for row in await conn.fetch(SQL["open_tasks"], wanted):
        tasks[row["organisation"]][row["task_id"]] = _task(row)
    return {row["organisation"]: _partner(row, tasks[row["organisation"]]) for row in rows}


def _partner(row: Any, tasks: Mapping[str, Task]) -> Partner:
    since = row["silent_since"]
    silence = Silence(since, row["silent_allowed"], row["silent_agreement"]) if since else None
    same = {name: row[name] for name in ("known_at", "heard_at", "looked_at", "active", "awaited", "numbered")}
    return Partner(row["organisation"], silence=silence, tasks=tasks, **same)


def _task(row: Any) -> Task:
    return Task(
        owner=owner(row), evidence=EVIDENCE.validate_json(row["evidence"]), **{name: row[name] for name in SAME}
    )


def owner(row: Any) -> Custodian:
    """Who must do a task."""
    return Custodian(
        organisation=row["owner_organisation"],
        role=row["owner_role"],
        contact=row["owner_contact"],
        deputy=row["owner_deputy"],
    )


async def parts(conn: Connection, codes: Iterable[str]) -> dict[str, Part]:
    """What these organisations have to do with the pupils who are on their way; nothing: they are not in it."""
    rows = await conn.fetch(SQL["parts"], sorted(set(codes)))
    return {row["code"]: Part(True, row["tells"], row["region"]) for row in rows}


async def save(conn: Connection, changed: Sequence[Partner]) -> None:
    """Write organisations as they now are."""
    if not changed:
        return
    await conn.execute(SQL["save_partners"], *_columns([_partner_row(one) for one in changed]))
    tasks = [_task_row(one, task) for one in changed for task in one.tasks.values()]
    if tasks:
        await conn.execute(SQL["save_tasks"], *_columns(tasks))


def _partner_row(one: Partner) -> tuple[Any, ...]:
    silence = (one.silence.since, one.silence.allowed_days, one.silence.agreement) if one.silence else (None,) * 3
    return one.code, one.looked_at, one.active, one.awaited, one.numbered, *silence


def _task_row(one: Partner, task: Task) -> tuple[Any, ...]:
    who = (task.owner.organisation, task.owner.role, task.owner.contact, task.owner.deputy)
    what = (task.task_id, task.number, task.kind, task.about, *who, task.due_at, task.window_until, task.severity)
    why = (EVIDENCE.dump_json(task.evidence).decode(), task.agreement)
    return one.code, *what, *why, task.opened_at, task.step, task.escalated_at, task.done_at


def _columns(rows: Sequence[Sequence[Any]]) -> Iterable[list[Any]]:
    return (list(column) for column in zip(*rows, strict=True))


async def touched(conn: Connection, codes: Iterable[str]) -> list[str]:
    """Organisations to look at because the lists of these changed: they themselves, and of which they have a task."""
    rows = await conn.fetch(SQL["tasks_of"], sorted(set(codes)))
    return sorted(row["organisation"] for row in rows)


async def known(conn: Connection) -> list[str]:
    """Every organisation that has, or had, to do with pupils."""
    return [row["organisation"] for row in await conn.fetch(SQL["known"])]


async def my_tasks(conn: Connection, organisation: str) -> list[dict[str, Any]]:
    """Open tasks of an organisation, most urgent first."""
    return [dict(row) for row in await conn.fetch(SQL["my_tasks"], organisation, MOST)]


async def one_task(conn: Connection, task_id: str) -> dict[str, Any]:
    """A task, open or not. Raises `NotFound` for who does not see it."""
    row = await conn.fetchrow(SQL["one_task"], task_id)
    if row is None:
        raise NotFound
    return dict(row) | {"evidence": EVIDENCE.validate_json(row["evidence"])}


async def in_region(conn: Connection, region: str) -> list[dict[str, Any]]:
    """Open tasks about organisations of a region, oldest first."""
    return [dict(row) for row in await conn.fetch(SQL["tasks_in_region"], region)]


async def silences(conn: Connection) -> dict[str, int]:
    """Silent organisations → how many pupils of the coordinator's region are not known because of it."""
    return {row["organisation"]: row["n"] for row in await conn.fetch(SQL["region_silences"])}
