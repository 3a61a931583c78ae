"""Versions of regional agreements that were adopted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from services.coordination import agreement
from services.coordination.domain.world.agreed import Agreement
from shared.core.actor import Actor
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parents[1] / "sql" / "agreements.sql")


@dataclass(frozen=True, slots=True)
class Adoption:
    """That a region adopted a version, when and by whom."""

    version: str
    region: str
    valid_from: date
    digest: str
    adopted_at: datetime
    organisation: str
    person_ref: str | None


async def adopted(conn: Connection) -> Mapping[str | None, Sequence[Agreement]]:
    """What every region adopted, the newest first; under None what ships. A text is read once."""
    found: dict[str | None, list[Agreement]] = {None: [*agreement.shipped()]}
    if await conn.fetchval(SQL["state"]):
        for row in await conn.fetch(SQL["texts"]):
            one = agreement.kept(row["text"], row["version"])
            found.setdefault(one.region, []).append(one)
    return found


async def adoptions(conn: Connection, region: str | None = None) -> list[Adoption]:
    """Which versions were adopted, by one region or by every region; the newest of each first."""
    return [Adoption(**dict(row)) for row in await conn.fetch(SQL["adoptions"], region)]


async def text(conn: Connection, version: str) -> str | None:
    """A version as it was adopted; None: it was not."""
    found: str | None = await conn.fetchval(SQL["text"], version)
    return found


async def lock(conn: Connection, region: str) -> None:
    """Let other adoptions of this region wait."""
    await conn.execute(SQL["lock_region"], region)


async def adopt(conn: Connection, agreed: Agreement, own_text: str, actor: Actor, now: datetime) -> None:
    """Write down that a version was adopted."""
    fingerprint = agreement.digest(own_text)
    who = (actor.organisation, actor.person_ref)
    await conn.execute(SQL["adopt"], agreed.version, agreed.region, agreed.valid_from, fingerprint, own_text, now, *who)


async def pinned(conn: Connection) -> dict[tuple[str | None, str], int]:
    """How many open transitions of a region stay on a version."""
    return {(row["region"], row["version"]): row["n"] for row in await conn.fetch(SQL["pinned_numbers"])}


async def move(conn: Connection, region: str, old: str, new: str, now: datetime) -> int:
    """Set the open transitions of a region that stay on one version going towards another; returns how many."""
    count: int = await conn.fetchval(SQL["move_transitions"], region, old, new, now)
    return count
