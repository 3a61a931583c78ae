"""The inbox, the page of one alert, the operator's page and the API, over HTTP without a browser."""

import re

import httpx
import pytest

from services.notifications.app import build
from services.notifications.delivery import deliver_due
from shared.core.actor import Actor, Role
from shared.core.keys import load_keys
from shared.messaging.outbox import Transport
from tests.integration.notifications.region import CONFIRMED, OFFICE, PUPILS, fill, ref, site, visitor
from tests.support import deliver, published, search
from tests.unit.notifications import made
from tests.unit.notifications.made import REGION, Stream, told

STRANGER = Actor("20", Role.DOORSTROOMPUNT, made.person("stranger"))
ROW = re.compile(r'class="os-name" href="/notifications/alerts/([a-z2-7]+)">([^<]+)<')
GROUP = re.compile(r'id="(\w+)">[^<]*<span class="os-count os-count--soft">(\d+)<')


def rows(page: httpx.Response) -> dict[str, str]:
    """Name → alert_id of the rows of an inbox."""
    return {name: alert_id for alert_id, name in ROW.findall(page.text)}


async def test_the_inbox_groups_by_what_must_be_done_and_is_filtered_and_searched(
    worker: Transport, web: Transport
) -> None:
    await fill(worker, web)
    async with visitor(web, OFFICE) as client:
        page = await client.get("/notifications/")
        assert GROUP.findall(page.text) == [("late", "3"), ("new", "31"), ("busy", "2")]
        assert "<title>Signalen (36) – Overstap</title>" in page.text
        assert "Toon alle 31<" in page.text
        assert len(rows(page)) == 15
        assert "Mees van Leeuwen" not in rows(page), "that one is a colleague's"
        assert len(rows(await client.get("/notifications/?show=new"))) == 36
        assert "Mees van Leeuwen" in rows(await client.get("/notifications/?view=all&show=new"))
        assert set(rows(await client.get("/notifications/?view=done"))) == {"Robin 0 Voorbeeld"}
        filtered = await search(client, "/notifications/?severity=risk&status=busy", "kay")
        assert set(rows(filtered)) == {"Aylin Kaya"}
        assert filtered.text.count('class="os-chip"') == 3
        nothing = await search(client, "/notifications/?view=all", "niemand")
        assert "Niets met deze filters." in nothing.text


async def test_several_signals_are_confirmed_at_once_and_taken_back_at_once(worker: Transport, web: Transport) -> None:
    await fill(worker, web, extra=3)
    async with visitor(web, OFFICE) as client:
        chosen = rows(await client.get("/notifications/"))
        ids = [chosen["Daan Verhoeven"], chosen["Noor Jansen"], chosen["Aylin Kaya"]]
        page = await client.post("/notifications/acknowledge", data={"id": ids, "back": "severity=risk"})
        assert "Ontvangst bevestigd van 2 signalen." in page.text, "one was confirmed before"
        assert str(page.url).endswith("/notifications/?severity=risk")
        fields = dict(re.findall(r'name="(ids|back)" value="([^"]*)"', page.text))
        page = await client.post("/notifications/undo", data=fields)
        assert "2 bevestigingen zijn ongedaan gemaakt." in page.text
        page = await client.post("/notifications/acknowledge", data={"one": chosen["Aylin Kaya"], "back": ""})
        assert "Een collega was u voor" in page.text
        page = await client.post("/notifications/acknowledge", data={"back": ""})
        assert (page.status_code, "Kies eerst een of meer signalen" in page.text) == (422, True)
    kinds = [kind for kind, _, _ in await published(worker)]
    assert kinds.count("alert-acknowledged") == len(CONFIRMED) + 2


async def test_the_page_of_an_alert_says_why_and_who_and_asks_how_it_ended(worker: Transport, web: Transport) -> None:
    await fill(worker, web, extra=1)
    async with visitor(web, OFFICE) as client:
        alert_id = rows(await client.get("/notifications/"))["Daan Verhoeven"]
        await client.post(f"/notifications/alerts/{alert_id}/acknowledge")
        page = await client.get(f"/notifications/alerts/{alert_id}")
        for text in (
            "De laatste dag om zich aan te melden is 1 april 2027.",
            "Er zijn 2 keuzes vastgelegd.",
            "<li>De Zilverlinde, mentor</li><li>Doorstroompunt Utrecht, medewerker Doorstroompunt</li>",
            "Mirjam de Wit, medewerker Doorstroompunt",
        ):
            assert text in page.text, text
        page = await client.post(f"/notifications/alerts/{alert_id}/resolve", data={"verdict": "useful"})
        assert (page.status_code, "Reden: Maak een keuze" in page.text) == (422, True)
        assert 'value="useful" checked' in page.text
        ending = {"verdict": "useful", "reason": "arranged"}
        page = await client.post(f"/notifications/alerts/{alert_id}/resolve", data=ending)
        assert "Het signaal is afgerond." in page.text
        again = await client.post(f"/notifications/alerts/{alert_id}/resolve", data=ending)
        assert again.status_code == 409


async def test_another_organisation_sees_no_page_and_moves_nothing(worker: Transport, web: Transport) -> None:
    await fill(worker, web, extra=1)
    async with visitor(web, OFFICE) as client:
        alert_id = rows(await client.get("/notifications/"))["Daan Verhoeven"]
    async with visitor(web, STRANGER) as client:
        empty = await client.get("/notifications/?view=all")
        assert "Er zijn geen open signalen." in empty.text
        assert not any(last in empty.text for _, _, last, *_ in PUPILS)
        assert (await client.get(f"/notifications/alerts/{alert_id}")).status_code == 404
        assert (await client.post("/notifications/acknowledge", data={"one": alert_id})).status_code == 404
        assert (await client.post("/notifications/undo", data={"ids": alert_id})).status_code == 404
        ending = {"verdict": "useful", "reason": "known"}
        assert (await client.post(f"/notifications/alerts/{alert_id}/resolve", data=ending)).status_code == 404


async def test_the_operator_sees_whether_mails_arrive_and_no_pupil(worker: Transport, web: Transport) -> None:
    service, say = build(worker.settings), Stream()
    await deliver(worker, service, [told(say("dossier", made.recorded()))])
    await deliver(worker, service, [told(say("coordination", made.at_risk()))])
    await deliver_due(worker)
    async with visitor(web, Actor("overstap", Role.OPERATOR, "operator")) as client:
        page = await client.get("/notifications/")
        assert "Zonder adres" in page.text
        assert made.SITE in page.text
        assert "Zonneveld" not in page.text


@pytest.fixture
async def api(worker: Transport, web: Transport) -> httpx.AsyncClient:
    """The software of the Doorstroompunt."""
    await fill(worker, web, extra=3)
    token = load_keys(web.settings).api_token(OFFICE)
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=site(web)),
        base_url="http://overstap.example/notifications/api/v1",
        headers={"Authorization": f"Bearer {token}"},
    )


async def test_the_api_lists_pages_and_moves_the_own_alerts(api: httpx.AsyncClient) -> None:
    everything = (await api.get("/alerts")).json()["items"]
    assert len(everything) == len(PUPILS) + 3
    assert "name" not in str(everything)
    first = (await api.get("/alerts?limit=4")).json()
    following = (await api.get(f"/alerts?limit=4&before={first['next']}")).json()
    assert [one["alert_id"] for one in first["items"] + following["items"]] == [o["alert_id"] for o in everything[:8]]
    risky = (await api.get("/alerts?severity=risk&status=raised")).json()["items"]
    assert [one["pupil_ref"] for one in risky] == [ref("Daan")]
    here = f"/alerts/{risky[0]['alert_id']}"
    assert (await api.post(f"{here}/acknowledgement")).json()["status"] == "acknowledged"
    refused = await api.post(f"{here}/acknowledgement")
    assert (refused.status_code, refused.json()["open_moves"]) == (409, ["undo", "start", "resolve"])
    wrong = await api.post(f"{here}/resolution", json={"verdict": "good", "why": "x"})
    assert (wrong.status_code, len(wrong.json()["errors"])) == (400, 3)
    done = await api.post(f"{here}/resolution", json={"verdict": "too_late", "reason": "known"})
    assert (done.status_code, done.json()["status"]) == (202, "resolved")
    assert (await api.post("/alerts/unknown/acknowledgement")).status_code == 404


async def test_the_api_needs_a_token_of_somebody_who_receives_alerts(api: httpx.AsyncClient, web: Transport) -> None:
    assert (await api.get("/alerts", headers={"Authorization": ""})).status_code == 401
    operator = load_keys(web.settings).api_token(Actor(REGION, Role.OPERATOR, "operator"))
    assert (await api.get("/alerts", headers={"Authorization": f"Bearer {operator}"})).status_code == 403
