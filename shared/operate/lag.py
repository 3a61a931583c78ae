"""`overstap lag`: how far is each service behind, how long, and does anything stand still?

Everything is read in PostgreSQL, where each service notes what it has heard, so it holds for every broker and while
there is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from shared.operate.quiet import SQL
from shared.schemas.catalog import SERVICES, consumed_topics, publishers_heard, subject_length
from shared.storage.pool import Connection

STILL_SECONDS = 60.0
"""What waits longer than this, by the wall clock, stands still."""


@dataclass(frozen=True, slots=True)
class Topic:
    """What one service has not yet heard of one topic."""

    service: str
    topic: str
    behind: int
    """Events published, no longer waiting to be sent, and not heard."""
    seconds: float
    """Age of the oldest of them, by the wall clock."""
    since: datetime | None
    """Moment of recording of the oldest of them: business time."""
    known_until: datetime | None
    """Business time up to which every partition was read; None: not yet."""
    braked: bool

    @property
    def still(self) -> bool:
        return self.braked or self.seconds > STILL_SECONDS


@dataclass(frozen=True, slots=True)
class Side:
    """What waits in one service."""

    service: str
    outbox: int
    """Events not yet acknowledged by the broker."""
    outbox_seconds: float
    holes: int
    """Streams in which something is missing."""
    quarantine: int

    @property
    def still(self) -> bool:
        return self.outbox_seconds > STILL_SECONDS


@dataclass(frozen=True, slots=True)
class Lag:
    """Everything that is on its way or stands still."""

    topics: Sequence[Topic]
    services: Sequence[Side]

    @property
    def still(self) -> list[str]:
        """What stands still, by name."""
        stopped = [f"{t.service} reads {t.topic}" for t in self.topics if t.still]
        return stopped + [f"{s.service} sends" for s in self.services if s.still]


async def lag(conn: Connection) -> Lag:
    """Look once."""
    topics: list[Topic] = []
    services: list[Side] = []
    for service in SERVICES:
        behind = {
            row["topic"]: row
            for publisher in publishers_heard(service)
            for row in await _behind(conn, service, publisher)
        }
        progress = {row["topic"]: row for row in await conn.fetch(SQL["progress"].format(service=service))}
        for topic in (topic.name for topic in consumed_topics(service)):
            late, read = behind.get(topic), progress.get(topic)
            topics.append(
                Topic(
                    service,
                    topic,
                    late["behind"] if late else 0,
                    round(late["seconds"], 1) if late else 0.0,
                    late["since"] if late else None,
                    read["known_until"] if read else None,
                    bool(read and read["braked"]),
                )
            )
        row = await conn.fetchrow(SQL["waits"].format(service=service))
        assert row
        services.append(Side(service, **dict(row)))
    return Lag(topics, services)


async def _behind(conn: Connection, service: str, publisher: str) -> list[Any]:
    names = [topic.name for topic in consumed_topics(service) if topic.publisher == publisher]
    query = SQL["unheard"].format(consumer=service, publisher=publisher)
    return list(await conn.fetch(query, publisher, names, subject_length(service, publisher)))
