"""What the pages and the API read. Every query asks for the actor's own organisation, beside row-level security."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.notifications.domain.alerts import Alert
from services.notifications.domain.profile import Profile
from services.notifications.store import SQL
from services.notifications.store.alerts import from_row
from shared.storage.pool import Connection

MOST_ROWS = 5000
"""An organisation with more open alerts than this is shown the oldest ones."""
DONE_ROWS = 1000
"""Of what is closed the newest are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the inbox: an alert with the pupil or the organisation it is about."""

    alert_id: str
    about: str
    """Reference of the pupil, or code of the organisation."""
    rule: str
    severity: str
    status: str
    step: int
    role: str
    person_ref: str | None
    raised_at: datetime
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    verdict: str | None
    due_at: datetime | None
    first_name: str | None
    prefix: str | None
    last_name: str | None
    birth_date: date | None
    municipality: str | None
    origin: str | None
    track: str | None
    destination: str | None
    level: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the history of an alert."""

    command: str
    step: int
    at: datetime
    by_organisation: str | None
    by_role: str | None
    by_person: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of the mail of one step."""

    step: int
    state: str
    failures: int
    due_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Filters of the API; None filters nothing."""

    status: Sequence[str] | None = None
    severity: Sequence[str] | None = None
    rule: Sequence[str] | None = None
    before: tuple[datetime, str] | None = None
    """(raised_at, alert_id) of the last one of the page before."""
    limit: int = 100


async def open_rows(conn: Connection, organisation: str) -> list[Row]:
    """The open alerts of an organisation, oldest first."""
    return [Row(**dict(row)) for row in await conn.fetch(SQL["open_rows"], organisation, MOST_ROWS)]


async def done_rows(conn: Connection, organisation: str) -> list[Row]:
    """The newest closed alerts of an organisation."""
    return [Row(**dict(row)) for row in await conn.fetch(SQL["done_rows"], organisation, DONE_ROWS)]


async def one_alert(conn: Connection, alert_id: str, organisation: str) -> Alert | None:
    """One alert, if this organisation hears it."""
    row = await conn.fetchrow(SQL["one_alert"], alert_id, organisation)
    return from_row(dict(row)) if row else None


async def list_alerts(conn: Connection, organisation: str, wanted: Wanted) -> list[Alert]:
    """The alerts of an organisation, newest first."""
    at, alert_id = wanted.before or (None, None)
    rows = await conn.fetch(
        SQL["list_alerts"], organisation, wanted.status, wanted.severity, wanted.rule, at, alert_id, wanted.limit
    )
    return [from_row(dict(row)) for row in rows]


async def one_pupil(conn: Connection, pupil_ref: str, organisation: str) -> Profile:
    """A pupil about whom this organisation has an alert; without that, or before anything was told, only the ref."""
    row = await conn.fetchrow(SQL["one_pupil"], pupil_ref, organisation)
    return Profile(**dict(row)) if row else Profile(pupil_ref)


async def trail(conn: Connection, alert_id: str) -> list[Step]:
    """What happened to an alert, in order."""
    return [Step(**dict(row)) for row in await conn.fetch(SQL["trail_of"], alert_id)]


async def deliveries(conn: Connection, alert_id: str, organisation: str) -> list[Delivery]:
    """The mails of an alert, by step."""
    return [Delivery(**dict(row)) for row in await conn.fetch(SQL["deliveries_of"], alert_id, organisation)]


async def organisation_names(conn: Connection, codes: Iterable[str | None]) -> dict[str, str]:
    """Names of organisations that have told theirs."""
    rows = await conn.fetch(SQL["organisation_names"], sorted({code for code in codes if code}))
    return {row["code"]: row["name"] for row in rows}


async def contact_names(conn: Connection, organisation: str) -> dict[str, str]:
    """Names of the people of one organisation, by person_ref."""
    return {row["person_ref"]: row["name"] for row in await conn.fetch(SQL["contact_names"], organisation)}
