"""Somebody's absence on the page of that person: told, changed, taken back, and heard by who stands in."""

from html import unescape

import pytest

from tests.integration.coordination.contacts.conftest import LIST
from tests.integration.coordination.contacts.test_pages import DECAAN, SHOWN
from tests.integration.coordination.steps import run_until, tell
from tests.integration.coordination.test_doors import INTAKE, MENTOR, page
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import SITE, day

WHO = f"{LIST}/people/{MENTOR.person_ref}"


@pytest.fixture
async def pupil(region, worker, service):
    """A pupil of the mentor, with the decaan behind her."""
    await tell(worker, service, made.recorded(), made.expected(sequence=2, mentor=MENTOR.person_ref, deputy=None))
    await run_until(worker, service, day(4, 2))


async def test_an_absence_goes_to_who_stands_in_and_comes_back_with_undo(client, web, worker, send, pupil):
    answer = await send(DECAAN, f"{WHO}/absences", {"version": "2", "since": "2027-04-02", "until": "2027-04-09"})
    assert answer.status_code == 303, answer.text
    after = unescape((await client.get(answer.headers["location"])).text)
    assert "Terug op 9 april 2027" in after
    assert f'action="{WHO}/absences/withdrawn"' in after
    assert "Ongedaan maken" in after
    taken_back = await send(DECAAN, f"{WHO}/absences/withdrawn", {"version": "3", "since": "2027-04-02"})
    assert taken_back.status_code == 303, taken_back.text
    told = [data["holder"]["contact"] for kind, _, data in await published(worker) if kind == "custody-changed"]
    assert told == [MENTOR.person_ref, DECAAN.person_ref, MENTOR.person_ref]


async def test_until_when_somebody_is_away_is_told_inside_only(client, web, send, region):
    fields = {"version": "2", "since": "2027-04-01", "until": "2027-04-09"}
    assert (await send(DECAAN, f"{WHO}/absences", fields)).status_code == 303
    inside, outside = [unescape(await page(client, web, f"{SHOWN}/{SITE}", who)) for who in (MENTOR, INTAKE)]
    assert "Afwezig" in outside
    assert "9 april 2027" in inside
    assert "9 april 2027" not in outside


async def test_the_end_of_a_known_absence_is_changed_by_its_first_day(client, web, worker, send, region):
    await send(DECAAN, f"{WHO}/absences", {"version": "2", "since": "2027-04-05", "until": ""})
    await send(DECAAN, f"{WHO}/absences", {"version": "3", "since": "2027-04-05", "until": "2027-04-20"})
    data = (await published(worker))[-1][2]
    mentor = next(c for c in data["contacts"] if c["role"] == "mentor")
    assert mentor["away"] == [{"since": "2027-04-05", "until": "2027-04-20"}]


async def test_wrong_days_and_an_old_list_show_the_page_again(client, web, send, region):
    wrong = await send(DECAAN, f"{WHO}/absences", {"version": "2", "since": "2027-04-09", "until": "2027-04-05"})
    assert wrong.status_code == 422
    assert 'href="#until"' in wrong.text
    assert 'value="2027-04-05"' in wrong.text
    old = await send(DECAAN, f"{WHO}/absences", {"version": "1", "since": "2027-04-09", "until": ""})
    assert old.status_code == 422
    assert "Controleer het en bewaar opnieuw" in old.text
    assert "Bewaar de afwezigheid" not in await page(client, web, f"{SHOWN}/{SITE}/people/{MENTOR.person_ref}", MENTOR)
    assert (await send(MENTOR, f"{WHO}/absences", {"version": "2", "since": "2027-04-09"})).status_code == 403
