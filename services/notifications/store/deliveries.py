"""Rows of deliveries: what must be mailed, and what became of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from services.notifications.store import SQL, columns
from shared.storage.pool import Connection

State = Literal["waiting", "sent", "no_address", "failed"]
TROUBLE_LIMIT = 200


@dataclass(frozen=True, slots=True)
class Due:
    """A mail that must go out now."""

    alert_id: str
    step: int
    failures: int
    recipient_ref: str | None
    subject: str
    traceparent: str | None
    """The case it belongs to."""
    severity: str
    email: str | None
    """Address as it is today; None: nobody to send it to."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What became of one attempt."""

    due: Due
    state: State
    failures: int
    due_at: datetime
    sent_at: datetime | None = None
    error: str | None = None

    @property
    def key(self) -> tuple[str, int]:
        return self.due.alert_id, self.due.step


async def due(conn: Connection, now: datetime, today: date, limit: int) -> list[Due]:
    """What must be mailed now, oldest first."""
    return [Due(**dict(row)) for row in await conn.fetch(SQL["due_mails"], now, today, limit)]


async def take(conn: Connection, attempts: Sequence[Attempt]) -> list[Attempt]:
    """Of these, the ones that still wait and that nobody else is recording; locked."""
    rows = await conn.fetch(SQL["take_deliveries"], *columns((attempt.key for attempt in attempts), 2))
    waiting = {(row["alert_id"], row["step"]) for row in rows}
    return [attempt for attempt in attempts if attempt.key in waiting]


async def save(conn: Connection, attempts: Iterable[Attempt]) -> None:
    """Write down what became of these mails."""
    rows = [(*a.key, a.state, a.failures, a.due_at, a.sent_at, a.error) for a in attempts]
    await conn.execute(SQL["save_deliveries"], *columns(rows, 7))


async def counts(conn: Connection) -> dict[str, int]:
    """Number of mails by state."""
    return {row["state"]: row["n"] for row in await conn.fetch(SQL["delivery_counts"])}


@dataclass(frozen=True, slots=True)
class Trouble:
    """An organisation whose mails do not arrive."""

    organisation: str
    state: str
    n: int
    error: str | None


async def trouble(conn: Connection) -> list[Trouble]:
    """Organisations whose mails do not arrive, most mails first."""
    return [Trouble(**dict(row)) for row in await conn.fetch(SQL["delivery_trouble"], TROUBLE_LIMIT)]
