"""What the pages and the API show, read by the institution that asks. Nothing here changes anything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from services.intake.store import SQL
from shared.storage.pool import Connection


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
