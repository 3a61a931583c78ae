"""SQL of the transfer data: texts by category, who was informed, objections, and how far a dossier is."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from services.dossier.domain.career import PartState
from services.dossier.domain.transfer import (
    Completeness,
    Information,
    Objection,
    Section,
    SectionState,
    Standing,
)
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "transfer.sql")


class Place(NamedTuple):
    """Whose dossier: of which site, in which cohort."""

    vo_site: str
    cohort: int
    pupil_ref: str


@dataclass(frozen=True, slots=True)
class CareReading:
    """Somebody of the school read what the care part says about one category."""

    pupil_ref: str
    cohort: int
    vo_site: str
    category: str
    at: datetime
    role: str
    person_ref: str | None


async def states(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, dict[str, Standing]]:
    """By pupil and category: how far the school is, without what it says. Also under the sight of the pupil."""
    found: dict[str, dict[str, Standing]] = defaultdict(dict)
    for row in await conn.fetch(SQL["states"], vo_site, cohort, list(refs)):
        values = dict(row)
        ref, category = values.pop("pupil_ref"), values.pop("category")
        found[ref][category] = Standing(**values | {"state": SectionState(values["state"])})
    return found


async def section(conn: Connection, place: Place, category: str) -> Section | None:
    """One category with its text; None when nobody has begun, or when the reader may not see it."""
    row = await conn.fetchrow(SQL["section"], *place, category)
    return _section(row) if row else None


async def sections_of(conn: Connection, place: Place, categories: Collection[str]) -> dict[str, Section]:
    """The finished texts of these categories."""
    rows = await conn.fetch(SQL["sections_of"], *place, list(categories))
    return {row["category"]: _section(row) for row in rows}


async def lock_sections(
    conn: Connection, vo_site: str, cohort: int, refs: Collection[str]
) -> dict[tuple[str, str], Section]:
    """By pupil and category: everything there is of these pupils, locked."""
    rows = await conn.fetch(SQL["lock_sections"], vo_site, cohort, list(refs))
    return {(row["pupil_ref"], row["category"]): _section(row) for row in rows}


async def save_sections(conn: Connection, sections: Sequence[Section]) -> None:
    """Write these texts."""
    if sections:
        await conn.execute(SQL["save_sections"], *_columns(astuple(section) for section in sections))


async def information(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, Information]:
    """By pupil: when the family was informed."""
    rows = await conn.fetch(SQL["information"], vo_site, cohort, list(refs))
    return {row["pupil_ref"]: Information(**dict(row)) for row in rows}


async def save_information(conn: Connection, told: Sequence[Information]) -> None:
    """Write when families were informed."""
    if told:
        await conn.execute(SQL["save_information"], *_columns(astuple(one) for one in told))


async def objections(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, list[Objection]]:
    """By pupil: every objection, withdrawn ones included, oldest first."""
    found: dict[str, list[Objection]] = defaultdict(list)
    for row in await conn.fetch(SQL["objections"], vo_site, cohort, list(refs)):
        found[row["pupil_ref"]].append(Objection(**dict(row)))
    return found


async def save_objection(conn: Connection, objection: Objection) -> None:
    """Write an objection, new or withdrawn."""
    await conn.execute(SQL["save_objection"], *astuple(objection))


async def completeness(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, Completeness]:
    """By pupil: how far the dossier was when it was last told."""
    rows = await conn.fetch(SQL["completeness"], vo_site, cohort, list(refs))
    return {row["pupil_ref"]: _completeness(row) for row in rows}


async def save_completeness(conn: Connection, told: Sequence[Completeness]) -> None:
    """Write how far these dossiers are."""
    if told:
        rows = [(*_whose(c), json.dumps(c.parts), _moments(c.completed_at), ",".join(c.competences)) for c in told]
        await conn.execute(SQL["save_completeness"], *_columns(rows))


async def add_care_reading(conn: Connection, reading: CareReading) -> None:
    """Write down that somebody of the school read a text of the care part."""
    await conn.execute(SQL["add_care_reading"], *astuple(reading))


async def care_readings(conn: Connection, place: Place) -> list[CareReading]:
    """Who of the school read the care part of a pupil, oldest first."""
    return [CareReading(**dict(row)) for row in await conn.fetch(SQL["care_readings"], *place)]


async def places_of(conn: Connection, ref: str) -> list[Place]:
    """Every site and cohort in which a pupil is listed."""
    return [Place(row["vo_site"], row["cohort"], ref) for row in await conn.fetch(SQL["places_of"], ref)]


async def act_for(conn: Connection, organisation: str) -> None:
    """See the rows of this organisation from now on, until the transaction ends or another is named."""
    await conn.execute(SQL["act_for"], organisation)


def _section(row: Any) -> Section:
    return Section(**dict(row) | {"state": SectionState(row["state"])})


def _completeness(row: Any) -> Completeness:
    parts = {part: PartState(state) for part, state in json.loads(row["parts"]).items()}
    moments = {part: datetime.fromisoformat(at) for part, at in json.loads(row["completed_at"]).items()}
    competences = tuple(row["competences"])
    return Completeness(row["pupil_ref"], row["cohort"], row["vo_site"], parts, moments, competences)


def _whose(told: Completeness) -> tuple[str, int, str]:
    return told.pupil_ref, told.cohort, told.vo_site


def _moments(moments: Mapping[str, datetime]) -> str:
    return json.dumps({part: at.isoformat() for part, at in moments.items()})


def _columns(rows: Iterable[Any]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
