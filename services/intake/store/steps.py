"""Steps as they were told, and the intake, enrolment, switch or report of absence that they make."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import TypeAdapter

from services.intake.domain import enrolment, intake
from services.intake.domain.absence import Absence
from services.intake.domain.enrolment import Enrolment
from services.intake.domain.intake import Intake
from services.intake.domain.steps import Says, Step, Undone
from services.intake.domain.switch import Switch
from services.intake.store import execute
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "steps.sql")
Entity = Literal["intake", "enrolment", "switch", "absence"]
ENTITIES: tuple[Entity, ...] = ("intake", "enrolment", "switch", "absence")
Place = tuple[str, str]
"""application_id and, of a switch or a report of absence, its own key; else empty."""
KINDS: Mapping[str, type[Says]] = {
    "undone": Undone,
    "invited": intake.Invited,
    "planned": intake.Planned,
    "missed": intake.Missed,
    "result": intake.Result,
    "started": enrolment.Started,
    "not_started": enrolment.NotStarted,
    "ended": enrolment.Ended,
    "switch": Switch,
    "absence": Absence,
}
_NAMES = {kind: name for name, kind in KINDS.items()}
_ADAPTERS: Mapping[str, TypeAdapter[Any]] = {name: TypeAdapter(kind) for name, kind in KINDS.items()}
_ENDED = ("ended_on", "reason", "destination", "to_institution", "diploma", "basic_qualification")
_SWITCH = ("status", "to_institution", "to_programme", "to_level", "to_application_id", "switched_on")
_ABSENCE = (
    *("kind", "status", "reported_on", "absent_from", "absent_until", "action_wanted", "closed_on", "closed_reason"),
)
_INTAKE = ("state", "invited_at", "answer_by", "planned_at", "form", "missed", "missed_at", "missed_reason")


@dataclass(frozen=True, slots=True)
class Version:
    """Of what several people change."""

    version: int = 0
    """0: nothing was told yet."""
    changed: tuple[datetime, str] | None = None
    """Since when, and the role that did it."""


async def steps(
    conn: Connection, institution: str, entity: Entity, application_ids: Iterable[str]
) -> dict[str, dict[str, list[Step]]]:
    """Every step of these applications: application_id → key → steps, in the order in which they were told."""
    found: dict[str, dict[str, list[Step]]] = defaultdict(lambda: defaultdict(list))
    for row in await conn.fetch(SQL["steps"], institution, entity, sorted(set(application_ids))):
        found[row["application_id"]][row["key"]].append(_step(row))
    return found


async def story(conn: Connection, institution: str, application_id: str) -> list[tuple[Entity, str, Step]]:
    """Every step of one application, whichever entity it is of: entity, key and step."""
    rows = await conn.fetch(SQL["story"], institution, application_id)
    return [(row["entity"], row["key"], _step(row)) for row in rows]


def _step(row: Any) -> Step:
    says = _ADAPTERS[row["kind"]].validate_json(row["says"])
    return Step(row["n"], row["at"], row["arrived"], row["channel"], row["role"], says)


async def add_steps(conn: Connection, institution: str, entity: Entity, told: Sequence[tuple[str, str, Step]]) -> None:
    """Keep steps, each with its application_id and key."""
    rows = [(of, key, s.n, *_written(s.says), s.at, s.arrived, s.channel, s.role) for of, key, s in told]
    await execute(conn, SQL["add_steps"], rows, institution, entity)


def _written(says: Says) -> tuple[str, str]:
    name = _NAMES[type(says)]
    return name, json.dumps(_ADAPTERS[name].dump_python(says, mode="json", exclude_none=True))


async def versions(
    conn: Connection, institution: str, entity: Entity, application_ids: Iterable[str]
) -> dict[Place, Version]:
    """How often each of these entities changed."""
    rows = await conn.fetch(SQL[f"{entity}_versions"], institution, sorted(set(application_ids)))
    return {(row["of"], row["key"]): Version(row["version"], (row["changed_at"], row["changed_by"])) for row in rows}


async def save_intakes(
    conn: Connection, institution: str, now: datetime, role: str, changed: Mapping[Place, Intake]
) -> None:
    """Write intakes as they now are."""
    rows = []
    for (of, _), found in changed.items():
        result = found.result
        came_out = (result.held_on, result.outcome, result.reason, result.advised_programme) if result else (None,) * 4
        rows.append((of, *(getattr(found, name) for name in _INTAKE), *came_out, found.mandatory))
    await execute(conn, SQL["save_intakes"], rows, institution, now, role)


async def save_enrolments(
    conn: Connection, institution: str, now: datetime, role: str, changed: Mapping[Place, Enrolment]
) -> None:
    """Write enrolments as they now are."""
    rows = []
    for (of, _), found in changed.items():
        absent, ended = found.not_started, found.ended
        absence = (absent.checked_on, absent.reason, absent.contact_attempts) if absent else (None,) * 3
        end = tuple(getattr(ended, name, None) for name in _ENDED)
        rows.append((of, found.state, found.first_day, *absence, *end))
    await execute(conn, SQL["save_enrolments"], rows, institution, now, role)


async def save_switches(
    conn: Connection, institution: str, now: datetime, role: str, changed: Mapping[Place, Switch | None]
) -> None:
    """Write changes of programme as they now are."""
    rows = [(*place, *(getattr(found, name) for name in _SWITCH)) for place, found in changed.items()]
    await execute(conn, SQL["save_switches"], rows, institution, now, role)


async def save_absences(
    conn: Connection, institution: str, now: datetime, role: str, changed: Mapping[Place, Absence | None]
) -> None:
    """Write reports of absence as they now are."""
    rows = [(*place, *(getattr(found, name) for name in _ABSENCE)) for place, found in changed.items()]
    await execute(conn, SQL["save_absences"], rows, institution, now, role)


async def absences(conn: Connection, institution: str, numbers: Iterable[str]) -> dict[str, str]:
    """Of which application each of these reports of absence is, by its number."""
    rows = await conn.fetch(SQL["absences"], institution, sorted(set(numbers)))
    return {row["report_number"]: row["application_id"] for row in rows}


async def duties(conn: Connection, institution: str, on: date) -> dict[str, bool]:
    """Of which programmes an intake is mandatory on this day; programme '' speaks for those that are not named."""
    rows = await conn.fetch(SQL["duties"], institution, on)
    return {row["programme"]: row["mandatory"] for row in rows}


async def save_duty(
    conn: Connection, institution: str, programme: str, valid_from: date, duty: tuple[bool, str]
) -> None:
    """Write down whether an intake is mandatory from a day on, and where the institution laid that down."""
    await conn.execute(SQL["save_duty"], institution, programme, valid_from, *duty)
