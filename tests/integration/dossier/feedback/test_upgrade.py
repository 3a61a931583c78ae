"""A database from before feedback: its cohorts get their days, and its schools an end."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime

import asyncpg
import pytest

from services.dossier.handlers.feedback import FIGURES, timers_of
from shared.core.clock import local_instant
from shared.storage.migrate import migrations

COHORT, LATEST = 2026, "009_feedback"


@pytest.fixture
async def old(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """The tables as they were before, in a schema of their own."""
    conn = await asyncpg.connect(database_url)
    await conn.execute("DROP SCHEMA IF EXISTS old CASCADE; CREATE SCHEMA old; SET search_path = old")
    for name, text in migrations("dossier"):
        if name < f"dossier/{LATEST}" or name.startswith("messaging/"):
            await conn.execute(_in_old(text))
    yield conn
    await conn.execute("DROP SCHEMA old CASCADE")
    await conn.close()


def _in_old(text: str) -> str:
    return text.replace("{{service}}_", "dossier_").replace("search_path = {{service}}", "search_path = old")


async def test_a_known_cohort_gets_the_days_of_its_figures_and_its_pupils_an_end(
    old: asyncpg.Connection,
) -> None:
    await old.execute("INSERT INTO follow_limit VALUES ($1, $2)", COHORT, local_instant(date(COHORT, 10, 2)))
    await old.execute("INSERT INTO organisation VALUES ('99AA00', 'vo', 'De Zilverlinde', '{}', 1)")
    await old.execute(next(_in_old(text) for name, text in migrations("dossier") if LATEST in name))
    rows = await old.fetch("SELECT kind, subject, key, due_at, date_rule FROM timer ORDER BY due_at")
    wanted = timers_of(COHORT, datetime(2026, 1, 1, tzinfo=UTC))
    assert [tuple(row) for row in rows] == [(FIGURES, t.subject, t.key, t.due_at, t.date_rule) for t in wanted]
    assert await old.fetchval("SELECT followed_end('anybody', $1)", COHORT) == local_instant(date(COHORT, 10, 2))
    assert await old.fetchval("SELECT region FROM organisation") is None


async def test_of_days_that_were_past_no_figures_are_made(old: asyncpg.Connection) -> None:
    await old.execute("INSERT INTO follow_limit VALUES ($1, $2)", COHORT, local_instant(date(COHORT, 10, 2)))
    await old.execute(
        "INSERT INTO event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload) "
        "VALUES ('someone', 1, 2026, gen_random_uuid(), 'pupil-expected', 'dossiers', $1, '{}')",
        datetime(2026, 11, 23, tzinfo=UTC),
    )
    await old.execute(next(_in_old(text) for name, text in migrations("dossier") if LATEST in name))
    days = [row["key"] for row in await old.fetch("SELECT key FROM timer WHERE kind = $1 ORDER BY key", FIGURES)]
    assert days == ["2027-02-01", "2027-08-01"]
