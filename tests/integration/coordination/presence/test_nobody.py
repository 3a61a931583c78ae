"""Actions that nobody who is present can take are counted; a database from before looks each day who is present."""

from datetime import date, datetime

import asyncpg
import pytest

from services.coordination.handlers.presence import DIRECTORY, NEW_DAY
from shared.core import metrics
from shared.core.clock import local_instant
from shared.sampling import sample
from shared.storage.migrate import migrations
from tests.integration.coordination.presence.test_absences import HEADER, pupil
from tests.integration.coordination.presence.test_handing_over import MENTOR, holders
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import OPERATOR, counts, post_file
from tests.unit.coordination import made
from tests.unit.coordination.made import day

__all__ = ["pupil"]
STAFF = ("99AA00;mentor@zilverlinde", "99AA00;decaan@zilverlinde", "19;regio@utrecht")


async def of_nobody(worker) -> float | None:
    await sample(worker)
    return metrics.REGISTRY.get_sample_value("overstap_actions_of_nobody", {"service": "coordination"})


async def overdue(worker) -> float | None:
    await sample(worker)
    return metrics.REGISTRY.get_sample_value("overstap_actions_overdue", {"service": "coordination"})


async def test_what_nobody_present_can_take_is_counted_until_somebody_is_back(
    client, web, worker, service, admin, pupil
):
    assert await of_nobody(worker) == 0
    alone = CONTACTS.replace("deputy@zilverlinde.example", "")
    assert counts(await post_file(client, web, "contact", alone)) == [6, 1, 5, 0, 0]
    rows = [f"{who}.example;2027-04-01;2027-04-05\n" for who in STAFF]
    assert counts(await post_file(client, web, "staff-absence", HEADER + "".join(rows), OPERATOR)) == [3, 3, 0, 0, 0]
    assert await holders(admin) == [MENTOR, None]
    left = await admin.fetchval("SELECT count(*) FROM action WHERE open AND organisation = '19'")
    assert await of_nobody(worker) == left > 0
    await run_until(worker, service, day(4, 5, 1))
    assert await holders(admin) == [MENTOR, None, MENTOR]
    assert await of_nobody(worker) == 0
    assert await admin.fetchval("SELECT count(*) FROM action WHERE open AND contact IS NULL") == 0


async def test_what_must_be_done_about_an_organisation_is_counted_too(client, web, worker, service, admin):
    assert counts(await post_file(client, web, "organisation", ORGANISATIONS))[0] == 4
    await tell(worker, service, made.expected(at=day(4, 2)))
    await run_until(worker, service, day(4, 2, 9))
    of_pupils = await admin.fetchval("SELECT count(*) FROM action WHERE open AND contact IS NULL")
    tasks = await admin.fetchval("SELECT count(*) FROM task WHERE open")
    assert tasks > 0
    assert await of_nobody(worker) == of_pupils + tasks
    assert await overdue(worker) == 0
    worker.settings.clock.instant = day(4, 30)
    late = await admin.fetchval("SELECT count(*) FROM action WHERE open AND late_at < $1", day(4, 30))
    assert await overdue(worker) == late + tasks


@pytest.fixture
async def old(admin, database_url):
    """A database as it was before, in a schema of its own."""
    conn = await asyncpg.connect(database_url)
    await conn.execute("DROP SCHEMA IF EXISTS old CASCADE; CREATE SCHEMA old; SET search_path = old")
    for name, text in migrations("coordination"):
        if name < "coordination/009" or name.startswith("messaging/"):
            await conn.execute(_in_old(text))
    yield conn
    await conn.execute("DROP SCHEMA old CASCADE")
    await conn.close()


def _in_old(text: str) -> str:
    return text.replace("{{service}}_", "coordination_").replace("search_path = {{service}}", "search_path = old")


async def upgraded(old: asyncpg.Connection) -> list[tuple[str, datetime]]:
    """The timers that look who is present, after the upgrade: which day, from when."""
    await old.execute(next(_in_old(text) for name, text in migrations("coordination") if "009_absences" in name))
    rows = await old.fetch("SELECT key, due_at FROM timer WHERE kind = $1 AND subject = $2", NEW_DAY, DIRECTORY)
    return [(row["key"], row["due_at"]) for row in rows]


async def test_a_database_from_before_looks_from_its_next_day_on(old):
    await old.execute("INSERT INTO organisation (code, kind, name) VALUES ('99AA00', 'vo', 'De Zilverlinde')")
    await old.execute("INSERT INTO progress VALUES ('pupils', 0, $1)", made.day(3, 28, 0))
    assert await upgraded(old) == [("2027-03-29", local_instant(date(2027, 3, 29), 0))]


@pytest.mark.parametrize("organisations", [0, 1])
async def test_a_database_that_is_empty_or_looks_already_is_left_as_it_is(old, organisations):
    if organisations:
        await old.execute("INSERT INTO organisation (code, kind, name) VALUES ('99AA00', 'vo', 'De Zilverlinde')")
        await old.execute("INSERT INTO timer VALUES ($1, $2, '2027-03-12', $3)", NEW_DAY, DIRECTORY, made.day(3, 12))
    await old.execute("INSERT INTO progress VALUES ('pupils', 0, $1)", made.day(3, 28))
    assert await upgraded(old) == [("2027-03-12", made.day(3, 12))] * organisations
