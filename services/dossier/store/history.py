"""What happened to pupils: what this service told itself, and what others told, one row for every time."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import astuple
from pathlib import Path
from typing import Any

from services.dossier.domain.told import Happening, Step
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "history.sql")


async def add_steps(conn: Connection, steps: Sequence[Step]) -> None:
    """Write these steps; one that is known is left as it is."""
    if steps:
        columns = [list(column) for column in zip(*map(astuple, steps), strict=True)]
        await conn.execute(SQL["add_steps"], *columns)


async def told_to_us(
    conn: Connection, refs: Collection[str], cohort: int, *entities: str
) -> dict[str, list[Happening]]:
    """What others told about these pupils in one cohort while the school heard of them, oldest first; of these kinds of
    entity, when any is named."""
    found: dict[str, list[Happening]] = defaultdict(list)
    for row in await conn.fetch(SQL["steps"], list(refs), cohort, list(entities) or None):
        found[row["pupil_ref"]].append(happening(row))
    return found


async def own(conn: Connection, ref: str, cohort: int) -> list[Happening]:
    """What the school that asks, and institutions about its handovers, did here with one of its pupils."""
    return [happening(row) for row in await conn.fetch(SQL["own_history"], ref, cohort)]


def happening(row: Any) -> Happening:
    """A row of what happened."""
    who = (row["organisation"] or "", row["role"] or "", row["person_ref"])
    return Happening(row["type"], row["key"], row["at"], *who, json.loads(row["detail"]))
