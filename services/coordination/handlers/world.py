"""What decisions need beside the facts of the pupils."""

from services.coordination import agreement, store
from services.coordination.agreement.dates import almanac, keeping
from services.coordination.domain.world.almanac import Almanac
from services.coordination.domain.world.routing import World
from services.coordination.store import agreements
from shared.storage.pool import Connection

__all__ = ["almanac", "dates", "world"]


async def dates(conn: Connection) -> Almanac:
    """The almanac, with the holidays that regions agreed on for themselves."""
    return keeping(await agreements.adopted(conn))


async def world(conn: Connection) -> World:
    """The agreements, the almanac, and who is where as it is known now."""
    found = await store.directory(conn)
    adopted = await agreements.adopted(conn)
    return World(agreement.shipped()[0], keeping(adopted), found.organisations, adopted, found.present_on)
