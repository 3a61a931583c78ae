"""What the probes of a worker look at: its own loops, and what stands in PostgreSQL. Never a call to the broker."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.core.errors import Unavailable
from shared.core.health import Check, up_to
from shared.messaging.outbox import SQL, Transport

QUARANTINE_LEAST = 20
"""So many waiting in quarantine are never worth a red light."""


@dataclass(slots=True)
class Standing:
    """How the consumers of one service stand in this process."""

    at_end: bool = False
    """All partitions of this process are read to their end; only then is something missing, not late."""
    wanted: int = 1
    joined: int = 0
    """Topics whose consumer group knows this process, of those wanted."""


async def live(sides: Sequence[Transport]) -> list[Check]:
    """Does every loop of this process still turn?"""
    return [
        replace(check, name=f"{side.service}:{check.name}")
        for side in sides
        for check in side.beats.checks(side.settings.live_seconds)
    ]


async def ready(sides: Sequence[tuple[Transport, Standing]]) -> list[Check]:
    """Can this process do its work for every service it holds?"""
    return [check for side, standing in sides for check in await _service(side, standing)]


async def _service(side: Transport, standing: Standing) -> list[Check]:
    name, settings = side.service, side.settings
    groups = Check(f"{name}:groups", standing.joined >= standing.wanted, standing.joined, "topics")
    try:
        async with side.db.acquire() as conn:
            row = await conn.fetchrow(SQL["standing"], settings.clock.now())
    except Unavailable as error:
        return [groups, Check(f"{name}:database", False, str(error))]
    assert row
    share = row["quarantined"] / max(1, row["received"])
    limit = 1.0 if row["quarantined"] < QUARANTINE_LEAST else settings.ready_quarantine_share
    return [
        groups,
        Check(f"{name}:database", True, "answers"),
        up_to(f"{name}:brakes", row["brakes"], 0, "topics"),
        up_to(f"{name}:outbox", row["outbox_seconds"], settings.ready_outbox_seconds),
        up_to(f"{name}:quarantine", share, limit, "share"),
    ]
