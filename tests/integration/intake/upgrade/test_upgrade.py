"""Outcomes that were recorded before there were steps keep their place when a database is upgraded."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest

from services.intake.domain import intake as intaking
from services.intake.domain.intake import Result
from services.intake.domain.steps import Step
from shared.schemas.intakes import IntakeOutcome
from shared.storage.migrate import ROOT
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import Bench

bench = intake_bench.bench
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
FIRST, SECOND = date(2027, 2, 1), date(2027, 2, 20)


@pytest.fixture
async def old(bench: Bench) -> AsyncIterator[asyncpg.Connection]:
    """A database as the first migration left it, in a schema of its own."""
    conn = await asyncpg.connect(bench.worker.settings.database_url)
    await conn.execute("DROP SCHEMA IF EXISTS old CASCADE; CREATE SCHEMA old; SET search_path = old")
    await conn.execute(_migration("001_intake"))
    yield conn
    await conn.execute("DROP SCHEMA old CASCADE")
    await conn.close()


def _migration(name: str) -> str:
    text = (ROOT / f"services/intake/sql/{name}.sql").read_text()
    return text.replace("{{service}}_", "intake_").replace("search_path = {{service}}", "search_path = old")


async def test_every_outcome_becomes_a_step_and_what_stood_still_stands(old: asyncpg.Connection) -> None:
    await old.execute(
        "INSERT INTO application VALUES ('a', '99XA', 'A1', 'ref', 2027, '25655', 'bol', 'received', $1, 'csv')", NOW
    )
    # Told for the twentieth, put right for the first: what was recorded last stands, though its day is earlier.
    for held_on, outcome, reason, at in (
        (SECOND, "placed", None, NOW),
        (FIRST, "rejected", "capacity", NOW + timedelta(hours=1)),
    ):
        await old.execute(
            "INSERT INTO intake_result (application_id, mbo_institution, held_on, outcome, reason, recorded_at) "
            "VALUES ('a', '99XA', $1, $2, $3, $4)", held_on, outcome, reason, at,
        )  # fmt: skip
    await old.execute("INSERT INTO intake VALUES ('a', '99XA', $1, 'rejected', 'capacity', $2)", FIRST, NOW)
    await old.execute(_migration("002_lifecycle"))
    rows = await old.fetch("SELECT n, at, arrived, channel, role, says::text FROM step ORDER BY n")
    says = [Result(SECOND, IntakeOutcome.PLACED), Result(FIRST, IntakeOutcome.REJECTED, "capacity")]
    steps = [
        Step(row["n"], row["at"], row["arrived"], row["channel"], row["role"], said)
        for row, said in zip(rows, says, strict=True)
    ]
    assert ['"placed"' in rows[0]["says"], '"capacity"' in rows[1]["says"]] == [True, True]
    assert intaking.present(steps).result == says[1]
    assert await old.fetchval("SELECT state FROM intake") == "done"
