"""Finding own pupils by what somebody knows of them."""

from dataclasses import dataclass
from pathlib import Path

from services.dossier.domain.pupils import Pupil
from services.dossier.store import Place
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "search.sql")


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody knows; None or empty: not that."""

    cohort: int | None = None
    number: str | None = None
    """The school's own number."""
    pupil_ref: str | None = None
    name: str = ""
    """A part of first name, prefix and last name together."""


async def search(conn: Connection, vo_site: str, sought: Sought, place: Place) -> list[Pupil]:
    """A site's pupils that fit all of it, in the order of ``<pupil_ref>-<cohort>``."""
    known = (sought.cohort, sought.number, sought.pupil_ref, sought.name)
    return [Pupil(**dict(row)) for row in await conn.fetch(SQL["search"], vo_site, *known, place.after, place.limit)]
