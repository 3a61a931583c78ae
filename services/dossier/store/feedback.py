"""Until when a school hears of its pupils from others, and the figures that it gets after that."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from pathlib import Path

from services.dossier.domain.feedback import HIDDEN, Cell
from services.dossier.domain.told import Happening
from services.dossier.store.history import happening
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "feedback.sql")


async def heard_until(conn: Connection, refs: Collection[str], cohort: int) -> dict[str, datetime]:
    """The instant from which the school that asks hears no more of these pupils; without those of whom nothing was told
    yet."""
    rows = await conn.fetch(SQL["heard_until"], list(refs), cohort)
    return {row["pupil_ref"]: row["ends"] for row in rows if row["ends"]}


async def add_agreements(conn: Connection, adopted: Mapping[str, str]) -> None:
    """Keep until which day (MM-DD) schools hear of single pupils, by the version of the agreement."""
    if adopted:
        await conn.execute(SQL["add_agreements"], list(adopted), list(adopted.values()))


@dataclass(frozen=True, slots=True)
class Counted:
    """A pupil at the school where they count."""

    pupil_ref: str
    vo_site: str
    ends: datetime | None
    """The instant from which that school hears no more of them; None: nothing was told of the cohort."""


@dataclass(frozen=True, slots=True)
class Made:
    """Figures of a region and cohort, without the figures."""

    feedback_id: str
    region: str
    """Of a school whose region nobody told: its own code."""
    cohort: int
    reference_date: date


async def schools(conn: Connection, cohort: int) -> list[tuple[str, str]]:
    """The schools that ever listed pupils of a cohort, each with its region."""
    return [(row["vo_site"], row["region"]) for row in await conn.fetch(SQL["schools"], cohort)]


async def counted(conn: Connection, sites: Sequence[str], cohort: int) -> list[Counted]:
    """The pupils of these schools, each at one school of all."""
    return [Counted(**dict(row)) for row in await conn.fetch(SQL["counted"], list(sites), cohort)]


async def course(conn: Connection, refs: Sequence[str], cohort: int, before: datetime) -> dict[str, list[Happening]]:
    """What institutions told about these pupils until a moment, oldest first; for figures alone."""
    found: dict[str, list[Happening]] = defaultdict(list)
    for row in await conn.fetch(SQL["course"], list(refs), cohort, before):
        found[row["pupil_ref"]].append(happening(row))
    return found


async def taken(conn: Connection, cohort: int, reference_date: date) -> set[str]:
    """The regions of which the figures of this day were made already."""
    return {row["region"] for row in await conn.fetch(SQL["taken"], cohort, reference_date)}


async def earlier(conn: Connection, region: str, cohort: int, sites: Sequence[str]) -> list[dict[tuple[str, str], int]]:
    """The numbers that were shown before of a region and cohort, and of these schools wherever they were counted then,
    each time by figure and school."""
    shown: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in await conn.fetch(SQL["earlier"], region, cohort, sites):
        if row["value"] != HIDDEN:
            shown[row["feedback_id"]][row["figure"], row["vo_site"]] = int(row["value"])
    return list(shown.values())


async def add(conn: Connection, made: Made, cells: Sequence[Cell], now: datetime) -> None:
    """Keep figures."""
    await conn.execute(SQL["add"], *astuple(made), now)
    columns = [list(column) for column in zip(*map(astuple, cells), strict=True)]
    await conn.execute(SQL["add_cells"], made.feedback_id, *columns)


async def figures(
    conn: Connection, cohort: int, vo_site: str | None, region: str | None
) -> dict[tuple[str, date], list[Cell]]:
    """Region and day → figures, newest first: for a school its own beside its region as a whole, for a region all."""
    found: dict[tuple[str, date], list[Cell]] = defaultdict(list)
    for row in await conn.fetch(SQL["figures"], cohort, vo_site, region):
        found[row["region"], row["reference_date"]].append(Cell(row["figure"], row["vo_site"], row["value"]))
    return found


async def figure_cohorts(conn: Connection) -> list[int]:
    """The cohorts of which there are figures that the asker may read, newest first."""
    return [row["cohort"] for row in await conn.fetch(SQL["figure_cohorts"])]
