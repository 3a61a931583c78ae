"""How a region adopts an agreement, and which transitions go by it."""

from datetime import date
from typing import Any

import httpx
import pytest

from services.coordination import agreement
from services.coordination.domain.world import deadlines
from services.coordination.handlers.world import world
from shared.core.ids import opaque_ref
from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import API, COORDINATOR, MENTOR, OPERATOR, bearer, post_file
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, REGION, day, ref

DEFAULT = agreement.load().version
OPENED = ("transition-opened", ref(1))
EARLIER = """
version: region-19-a
based_on: default-2026.1
region: "19"
valid_from: 2027-04-02
source: made up
rules:
  no-application:
    stages:
      - {day: "01-10", severity: risk, route: [decaan]}
"""


@pytest.fixture(autouse=True)
async def region(client: httpx.AsyncClient, web: Transport) -> None:
    """The organisations of a region and who works there."""
    await post_file(client, web, "organisation", ORGANISATIONS)
    await post_file(client, web, "contact", CONTACTS)


async def adopt(client: httpx.AsyncClient, web: Transport, text: str = EARLIER, who: Any = COORDINATOR) -> Any:
    headers = bearer(web, who) | {"content-type": "application/yaml"}
    return await client.post(f"{API}/agreements", content=text.encode(), headers=headers)


async def listed(client: httpx.AsyncClient, web: Transport) -> dict[str, int]:
    """Version → open transitions that stay on it."""
    answer = await client.get(f"{API}/agreements", headers=bearer(web, MENTOR))
    return {one["version"]: one["transitions"] for one in answer.json()["items"]}


async def opened_on(admin: Any) -> dict[str, str]:
    rows = await admin.fetch("SELECT pupil_ref, agreement FROM transition WHERE open")
    return {row["pupil_ref"]: row["agreement"] for row in rows}


async def test_who_opens_later_goes_by_the_new_version_and_who_was_open_stays(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, admin: Any
) -> None:
    await tell(worker, service, made.expected())
    answer = await adopt(client, web)
    assert (answer.status_code, answer.json()) == (202, {"version": "region-19-a"})
    await tell(worker, service, made.expected(2, at=day(4, 3)))
    assert await opened_on(admin) == {ref(1): DEFAULT, ref(2): "region-19-a"}
    assert await listed(client, web) == {"region-19-a": 1, DEFAULT: 1}


async def test_an_adoption_is_told_once_with_what_is_on_and_the_fingerprint_of_the_text(
    client: httpx.AsyncClient, web: Transport, worker: Transport
) -> None:
    for _ in "twice":
        assert (await adopt(client, web)).status_code == 202
    told = [(subject, data) for kind, subject, data in await published(worker) if kind == "agreement-adopted"]
    assert len(told) == 1
    subject, data = told[0]
    assert (subject, data["version"], data["previous"]) == (REGION, "region-19-a", None)
    assert data["digest"] == agreement.digest(EARLIER)
    assert {"no-application", "last-path-lost"} <= set(data["rules"])
    assert data["norms"][0]["day"] == "04-01", "the statutory application date, written out"


async def test_its_norms_are_told_apart_once_under_a_subject_of_their_own(
    client: httpx.AsyncClient, web: Transport, worker: Transport
) -> None:
    for _ in "twice":
        await adopt(client, web)
    ((subject, data),) = [(subject, data) for kind, subject, data in await published(worker) if kind == "norms-agreed"]
    assert (subject, data["region"], data["agreement_version"]) == ("norms-19", REGION, "region-19-a")
    assert (data["valid_from"], data["norms"][0]["day"]) == ("2027-04-02", None)


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("due_hour", "hour: 16\ndue_hour"), 202, ""),
        (('region: "19"', 'region: "99"'), 400, "from 01 to 40"),
        (("2027-04-02", "2027-04-01"), 400, "2027-04-02 or later"),
        (("region-19-a", DEFAULT), 400, "shipped with the software"),
        (("source: made up", "sauce: made up"), 400, "perhaps source"),
        (("{day:", "{[day:"), 400, "valid YAML"),
    ],
    ids=["unchanged", "no region", "in the past", "name of a default", "misspelt", "no yaml"],
)
async def test_what_keeps_an_agreement_from_being_adopted_is_said(
    client: httpx.AsyncClient, web: Transport, change: tuple[str, str], code: int, said: str
) -> None:
    answer = await adopt(client, web, EARLIER.replace(*change))
    assert answer.status_code == code, answer.text
    assert said in answer.text


async def test_a_version_never_changes_under_its_name(client: httpx.AsyncClient, web: Transport) -> None:
    await adopt(client, web)
    answer = await adopt(client, web, EARLIER + "due_hour: 12\n")
    assert answer.status_code == 400
    assert "a version never changes" in answer.text


@pytest.mark.parametrize("who", [MENTOR, None], ids=["mentor", "coordinator elsewhere"])
async def test_only_the_coordinator_of_the_region_and_the_operator_adopt(
    client: httpx.AsyncClient, web: Transport, admin: Any, who: Any
) -> None:
    stranger = who or type(COORDINATOR)("20", COORDINATOR.role, "somebody")
    assert (await adopt(client, web, who=stranger)).status_code == 403
    assert await admin.fetchval("SELECT count(*) FROM agreement") == 0
    assert (await adopt(client, web, who=OPERATOR)).status_code == 202


async def test_open_transitions_go_on_under_another_version_only_when_people_say_so(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, admin: Any
) -> None:
    await tell(worker, service, made.expected(1), made.recorded(1), made.expected(2))
    await run_until(worker, service, day(2, 20))
    assert await admin.fetchval("SELECT count(*) FROM risk WHERE rule = 'no-application' AND severity = 'notice'") == 2
    await adopt(client, web)
    body = {"region": REGION, "from_version": DEFAULT}
    answer = await client.post(f"{API}/agreements/region-19-a/transitions", json=body, headers=bearer(web, COORDINATOR))
    assert (answer.status_code, answer.json()) == (202, {"transitions": 2})
    await run_until(worker, service, day(4, 3))
    assert await opened_on(admin) == {ref(1): "region-19-a", ref(2): "region-19-a"}
    fired = await admin.fetch("SELECT DISTINCT severity, agreement FROM risk WHERE rule = 'no-application'")
    assert [tuple(row) for row in fired] == [("risk", "region-19-a")], "the new version looked anew"
    told = [data["agreement_version"] for kind, subject, data in await published(worker) if (kind, subject) == OPENED]
    assert told == [DEFAULT, "region-19-a"]
    assert await admin.fetchval("SELECT count(*) FROM transition WHERE open AND next_action IS NULL") == 0


async def test_a_version_that_asks_the_same_leaves_every_action_as_it_was(
    client: httpx.AsyncClient, web: Transport, worker: Transport, service: Service, admin: Any
) -> None:
    await tell(worker, service, made.expected(1), made.recorded(1), made.applied(1))
    before = await admin.fetch("SELECT * FROM action ORDER BY number")
    await adopt(client, web, EARLIER.partition("rules:")[0])
    body = {"region": REGION, "from_version": DEFAULT}
    await client.post(f"{API}/agreements/region-19-a/transitions", json=body, headers=bearer(web, COORDINATOR))
    await run_until(worker, service, day(4, 2))
    assert await opened_on(admin) == {ref(1): "region-19-a"}
    after = await admin.fetch("SELECT * FROM action ORDER BY number")
    assert after[: len(before)] == before, "what came with time comes after"


async def test_transitions_move_between_versions_of_their_own_region_only(
    client: httpx.AsyncClient, web: Transport
) -> None:
    await adopt(client, web)
    for version, region, expected in (("unknown", REGION, 400), ("region-19-a", "20", 403), (DEFAULT, REGION, 400)):
        answer = await moved(client, web, DEFAULT, version, region)
        assert answer.status_code == expected, answer.text


async def moved(client: httpx.AsyncClient, web: Transport, old: str, new: str, region: str = REGION) -> Any:
    body = {"region": region, "from_version": old}
    return await client.post(f"{API}/agreements/{new}/transitions", json=body, headers=bearer(web, COORDINATOR))


async def test_who_names_a_version_that_is_not_there_hears_of_both_which_there_are(
    client: httpx.AsyncClient, web: Transport
) -> None:
    await adopt(client, web)
    answer = await moved(client, web, "default-2026", "region-19-b")
    told = [(fault["where"], fault["expected"]) for fault in answer.json()["errors"]]
    which = f"one of: region-19-a, {DEFAULT}"
    assert told == [("/from_version", which), ("version", which)]


@pytest.mark.parametrize(
    ("person", "code"),
    [("doorstroompunt@utrecht.example", 202), ("regio@utrecht.example", 400), ("nobody@utrecht.example", 400)],
    ids=["on the list", "in another role", "on no list"],
)
async def test_who_is_named_on_duty_is_on_the_list_of_contacts_in_that_role(
    client: httpx.AsyncClient, web: Transport, person: str, code: int
) -> None:
    duty = f'{{organisation: "19", role: doorstroompunt, person: {opaque_ref("person", person)}}}'
    answer = await adopt(client, web, EARLIER + f"duty: {{summer: {duty}}}\n")
    assert answer.status_code == code, answer.text
    if code != 202:
        (fault,) = answer.json()["errors"]
        assert fault["where"].endswith("duty/summer/person")
        assert fault["expected"] == "somebody who is on the list of contacts of 19 as doorstroompunt"


async def test_everybody_signed_in_reads_what_was_agreed(client: httpx.AsyncClient, web: Transport) -> None:
    await adopt(client, web)
    answer = await client.get(f"{API}/agreements/region-19-a", headers=bearer(web, MENTOR))
    told = answer.json()
    assert told["rules"]["no-application"]["stages"] == [
        {"severity": "risk", "route": ["decaan"], "day": "01-10", "within_school_days": None}
    ]
    assert told["moments"]["summer"]["monitors"] == "officer", "taken over from the default"
    assert (await client.get(f"{API}/agreements/unknown", headers=bearer(web, MENTOR))).status_code == 404


async def test_holidays_of_a_region_count_from_the_adoption_on_for_everybody_who_acts_there(
    client: httpx.AsyncClient, web: Transport, admin: Any
) -> None:
    harvest = "holidays:\n  - {name: harvest, first: 2027-09-13, last: 2027-09-17, source: made up}\n"
    await adopt(client, web, EARLIER.partition("rules:")[0] + harvest + "duty: {harvest: school}\n")
    around = await world(admin)
    assert around.agreement.version == DEFAULT, "whatever version holds"
    due = [deadlines.within(code, 5, around, day(9, 8)).until.date() for code in (MBO, "20")]
    assert due == [date(2027, 9, 10), date(2027, 9, 15)], "pulled forward before it; elsewhere nothing changes"
