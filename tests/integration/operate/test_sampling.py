"""Metrics that stand in the database: who is expected and has nobody, what waits, who tells it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg

from shared.core import metrics
from shared.core.actor import Role
from shared.core.clock import FileClock
from shared.core.settings import Settings
from shared.messaging.outbox import perform
from shared.sampling import Behind, forget, sample
from tests.integration.transport.test_transport import PUPILS, Expect, expect
from tests.support import actor, open_transport

EXPECTED = datetime(2026, 11, 2, 9, tzinfo=UTC)
LISTED = """INSERT INTO dossier.pupil (pupil_ref, cohort, vo_site, pgn, number, first_name, prefix, last_name,
    birth_date, postcode, basic_qualification, track, class_name, listed)
    VALUES ($1, 2027, '99AA00', '', '1', 'Noor', '', 'Voorbeeld', '2010-01-01', '1234', false, 'vmbo-kb', '4a', true)"""
OPENED = """INSERT INTO dossier.told (entity, subject, key, cohort, sequence, type, at, state)
    VALUES ('transition', $1, '2027', 2027, 1, 'transition-opened', $2, '{}')"""


def told(name: str, **labels: str) -> float | None:
    return metrics.REGISTRY.get_sample_value(name, labels)


async def test_a_pupil_nobody_has_after_five_minutes_is_on_the_wall_until_the_transition_is_opened(
    database_url: str, tmp_path: Path, make_settings: Callable[..., Settings]
) -> None:
    settings, clock = make_settings(database_url=database_url, virtual_time=True), FileClock(tmp_path / "clock")
    clock.move(EXPECTED)
    admin, side = await asyncpg.connect(database_url), await open_transport(settings, "dossier")
    await admin.execute(LISTED, PUPILS[0])
    await perform(side, actor("99AA00", Role.DECAAN), expect, Expect(PUPILS[:1]))

    async def missing() -> float | None:
        await sample(side)
        return told("overstap_custody_missing", service="dossier")

    assert await missing() == 0
    clock.move(EXPECTED + timedelta(minutes=6))
    assert await missing() == 1
    assert told("overstap_outbox_waiting", service="dossier") == 1
    assert told("overstap_brake", service="dossier", topic="intakes") == 0
    await admin.execute(OPENED, PUPILS[0], EXPECTED)
    assert await missing() == 0
    forget("dossier")
    assert told("overstap_custody_missing", service="dossier") is None
    await side.db.close()
    await admin.close()


def test_lag_in_seconds_runs_from_the_moment_a_topic_was_last_read_to_its_end() -> None:
    behind = Behind("signals")
    behind.tell({("pupils", 0): 0}, {("pupils", 0): 0})
    assert told("overstap_lag_seconds", service="signals", topic="pupils") == 0
    behind.tell({("pupils", 0): 7, ("pupils", 1): 2}, {("pupils", 0): None, ("pupils", 1): 2})
    assert told("overstap_lag_records", service="signals", topic="pupils") == 9
    seconds = told("overstap_lag_seconds", service="signals", topic="pupils")
    assert seconds is not None
    assert seconds > 0
