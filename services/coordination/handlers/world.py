"""What decisions need beside the facts of the pupils."""

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from services.coordination import agreement, store
from services.coordination.domain.world.almanac import Almanac
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Organisation
from shared.core import reference
from shared.storage.pool import Connection


@lru_cache(maxsize=1)
def almanac() -> Almanac:
    """The almanac of the reference tables of this installation."""
    return Almanac(reference.load())


async def world(conn: Connection) -> World:
    """The agreement, the almanac, and who is where as it is known now."""
    found = await store.directory(conn)
    return around(found.organisations, found.present_on)


def around(directory: Mapping[str, Organisation], present_on: date = date.min) -> World:
    """The world with these organisations."""
    shipped = agreement.shipped()
    return World(shipped[0], almanac(), directory, {None: shipped}, present_on)
