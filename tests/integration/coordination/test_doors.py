"""The API and the pages of coordination, as people and programs use them."""

from collections.abc import Sequence
from typing import Any

import httpx
import pytest

from shared.core.actor import Actor, Role
from shared.core.ids import opaque_ref
from shared.messaging.outbox import Transport
from shared.service import Service
from shared.web.auth import SESSION_COOKIE, sign_in
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, MUNICIPALITY, REGION, SITE, day, ref

API = "/coordination/api/v1"


def person(email: str) -> str:
    return opaque_ref("person", email)


OPERATOR = Actor("overstap", Role.OPERATOR, "operator-1")
MENTOR = Actor(SITE, Role.MENTOR, person("mentor@zilverlinde.example"))
INTAKE = Actor(MBO, Role.INTAKE_COORDINATOR, person("intake@krommelinde.example"))
OFFICER = Actor(MUNICIPALITY, Role.LEERPLICHT, person("leerplicht@utrecht.example"))
COORDINATOR = Actor(REGION, Role.REGION_COORDINATOR, person("regio@utrecht.example"))


def bearer(web: Transport, who: Actor) -> dict[str, str]:
    return {"Authorization": f"Bearer {web.keys.api_token(who)}"}


def signed_in(web: Transport, who: Actor) -> dict[str, str]:
    """The session cookie of somebody."""
    from starlette.responses import Response

    response = Response()
    sign_in(response, who, web.keys, web.settings)
    return {SESSION_COOKIE: response.headers["set-cookie"].split("=", 1)[1].split(";")[0]}


async def post_file(client: httpx.AsyncClient, web: Transport, kind: str, text: str, who: Actor = OPERATOR) -> Any:
    headers = bearer(web, who) | {"content-type": "text/csv"}
    return await client.post(f"{API}/{kind}-lists", content=text.encode(), headers=headers)


async def page(client: httpx.AsyncClient, web: Transport, path: str, who: Actor, code: int = 200) -> str:
    client.cookies.clear()
    client.cookies.update(signed_in(web, who))
    answer = await client.get(f"/coordination{path}")
    assert answer.status_code == code, answer.text
    return answer.text


@pytest.fixture
async def region(client: httpx.AsyncClient, web: Transport) -> None:
    """Organisations and contacts are known."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        answer = await post_file(client, web, kind, text)
        assert answer.status_code == 200, answer.text


@pytest.fixture
async def pupil(region: None, worker: Transport, service: Service) -> None:
    """A pupil without application, on 2 April."""
    await tell(worker, service, made.recorded(), made.expected(sequence=2, mentor=MENTOR.person_ref))
    await run_until(worker, service, day(4, 2))


def counts(answer: httpx.Response) -> Sequence[int]:
    body = answer.json()
    return [body[name] for name in ("received", "applied", "unchanged", "skipped", "quarantined")]


async def test_organisations_and_contacts_come_in_by_file_and_go_out_encrypted(client, web, worker, admin):
    assert counts(await post_file(client, web, "organisation", ORGANISATIONS)) == [4, 4, 0, 0, 0]
    assert counts(await post_file(client, web, "contact", CONTACTS)) == [6, 6, 0, 0, 0]
    told = [(subject, data) for kind, subject, data in await published(worker) if kind == "contact-recorded"]
    assert [subject for subject, _ in told] == ["0344", "19", "99AA00", "99MA", "0344", "19", "99AA00", "99MA"]
    assert [c["role"] for c in told[5][1]["contacts"]] == ["doorstroompunt", "region_coordinator"]
    payloads = [row["payload"] for row in await admin.fetch("SELECT payload FROM event_log")]
    assert not any("utrecht.example" in payload for payload in payloads)


async def test_the_same_file_twice_changes_nothing(client, web, worker, region):
    before = len(await published(worker))
    assert counts(await post_file(client, web, "organisation", ORGANISATIONS)) == [4, 0, 4, 0, 0]
    assert counts(await post_file(client, web, "contact", CONTACTS)) == [6, 0, 6, 0, 0]
    assert len(await published(worker)) == before


async def test_bad_rows_wait_with_their_reason_and_good_rows_go_on(client, web, admin):
    wrong = ORGANISATIONS + "9999;gemeente;Nergens;19\n99MB;mbo;ROC;77\n99A;vo;Kort;19\n"
    answer = await post_file(client, web, "organisation", wrong)
    assert counts(answer) == [7, 4, 0, 0, 3]
    assert [fault["where"] for fault in answer.json()["faults"]] == [
        "regel 6, kolom code",
        "regel 7, kolom regio",
        "regel 8, kolom code",
    ]
    held = [web.keys.unseal(row["payload"]) for row in await admin.fetch("SELECT payload FROM quarantine")]
    assert all(payload.startswith("code;soort;naam;regio\n") or "code;soort" in payload for payload in held)
    again = await post_file(client, web, "organisation", held[0])
    assert again.status_code == 200
    assert again.json()["received"] == 1


async def test_a_contact_of_a_municipality_that_no_file_named_is_known_by_its_official_name(client, web, worker):
    text = CONTACTS.split("\n")[0] + "\n0363;leerplicht;Eva Smit;eva@amsterdam.example;;2026-08-01\n"
    assert counts(await post_file(client, web, "contact", text)) == [1, 1, 0, 0, 0]
    data = (await published(worker))[-1][2]
    assert (data["name"], data["kind"], data["region"]) == ("Amsterdam", "municipality", "21")


async def test_a_contact_of_an_unknown_school_is_refused(client, web):
    text = CONTACTS.split("\n")[0] + "\n99ZZ00;decaan;Eva Smit;eva@school.example;;2026-08-01\n"
    answer = await post_file(client, web, "contact", text)
    assert counts(answer) == [1, 0, 0, 0, 1]
    assert answer.json()["faults"][0]["code"] == "unknown_organisation"


async def test_contacts_that_no_event_can_hold_are_refused_by_row_and_the_others_are_told(client, web, worker, region):
    rows = [f"99MA;slber;{'J. van Voorbeeld ' * 5}{n};{n}.{'naam' * 10}@roc.example;;2026-08-01" for n in range(250)]
    answer = await post_file(client, web, "contact", "\n".join([CONTACTS.split("\n")[0], *rows]) + "\n")
    received, applied, _, _, quarantined = counts(answer)
    assert (received, applied + quarantined) == (250, 250)
    assert 0 < applied < 250
    fault = answer.json()["faults"][0]
    assert (fault["where"], fault["code"]) == (f"regel {applied + 2}, kolom organisatie", "too_many_contacts")
    kind, subject, data = (await published(worker))[-1]
    assert (kind, subject, len(data["contacts"])) == ("contact-recorded", "99MA", applied + 1)


async def test_a_region_coordinator_keeps_the_own_region_only(client, web):
    text = "code;soort;naam;regio\n99AA00;vo;De Zilverlinde;19\n99AB00;vo;Wilgenstroom;20\n"
    answer = await post_file(client, web, "organisation", text, COORDINATOR)
    assert counts(answer) == [2, 1, 0, 0, 1]
    assert answer.json()["faults"][0]["code"] == "other_region"
    assert (await post_file(client, web, "organisation", text, MENTOR)).status_code == 403


async def test_a_file_that_can_not_be_read_is_refused_as_a_whole(client, web):
    answer = await post_file(client, web, "organisation", "code;naam\n19;Utrecht\n")
    assert answer.status_code == 400
    assert {error["where"] for error in answer.json()["errors"]}


async def test_a_transition_shows_custody_actions_and_signals_to_its_custodian(client, web, pupil):
    answer = await client.get(f"{API}/pupils/{ref(1)}/transitions", headers=bearer(web, MENTOR))
    (transition,) = answer.json()["items"]
    assert transition["custody"][0]["organisation"] == SITE
    assert transition["next_action"] in {a["action_id"] for a in transition["actions"] if a["open"]}
    signals = {r["rule"]: r["severity"] for r in transition["risks"]}
    assert signals == {"no-application": "risk", "dossier-incomplete": "warning"}
    assert "Made" not in answer.text


async def test_an_officer_closes_the_action_and_no_longer_sees_the_pupil(client, web, worker, pupil):
    (transition,) = (await client.get(f"{API}/pupils/{ref(1)}/transitions", headers=bearer(web, OFFICER))).json()[
        "items"
    ]
    talk = next(a for a in transition["actions"] if a["organisation"] == MUNICIPALITY)
    path = f"{API}/actions/{talk['action_id']}/completion"
    wrong = await client.post(path, json={"reason": "because", "note": "x"}, headers=bearer(web, OFFICER))
    assert wrong.status_code == 400
    assert len(wrong.json()["errors"]) == 2
    assert (await client.post(path, json={"reason": "spoken"}, headers=bearer(web, INTAKE))).status_code == 404
    assert (await client.post(path, json={"reason": "spoken"}, headers=bearer(web, OFFICER))).status_code == 202
    done = [data for kind, _, data in await published(worker) if kind == "action-done"]
    assert [data["action_id"] for data in done] == [talk["action_id"]]
    assert (await client.get(f"{API}/pupils/{ref(1)}/transitions", headers=bearer(web, OFFICER))).status_code == 404


async def test_an_action_that_is_closed_can_not_be_closed_again(client, web, pupil):
    (transition,) = (await client.get(f"{API}/pupils/{ref(1)}/transitions", headers=bearer(web, MENTOR))).json()[
        "items"
    ]
    mine = next(a for a in transition["actions"] if a["organisation"] == SITE)
    path = f"{API}/actions/{mine['action_id']}/completion"
    assert (await client.post(path, json={"reason": "done"}, headers=bearer(web, MENTOR))).status_code == 202
    assert (await client.post(path, json={"reason": "done"}, headers=bearer(web, MENTOR))).status_code == 409


async def test_an_action_that_is_closed_and_still_asked_for_keeps_its_step_and_its_date(client, web, pupil):
    async def mine() -> dict[str, Any]:
        answer = await client.get(f"{API}/pupils/{ref(1)}/transitions", headers=bearer(web, MENTOR))
        found = (a for a in answer.json()["items"][0]["actions"] if a["open"] and a["kind"] == "register-application")
        return next(found)

    before = await mine()
    path = f"{API}/actions/{before['action_id']}/completion"
    assert (await client.post(path, json={"reason": "not-reached"}, headers=bearer(web, MENTOR))).status_code == 202
    after = await mine()
    same = ("organisation", "role", "contact", "deputy", "due_at", "window_until", "step", "severity", "opened_at")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert (after["number"] > before["number"], before["step"]) == (True, 1)


async def test_the_list_shows_what_is_mine_most_urgent_first(client, web, pupil):
    mine = await page(client, web, "/", OFFICER)
    assert "Made Up" in mine
    assert "Praat met de leerling over de aanmelding" in mine
    nothing = await page(client, web, "/", INTAKE)
    assert "Made Up" not in nothing
    assert "Er staat nog niets in deze lijst." in nothing


async def test_the_list_is_grouped_filtered_searched_and_taken_along_as_a_file(client, web, pupil):
    await page(client, web, "/?view=all&term=later", OFFICER)
    found = await client.post("/coordination/?view=all", data={"q": "made"})
    assert (found.status_code, "Made Up" in found.text) == (200, True)
    file = await client.post("/coordination/export?view=all")
    assert file.headers["content-type"] == "text/csv; charset=utf-8"
    assert "Made Up;2027;Praat met de leerling over de aanmelding;" in file.content.decode("utf-8-sig").replace('"', "")


async def test_the_page_of_a_pupil_tells_the_facts_in_plain_words(client, web, pupil):
    shown = await page(client, web, f"/pupils/{ref(1)}", OFFICER)
    signal = "Geen aanmelding voor het mbo"
    for text in (signal, "1 april 2027", "De Zilverlinde", "Joris Vos", "Sanne Kok", "Sluit deze actie"):
        assert text in shown, text
    await page(client, web, f"/pupils/{ref(1)}", INTAKE, 404)


async def test_closing_on_the_page_goes_back_to_the_list(client, web, pupil):
    shown = await page(client, web, f"/pupils/{ref(1)}", OFFICER)
    path = shown.split('action="/coordination/actions/')[1].split('"')[0]
    answer = await client.post(
        f"/coordination/actions/{path}", data={"reason": "spoken"}, headers={"origin": "http://127.0.0.1:8400"}
    )
    assert (answer.status_code, answer.headers["location"]) == (303, "/coordination/")
    assert "De actie is gesloten" in (await client.get("/coordination/")).text


async def test_the_municipality_of_an_organisation_comes_with_its_file_and_stays_when_a_file_has_no_such_column(
    client, web, worker, region
):
    head, row = "code;soort;naam;regio", "99MA;mbo;ROC Kromme Linde;19"
    files = [f"{head};gemeente\n{row};0344\n", f"{head}\n{row}\n", f"{head};gemeente\n{row};\n"]
    seen = []
    for text in files:
        assert (await post_file(client, web, "organisation", text)).status_code == 200
        told = [data for kind, subject, data in await published(worker) if (kind, subject) == ("contact-recorded", MBO)]
        seen.append(told[-1].get("municipality"))
    assert seen == ["0344", "0344", None]
    unknown = await post_file(client, web, "organisation", f"{head};gemeente\n{row};0001\n")
    assert counts(unknown) == [1, 0, 0, 0, 1]
    assert (len(told[-1]["contacts"]), told[-1]["region"]) == (1, "19"), "its contacts stay"


async def test_contacts_of_the_own_organisation(client, web, region):
    shown = await page(client, web, "/contacts", MENTOR)
    assert "Fenna Huisman" in shown
    assert "Noor Bos" not in shown
    assert "/coordination/import" not in shown
    assert "/coordination/import" in await page(client, web, "/contacts", COORDINATOR)


async def test_who_hears_a_signal_first_dismisses_it_with_a_reason_and_nobody_else_does(client, web, worker, pupil):
    found = await client.get(f"{API}/pupils/{ref(1)}/transitions", headers=bearer(web, MENTOR))
    (transition,) = found.json()["items"]
    signal = next(r for r in transition["risks"] if r["rule"] == "no-application")
    path = f"{API}/signals/{signal['risk_id']}/dismissals"
    reason = {"reason": "facts-wrong"}
    assert (await client.post(path, json={"reason": "because"}, headers=bearer(web, OFFICER))).status_code == 400
    assert (await client.post(path, json=reason, headers=bearer(web, MENTOR))).status_code == 403
    assert (await client.post(path, json=reason, headers=bearer(web, INTAKE))).status_code == 404
    shown = await page(client, web, f"/pupils/{ref(1)}", OFFICER)
    assert "Wijs dit signaal af" in shown
    assert (await client.post(path, json=reason, headers=bearer(web, OFFICER))).status_code == 202
    cleared = [data for kind, _, data in await published(worker) if kind == "student-at-risk-cleared"]
    assert [(data["rule"], data["cleared_reason"]) for data in cleared] == [("no-application", "facts-wrong")]
