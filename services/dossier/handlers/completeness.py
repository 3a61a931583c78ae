"""How far dossiers are: told whenever a part of one is, or is no longer, complete."""

from collections.abc import Collection, Mapping
from datetime import datetime

from services.dossier.domain.career import Part, PartState, Progress
from services.dossier.domain.transfer import Completeness, completed, completeness_state, part_state
from services.dossier.store import career, transfer
from shared.schemas.envelope import Draft
from shared.storage.pool import Connection

Parts = dict[str, PartState]


async def parts(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> dict[str, Parts]:
    """By pupil: how far each of the four parts is. Also under the sight of the pupil."""
    return await _parts(conn, (vo_site, cohort), await career.progress(conn, vo_site, cohort, refs))


async def _parts(
    conn: Connection, place: tuple[str, int], of_pupils: Mapping[str, Mapping[Part, Progress]]
) -> dict[str, Parts]:
    standing = await transfer.states(conn, *place, of_pupils)
    found: dict[str, Parts] = {}
    for ref, own in of_pupils.items():
        states = {category: one.state for category, one in standing.get(ref, {}).items()}
        found[ref] = {
            "pupil": own["pupil"].state("pupil"),
            "mentor": part_state("mentor", states),
            "care": part_state("care", states),
            "plus": own["plus"].state("plus"),
        }
    return found


async def told(conn: Connection, vo_site: str, pupil_ref: str, cohort: int, now: datetime) -> list[Draft]:
    """The event of one dossier, when a part of it changed for others; call it after every change of a part."""
    return await all_told(conn, vo_site, cohort, [pupil_ref], now)


async def all_told(conn: Connection, vo_site: str, cohort: int, refs: Collection[str], now: datetime) -> list[Draft]:
    """The same for many dossiers of one site and cohort."""
    before = await transfer.completeness(conn, vo_site, cohort, refs)
    of_pupils = await career.progress(conn, vo_site, cohort, refs)
    found = await _parts(conn, (vo_site, cohort), of_pupils)
    changed: list[Completeness] = []
    for ref in sorted(set(refs)):
        known = before.get(ref) or Completeness(ref, cohort, vo_site)
        fresh = completed(known, found[ref], of_pupils[ref]["pupil"].competences, now)
        if completeness_state(fresh, now) != completeness_state(known, now):
            changed.append(fresh)
    await transfer.save_completeness(conn, changed)
    return [Draft(one.pupil_ref, completeness_state(one, now)) for one in changed]
