"""Organisations through the real service: who is missing and who is silent, until that is over."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from shared.core.actor import Role
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Event, RecordedBy
from shared.schemas.intakes import ApplicationStatus
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import API, OFFICER, bearer, post_file
from tests.integration.coordination.test_doors import COORDINATOR as COORDINATES
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, MUNICIPALITY, REGION, SITE, day

DECAAN = opaque_ref("person", "decaan@zilverlinde.example")
COORDINATOR = opaque_ref("person", "regio@utrecht.example")
HEADER = CONTACTS.split("\n")[0] + "\n"
WITHOUT_DECAAN = "\n".join(line for line in CONTACTS.split("\n") if ";decaan;" not in line)


def by(event: Event, organisation: str = SITE, role: Role = Role.SCHOOL_SYSTEM) -> Event:
    """The event, recorded by somebody of an organisation."""
    who = RecordedBy(organisation=organisation, role=role)
    return replace(event, data=event.data.model_copy(update={"recorded_by": who}))


@pytest.fixture
async def region(client, web):
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200


@pytest.fixture
async def region_without_decaan(client, web):
    for kind, text in (("organisation", ORGANISATIONS), ("contact", WITHOUT_DECAAN)):
        assert (await post_file(client, web, kind, text)).status_code == 200


async def told(worker) -> list[tuple[str, str, dict]]:
    """What was told of organisations: type, organisation, data."""
    kinds = ("organisation-silent", "task-opened", "task-overdue", "task-done")
    return [one for one in await published(worker) if one[0] in kinds]


async def test_a_role_without_a_present_person_is_asked_of_the_region_until_somebody_is_there(
    region_without_decaan, client, web, worker, service, admin
):
    await tell(worker, service, by(made.recorded(at=day(4, 2))), by(made.expected(sequence=2, at=day(4, 2))))
    await run_until(worker, service, day(4, 2, 9))
    (first,) = await told(worker)
    assert first[:2] == ("task-opened", SITE)
    assert (first[2]["kind"], first[2]["about"]) == ("vacant-role", "decaan")
    assert first[2]["owner"] == {
        "organisation": REGION, "role": "region_coordinator", "contact": COORDINATOR, "deputy": None,
    }  # fmt: skip
    answer = await post_file(client, web, "contact", CONTACTS)
    assert answer.status_code == 200
    await run_until(worker, service, day(4, 2, 10))
    assert [kind for kind, *_ in await told(worker)] == ["task-opened", "task-done"]
    assert await admin.fetchval("SELECT count(*) FROM task WHERE open") == 0


async def test_who_leaves_on_a_day_leaves_the_role_vacant_on_that_day(region, client, web, worker, service):
    await tell(worker, service, by(made.expected(at=day(4, 2))))
    leaves = HEADER.strip() + ";tot\n99AA00;decaan;Fenna Huisman;decaan@zilverlinde.example;;2026-08-01;2027-04-05\n"
    assert (await post_file(client, web, "contact", leaves)).status_code == 200
    await run_until(worker, service, day(4, 4, 23))
    assert await told(worker) == []
    await run_until(worker, service, day(4, 5, 1))
    ((kind, _, task),) = await told(worker)
    assert (kind, task["about"], task["opened_at"]) == ("task-opened", "decaan", utc(day(4, 5, 0)))


def utc(moment: datetime) -> str:
    return moment.astimezone(day(1, 1).tzinfo).isoformat().replace("+00:00", "Z")


async def test_what_nobody_does_escalates_by_its_own_timer(region_without_decaan, worker, service):
    await tell(worker, service, by(made.expected(at=day(4, 2))))
    await run_until(worker, service, day(4, 22))
    assert [kind for kind, *_ in await told(worker)] == ["task-opened", "task-overdue", "task-overdue"]


async def test_an_organisation_that_tells_nothing_is_silent_until_it_speaks(region, worker, service, admin):
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    await run_until(worker, service, day(2, 9, 7))
    assert await told(worker) == []
    await run_until(worker, service, day(2, 9))
    silent, task = await told(worker)
    assert (silent[0], silent[1], silent[2]["status"], silent[2]["allowed_days"]) == (
        "organisation-silent", SITE, "silent", 20,
    )  # fmt: skip
    assert silent[2]["last_heard_at"] == utc(day(1, 11, 8))
    assert silent[2]["coordinator"]["contact"] == task[2]["owner"]["contact"] == DECAAN
    await tell(worker, service, by(made.recorded(sequence=2, at=day(2, 10, 9))))
    await run_until(worker, service, day(2, 10, 9))
    again, done = (await told(worker))[2:]
    assert (again[2]["status"], again[2]["last_heard_at"]) == ("heard", utc(day(2, 10, 9)))
    assert done[0] == "task-done"
    assert done[2]["task_id"] == task[2]["task_id"]
    assert await admin.fetchval("SELECT silent_since FROM partner WHERE organisation = $1", SITE) is None


async def test_once_a_pupil_has_applied_it_is_the_institution_that_tells(region, worker, service):
    await tell(
        worker,
        service,
        by(made.expected(at=day(1, 11))),
        by(made.applied(at=day(1, 12)), MBO),
    )
    await run_until(worker, service, day(2, 9))
    kinds = [(kind, subject) for kind, subject, _ in await told(worker)]
    assert kinds == [("organisation-silent", MBO), ("task-opened", MBO)]


async def test_a_school_that_was_silent_for_long_is_told_so_once_its_pupil_has_nobody_else_to_tell(
    region, worker, service
):
    await tell(worker, service, by(made.expected(at=day(1, 11))), by(made.applied(at=day(1, 12)), MBO))
    gone = day(3, 16, 9)
    await tell(worker, service, by(made.applied(at=gone, sequence=2, status=ApplicationStatus.REJECTED), MBO))
    await run_until(worker, service, gone)
    assert (SITE, "silent") not in [(subject, one.get("status")) for _, subject, one in await told(worker)]
    await run_until(worker, service, gone + timedelta(minutes=2))
    silent = next(one for _, subject, one in await told(worker) if (subject, one.get("status")) == (SITE, "silent"))
    assert silent["occurred_at"] == utc(gone + timedelta(minutes=1))


async def test_the_operator_and_the_pupil_speak_for_no_organisation(region, worker, service, admin):
    await tell(
        worker,
        service,
        by(made.expected(at=day(1, 11)), "overstap", Role.OPERATOR),
        by(made.recorded(sequence=2, at=day(1, 20)), SITE, Role.PUPIL),
    )
    assert await admin.fetchval("SELECT heard_at FROM partner WHERE organisation = $1", SITE) is None


async def test_messages_of_one_hour_write_the_organisation_once(region, worker, service, admin):
    await tell(worker, service, by(made.expected(at=day(1, 11))))
    before = await admin.fetchval("SELECT xmin::text FROM partner WHERE organisation = $1", SITE)
    await tell(worker, service, by(made.recorded(sequence=2, at=day(1, 11).replace(minute=40))))
    assert await admin.fetchval("SELECT xmin::text FROM partner WHERE organisation = $1", SITE) == before


async def test_every_order_of_the_same_messages_ends_the_same(region, worker, service, admin):
    messages = [
        by(made.expected(at=day(1, 11))),
        by(made.recorded(sequence=2, at=day(1, 15))),
        by(made.chosen(sequence=3, at=day(1, 13))),
    ]
    await tell(worker, service, *reversed(messages), *messages)
    row = await admin.fetchrow("SELECT heard_at FROM partner WHERE organisation = $1", SITE)
    assert row["heard_at"] == day(1, 15)


async def test_leerplicht_of_the_residence_must_be_there_too(client, web, worker, service):
    nobody = "\n".join(line for line in CONTACTS.split("\n") if not line.startswith(MUNICIPALITY))
    for kind, text in (("organisation", ORGANISATIONS), ("contact", nobody)):
        await post_file(client, web, kind, text)
    await tell(worker, service, by(made.expected(at=day(4, 2))), by(made.recorded(sequence=2, at=day(4, 2))))
    await run_until(worker, service, day(4, 2, 9))
    assert [(subject, data["about"]) for _, subject, data in await told(worker)] == [(MUNICIPALITY, "leerplicht")]


DUTY = """
version: region-19-duty
based_on: default-2026.1
region: "19"
valid_from: 2027-04-02
source: made up
duty: {summer: {organisation: "0344", role: leerplicht}}
"""


async def test_who_takes_a_pupil_on_and_had_none_before_is_looked_at_at_once(
    region, client, web, worker, service, admin
):
    yaml = bearer(web, COORDINATES) | {"content-type": "application/yaml"}
    assert (await client.post(f"{API}/agreements", content=DUTY, headers=yaml)).status_code == 202
    who = made.recorded(sequence=2, at=day(4, 3), municipality="0363")
    await tell(worker, service, by(made.expected(at=day(4, 3))), by(who))
    await run_until(worker, service, day(7, 20))
    assert not await admin.fetchval("SELECT count(*) FROM partner WHERE organisation = $1", MUNICIPALITY)
    (offer,) = (await client.get(f"{API}/custody-offers", headers=bearer(web, OFFICER))).json()["items"]
    door = f"{API}/custody-offers/{offer['offer_id']}/acceptance"
    assert (await client.post(door, headers=bearer(web, OFFICER))).status_code == 202
    assert await admin.fetchval("SELECT organisation FROM custody ORDER BY n DESC LIMIT 1") == MUNICIPALITY
    assert await admin.fetchval("SELECT count(*) FROM partner WHERE organisation = $1", MUNICIPALITY) == 1
    assert await admin.fetchval("SELECT subject FROM timer WHERE kind = 'organisation-now'") == MUNICIPALITY


async def test_a_school_that_told_of_nobody_for_long_and_gets_a_pupil_again_is_waited_for(
    region, worker, service, admin
):
    await tell(worker, service, by(made.expected(at=day(1, 11))), by(made.applied(at=day(1, 12)), MBO))
    await run_until(worker, service, day(3, 1))
    assert not await admin.fetchval("SELECT awaited FROM partner WHERE organisation = $1", SITE)
    await tell(worker, service, by(made.expected(2, at=day(3, 2))))
    await run_until(worker, service, day(3, 3))
    assert await admin.fetchval("SELECT awaited FROM partner WHERE organisation = $1", SITE)
    assert await admin.fetchval("SELECT count(*) FROM timer WHERE kind = 'organisation' AND subject = $1", SITE) == 1


async def test_an_existing_installation_looks_at_who_is_on_the_way(region, worker, service, admin):
    await tell(worker, service, by(made.expected(at=day(4, 2))))
    await run_until(worker, service, day(4, 2, 9))
    rows = await admin.fetch("SELECT organisation FROM partner ORDER BY 1")
    text = Path("services/coordination/sql/010_tasks.sql").read_text(encoding="utf-8")
    await admin.execute("TRUNCATE task, partner")
    await admin.execute("DELETE FROM timer WHERE kind LIKE 'organisation%'")
    await admin.execute(text[text.index("WITH seen AS") :])
    assert await admin.fetch("SELECT organisation FROM partner ORDER BY 1") == rows
    newest = await admin.fetchval("SELECT max(recorded_at) FROM event_log")
    assert await admin.fetch("SELECT DISTINCT due_at FROM timer WHERE kind = 'organisation-now'") == [(newest,)]
    assert newest.date() == date(2027, 4, 2)


@pytest.mark.parametrize(("since", "opened"), [(2, day(4, 2)), (5, day(4, 5, 0))], ids=["today", "later"])
async def test_roles_that_a_region_agrees_to_fill_are_missed_from_the_first_day_of_the_version(
    region, client, web, worker, service, since, opened
):
    """Nobody tells anything of the organisation itself."""
    await tell(worker, service, by(made.expected(at=day(4, 2))))
    agreed = (
        f'version: a\nbased_on: default-2026.1\nregion: "{REGION}"\nvalid_from: 2027-04-0{since}\nsource: made up\n'
        "vacancies: {roles: {vo: [decaan, care_coordinator]}}\n"
    )
    headers = bearer(web, COORDINATES) | {"content-type": "application/yaml"}
    answer = await client.post(f"{API}/agreements", content=agreed, headers=headers)
    assert answer.status_code == 202, answer.text
    await run_until(worker, service, opened + timedelta(hours=1))
    ((kind, code, task),) = await told(worker)
    assert (kind, code, task["about"]) == ("task-opened", SITE, "care_coordinator")
    assert task["opened_at"][:13] == utc(opened)[:13]
    assert task["agreement_version"] == "a"
