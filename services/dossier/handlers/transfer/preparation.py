"""What would leave now, and why it can not be offered yet."""

from collections.abc import Collection, Mapping

from services.dossier.domain.transfer import Preparation, prepare
from services.dossier.store import transfer
from shared.storage.pool import Connection


async def preparations(conn: Connection, vo_site: str, cohort: int, refs: Collection[str]) -> Mapping[str, Preparation]:
    """By pupil: what would go, what is withheld, what is not there. `Preparation.obstacles` tells what is in the way
    in the dossier itself; `handovers.obstacles` adds what is in the way of one offer."""
    standing = await transfer.states(conn, vo_site, cohort, refs)
    objections = await transfer.objections(conn, vo_site, cohort, refs)
    informed = await transfer.information(conn, vo_site, cohort, refs)
    return {
        ref: prepare(
            {category: one.state for category, one in standing.get(ref, {}).items()},
            objections.get(ref, ()),
            informed.get(ref),
        )
        for ref in refs
    }
