"""The pages of intake in a browser: accessible at both widths, silent, and usable without JavaScript."""

import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from services.intake import app
from shared.core.ids import opaque_ref
from shared.web.app import create_app, front
from tests.browser.checks import WIDTHS, check_page, search
from tests.browser.conftest import BrowserPage, Serve
from tests.integration.intake import bench as intake_bench
from tests.integration.intake.bench import PGNS, STATUSES, Bench, choice, handover, recorded, status, told
from tests.integration.intake.chain.handing_in import file as export_file
from tests.integration.intake.chain.handing_in import hand_in, row, take

pytestmark = pytest.mark.browser
bench = intake_bench.bench
PERSON = {"organisation": "99XA", "organisation_name": "ROC Denkbeeldig", "role": "intake_coordinator"}
A1 = opaque_ref("application", "99XA", "A1")


@pytest.fixture
async def url(bench: Bench, serve: Serve) -> AsyncIterator[str]:
    """The pages with one pupil in every group of the work list."""
    two, three = bench.ref(PGNS[1]), bench.ref(PGNS[2])
    await bench.statuses(
        status(PGNS[0], "RECEIVED", "2027-01-05", 1), status(PGNS[1], "REJECTED", "2027-01-05", 1, id="A2")
    )
    await bench.tell(told(three, recorded("Mees"), 1))
    await bench.tell(told(two, handover(two, "offered"), 1), told(three, choice(three), 2))
    settings = bench.web.settings.model_copy(update={"demo": True})
    people = [{**PERSON, "person_ref": "person-1", "name": "Sanne Proef"}]
    (settings.data_dir / "demo-identities.json").write_text(json.dumps(people))
    state = {"transport": bench.web, "database": bench.web.db, "clock": bench.web.settings.clock}
    service = create_app("intake", app.build(settings).routers, state, settings)
    async with serve(front({"intake": service}, settings)) as served:
        yield served


@pytest.mark.parametrize("width", WIDTHS)
async def test_every_page_is_accessible_and_works_without_javascript(
    bench: Bench, browser_page: BrowserPage, url: str, width: int, tmp_path: Path
) -> None:
    await take(bench, row(), row(ketenid="K2", leertrajectmbo="VAVO", opleidingcode="1002O2412"))
    waiting = await hand_in(bench, export_file([row(), row(id="")]), confirmed=False)
    script = await browser_page(width)
    await script.goto(f"{url}/signin?next=/intake/")
    await script.click("text=Sanne Proef")
    await check_page(script, "intake-list")
    await script.goto(f"{url}/intake/?status=received")
    await search(script, "noor")
    await check_page(script, "intake-filtered")
    await script.goto(f"{url}/intake/import")
    await check_page(script, "intake-import")
    await script.goto(f"{url}/intake/import/exports")
    await check_page(script, "intake-exports")
    await script.goto(f"{url}/intake/import/exports/{waiting}")
    await check_page(script, "intake-export")
    await script.goto(f"{url}/intake/shadows")
    await check_page(script, "intake-shadows")
    await script.click("text=Zeg wie dit is")
    await check_page(script, "intake-shadow")

    plain = await browser_page(width, javascript=False)
    await plain.goto(f"{url}/signin?next=/intake/?status=rejected")
    await plain.click("text=Sanne Proef")
    await search(plain, "mees")
    assert "Mees Voorbeeld" not in await plain.inner_text("#list")
    await plain.click("button.os-chip:has-text('Status')")
    assert plain.url == f"{url}/intake/"
    assert "Mees Voorbeeld" in await plain.inner_text("#list")
    assert "Noor" not in await plain.inner_text("#list")
    await plain.goto(f"{url}/intake/applications/{A1}")
    await plain.click("text=Uitkomst opslaan")
    assert await plain.title() == "Fout: Noor van der Proef – Overstap"
    await plain.fill("#held_on", "2027-02-20")
    await plain.check("input[value=placed]")
    await plain.click("text=Uitkomst opslaan")
    assert "is vastgelegd" in await plain.inner_text("main")
    file = tmp_path / "aanmeldingen.csv"
    file.write_text(STATUSES + status(PGNS[0], "OFFERED", "2027-02-21", 2) + "\n" + status("1", "X", "2027-02-21", 1))
    await plain.goto(f"{url}/intake/import")
    await plain.check("input[value=applications]")
    await plain.set_input_files("#file", file)
    await plain.click("text=Bestand controleren")
    await plain.click("text=Bestand nu inlezen")
    assert "1 nieuw, 0 ongewijzigd, 1 apart gezet" in await plain.inner_text("main")

    await script.goto(f"{url}/intake/applications/{A1}")
    await check_page(script, "intake-application")
    await script.fill("#held_on", "2027-12-20")
    await script.click("text=Uitkomst opslaan")
    await check_page(script, "intake-application-refused", 422)
