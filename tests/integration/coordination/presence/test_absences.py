"""Who is away is told one by one or by file, and taken back; who stands in hears it in the same transaction."""

from datetime import date
from typing import Any

import asyncpg
import pytest

from services.coordination.api.staff import carry_out
from services.coordination.handlers.staff.absences import ImportAbsences, import_absences
from shared.core.actor import Actor, Role
from shared.core.tabular.kinds import STAFF_ABSENCES
from shared.messaging.outbox import preview
from tests.integration.coordination.presence.test_handing_over import DECAAN, MENTOR, holders, midnight, owners
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import API, COORDINATOR, INTAKE, OPERATOR, bearer, counts, post_file
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import REGION, SITE, day, ref

HEADER = "organisatie;email;afwezig_vanaf;terug_op\n"
CAREERS = Actor(SITE, Role.DECAAN, DECAAN)
TODAY = day(4, 2).date()


@pytest.fixture
async def pupil(client, web, worker, service):
    """A pupil of the mentor, with the decaan behind her, on 2 April."""
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200
    await tell(worker, service, made.recorded(), made.expected(sequence=2, mentor=MENTOR, deputy=None))
    await run_until(worker, service, day(4, 2))


async def send(client, web, what: str, who: Actor = CAREERS, version: str | None = None, **asked: Any) -> Any:
    headers = bearer(web, who) | ({"if-match": version} if version else {})
    body = {"person_ref": MENTOR} | {key: str(value) if value else None for key, value in asked.items()}
    return await client.post(f"{API}/organisations/{SITE}/staff-{what}", json=body, headers=headers)


async def away(client, web, who: Actor = CAREERS) -> Any:
    return await client.get(f"{API}/organisations/{SITE}/staff-absences", headers=bearer(web, who))


async def test_who_is_away_today_hands_over_at_once_and_gets_it_back_when_it_was_a_mistake(
    client, web, worker, admin, pupil
):
    answer = await send(client, web, "absences", since=TODAY, until=date(2027, 4, 12))
    assert (answer.status_code, answer.headers["etag"]) == (202, '"3"'), answer.text
    assert await holders(admin) == [MENTOR, DECAAN]
    assert MENTOR not in await owners(admin)
    told = [data for kind, subject, data in await published(worker) if (kind, subject) == ("contact-recorded", SITE)]
    assert told[-1]["recorded_by"] == {"organisation": SITE, "role": "decaan", "person_ref": DECAAN}
    period = {"since": "2027-04-02", "until": "2027-04-12"}
    assert [c["away"] for c in told[-1]["contacts"] if c["person_ref"] == MENTOR] == [[period]]
    assert (await away(client, web)).json()["items"] == [{"person_ref": MENTOR} | period]
    answer = await send(client, web, "absence-withdrawals", since=TODAY)
    assert answer.status_code == 202, answer.text
    assert await holders(admin) == [MENTOR, DECAAN, MENTOR]
    told = [data for kind, subject, data in await published(worker) if (kind, subject) == ("contact-recorded", SITE)]
    assert all(contact["away"] == [] for contact in told[-1]["contacts"])
    assert (await away(client, web)).json()["items"] == []


async def test_an_absence_begins_and_ends_as_its_days_begin(client, web, worker, service, admin, pupil):
    assert (await send(client, web, "absences", since=date(2027, 4, 5), until=date(2027, 4, 8))).status_code == 202
    assert await holders(admin) == [MENTOR]
    await run_until(worker, service, day(4, 7, 23))
    assert await holders(admin) == [MENTOR, DECAAN]
    await run_until(worker, service, day(4, 8, 1))
    assert await holders(admin) == [MENTOR, DECAAN, MENTOR]
    rows = await admin.fetch("SELECT since FROM custody WHERE pupil_ref = $1 AND n > 1 ORDER BY n", ref(1))
    assert [row["since"] for row in rows] == [midnight(date(2027, 4, 5)), midnight(date(2027, 4, 8))]


async def test_who_is_back_earlier_gets_the_pupil_back_today(client, web, admin, pupil):
    await send(client, web, "absences", since=date(2027, 3, 30))
    assert await holders(admin) == [MENTOR, DECAAN]
    assert (await send(client, web, "absences", since=date(2027, 3, 30), until=TODAY)).status_code == 202
    assert await holders(admin) == [MENTOR, DECAAN, MENTOR]


async def test_the_same_absence_twice_is_told_once(client, web, worker, pupil):
    await send(client, web, "absences", since=TODAY)
    before = len(await published(worker))
    answer = await send(client, web, "absences", since=TODAY)
    assert (answer.status_code, answer.headers["etag"]) == (202, '"3"')
    assert len(await published(worker)) == before


async def test_somebody_else_changed_the_contacts_meanwhile(client, web, pupil):
    read = (await away(client, web)).headers["etag"]
    assert (await send(client, web, "absences", version=read, since=TODAY, until=date(2027, 4, 9))).status_code == 202
    lost = await send(client, web, "absences", version=read, since=date(2027, 5, 1))
    assert (lost.status_code, lost.json()["version"], lost.json()["changed_by"]) == (412, 3, "decaan"), lost.text
    gone = await send(client, web, "absence-withdrawals", version=read, since=TODAY)
    assert gone.status_code == 412


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"since": TODAY, "until": TODAY}, "until"),
        ({"since": date(2027, 3, 1), "until": date(2027, 3, 8)}, "until"),
        ({"since": TODAY, "person_ref": "nobody"}, "person_ref"),
    ],
)
async def test_what_can_not_be_is_refused_at_its_field(client, web, admin, pupil, asked, where):
    answer = await send(client, web, "absences", **asked)
    assert answer.status_code == 400, answer.text
    assert [error["where"] for error in answer.json()["errors"]] == [where]
    assert await admin.fetchval("SELECT count(*) FROM absence") == 0


async def test_who_coordinates_elsewhere_or_nowhere_tells_of_nobody_here(client, web, admin, pupil):
    mentor, elsewhere = Actor(SITE, Role.MENTOR, MENTOR), Actor("28", Role.REGION_COORDINATOR, "somebody")
    for who in (mentor, INTAKE, elsewhere):
        assert (await send(client, web, "absences", who, since=TODAY)).status_code == 403, who
        assert (await send(client, web, "absence-withdrawals", who, since=TODAY)).status_code == 403, who
    for who in (INTAKE, elsewhere):
        assert (await away(client, web, who)).status_code == 404, who
    assert (await away(client, web, mentor)).status_code == 200
    for who in (OPERATOR, COORDINATOR):
        assert (await send(client, web, "absences", who, since=TODAY)).status_code == 202, who
    assert (await send(client, web, "absence-withdrawals", since=date(2027, 6, 1))).status_code == 404


async def test_the_database_refuses_an_absence_that_the_sender_may_not_tell(web, admin, pupil):
    for who in (INTAKE, Actor(SITE, Role.MENTOR, MENTOR), Actor("28", Role.REGION_COORDINATOR, "somebody")):
        async with web.db.as_actor(who) as conn:
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                await conn.execute("INSERT INTO absence VALUES ($1, $2, $3, NULL)", SITE, MENTOR, TODAY)


async def test_a_file_of_absences_hands_over_and_sets_wrong_rows_aside(client, web, worker, admin, pupil):
    rows = [
        "99AA00;mentor@zilverlinde.example;2027-04-01;2027-04-12",
        "99AA00;mentor@zilverlinde.example;2027-04-08;2027-04-20",
        "99AA00;nobody@zilverlinde.example;2027-04-08;",
        "99AA00;decaan@zilverlinde.example;2026-12-01;2026-12-08",
        "99MA;intake@krommelinde.example;2027-04-08;",
    ]
    text = HEADER + "\n".join(rows) + "\n"
    answer = await post_file(client, web, "staff-absence", text, CAREERS)
    assert counts(answer) == [5, 1, 1, 0, 3], answer.text
    assert [(fault["where"], fault["code"]) for fault in answer.json()["faults"]] == [
        ("regel 3, kolom afwezig_vanaf", "overlap"),
        ("regel 4, kolom email", "unknown_person"),
        ("regel 6, kolom organisatie", "other_organisation"),
    ]
    assert await holders(admin) == [MENTOR, DECAAN]
    assert counts(await post_file(client, web, "staff-absence", text, OPERATOR)) == [5, 1, 2, 0, 2]
    mentor = Actor(SITE, Role.MENTOR, MENTOR)
    assert (await post_file(client, web, "staff-absence", text, mentor)).status_code == 403


async def test_a_region_tells_of_its_own_organisations_alone(client, web, pupil):
    text = HEADER + "0344;leerplicht@utrecht.example;2027-04-08;\n19;regio@utrecht.example;2027-04-08;\n"
    assert counts(await post_file(client, web, "staff-absence", text, COORDINATOR)) == [2, 2, 0, 0, 0]
    other = Actor("28", Role.REGION_COORDINATOR, "somebody")
    assert counts(await post_file(client, web, "staff-absence", text, other)) == [2, 0, 0, 0, 2]
    assert REGION == "19"


async def test_what_a_file_of_absences_would_do_is_seen_before_and_changes_nothing(client, web, admin, pupil):
    table = STAFF_ABSENCES.read(f"{HEADER}99AA00;mentor@zilverlinde.example;2027-04-01;\n".encode())
    seen = await carry_out(preview, web, CAREERS, import_absences, ImportAbsences(table))
    assert (seen.received, seen.applied) == (1, 1)
    assert await holders(admin) == [MENTOR]
    assert await admin.fetchval("SELECT count(*) FROM absence") == 0


async def test_a_file_of_contacts_leaves_absences_as_they_are(client, web, admin, pupil):
    await send(client, web, "absences", since=TODAY, until=date(2027, 4, 12))
    assert counts(await post_file(client, web, "contact", CONTACTS)) == [6, 0, 6, 0, 0]
    renamed = CONTACTS.replace("Joris Vos", "Joris de Vos")
    assert counts(await post_file(client, web, "contact", renamed)) == [6, 1, 5, 0, 0]
    assert await holders(admin) == [MENTOR, DECAAN]
    assert len((await away(client, web)).json()["items"]) == 1
