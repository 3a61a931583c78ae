"""Everything about the transfer data of one pupil but its texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.dossier.domain.career import PartState
from services.dossier.domain.pupils import Pupil
from services.dossier.domain.transfer import Information, Objection, Preparation, Standing, prepare
from services.dossier.handlers import completeness
from services.dossier.store import transfer
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Overview:
    """How far it is, what would leave, who was told, and who objects."""

    standing: Mapping[str, Standing]
    parts: Mapping[str, PartState]
    information: Information | None
    objections: Sequence[Objection]
    preparation: Preparation


async def overview(conn: Connection, pupil: Pupil) -> Overview:
    """Of one pupil in one cohort, for the school or under the sight of the pupil."""
    place, ref = (pupil.vo_site, pupil.cohort), pupil.pupil_ref
    standing = (await transfer.states(conn, *place, [ref])).get(ref, {})
    told = (await transfer.information(conn, *place, [ref])).get(ref)
    objections = (await transfer.objections(conn, *place, [ref])).get(ref, [])
    states = {category: one.state for category, one in standing.items()}
    parts = (await completeness.parts(conn, *place, [ref]))[ref]
    return Overview(standing, parts, told, objections, prepare(states, objections, told))
