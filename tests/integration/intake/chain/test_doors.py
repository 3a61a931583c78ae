"""The doors of the chain: a file over the API and on a page, and who a shadow is."""

import re

import httpx
import pytest

from services.intake.taking import take_one
from shared.core.actor import Actor, Role
from shared.web.middleware import guard
from tests.integration.intake import bench as intake_bench
from tests.integration.intake import visiting
from tests.integration.intake.bench import COORDINATOR, OTHER, PGNS, recorded
from tests.integration.intake.bench import told as said
from tests.integration.intake.chain.handing_in import file, fire, row, take
from tests.integration.intake.visiting import Site
from tests.support import actor

bench = intake_bench.bench
site = visiting.site
OPERATOR = actor("overstap", Role.OPERATOR, "operator")
HOME = "/intake/import/exports"


async def send(site: Site, data: bytes, who: Actor = COORDINATOR, **headers: str) -> httpx.Response:
    token = f"Bearer {site.bench.web.keys.api_token(who)}"
    given = {"authorization": token, "content-type": "text/csv"} | headers
    return await site.client.post("/intake/api/v1/application-exports", content=data, headers=given)


@pytest.mark.parametrize("who", [COORDINATOR, OPERATOR], ids=["institution", "operator"])
async def test_a_file_over_the_api_is_taken_in_afterwards_and_says_what_became_of_it(site: Site, who: Actor) -> None:
    answer = await send(site, file([row(), row(id="")]), who)
    assert answer.status_code == 202
    where = answer.headers["location"].removeprefix("/intake/api/v1")
    before = (await site.api("GET", where, who)).json()
    assert (before["state"], before["left"], before["received"]) == ("taking", 2, 2)
    assert await take_one(site.bench.worker)
    after = (await site.api("GET", where, who)).json()
    counts = {name: after[name] for name in ("applied", "unchanged", "skipped", "quarantined", "left")}
    assert counts == {"applied": 1, "unchanged": 0, "skipped": 0, "quarantined": 1, "left": 0}
    assert after["faults"] == [
        {
            "where": "regel 3, kolom id",
            "expected": "een kenmerk van letters, cijfers, - en _ (hoogstens 64 tekens)",
            "code": "invalid",
        }
    ]
    assert (await site.api("GET", where, OTHER)).status_code == 404


async def test_what_can_not_be_used_or_is_not_allowed_is_refused_at_the_door(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = await send(site, b"naam;klas\nNoor;4a\n")
    assert (wrong.status_code, len(wrong.json()["errors"])) == (400, 24)
    assert (await send(site, file([row()]), **{"content-type": "application/json"})).status_code == 415
    assert (await send(site, file([row()]), actor("99XA", Role.SLBER))).status_code == 403
    monkeypatch.setattr(guard, "STREAMED_BYTES", 4000)
    assert (await send(site, file([row()] * 100))).status_code == 413
    assert not await take_one(site.bench.worker)


async def test_the_same_request_with_one_key_is_carried_out_once(site: Site) -> None:
    first = await send(site, file([row()]), **{"idempotency-key": "k1"})
    again = await send(site, file([row()]), **{"idempotency-key": "k1"})
    assert first.json() == again.json()
    for _ in range(2):
        assert (await send(site, b"naam\n", **{"idempotency-key": "k2"})).status_code == 400, "nothing was carried out"
    assert await take_one(site.bench.worker)
    assert not await take_one(site.bench.worker)


async def test_a_file_on_the_page_waits_until_somebody_has_seen_what_is_wrong(site: Site) -> None:
    await site.sign_in(COORDINATOR)
    assert "Er is nog geen bestand ingeleverd" in await site.page(HOME)
    sent = {"file": ("export.csv", file([row(), row(ketenid="K2", status="WEG")]), "text/csv")}
    done = await site.client.post(HOME, files=sent)
    assert done.status_code == 303
    here = done.headers["location"]
    page = await site.page(here)
    assert "Er is nog niets opgeslagen" in page
    assert "regel 3, kolom status" in page
    assert not await take_one(site.bench.worker)
    assert (await site.client.post(here)).status_code == 303
    assert "Nog te doen" in await site.page(here)
    assert await take_one(site.bench.worker)
    page = await site.page(here)
    assert "Verwerkt" in page
    assert (await site.client.post(here)).status_code == 303, "twice does no harm"
    assert "Bekijken" in await site.page(HOME)
    await site.sign_in(OTHER)
    await site.page(here, 404)
    assert (await site.client.post(here)).status_code == 404


async def test_a_file_that_is_no_export_is_explained_on_the_page(site: Site) -> None:
    await site.sign_in(COORDINATOR)
    assert "Kies een bestand" in (await site.client.post(HOME, data={})).text
    refused = await site.client.post(HOME, files={"file": ("a.csv", b"naam\nNoor\n", "text/csv")})
    assert refused.status_code == 422
    assert "de kolom bsnhash; deze ontbreekt" in refused.text


async def test_a_shadow_is_linked_on_the_page(site: Site) -> None:
    ref = site.bench.ref(PGNS[0])
    await site.bench.tell(said(ref, recorded(), 1))
    await take(site.bench, row(leertrajectmbo="VAVO", opleidingcode="1002O2412"))
    await site.sign_in(COORDINATOR)
    listed = await site.page("/intake/shadows")
    assert "1002O2412" in listed
    assert "K1" not in await site.page("/intake/?view=all"), "who is not known has nothing to be done"
    found = re.search(r'href="(/intake/shadows/[a-z2-7]{26})"', listed)
    assert found
    for wrong in ("", "123456789", PGNS[5]):
        refused = await site.client.post(found[1], data={"pgn": wrong})
        assert (refused.status_code, 'href="#pgn"' in refused.text) == (422, True)
        assert wrong == "" or wrong not in refused.text, "a personal number is not shown again"
    done = await site.client.post(found[1], data={"pgn": PGNS[0]})
    assert (done.status_code, done.headers["location"]) == (303, "/intake/shadows")
    await fire(site.bench)
    assert "Gekoppeld" in await site.page("/intake/shadows")
    await site.page(found[1], 404)
    await site.sign_in(actor("99XA", Role.SLBER))
    assert "Van elke aanmelding is bekend" in await site.page("/intake/shadows")
    assert (await site.client.post(found[1], data={"pgn": PGNS[0]})).status_code == 403


async def test_a_shadow_is_listed_and_linked_over_the_api(site: Site) -> None:
    ref = site.bench.ref(PGNS[0])
    await site.bench.tell(said(ref, recorded(), 1))
    await take(site.bench, row(), row(ketenid="K2", bsnhash="c" * 64))
    page = (await site.api("GET", "/shadows?limit=1")).json()
    rest = (await site.api("GET", f"/shadows?after={page['next']}")).json()
    assert [one["applications"][0]["own_id"] for one in (*page["items"], *rest["items"])] in (
        ["K1", "K2"],
        ["K2", "K1"],
    )
    shadow = page["items"][0]["pupil_ref"]
    where = f"/shadows/{shadow}/links"
    assert (await site.api("POST", where, OTHER, json={"pgn": PGNS[0]})).status_code == 404
    unknown = await site.api("POST", where, json={"pgn": PGNS[5]})
    assert (unknown.status_code, unknown.json()["errors"][0]["code"]) == (400, "unknown_pupil")
    done = await site.api("POST", where, OPERATOR, json={"pgn": PGNS[0]})
    assert (done.status_code, done.json()) == (202, {"pupil_ref": ref})
    assert (await site.api("POST", where, json={"pgn": PGNS[0]})).status_code in (202, 409)
    await fire(site.bench)
    assert (await site.api("POST", where, json={"pgn": PGNS[0]})).json() == {"pupil_ref": ref}
