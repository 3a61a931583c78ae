"""The story of one pupil across organisations, and who may read which part of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.core.actor import Actor, Role
from shared.messaging.outbox import Transport
from shared.schemas.vocabulary import codes
from shared.service import Service
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import (
    API,
    INTAKE,
    MENTOR,
    OFFICER,
    OPERATOR,
    bearer,
    page,
    post_file,
)
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, MBO, OTHER_MBO, OTHER_SITE, day, ref

STRANGER = Actor(OTHER_SITE, Role.DECAAN, "stranger")
RIVAL = Actor(OTHER_MBO, Role.INTAKE_COORDINATOR, "rival")


@pytest.fixture
async def year(client: Any, web: Transport, worker: Transport, service: Service) -> None:
    """A pupil who applied at two institutions; the dossier was offered to one, which did not answer in time."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text, OPERATOR)).status_code == 200
    await tell(
        worker, service, made.recorded(), made.expected(sequence=2, mentor=MENTOR.person_ref), made.chosen(sequence=3)
    )
    await run_until(worker, service, day(2, 5))
    await tell(
        worker,
        service,
        made.applied(at=day(2, 6), sequence=1),
        made.applied(key="a2", mbo=OTHER_MBO, at=day(2, 8), sequence=2),
        made.handover(sequence=4, at=day(2, 10), offered=day(2, 10)),
    )
    await run_until(worker, service, day(4, 10))
    web.settings.clock.instant = day(4, 10) + timedelta(hours=1)


async def told(client: Any, web: Transport, who: Actor, query: str = "") -> Sequence[dict[str, Any]]:
    answer = await client.get(f"{API}/pupils/{ref(1)}/timeline{query}", headers=bearer(web, who))
    assert answer.status_code == 200, answer.text
    (one,) = answer.json()["items"]
    assert (one["pupil_ref"], one["cohort"]) == (ref(1), COHORT)
    return list(one["happenings"])


async def test_it_tells_in_order_what_others_told_and_what_followed(client: Any, web: Transport, year: None):
    found = await told(client, web, MENTOR)
    assert [h["at"] for h in found] == sorted(h["at"] for h in found)
    what = [h["what"] for h in found]
    for earlier, later in (
        ("pupil-expected", "student-at-risk"),
        ("transition-opened", "application-sent"),
        ("student-at-risk", "student-at-risk-cleared"),
        ("application-sent", "handover-offered"),
        ("handover-offered", "action-overdue"),
    ):
        assert what.index(earlier) < what.index(later)
    signal = next(h for h in found if h["what"] == "student-at-risk")
    assert {fact["fact"] for fact in signal["evidence"]} >= {"application-date", "live-applications"}
    asked = next(h for h in found if h["what"] == "action-asked")
    assert {detail["name"] for detail in asked["details"]} == {"action", "due_at"}


async def test_an_action_of_which_only_the_place_in_the_row_changed_is_told_once(
    client: Any, web: Transport, year: None
):
    seen = [
        (h["what"], h["at"], tuple(d["value"] for d in h["details"]), h["who"]["organisation"])
        for h in await told(client, web, MENTOR, "?kind=action")
    ]
    assert len(seen) == len(set(seen))


async def test_a_kind_can_be_asked_for_alone(client: Any, web: Transport, year: None):
    assert {h["kind"] for h in await told(client, web, MENTOR, "?kind=handover&kind=custody")} == {
        "handover",
        "custody",
    }


async def test_an_institution_with_something_to_do_does_not_read_where_else_the_pupil_applied(
    client: Any, web: Transport, year: None
):
    everything, part = await told(client, web, MENTOR), await told(client, web, INTAKE)
    assert {h["by"] for h in everything if h["what"] == "application-sent"} == {MBO, OTHER_MBO}
    assert {h["by"] for h in part if h["what"] == "application-sent"} == {MBO}
    assert "pupil-expected" not in {h["what"] for h in part}
    assert {"custody-changed", "handover-offered"} <= {h["what"] for h in part}


async def test_whoever_has_nothing_to_do_with_the_pupil_finds_nothing(client: Any, web: Transport, year: None):
    for who in (STRANGER, OFFICER):
        answer = await client.get(f"{API}/pupils/{ref(1)}/timeline", headers=bearer(web, who))
        assert answer.status_code == 404
        await page(client, web, f"/pupils/{ref(1)}/timeline", who, 404)


async def test_the_history_is_read_through_a_door_that_asks_who_sees_the_pupil(
    web: Transport, worker: Transport, year: None
):
    async with web.db.as_actor(STRANGER) as conn:
        assert await conn.fetch("SELECT * FROM told_of($1)", ref(1)) == []
    async with web.db.as_actor(MENTOR) as conn:
        assert await conn.fetchval("SELECT count(*) FROM told_of($1)", ref(1)) > 5


async def test_nobody_reads_what_is_closed_and_all_of_it_is_there_when_it_goes_on(
    client: Any, web: Transport, worker: Transport, service: Service, year: None
):
    before = len(await told(client, web, MENTOR))
    gone = [
        made.applied(status="withdrawn", at=day(4, 11), sequence=5),
        made.applied(key="a2", mbo=OTHER_MBO, status="withdrawn", at=day(4, 11), sequence=6),
        made.elsewhere(status="confirmed", at=day(4, 11), sequence=7),
    ]
    await tell(worker, service, *gone)
    await run_until(worker, service, day(4, 12))
    answer = await client.get(f"{API}/pupils/{ref(1)}/timeline", headers=bearer(web, MENTOR))
    assert answer.status_code == 404
    await tell(worker, service, made.elsewhere(status="withdrawn", at=day(4, 13), sequence=8))
    await run_until(worker, service, day(4, 14))
    again = await told(client, web, MENTOR)
    assert len(again) > before
    assert {"transition-closed", "transition-reopened"} <= {h["what"] for h in again}


async def test_the_page_says_it_in_dutch_with_names_and_filters(client: Any, web: Transport, year: None):
    text = await page(client, web, f"/pupils/{ref(1)}/timeline", MENTOR)
    assert "De Zilverlinde verwacht dat deze leerling naar het mbo gaat" in text
    assert "Vanaf nu verantwoordelijk: Joris Vos, mentor, De Zilverlinde" in text
    assert "biedt het dossier aan bij ROC Kromme Linde" in text
    assert "Signaal: Geen aanmelding voor het mbo" in text
    assert "%(" not in text
    assert codes.SITUATIONS.codes["expected"] in text
    assert text.index("Niet op tijd gedaan") < text.index("De overstap is begonnen"), "the newest first"
    oldest = await page(client, web, f"/pupils/{ref(1)}/timeline?order=old&kind=custody", MENTOR)
    assert "De overstap is begonnen" in oldest
    assert "Signaal: " not in oldest


async def test_of_two_references_that_are_one_child_there_is_one_story(
    client: Any, web: Transport, worker: Transport, service: Service, year: None
):
    await tell(worker, service, made.expected(2, sequence=2), made.linked(1, 2, sequence=9))
    answer = await client.get(f"{API}/pupils/{ref(2)}/timeline", headers=bearer(web, MENTOR))
    assert answer.json()["items"][0]["happenings"] == await told(client, web, MENTOR)
