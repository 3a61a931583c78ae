"""What the pages and the API show, read by the institution that asks. Nothing here changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.store import SQL
from shared.storage.pool import Connection

TASKS = ("outcome", "unopened", "expected", "done")
"""Groups of the work list, most urgent first."""
SHOWN = 10
"""Rows of a group that are shown at first."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What somebody looks for in the work list."""

    text: str = ""
    programme: str = ""
    statuses: tuple[str, ...] = ()
    whole: str = ""
    """The group of which every row is shown."""


@dataclass(frozen=True, slots=True)
class Group:
    """One group of the work list."""

    task: str
    total: int
    rows: Sequence[Mapping[str, Any]]


async def worklist(conn: Connection, institution: str, chosen: Filter) -> list[Group]:
    """All groups of an institution, empty ones included."""
    asked = (chosen.text, chosen.programme, list(chosen.statuses), SHOWN, chosen.whole)
    rows = [dict(row) for row in await conn.fetch(SQL["worklist"], institution, *asked)]
    groups = {task: [row for row in rows if row["task"] == task] for task in TASKS}
    return [Group(task, found[0]["total"] if found else 0, found) for task, found in groups.items()]


async def options(conn: Connection, institution: str) -> tuple[dict[str, int], dict[str, int]]:
    """How many applications there are per programme, and per status."""
    rows = await conn.fetch(SQL["options"], institution)
    programmes = {row["programme"]: row["n"] for row in rows if row["programme"]}
    return programmes, {row["status"]: row["n"] for row in rows if row["status"]}


@dataclass(frozen=True, slots=True)
class Case:
    """One application with all around it."""

    application: Mapping[str, Any]
    facts: Sequence[Mapping[str, Any]]
    results: Sequence[Mapping[str, Any]]
    handovers: Sequence[Mapping[str, Any]]
    alerts: Sequence[Mapping[str, Any]]


async def case(conn: Connection, institution: str, application_id: str) -> Case | None:
    """An application of this institution; None when there is none with this key."""
    row = await conn.fetchrow(SQL["case"], institution, application_id)
    if row is None:
        return None
    facts = await conn.fetch(SQL["facts"], institution, [application_id])
    results = await conn.fetch(SQL["results"], institution, [application_id])
    handovers = await conn.fetch(SQL["handovers_of"], institution, row["pupil_ref"])
    alerts = await conn.fetch(SQL["alerts_of"], institution, row["pupil_ref"])
    return Case(dict(row), *([dict(r) for r in found] for found in (facts, results, handovers, alerts)))


async def page_of(conn: Connection, institution: str, after: str, limit: int) -> list[dict[str, Any]]:
    """Applications of an institution in the order of their keys, after this key."""
    return [dict(row) for row in await conn.fetch(SQL["page_of"], institution, after, limit)]


async def enrolment(conn: Connection, institution: str, application_id: str) -> dict[str, Any] | None:
    """The enrolment of an application as it stands; None while nothing was told."""
    row = await conn.fetchrow(SQL["enrolment_of"], institution, application_id)
    return dict(row) if row else None


async def switches(conn: Connection, institution: str, application_id: str) -> list[dict[str, Any]]:
    """The switches of an application, the newest first."""
    return [dict(row) for row in await conn.fetch(SQL["switches_of"], institution, application_id)]


async def absences(conn: Connection, institution: str, application_id: str) -> list[dict[str, Any]]:
    """The reports of absence of an application, the newest first."""
    return [dict(row) for row in await conn.fetch(SQL["absences_of"], institution, application_id)]
