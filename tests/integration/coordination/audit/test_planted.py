"""Whatever is changed or taken away behind the back of the history, in any table that the audit compares, is found and
named: by its table, and by the pupil or the organisation."""

from collections.abc import AsyncIterator
from random import Random
from typing import Any

import pytest

from services.coordination.handlers.audit import compare, compare_children
from shared.messaging.outbox import Transport
from shared.schemas.catalog import topic_of
from shared.schemas.envelope import Event
from shared.service import Service
from tests.integration.coordination.audit import test_stored as changes
from tests.integration.coordination.audit.test_remembered import INSERT
from tests.integration.coordination.audit.test_replayed import Again, played, without_waiting
from tests.integration.coordination.conftest import AUDIT
from tests.stateful import memory
from tests.stateful.machine import Region

__all__ = ["without_waiting"]

UNTOLD = changes.UNTOLD | {
    "offer": set(),
    "task": set(),
    # When it was first known, last heard and waited for, and how far it was looked at.
    "partner": {"known_at", "heard_at", "looked_at", "active", "awaited"},
    "fact": set(),
    "pupil": set(),
    "link": set(),
}
"""Table → columns of which nobody tells."""
NAMED = {table: f"{table} " for table in UNTOLD} | {"pupil": "", "link": ""}
"""With what a finding begins. Of a reference and its links it says what is wrong with them."""
OF_ORGANISATIONS = ("task", "partner")
OTHER = changes.OTHER | {"boolean": "NOT {0}", "integer": "coalesce({0}, 0) + 1", "bigint": "{0} + 1"}
BODY = "{0} || '{{\"cohort\": 1}}'"
ROWS = {
    "partner": "numbered > 0",
    # Who the pupil is went over an encrypted topic: of that the audit knows the envelope alone.
    "fact": "entity NOT LIKE 'person%'",
    # Of somebody who was erased nothing is left to compare a link with.
    "link": "NOT EXISTS (SELECT FROM pupil p WHERE p.erased AND p.pupil_ref IN (survivor, absorbed))",
}
"""Table → rows in which every change must be found; a table that is not named: in all."""
Finding = tuple[str, str]


@pytest.fixture
async def lived(
    monkeypatch: pytest.MonkeyPatch, service: Service, worker: Transport, admin: Any
) -> AsyncIterator[Region]:
    """A region that was played at random, with what the other services told in their histories."""
    memory.with_a_table(monkeypatch)
    region, again = played()[-1], Again(service, worker)
    await admin.execute("TRUNCATE dossier.event_log, intake.event_log")
    for move in region.program:
        await again.make(move)
    told = {event.id: event for move in region.program for event in move.events}
    for event in told.values():
        if event.source in ("dossier", "intake"):
            await _remember(worker, admin, event)
    yield region
    await admin.execute("TRUNCATE dossier.event_log, intake.event_log")


async def _remember(worker: Transport, admin: Any, event: Event) -> None:
    """The event as it stands in the history of who told it, and as one that was handled here."""
    topic, text = topic_of(event.source, type(event.data)), event.data.model_dump_json()
    payload = worker.keys.encrypt(text.encode()) if topic.encrypted else text
    what = (getattr(event.data, "cohort", 0), event.id, event.data.TYPE, topic.name, event.time, payload)
    await admin.execute(INSERT.format(event.source), event.subject, event.sequence, *what)
    await admin.execute("INSERT INTO inbox VALUES ($1)", event.id)


async def test_every_planted_fault_is_found_and_named_by_its_table_and_by_whom_it_is_about(lived: Region, admin: Any):
    random, unseen, unmissed = Random(19), {}, []
    async with admin.transaction():
        assert await found(admin, lived) == []
        for table in UNTOLD:
            columns = await admin.fetch(changes.COLUMNS, table)
            unseen[table] = {c["name"] for c in columns if not await changed(admin, lived, table, c, random)}
            unmissed += [] if await taken_away(admin, lived, table, random) else [table]
    assert (unseen, unmissed) == (UNTOLD, [])


async def found(admin: Any, region: Region) -> list[Finding]:
    """What an audit finds: whom it is about, and what."""
    both = [one async for one in compare(admin, region.clock)]
    both += [one async for one in compare_children(admin, region.clock)]
    forgotten = await admin.fetch(AUDIT["told_and_forgotten"])
    return [(subject, what) for _, subject, what in both] + [(row["subject"], row["what"]) for row in forgotten]


async def changed(admin: Any, region: Region, table: str, column: Any, random: Random) -> bool:
    """Whether another value in some row is refused, or found and named."""
    name = column["name"]
    form = BODY if name == "body" else OTHER[column["type"]]
    statement = f"UPDATE {table} SET {name} = {form.format(name)} WHERE ctid = $1"
    return await _seen(admin, region, table, statement, random)


async def taken_away(admin: Any, region: Region, table: str, random: Random) -> bool:
    """Whether some row is missed when it is not there any more."""
    return await _seen(admin, region, table, f"DELETE FROM {table} WHERE ctid = $1", random)


async def _seen(admin: Any, region: Region, table: str, statement: str, random: Random) -> bool:
    key = "organisation" if table in OF_ORGANISATIONS else "survivor" if table == "link" else "pupil_ref"
    rows = await admin.fetch(
        f"SELECT ctid, {key} AS whose FROM {table} WHERE {ROWS.get(table, 'true')} ORDER BY {table}::text"
    )
    assert rows, f"nothing in {table}"
    row, change = random.choice(rows), admin.transaction()
    await change.start()
    # Without the foreign keys, as a repair by hand or a broken disk would have it.
    await admin.execute("SET LOCAL session_replication_role = replica")
    try:
        await admin.execute(statement, row["ctid"])
        findings = await found(admin, region)
    except changes.REFUSED:
        return True
    finally:
        await change.rollback()
    whose = {ref for link in region.memory.links for ref in link} if table == "link" else {row["whose"]}
    return any(subject in whose and what.startswith(NAMED[table]) for subject, what in findings)
