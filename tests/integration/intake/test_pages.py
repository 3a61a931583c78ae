"""The pages and the API of intake, as a person and a program use them."""

import json
import re
from typing import Any

from shared.core.actor import Role
from shared.core.ids import opaque_ref
from tests.integration.intake import bench as intake_bench
from tests.integration.intake import visiting
from tests.integration.intake.bench import (
    OTHER,
    PGNS,
    STATUSES,
    recorded,
    status,
    told,
)
from tests.integration.intake.visiting import Site, groups
from tests.support import actor

bench = intake_bench.bench
site = visiting.site
A1 = opaque_ref("application", "99XA", "A1")
ONE, TWO, THREE = PGNS[:3]
GOOD = {"held_on": "2027-02-20", "outcome": "placed"}


async def test_an_outcome_is_recorded_on_the_page_and_wrong_input_is_explained(site: Site) -> None:
    await site.bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    here = f"/intake/applications/{A1}"
    assert "Hier bekend sinds" in await site.page(here)
    wrong = await site.client.post(f"{here}/intake", data={"held_on": "2027-03-09", "outcome": "rejected"})
    assert wrong.status_code == 422
    assert 'href="#held_on"' in wrong.text
    assert "Een reden, vanwege deze uitkomst" in wrong.text
    assert (await site.client.post(f"{here}/intake", data={})).status_code == 422
    good = await site.client.post(f"{here}/intake", data=GOOD)
    assert (good.status_code, good.headers["location"]) == (303, here)
    page = await site.page(here)
    assert "De uitkomst van de intake van Noor van der Proef is vastgelegd." in page
    assert "Geplaatst" in page
    assert groups(await site.page("/intake/?view=all")) == {"waiting": 1}


async def test_who_may_not_record_sees_no_form_and_another_institution_nothing(site: Site) -> None:
    await site.bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    here = f"/intake/applications/{A1}"
    await site.sign_in(actor("99XA", Role.SLBER))
    assert "Uitkomst opslaan" not in await site.page(here)
    assert (await site.client.post(f"{here}/intake", data=GOOD)).status_code == 403
    await site.sign_in(actor("99XX00", Role.MENTOR))
    await site.page("/intake/", 403)
    await site.sign_in(OTHER)
    await site.page(here, 404)
    assert (await site.client.post(f"{here}/intake", data=GOOD)).status_code == 404


async def test_a_file_is_checked_first_and_taken_in_after_confirming(site: Site) -> None:
    text = (
        STATUSES + status(ONE, "RECEIVED", "2027-01-05", 1) + "\n" + status("123", "RECEIVED", "2027-01-05", 1, id="A2")
    )
    await site.page("/intake/import")
    sent: dict[str, Any] = {"data": {"kind": "applications"}, "files": {"file": ("a.csv", text.encode(), "text/csv")}}
    shown = await site.client.post("/intake/import", **sent)
    assert shown.status_code == 200
    assert "regel 3, kolom pgn" in shown.text
    assert not await site.bench.rows("SELECT 1 FROM application")
    assert "999" not in str(await site.bench.rows("SELECT content FROM upload"))
    confirm = re.search(r'action="(/intake/import/[^"]+)"', shown.text)
    assert confirm
    done = await site.client.post(confirm[1])
    assert (done.status_code, done.headers["location"]) == (303, "/intake/")
    assert "1 nieuw, 0 ongewijzigd, 1 apart gezet" in await site.page("/intake/")
    assert not await site.bench.rows("SELECT 1 FROM upload")
    assert (await site.client.post(confirm[1])).status_code == 404


async def test_a_file_that_can_not_be_used_says_why(site: Site) -> None:
    sent: dict[str, Any] = {"data": {}, "files": {"file": ("a.csv", b"x;y\n1;2\n", "text/csv")}}
    assert "Kies wat voor bestand het is" in (await site.client.post("/intake/import", **sent)).text
    sent["data"] = {"kind": "intakes"}
    refused = await site.client.post("/intake/import", **sent)
    assert refused.status_code == 422
    assert "de kolom mbo_brin; deze ontbreekt" in refused.text


async def test_a_system_tells_applications_and_intakes_one_by_one(site: Site) -> None:
    body = {
        "own_id": "A1", "version": 1, "pgn": ONE, "first_name": "Noor", "last_name": "Proef",
        "birth_date": "2010-05-06", "municipality": "0344", "programme": "25655", "pathway": "bol",
        "status": "received", "status_at": "2027-01-05T10:14:00+01:00",
    }  # fmt: skip
    answer = await site.api("POST", "/applications", json=body)
    assert (answer.status_code, answer.json()) == (202, {"application_id": A1})
    wrong = await site.api("POST", "/applications", json={**body, "pgn": "123456789", "municipality": "9999"})
    assert [error["where"] for error in wrong.json()["errors"]] == ["/body/pgn", "/body/municipality"]
    assert (await site.api("POST", "/applications", json={**body, "colour": "red"})).status_code == 400
    other = await site.api("POST", "/applications", json={**body, "pgn": TWO, "version": 2})
    assert (other.status_code, other.json()["errors"][0]["code"]) == (400, "other_pupil")
    late = await site.api("PUT", f"/applications/{A1}/intake", json={**GOOD, "held_on": "2027-03-09"})
    assert late.json()["errors"][0]["where"] == "/body/held_on"
    assert (await site.api("PUT", f"/applications/{A1}/intake", json=GOOD)).status_code == 202
    listed = (await site.api("GET", "/applications")).json()
    assert (listed["items"][0]["outcome"], listed["next"]) == ("placed", None)
    assert ONE not in json.dumps((await site.api("GET", f"/applications/{A1}")).json())
    assert (await site.api("GET", f"/applications/{A1}", OTHER)).status_code == 404
    assert (await site.api("GET", "/applications", actor("99XX00", Role.SCHOOL_SYSTEM))).status_code == 403
    await site.api("POST", "/applications", json={**body, "version": 2, "status": "withdrawn"})
    assert (await site.api("PUT", f"/applications/{A1}/intake", json=GOOD)).status_code == 409


async def test_a_file_door_answers_with_the_receipt_and_every_fault(site: Site) -> None:
    text = STATUSES + status(ONE, "RECEIVED", "2027-01-05", 1) + "\n" + status(TWO, "x", "2027-01-05", 1, brin="99XB")
    answer = await site.api("POST", "/application-lists", content=text.encode(), params={"confirm": "false"})
    assert answer.status_code == 200
    counts = {"received": 2, "applied": 1, "unchanged": 0, "skipped": 0, "quarantined": 1}
    assert {name: answer.json()[name] for name in counts} == counts
    assert answer.json()["faults"][0]["where"] == "regel 3, kolom status"
    assert (await site.api("POST", "/intake-lists", content=b"\xff\xfe")).status_code == 400


async def test_a_program_may_ask_to_erase_a_pupil_first_met_here(site: Site) -> None:
    await site.bench.statuses(
        status(ONE, "RECEIVED", "2027-01-05", 1), status(TWO, "RECEIVED", "2027-01-05", 1, id="A2")
    )
    await site.bench.tell(told(site.bench.ref(TWO), recorded(), 1))
    refused = await site.api("POST", f"/pupils/{site.bench.ref(TWO)}/erasure")
    assert (refused.status_code, "school must erase" in refused.json()["state"]) == (409, True)
    assert (await site.api("POST", f"/pupils/{site.bench.ref(ONE)}/erasure")).status_code == 202
    assert (await site.api("GET", f"/applications/{A1}")).status_code == 404
