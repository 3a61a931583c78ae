"""`overstap lag`: what is behind, since when, and what stands still; from PostgreSQL alone."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import asyncpg
import pytest

from shared.core.actor import Role
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from shared.operate.lag import STILL_SECONDS, Lag, lag
from tests.integration.transport.test_transport import PUPILS, Expect, expect
from tests.support import actor, open_transport

OLD_ID = "019c58f6-8c00-7000-8000-000000000001"
"""Made in February 2026."""


@pytest.fixture
async def dossier(
    database_url: str, admin: asyncpg.Connection, make_settings: Callable[..., Settings]
) -> AsyncIterator[Transport]:
    side = await open_transport(make_settings(database_url=database_url), "dossier")
    await admin.execute("TRUNCATE dossier.stream, dossier.event_log, dossier.outbox, dossier.brake, intake.heard")
    yield side
    await side.db.close()


@pytest.fixture
async def admin(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    conn = await asyncpg.connect(database_url)
    yield conn
    await conn.close()


async def publish(dossier: Transport) -> None:
    await perform(dossier, actor("99AA00", Role.DECAAN), expect, Expect(PUPILS[:3]))


def behind(found: Lag) -> dict[str, int]:
    return {f"{t.service} {t.topic}": t.behind for t in found.topics if t.behind}


async def test_what_waits_to_be_sent_is_of_the_sender_and_stands_still_after_a_minute(
    dossier: Transport, admin: asyncpg.Connection
) -> None:
    await publish(dossier)
    found = await lag(admin)
    assert {s.service: s.outbox for s in found.services if s.outbox} == {"dossier": 3}
    assert (behind(found), found.still) == ({}, [])
    await admin.execute("UPDATE dossier.outbox SET put_at = put_at - make_interval(secs => $1)", STILL_SECONDS + 1)
    assert (await lag(admin)).still == ["dossier sends"]


async def test_what_was_sent_and_not_heard_is_of_each_listener_with_its_age_in_business_and_wall_time(
    dossier: Transport, admin: asyncpg.Connection
) -> None:
    await publish(dossier)
    await admin.execute("TRUNCATE dossier.outbox")
    await admin.execute(
        "INSERT INTO intake.heard (source, subject, contiguous) SELECT 'dossier', unnest($1::text[]), 1", PUPILS[:2]
    )
    found = await lag(admin)
    listeners = ("coordination", "notifications", "signals")
    assert behind(found) == {"intake dossiers": 1} | {f"{name} dossiers": 3 for name in listeners}
    assert found.still == []
    assert all(0 <= t.seconds < STILL_SECONDS for t in found.topics)
    await admin.execute(
        "UPDATE dossier.event_log SET event_id = $1, recorded_at = $2 WHERE subject = $3",
        OLD_ID,
        datetime(2026, 2, 1, tzinfo=UTC),
        PUPILS[2],
    )
    found = await lag(admin)
    assert set(found.still) == {f"{name} reads dossiers" for name in (*listeners, "intake")}
    assert {t.since for t in found.topics if t.behind} == {datetime(2026, 2, 1, tzinfo=UTC)}


async def test_a_consumer_that_was_stopped_stands_still_whatever_waits(
    dossier: Transport, admin: asyncpg.Connection
) -> None:
    await admin.execute("INSERT INTO dossier.brake VALUES ('intakes', now(), 'a storm')")
    assert (await lag(admin)).still == ["dossier reads intakes"]
