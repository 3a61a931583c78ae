"""The pages of agreements: what each version says, what differs, and adopting one after it was looked at."""

from typing import Any

import httpx
import pytest

from services.coordination import agreement
from shared.messaging.outbox import Transport
from shared.service import Service
from shared.web.pages import FLASH_COOKIE
from tests.integration.coordination.custody.test_agreements import EARLIER
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import COORDINATOR, MENTOR, OFFICER, page, post_file, signed_in
from tests.unit.coordination import made
from tests.unit.coordination.made import day, ref

DEFAULT = agreement.load().version
UTRECHT = (agreement.FOLDER / "examples" / "utrecht.yaml").read_text()
RURAL = (agreement.FOLDER / "examples" / "rural.yaml").read_text()
HOME = "/agreements"


@pytest.fixture(autouse=True)
async def region(client: httpx.AsyncClient, web: Transport) -> None:
    """The organisations of a region and who works there."""
    await post_file(client, web, "organisation", ORGANISATIONS)
    await post_file(client, web, "contact", CONTACTS)


async def sent(
    client: httpx.AsyncClient, web: Transport, path: str, data: dict[str, str], who: Any = COORDINATOR
) -> Any:
    """A form, handed in; as the browser of somebody does it."""
    client.cookies.clear()
    client.cookies.update(signed_in(web, who))
    headers = {"origin": "http://127.0.0.1:8400", "sec-fetch-site": "same-origin"}
    return await client.post(f"/coordination{path}", data=data, headers=headers)


def adopting(text: str) -> dict[str, str]:
    """The form of a text that was looked at, with the button that adopts it."""
    return {"text": text, "checked": agreement.digest(text), "do": "adopt"}


async def test_a_text_is_looked_at_before_it_is_adopted(client: httpx.AsyncClient, web: Transport, admin: Any) -> None:
    answer = await sent(client, web, f"{HOME}/new", {"text": UTRECHT, "do": "check"})
    assert answer.status_code == 200, answer.text
    assert "region-19-2027.1 kan worden vastgesteld" in answer.text
    assert "Vanaf 15 januari: melding voor de mentor." in answer.text
    assert await admin.fetchval("SELECT count(*) FROM agreement") == 0
    answer = await sent(client, web, f"{HOME}/new", adopting(UTRECHT) | {"text": UTRECHT.replace("\n", "\r\n")})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/coordination{HOME}/region-19-2027.1")
    assert await admin.fetchval("SELECT digest FROM agreement") == agreement.digest(UTRECHT), "as the command adopts it"


MISSPELT = f"Regel {UTRECHT.splitlines().index('small_number: 5') + 1}, small_numbr"
LINES = UTRECHT.splitlines()
DAY = LINES.index("valid_from: 2027-08-01")
WRONG = {
    MISSPELT: UTRECHT.replace("small_number: 5", "small_numbr: 5"),
    "2027-04-02 of later: niet voor vandaag": EARLIER.replace("2027-04-02", "2027-04-01"),
    "Regel 5, valid_from": EARLIER.replace("2027-04-02", "2027-04-01"),
    "Verwacht: een veld dat bestaat; misschien small_number; gevonden: small_numbr.": UTRECHT.replace(
        "small_number: 5", "small_numbr: 5"
    ),
    "Verwacht: een van: intake_coordinator, intaker, slber, care_coordinator; gevonden: team_leader.": UTRECHT
    + "custody: {situations: {started: {deputy: team_leader}}}\n",
    "wie er dienst heeft in de week van 2028-07-17 (vakantie &#39;summer&#39;)": UTRECHT.replace(
        "  2028-07-17:", "  2028-07-18:"
    ),
    "Dit is geen code van een regio.": UTRECHT.replace('region: "19"', 'region: "77"'),
    f"Regel {DAY + 1}, valid_from": "\n".join([*LINES[:DAY], "valid_from: 2027-13-45", *LINES[DAY + 1 :]]),
    "Verwacht: een dag als JJJJ-MM-DD; gevonden: 2027-13-45.": UTRECHT.replace("2027-08-01", "2027-13-45"),
    "U stelt alleen afspraken van uw eigen regio vast. Verwacht: de code van uw eigen regio: 19; gevonden: 01.": RURAL,
    "Kies een bestand": "",
}
"""What is told → of which text."""


@pytest.mark.parametrize("do", ["check", "adopt"])
async def test_every_fault_is_shown_with_its_line_and_the_text_stays(
    client: httpx.AsyncClient, web: Transport, admin: Any, do: str
) -> None:
    for told, text in WRONG.items():
        answer = await sent(client, web, f"{HOME}/new", {"text": text, "do": do})
        assert answer.status_code == 422
        assert told in answer.text
        assert not text or "based_on: default-2026.1" in answer.text
    assert await admin.fetchval("SELECT count(*) FROM agreement") == 0


async def test_who_reads_sees_what_holds_now_and_what_comes(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service
) -> None:
    await tell(worker, service, made.expected())
    await sent(client, web, f"{HOME}/new", adopting(UTRECHT))
    for who in (MENTOR, OFFICER, COORDINATOR):
        shown = await page(client, web, HOME, who)
        assert shown.index("region-19-2027.1") < shown.index("Later") < shown.index(DEFAULT) < shown.index("Geldt nu")
        assert ("Een afspraak vaststellen" in shown) == (who is COORDINATOR)
    shown = await page(client, web, f"{HOME}/region-19-2027.1", MENTOR)
    assert "Vanaf 15 januari: melding voor de mentor." in shown
    assert "Week van 7 augustus 2028" in shown
    assert "Zet deze over" not in shown
    shown = await page(client, web, f"{HOME}/region-19-2027.1/differences?than={DEFAULT}", MENTOR)
    assert "De volgende hoort het 2 schooldagen na de termijn." in shown
    assert "Een opleiding kiezen" not in shown, "the same in both"
    await page(client, web, f"{HOME}/unknown", MENTOR, 404)
    await page(client, web, f"{HOME}/new", MENTOR, 403)


async def test_open_transitions_are_taken_over_from_the_page(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, admin: Any
) -> None:
    await tell(worker, service, made.expected(1), made.expected(2))
    await sent(client, web, f"{HOME}/new", adopting(UTRECHT))
    shown = await page(client, web, f"{HOME}/region-19-2027.1", COORDINATOR)
    assert f"2 open overstappen staan op {DEFAULT}." in shown
    where, form = f"{HOME}/region-19-2027.1/transitions", {"from_version": DEFAULT}
    assert (await sent(client, web, where, form, MENTOR)).status_code == 403
    answer = await sent(client, web, where, form)
    assert (answer.status_code, FLASH_COOKIE in answer.headers["set-cookie"]) == (303, True)
    await run_until(worker, service, day(4, 3))
    rows = await admin.fetch("SELECT pupil_ref, agreement FROM transition WHERE open")
    assert {row["pupil_ref"]: row["agreement"] for row in rows} == dict.fromkeys((ref(1), ref(2)), "region-19-2027.1")


async def test_what_was_changed_after_it_was_looked_at_is_looked_at_again(
    client: httpx.AsyncClient, web: Transport, admin: Any
) -> None:
    changed = adopting(UTRECHT) | {"text": UTRECHT.replace("2027-08-02: {", "2027-08-02: { ")}
    answer = await sent(client, web, f"{HOME}/new", changed)
    assert "region-19-2027.1 kan worden vastgesteld" in answer.text
    assert await admin.fetchval("SELECT count(*) FROM agreement") == 0


async def test_the_same_text_twice_is_adopted_once(client: httpx.AsyncClient, web: Transport, admin: Any) -> None:
    for _ in range(2):
        answer = await sent(client, web, f"{HOME}/new", adopting(UTRECHT))
        assert answer.status_code == 303
    assert await admin.fetchval("SELECT count(*) FROM agreement") == 1
