"""What decisions need beside the facts of the pupils."""

from functools import lru_cache

from services.coordination import agreement, store
from services.coordination.domain.world.almanac import Almanac
from services.coordination.domain.world.routing import World
from services.coordination.store import agreements
from shared.core import reference
from shared.storage.pool import Connection


@lru_cache(maxsize=1)
def almanac() -> Almanac:
    """The almanac of the reference tables of this installation."""
    return Almanac(reference.load())


async def world(conn: Connection) -> World:
    """The agreements, the almanac, and who is where as it is known now."""
    found = await store.directory(conn)
    adopted = await agreements.adopted(conn)
    return World(agreement.shipped()[0], almanac(), found.organisations, adopted, found.present_on)
