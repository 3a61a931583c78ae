"""All SQL of signals: named queries from `sql/queries.sql`, whole batches at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from pydantic import TypeAdapter

from services.signals.domain.facts import Fact, Key
from services.signals.domain.figures import Cell
from services.signals.domain.norms import DEFAULT, Agreed
from shared.schemas.coordination import AgreedNorm, NormsAgreed
from shared.schemas.envelope import Event
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parent / "sql" / "queries.sql")
NORMS = TypeAdapter(tuple[AgreedNorm, ...])
NOT_COUNTED = ("entered-in-error", "entered_in_error", "out-of-scope", "out_of_scope")
"""Outcomes of transitions that never were one: these pupils are in no figure."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures of one region on one day, without the figures."""

    snapshot_id: str
    cohort: int
    reference_date: date
    region: str
    taken_at: datetime


@dataclass(frozen=True, slots=True)
class Publication:
    """All regions of a cohort on one day."""

    cohort: int
    reference_date: date
    taken_at: datetime
    regions: int


@dataclass(frozen=True, slots=True)
class Day:
    """The day of a count, and what was in force on it."""

    cohort: int
    reference_date: date
    applied_by: date
    regions: Mapping[str, str]
    """Municipality → region."""


async def hold(conn: Connection, *, alone: bool) -> None:
    """Until the transaction ends nobody links or erases pupils; `alone`: and nobody writes facts."""
    await conn.execute(SQL["hold_alone" if alone else "hold"])


async def add_links(conn: Connection, links: Iterable[tuple[str, str]]) -> None:
    """Keep links, each (survivor, absorbed)."""
    pairs = sorted(set(links))
    await conn.execute(SQL["add_links"], [s for s, _ in pairs], [a for _, a in pairs])


async def erase(conn: Connection, refs: Iterable[str]) -> list[str]:
    """Forget these pupils and everybody absorbed by an erased one; returns whom, without those forgotten before."""
    gone = [row["pupil_ref"] for row in await conn.fetch(SQL["erase"], sorted(set(refs)))]
    await conn.execute(SQL["forget_facts"], gone)
    await conn.execute(SQL["forget_links"], gone)
    return sorted(gone)


async def erased(conn: Connection, refs: Iterable[str]) -> set[str]:
    """Which of these pupils were erased."""
    return {row["pupil_ref"] for row in await conn.fetch(SQL["erased"], sorted(set(refs)))}


async def load(conn: Connection, keys: Iterable[Key]) -> dict[Key, Fact]:
    """The facts with these keys, locked."""
    wanted = sorted(set(keys))
    rows = await conn.fetch(SQL["facts"], *([key[n] for key in wanted] for n in range(3)))
    facts = [Fact(**row) for row in rows]
    return {fact.key: fact for fact in facts}


async def save(conn: Connection, facts: Sequence[Fact]) -> None:
    """Write facts as they now are."""
    if facts:
        await conn.execute(SQL["save_facts"], *([getattr(fact, name) for fact in facts] for name in Fact.__slots__))


async def count(conn: Connection, day: Day) -> dict[str, dict[tuple[str, str], int]]:
    """Pupils per region, and in it per (figure, track)."""
    places = list(day.regions), list(day.regions.values())
    rows = await conn.fetch(
        SQL["counts"], day.cohort, day.reference_date, min(day.applied_by, day.reference_date), *places, NOT_COUNTED
    )
    counts: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
    for row in rows:
        counts[row["region"]][row["figure"], row["track"]] = row["pupils"]
    return counts


async def taken_regions(conn: Connection, cohort: int, reference_date: date) -> set[str]:
    """Regions of which the figures on this day were published already."""
    return {row["region"] for row in await conn.fetch(SQL["taken_regions"], cohort, reference_date)}


async def earlier_cells(conn: Connection, cohort: int, regions: Sequence[str]) -> dict[str, list[list[Cell]]]:
    """Everything published before about a cohort: per region its snapshots."""
    found: dict[str, dict[str, list[Cell]]] = defaultdict(lambda: defaultdict(list))
    for row in await conn.fetch(SQL["earlier_cells"], cohort, regions):
        cell = Cell(row["figure"], row["track_group"], row["value"], row["percentage"])
        found[row["region"]][row["snapshot_id"]].append(cell)
    return {region: list(snapshots.values()) for region, snapshots in found.items()}


async def add_snapshots(conn: Connection, taken: Mapping[Snapshot, Sequence[Cell]]) -> None:
    """Keep the figures of one cohort and day."""
    first = next(iter(taken))
    ids, regions = [s.snapshot_id for s in taken], [s.region for s in taken]
    await conn.execute(SQL["add_snapshots"], ids, regions, first.cohort, first.reference_date, first.taken_at)
    rows = [(s.snapshot_id, c.figure, c.group, c.value, c.percentage) for s, cells in taken.items() for c in cells]
    await conn.execute(SQL["add_cells"], *(list(column) for column in zip(*rows, strict=True)))


async def publications(conn: Connection) -> list[Publication]:
    """Every cohort and day with figures, newest first."""
    return [Publication(**row) for row in await conn.fetch(SQL["publications"])]


async def largest_region(conn: Connection, publication: Publication) -> str:
    """The region with most expected pupils, as far as that may be told; else the first."""
    region: str = await conn.fetchval(SQL["largest_region"], publication.cohort, publication.reference_date)
    return region


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which snapshots; what is left out does not matter."""

    cohort: int | None = None
    reference_date: date | None = None
    region: str | None = None
    after: str = ""
    limit: int = 100


async def snapshots(conn: Connection, wanted: Wanted) -> list[Snapshot]:
    """Snapshots, by key."""
    arguments = [getattr(wanted, name) for name in Wanted.__slots__]
    return [Snapshot(**row) for row in await conn.fetch(SQL["snapshots"], *arguments)]


async def snapshot(conn: Connection, snapshot_id: str) -> Snapshot | None:
    """One snapshot."""
    row = await conn.fetchrow(SQL["snapshot"], snapshot_id)
    return Snapshot(**row) if row else None


async def cells(conn: Connection, snapshot_id: str) -> list[Cell]:
    """What a snapshot shows."""
    rows = await conn.fetch(SQL["cells"], snapshot_id)
    return [Cell(row["figure"], row["track_group"], row["value"], row["percentage"]) for row in rows]


async def add_norms(conn: Connection, events: Sequence[Event]) -> int:
    """Keep what regions agreed to reach, in whatever order it comes; returns how many were not known yet."""
    rows = [
        (data.region, event.sequence, data.agreement_version, data.valid_from, NORMS.dump_json(data.norms).decode())
        for event in events
        if isinstance(data := event.data, NormsAgreed)
    ]
    if not rows:
        return 0
    return len(await conn.fetch(SQL["add_norms"], *(list(column) for column in zip(*rows, strict=True))))


async def agreed(conn: Connection, region: str, on: date) -> Agreed:
    """The norms that hold in a region on a day."""
    row = await conn.fetchrow(SQL["agreed"], region, on)
    return Agreed(row["version"], NORMS.validate_json(row["norms"])) if row else DEFAULT
