"""Transitions that were open before there were offers are looked at, after the upgrade, as any other."""

from typing import Any

import asyncpg
import pytest

from shared.messaging.outbox import Transport
from shared.service import Service
from shared.storage.migrate import migrations
from tests.integration.coordination.steps import run_until, tell
from tests.unit.coordination import made

OFFERS = "coordination/003_offers.sql"
AS_BEFORE = """UPDATE transition SET follow_at = NULL;
    DELETE FROM timer WHERE kind = 'custody'; TRUNCATE offer"""


def looked_at() -> str:
    """What the upgrade does with transitions that are open: its statements on them and on the timers."""
    text = dict(migrations("coordination"))[OFFERS]
    begin = text.index("UPDATE transition SET follow_at")
    return text[begin : text.index("ON CONFLICT DO NOTHING;", begin) + len("ON CONFLICT DO NOTHING;")]


@pytest.fixture
async def before(worker: Transport, service: Service, admin: asyncpg.Connection) -> None:
    """Two open transitions and one that was closed, as a database of before knew them; now upgraded."""
    for n in (1, 2, 3):
        await tell(worker, service, made.recorded(n), made.expected(n, sequence=2))
    await tell(worker, service, made.enrolled(2, at=made.day(3, 1), first_day=made.day(3, 1).date()))
    await tell(worker, service, made.elsewhere(3, status="confirmed", at=made.day(3, 1)))
    await run_until(worker, service, made.day(3, 2))
    await admin.execute(AS_BEFORE)
    await admin.execute(looked_at())


async def test_every_open_transition_is_looked_at_and_from_then_on_custody_follows_the_table(
    before: None, worker: Transport, service: Service, admin: Any
):
    rows = await admin.fetch("SELECT subject FROM timer WHERE kind = 'custody' ORDER BY 1")
    assert [row["subject"] for row in rows] == sorted([made.ref(1), made.ref(2)]), "not the one that was closed"
    await run_until(worker, service, made.day(3, 3))
    offers = await admin.fetch("SELECT pupil_ref, organisation, situation, state FROM offer")
    assert [tuple(row) for row in offers] == [(made.ref(2), made.MBO, "started", "offered")]
    assert await admin.fetchval("SELECT count(*) FROM transition WHERE open AND follow_at IS NULL") == 0
    assert await admin.fetchval("SELECT min(due_at) FROM timer WHERE kind = 'custody'") > made.day(3, 3)
