"""SQL of the loopbaandossier and the plusdocument."""

from collections.abc import Collection
from pathlib import Path

from services.dossier.domain.career import UNTOUCHED, PartState, Progress
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "career.sql")


async def progress(
    conn: Connection, vo_site: str, cohort: int, refs: Collection[str]
) -> dict[str, dict[str, Progress]]:
    """How far the parts "pupil" and "plus" of these pupils of a site are."""
    found: dict[str, dict[str, Progress]] = {ref: {"pupil": UNTOUCHED, "plus": UNTOUCHED} for ref in refs}
    for row in await conn.fetch(SQL["progress"], vo_site, cohort, list(refs)):
        values = {name: row[name] for name in ("items", "link", "done_at", "shared_at")}
        found[row["pupil_ref"]][row["part"]] = Progress(**values, competences=tuple(row["competences"]))
    return found


async def parts(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, dict[str, PartState]]:
    """The state of the parts "pupil" and "plus" of these pupils of a site."""
    found = await progress(conn, vo_site, cohort, refs)
    return {
        ref: {"pupil": held["pupil"].state("pupil"), "plus": held["plus"].state("plus")} for ref, held in found.items()
    }
