"""The audit folds what was told of organisations, and finds every row that says otherwise."""

import pytest

from services.coordination.handlers.audit import compare
from tests.integration.coordination.conftest import NOW
from tests.integration.coordination.partners.test_partners import by, region_without_decaan  # noqa: F401
from tests.integration.coordination.steps import run_until, tell
from tests.unit.coordination import made
from tests.unit.coordination.made import SITE, day

FAULTS = {
    "UPDATE task SET owner_contact = 'somebody'": "owner_contact is somebody",
    "UPDATE task SET step = 7": "step is 7",
    "UPDATE task SET done_at = opened_at WHERE kind = 'silent-partner'": "done_at is",
    "DELETE FROM task": "is not stored",
    "UPDATE partner SET silent_since = NULL, silent_allowed = NULL, silent_agreement = NULL": "silent_since is None",
    "UPDATE partner SET numbered = 9 WHERE numbered > 0": "numbered is 9",
}


@pytest.mark.parametrize("fault", FAULTS)
async def test_every_row_that_says_otherwise_is_found(region_without_decaan, worker, service, admin, fault):  # noqa: F811
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    await run_until(worker, service, day(2, 22))
    assert await admin.fetchval("SELECT count(*) FROM task WHERE open") == 2
    async with admin.transaction():
        assert [found async for found in compare(admin, NOW)] == []
    change = admin.transaction()
    await change.start()
    await admin.execute(fault)
    found = [one async for one in compare(admin, NOW)]
    await change.rollback()
    assert {(rule, subject) for rule, subject, _ in found} == {("stored", SITE)}
    assert any(FAULTS[fault] in what for *_, what in found), found
