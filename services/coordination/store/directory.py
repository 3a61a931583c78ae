"""Organisations and their contacts: who can be reached where."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from uuid import UUID

from services.coordination.domain.world.organisations import Listing, in_order
from services.coordination.domain.world.routing import Organisation, Post
from services.coordination.store.cases import SQL, write
from shared.core.ids import new_id
from shared.schemas.organisations import Contact
from shared.storage.pool import Connection

_kept: dict[UUID, Mapping[str, Organisation]] = {}
"""The directory of the version read last. Every import makes a new version, unique over all databases."""


async def directory(conn: Connection) -> Mapping[str, Organisation]:
    """Every organisation with who holds which role; read again only after an import."""
    version: UUID = await conn.fetchval(SQL["directory_version"])
    if version not in _kept:
        found = await _directory(conn)
        _kept.clear()
        _kept[version] = found
    return _kept[version]


async def _directory(conn: Connection) -> Mapping[str, Organisation]:
    posts: dict[str, list[Post]] = defaultdict(list)
    for row in await conn.fetch(SQL["directory_posts"]):
        post = Post(row["role"], row["person_ref"], row["deputy_ref"], row["valid_from"])
        posts[row["organisation"]].append(post)
    return {
        row["code"]: Organisation(row["code"], row["kind"], row["region"], tuple(posts[row["code"]]))
        for row in await conn.fetch(SQL["directory_organisations"])
    }


async def listings(conn: Connection, codes: Sequence[str]) -> dict[str, Listing]:
    """These organisations with all their contacts, as far as they are known."""
    contacts: dict[str, list[Contact]] = defaultdict(list)
    for row in await conn.fetch(SQL["contacts"], codes):
        values = dict(row)
        contacts[values.pop("organisation")].append(Contact(**values))
    rows = await conn.fetch(SQL["organisations"], codes)
    return {row["code"]: Listing(**dict(row), contacts=in_order(tuple(contacts[row["code"]]))) for row in rows}


async def save_listings(conn: Connection, changed: Sequence[Listing]) -> None:
    """Write organisations with their contacts, and let every process read the directory again."""
    await write(conn, "save_organisations", [(o.code, o.kind, o.name, o.region) for o in changed])
    await write(
        conn,
        "save_contacts",
        [
            (o.code, c.role, c.person_ref, c.name, c.email, c.deputy_ref, c.valid_from)
            for o in changed
            for c in o.contacts
        ],
    )
    await conn.execute(SQL["new_directory_version"], new_id())
