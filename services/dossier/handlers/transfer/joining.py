"""Two references that turn out to be one child: what either family held back holds for both."""

from datetime import datetime

from services.dossier.handlers import completeness
from services.dossier.handlers.transfer.objecting import apply
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.schemas.envelope import Draft
from shared.storage.pool import Connection


async def joined(conn: Connection, ref: str, actor: Actor, now: datetime) -> list[Draft]:
    """What follows from joining, at every school that lists the pupil: handovers and dossiers that changed."""
    drafts: list[Draft] = []
    for place in await transfer.places_of(conn, ref):
        await transfer.act_for(conn, place.vo_site)
        found = (await transfer.objections(conn, place.vo_site, place.cohort, [ref])).get(ref, [])
        standing = [objection for objection in found if objection.withdrawn_at is None]
        if standing:
            drafts += await apply(conn, place, standing, standing[-1].raised_by, now)
        drafts += await completeness.told(conn, place.vo_site, ref, place.cohort, now)
    await transfer.act_for(conn, actor.organisation)
    return drafts
