"""What others told, read from their histories, against what coordination remembers, on real tables."""

from collections.abc import Sequence
from typing import Any

import pytest

from services.coordination.handlers.audit import compare_children
from shared.core.ids import new_id
from shared.messaging.outbox import Transport
from shared.schemas.catalog import topic_of
from shared.schemas.envelope import Event
from shared.service import Service
from tests.support import Told, deliver
from tests.unit.coordination import made
from tests.unit.coordination.made import ref

INSERT = """INSERT INTO {}.event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"""
CHANGES = {
    "UPDATE fact SET sequence = sequence + 1 WHERE entity LIKE 'person%'": "fact person:dossier: sequence not as told",
    "UPDATE fact SET body = body || '{\"vo_site\": \"99XX00\"}' WHERE entity LIKE 'expected%'": "body.vo_site not",
    "DELETE FROM fact WHERE entity LIKE 'application%'": "fact application:a1 is not stored, and was told",
    "UPDATE pupil SET name = 'Somebody Else' WHERE name IS NOT NULL": "has another name than was told",
    "UPDATE pupil SET root = pupil_ref": "by its links to",
    "UPDATE pupil SET erased = false": "was erased, and is stored",
    "DELETE FROM link": "is linked to nobody",
}
"""What somebody changed by hand → what the audit says of it."""


async def told(worker: Transport, service: Service, admin: Any, events: Sequence[Event]) -> None:
    """Deliver events that stand in the histories of their services."""
    for event in events:
        key, data = new_id(), event.data
        topic = topic_of(event.source, type(data))
        text = worker.keys.encrypt(data.model_dump_json().encode()) if topic.encrypted else data.model_dump_json()
        what = (event.subject, event.sequence, getattr(data, "cohort", 0), key, data.TYPE, topic.name, event.time, text)
        await admin.execute(INSERT.format(event.source), *what)
        await deliver(worker, service, [Told(event.source, event.subject, data, event.time, event.sequence, key)])


@pytest.fixture
async def lived(worker: Transport, service: Service, admin: Any) -> Any:
    """Two references of one child, and somebody who was erased."""
    await admin.execute("TRUNCATE dossier.event_log, intake.event_log")
    events = [made.recorded(1), made.expected(1, sequence=2), made.applied(1), made.recorded(2)]
    await told(worker, service, admin, [*events, made.linked(1, 2, sequence=3), made.expected(3), made.erased(3)])
    await admin.execute("DELETE FROM dossier.event_log WHERE subject = $1 AND type <> 'pupil-erased'", ref(3))
    yield
    await admin.execute("TRUNCATE dossier.event_log, intake.event_log")


async def findings(admin: Any) -> list[str]:
    async with admin.transaction():
        return [what async for _, _, what in compare_children(admin, made.NOVEMBER)]


async def test_every_planted_fault_in_facts_pupils_and_links_is_found(lived: None, admin: Any):
    assert await findings(admin) == []
    for change, says in CHANGES.items():
        transaction = admin.transaction()
        await transaction.start()
        await admin.execute(change)
        found = await findings(admin)
        await transaction.rollback()
        assert any(says in what for what in found), (change, found)
        assert not any("Somebody" in what for what in found)


async def test_what_was_told_and_is_still_on_its_way_is_no_fault(lived: None, admin: Any):
    late = made.expected(1, sequence=7, vo_site=made.OTHER_SITE)
    what = (ref(1), 7, made.COHORT, new_id(), late.type, "dossiers", late.time, late.data.model_dump_json())
    await admin.execute(INSERT.format("dossier"), *what)
    assert await findings(admin) == []
