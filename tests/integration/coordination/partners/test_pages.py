"""What must be done about organisations, as their owners and the coordinator of the region see it."""

import pytest

from shared.core.actor import Actor, Role
from tests.integration.coordination.partners.test_partners import (  # noqa: F401
    DECAAN,
    by,
    region,
    region_without_decaan,
)
from tests.integration.coordination.steps import run_until, tell
from tests.integration.coordination.test_doors import API, COORDINATOR, INTAKE, OFFICER, bearer, page
from tests.unit.coordination import made
from tests.unit.coordination.made import SITE, day

OF_THE_SCHOOL = Actor(SITE, Role.DECAAN, DECAAN)


@pytest.fixture
async def vacant(region_without_decaan, worker, service, admin) -> str:  # noqa: F811
    """A school without decaan; returns the task."""
    await tell(worker, service, by(made.recorded(at=day(4, 2))), by(made.expected(sequence=2, at=day(4, 2))))
    await run_until(worker, service, day(4, 2, 9))
    return await admin.fetchval("SELECT task_id FROM task")


async def test_it_stands_on_the_list_of_its_owner_and_in_the_overview(vacant, client, web):
    row = "Zoek iemand voor de rol"
    assert row in await page(client, web, "/", COORDINATOR)
    assert row not in await page(client, web, "/", INTAKE)
    overview = await page(client, web, "/region", COORDINATOR)
    assert "niemand aanwezig in een rol: decaan" in overview.lower()
    assert f"/coordination/tasks/{vacant}" in overview


async def test_its_page_says_why_and_what_to_do(vacant, client, web):
    found = await page(client, web, f"/tasks/{vacant}", COORDINATOR)
    for text in ("De Zilverlinde", "Iris Dekker", "Niemand aanwezig in de rol", f"/contacts/organisations/{SITE}"):
        assert text in found
    assert "De Zilverlinde" in await page(client, web, f"/tasks/{vacant}", OF_THE_SCHOOL), "it is about them"
    for other in (INTAKE, OFFICER):
        await page(client, web, f"/tasks/{vacant}", other, 404)


async def test_a_program_reads_what_its_organisation_must_do(vacant, client, web):
    mine = await client.get(f"{API}/tasks", headers=bearer(web, COORDINATOR))
    (task,) = mine.json()["items"]
    assert (task["task_id"], task["kind"], task["about"], task["organisation"]) == (
        vacant, "vacant-role", "decaan", SITE,
    )  # fmt: skip
    assert (await client.get(f"{API}/tasks", headers=bearer(web, INTAKE))).json()["items"] == []


async def test_pupils_of_a_silent_school_count_as_not_known_until_it_speaks(region, client, web, worker, service):  # noqa: F811
    await tell(worker, service, by(made.recorded(at=day(1, 11))), by(made.expected(sequence=2, at=day(1, 11))))
    await run_until(worker, service, day(2, 9))
    assert "Vraag de organisatie waarom ze niets laat horen" in await page(client, web, "/", OF_THE_SCHOOL)
    overview = await page(client, web, "/region", COORDINATOR)
    assert "leerlingen van een organisatie die niets laat horen" in overview
    export = await client.post("/coordination/region/export")
    assert "Niet bekend;silence;Er wordt niets gehoord van wie het weet;;1" in export.text
    await tell(worker, service, by(made.chosen(sequence=3, at=day(2, 9, 10))))
    await run_until(worker, service, day(2, 9, 11))
    export = await client.post("/coordination/region/export")
    assert "silence" not in export.text
