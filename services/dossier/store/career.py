"""SQL of the loopbaandossier and the plusdocument."""

import json
from collections.abc import Collection, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime
from pathlib import Path

from services.dossier.domain.career import COMPETENCES, UNTOUCHED, Entry, Owner, Part, PartState, Progress
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "career.sql")


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading by somebody of the pupil's own school."""

    at: datetime
    role: str
    person_ref: str | None
    parts: tuple[str, ...]


async def progress(
    conn: Connection, vo_site: str, cohort: int, refs: Collection[str]
) -> dict[str, dict[Part, Progress]]:
    """How far the parts "pupil" and "plus" of these pupils of a site are."""
    found: dict[str, dict[Part, Progress]] = {ref: {"pupil": UNTOUCHED, "plus": UNTOUCHED} for ref in refs}
    for row in await conn.fetch(SQL["progress"], vo_site, cohort, list(refs)):
        values = {name: row[name] for name in ("items", "link", "done_at", "shared_at")}
        named = tuple(competence for competence in COMPETENCES if competence in row["competences"])
        found[row["pupil_ref"]][row["part"]] = Progress(**values, competences=named)
    return found


async def parts(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, dict[str, PartState]]:
    """The state of the parts "pupil" and "plus" of these pupils of a site."""
    found = await progress(conn, vo_site, cohort, refs)
    return {ref: {part: one.state(part) for part, one in held.items()} for ref, held in found.items()}


async def of(conn: Connection, owner: Owner) -> dict[Part, Progress]:
    """How far the parts of one pupil are."""
    return (await progress(conn, owner.vo_site, owner.cohort, [owner.pupil_ref]))[owner.pupil_ref]


async def recount(conn: Connection, owner: Owner, part: Part) -> None:
    """What is in a part has changed."""
    await conn.execute(SQL["touch_part"], *astuple(owner), part)
    await conn.execute(SQL["recount"], *astuple(owner), part)


async def set_link(conn: Connection, owner: Owner, part: Part, link: str | None) -> None:
    """The pupil keeps this part elsewhere; None: no longer."""
    await conn.execute(SQL["touch_part"], *astuple(owner), part)
    await conn.execute(SQL["set_link"], *astuple(owner), part, link)
    await conn.execute(SQL["recount"], *astuple(owner), part)


async def set_done(conn: Connection, owner: Owner, part: Part, since: datetime | None) -> None:
    """Since when the pupil calls this part done; None: not done."""
    await conn.execute(SQL["set_done"], *astuple(owner), part, since)


async def share(conn: Connection, owner: Owner, part: Part, since: datetime | None) -> None:
    """Since when institutions may read this part; None: they may not."""
    await conn.execute(SQL["share_part"], *astuple(owner), part, since)


async def entries(conn: Connection, owner: Owner) -> list[Entry]:
    """What the pupil wrote."""
    rows = await conn.fetch(SQL["entries"], *astuple(owner))
    return [
        Entry(**dict(row) | {"competences": tuple(row["competences"]), "texts": json.loads(row["texts"])})
        for row in rows
    ]


async def save_entry(conn: Connection, owner: Owner, entry: Entry) -> None:
    """Write one entry, new or changed."""
    texts = json.dumps(dict(entry.texts))
    about = (entry.entry_id, entry.kind, entry.title, entry.day, list(entry.competences), texts, entry.changed_at)
    await conn.execute(SQL["save_entry"], *astuple(owner), *about)


async def remove_entry(conn: Connection, owner: Owner, entry_id: str) -> None:
    """Delete one entry."""
    await conn.execute(SQL["remove_entry"], *astuple(owner), entry_id)


async def add_reading(conn: Connection, owner: Owner, reading: Reading) -> None:
    """Write down that somebody of the school read along."""
    await conn.execute(SQL["add_reading"], *astuple(owner), *astuple(reading))


async def readings(conn: Connection, owner: Owner) -> Sequence[Reading]:
    """Who of the school read along, newest first."""
    rows = await conn.fetch(SQL["readings"], *astuple(owner))
    return [Reading(**dict(row) | {"parts": tuple(row["parts"])}) for row in rows]
