"""`overstap audit`: is every pupil accounted for, was every event handled once, is every rule of each service kept?"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from shared.core.settings import Settings
from shared.operate.quiet import SQL, lag
from shared.schemas.catalog import consumed_topics, publishers_heard, subject_length
from shared.service import Service, load
from shared.storage import queries
from shared.storage.migrate import ROOT
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that must not be, or that an operator should know."""

    service: str
    rule: str
    subject: str
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of an audit."""

    pupils_in: int
    accounted_for: int
    events: dict[str, int]
    fates: dict[str, dict[str, int]]
    """Per service and entrance: received, applied, unchanged, skipped, quarantined."""
    waiting: int
    """Rows and records in quarantine, waiting for a person."""
    violations: list[Finding] = field(default_factory=list)
    notes: list[Finding] = field(default_factory=list)
    """What an operator should know and what is no violation."""

    @property
    def good(self) -> bool:
        return not self.violations and self.pupils_in == self.accounted_for


async def audit(conn: Connection, settings: Settings) -> Report:
    """Check everything as it stands at one instant. Meant for a quiet moment: what is on its way counts as missing."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        return await _audited(conn, load(settings), settings.clock.now())


async def _audited(conn: Connection, services: Sequence[Service], now: datetime) -> Report:
    violations: list[Finding] = []
    notes: list[Finding] = []
    fates: dict[str, dict[str, int]] = {}
    events: dict[str, int] = {}
    waiting = 0
    for made in services:
        service = made.name
        await conn.execute(f"SET LOCAL search_path = {service}")
        violations += await _transport(conn, service)
        violations += await _ask(conn, service, "audit.sql", now)
        violations += [Finding(service, *found) for one in made.audits async for found in one(conn, now)]
        notes += await _ask(conn, service, "notes.sql", now)
        for row in await conn.fetch(SQL["events_by_type"].format(service=service)):
            events[row["type"]] = events.get(row["type"], 0) + row["events"]
        for row in await conn.fetch(SQL["tally"].format(service=service)):
            fates[f"{service} {row['entrance']}"] = {k: v for k, v in row.items() if k != "entrance"}
        waiting += await conn.fetchval(SQL["quarantined"].format(service=service))
    pupils = await conn.fetchrow(SQL["pupils"])
    assert pupils
    return Report(pupils["pupils_in"], pupils["accounted_for"], events, fates, waiting, violations, notes)


async def _transport(conn: Connection, service: str) -> list[Finding]:
    """Histories without holes, everything heard, every event handled, no brake on."""
    rows = await conn.fetch(SQL["broken_streams"].format(service=service))
    found = [Finding(service, "history", row["subject"], row["what"]) for row in rows]
    for publisher in publishers_heard(service):
        if behind := await lag(conn, service, publisher):
            found.append(Finding(service, "heard", publisher, f"{behind} streams not heard to their end"))
        topics = [topic.name for topic in consumed_topics(service) if topic.publisher == publisher]
        query = SQL["missing_events"].format(consumer=service, publisher=publisher)
        rows = await conn.fetch(query, topics, subject_length(service, publisher))
        found += [Finding(service, "handled", row["subject"], f"{row['what']} was never handled") for row in rows]
    brakes = await conn.fetch(SQL["braked"].format(service=service))
    return found + [Finding(service, "brake", row["topic"], row["reason"]) for row in brakes]


async def _ask(conn: Connection, service: str, name: str, now: datetime) -> list[Finding]:
    """What the queries of a service find: in `audit.sql` what breaks its rules, in `notes.sql` what to know."""
    path = ROOT / "services" / service / "sql" / name
    if not path.exists():
        return []
    found = []
    for rule, query in queries.load(path).items():
        arguments: tuple[Any, ...] = (now,) if "$1" in query else ()
        rows = await conn.fetch(query, *arguments)
        found += [Finding(service, rule, str(row["subject"]), str(row["what"])) for row in rows]
    return found
