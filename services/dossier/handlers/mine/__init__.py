"""What a pupil does with what is their own, and what the school and the institution may see of it."""

from services.dossier import store
from services.dossier.domain.career import Owner
from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden, NotFound
from shared.storage.pool import Connection

GUIDES = (Role.MENTOR, Role.DECAAN)
"""Who of the school reads along: they guide the pupil. Others see how far it is."""


async def own(conn: Connection, actor: Actor) -> Owner:
    """The pupil who acts, in the newest cohort of the school that invited them."""
    if actor.role is not Role.PUPIL:
        raise Forbidden("this is the pupil's own")
    return await of_site(conn, actor.organisation, actor.person_ref or "")


async def of_site(conn: Connection, vo_site: str, ref: str) -> Owner:
    """A pupil of a site, in the newest cohort. `NotFound` when the site has no such pupil."""
    root = (await store.roots(conn, [ref])).get(ref, ref)
    found = await store.pupils(conn, vo_site, ref=root)
    if not found:
        raise NotFound("no such pupil")
    return Owner(root, found[0].cohort, vo_site)
