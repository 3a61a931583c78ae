"""The SQL of the end of the school year: other routes and exam results."""

from collections.abc import Collection, Sequence
from dataclasses import astuple
from pathlib import Path

from services.dossier.domain.exams import Exam
from services.dossier.domain.routes import Route
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "year_end.sql")
PLACE, MOVED = ("pupil_ref", "cohort", "vo_site"), ("version", "changed_at", "changed_by")
ROUTE = (*PLACE, "route", "since", "until", "status", "evidence", "note_ref", "note", *MOVED)
"""The columns of a route, as its query names them."""
Key = tuple[str, int]
"""Pupil and cohort."""


async def routes(
    conn: Connection, vo_site: str, refs: Collection[str] | None = None, *, lock: bool = False
) -> dict[Key, Route]:
    """The other routes a site registered, of these pupils or of all; locked: until the transaction ends."""
    asked = None if refs is None else list(refs)
    rows = await conn.fetch(SQL["lock_routes" if lock else "routes"], vo_site, asked)
    return {(row["pupil_ref"], row["cohort"]): Route(**dict(row)) for row in rows}


async def save_routes(conn: Connection, changed: Sequence[Route]) -> None:
    """Write these routes."""
    if changed:
        columns = [[getattr(route, name) for route in changed] for name in ROUTE]
        await conn.execute(SQL["save_routes"], *columns)


async def exams(conn: Connection, vo_site: str, refs: Collection[str], *, lock: bool = False) -> dict[Key, Exam]:
    """The exam results a site recorded of these pupils; locked: until the transaction ends."""
    rows = await conn.fetch(SQL["lock_exams" if lock else "exams"], vo_site, list(refs))
    return {(row["pupil_ref"], row["cohort"]): Exam(**dict(row)) for row in rows}


async def save_exams(conn: Connection, changed: Sequence[Exam]) -> None:
    """Write these results."""
    if changed:
        await conn.execute(SQL["save_exams"], *(list(column) for column in zip(*map(astuple, changed), strict=True)))
