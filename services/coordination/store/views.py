"""What the pages and the API read. Every query names the organisation that asks; row-level security does so again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.coordination.store.cases import SQL
from services.coordination.store.offers import offers_of
from shared.core.errors import NotFound
from shared.storage.pool import Connection

PAGE = 25
"""Actions on one page."""
MOST_ACTIONS = 20_000
"""Actions of one organisation on its work list."""


@dataclass(frozen=True)
class TransitionRow:
    """A transition with everything its custodian may see."""

    pupil_ref: str
    cohort: int
    name: str | None
    position: str
    origin: str | None
    region: str | None
    opened_at: datetime
    agreement: str
    next_action: str | None
    custody: list[dict[str, Any]] = field(default_factory=list)
    actions: list[dict[str, Any]] = field(default_factory=list)
    risks: list[dict[str, Any]] = field(default_factory=list)
    offers: list[dict[str, Any]] = field(default_factory=list)
    """Offers of custody that ask for something or take effect on a day to come, the newest first."""


async def transitions(conn: Connection, ref: str, organisation: str) -> list[TransitionRow]:
    """Open transitions of a child that this organisation holds, is offered, or has an open action for."""
    return [
        TransitionRow(
            **dict(row),
            custody=[dict(r) for r in await conn.fetch(SQL["custody_of"], ref, row["cohort"])],
            actions=[dict(r) for r in await conn.fetch(SQL["actions_of"], ref, row["cohort"])],
            risks=[_risk(r) for r in await conn.fetch(SQL["risks_of"], ref, row["cohort"])],
            offers=await offers_of(conn, ref, row["cohort"]),
        )
        for row in await conn.fetch(SQL["transitions_of"], ref, organisation)
    ]


def _risk(row: Any) -> dict[str, Any]:
    return dict(row) | {"evidence": json.loads(row["evidence"]), "route": json.loads(row["route"])}


async def my_actions(
    conn: Connection, organisation: str, person: str | None, page: int
) -> tuple[list[dict[str, Any]], int]:
    """One page of open actions of an organisation, or of one person there, most urgent first; and how many."""
    rows = await conn.fetch(SQL["my_actions"], organisation, person, PAGE, (page - 1) * PAGE)
    counts = await count_my_actions(conn, organisation, person)
    return [dict(row) for row in rows], counts["mine" if person else "everybody"]


async def work(conn: Connection, organisation: str) -> list[dict[str, Any]]:
    """Every open action of an organisation, most urgent first."""
    return [dict(row) for row in await conn.fetch(SQL["my_actions"], organisation, None, MOST_ACTIONS, 0)]


async def count_my_actions(conn: Connection, organisation: str, person: str | None) -> dict[str, int]:
    """Number of open actions of the person (`mine`) and of the organisation (`everybody`)."""
    row = await conn.fetchrow(SQL["count_my_actions"], organisation, person)
    return dict(row) if row else {}


async def pupil_of_action(conn: Connection, action_id: str, organisation: str) -> str:
    """Whom an action of this organisation is about. Raises `NotFound`."""
    found: str | None = await conn.fetchval(SQL["pupil_of_action"], action_id, organisation)
    if found is None:
        raise NotFound
    return found


async def pupil_of_signal(conn: Connection, risk_id: str) -> str:
    """Whom a signal is about. Raises `NotFound` for who does not see the pupil."""
    found: str | None = await conn.fetchval(SQL["pupil_of_signal"], risk_id)
    if found is None:
        raise NotFound
    return found


async def region_numbers(conn: Connection, now: datetime, week_later: datetime) -> list[dict[str, Any]]:
    """Numbers of the region of the coordinator that asks; empty for anybody else."""
    return [dict(row) for row in await conn.fetch(SQL["region_numbers"], now, week_later)]


async def names(conn: Connection, codes: Sequence[str]) -> dict[str, str]:
    """Names of organisations, as far as a file has named them."""
    return {row["code"]: row["name"] for row in await conn.fetch(SQL["organisations"], codes)}


async def people(conn: Connection, refs: Sequence[str]) -> dict[str, str]:
    """Names of contacts."""
    return {row["person_ref"]: row["name"] for row in await conn.fetch(SQL["names_of_people"], refs)}
