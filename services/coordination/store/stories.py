"""Everything that is known of the move of one child, to be told in order."""

from dataclasses import dataclass
from pathlib import Path

from services.coordination.domain.book import cohort_of
from services.coordination.domain.facts import merged
from services.coordination.domain.story import Happening, Recorded, story
from services.coordination.store.cases import read_fact
from shared.schemas.catalog import EVENTS
from shared.schemas.envelope import read
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "stories.sql")


@dataclass(frozen=True, slots=True)
class Story:
    """An open transition with everything that happened."""

    pupil_ref: str
    cohort: int
    name: str | None
    position: str
    origin: str | None
    agreement: str
    holder: str
    happenings: list[Happening]


async def stories(conn: Connection, ref: str, organisation: str) -> list[Story]:
    """The open transitions of a child that this organisation holds, sent, or has an open action for."""
    rows = await conn.fetch(SQL["stories"], ref, organisation)
    if not rows:
        return []
    root = rows[0]["pupil_ref"]
    facts = [read_fact(row) for row in await conn.fetch(SQL["facts_of_child"], root)]
    return [
        Story(
            **dict(row),
            happenings=story(
                merged((fact for fact in facts if cohort_of(fact) in (None, row["cohort"])), root).facts,
                await _history(conn, root, row["cohort"]),
                {
                    told["action_id"]: told["reason"]
                    for told in await conn.fetch(SQL["reasons_of"], root, row["cohort"])
                },
            ),
        )
        for row in rows
    ]


async def _history(conn: Connection, root: str, cohort: int) -> list[Recorded]:
    """What coordination published, in order."""
    told = await conn.fetch(SQL["told_of"], root, cohort)
    return [Recorded(row["recorded_at"], read(EVENTS[row["type"]], row["payload"])) for row in told]
