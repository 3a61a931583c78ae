"""Organisations and their contacts by the API."""

import asyncpg
import pytest

from shared.core.actor import Actor, Role
from tests.integration.coordination.contacts.test_pages import DECAAN
from tests.integration.coordination.test_doors import API, COORDINATOR, INTAKE, MENTOR, OPERATOR, bearer, person
from tests.support import published
from tests.unit.coordination.made import SITE

LIST = f"{API}/organisations/{SITE}/contacts"
SHARON = {"role": "decaan", "email": "Sharon@Zilverlinde.example", "name": "Sharon Postma", "valid_from": "2026-09-01"}
JORIS = {"name": "Joris Vos", "valid_from": "2026-08-01"}


async def test_the_organisations_of_a_region_come_in_pages_and_tell_where_nobody_is(client, web, region):
    headers = bearer(web, INTAKE)
    first = (await client.get(f"{API}/organisations?limit=5", headers=headers)).json()
    assert (len(first["items"]), first["next"]) == (5, first["items"][-1]["organisation"])
    rest = (await client.get(f"{API}/organisations?limit=100&after={first['next']}", headers=headers)).json()
    codes = [one["organisation"] for one in first["items"] + rest["items"]]
    assert codes == sorted(set(codes))
    assert {"19", "99AA00", "99MA", "0344", "0310"} <= set(codes)
    empty = {one["organisation"]: one["vacant"] for one in first["items"] + rest["items"]}
    assert (empty["0344"], empty["0310"]) == ([], ["leerplicht"])
    nowhere = (await client.get(f"{API}/organisations", headers=bearer(web, OPERATOR))).json()
    assert nowhere == {"items": [], "next": None}


async def test_a_list_is_read_with_its_version_and_written_with_it(client, web, worker, region):
    read = await client.get(LIST, headers=bearer(web, INTAKE))
    assert (read.headers["etag"], read.json()["name"]) == ('"2"', "De Zilverlinde")
    assert [one["name"] for one in read.json()["contacts"]] == ["Fenna Huisman", "Joris Vos"]
    headers = bearer(web, DECAAN) | {"If-Match": '"2"'}
    added = await client.post(LIST, json=SHARON, headers=headers)
    assert (added.status_code, added.headers["etag"]) == (202, '"3"'), added.text
    assert added.json()["person_ref"] == person("sharon@zilverlinde.example")
    stale = await client.put(f"{LIST}/mentor/{MENTOR.person_ref}", json=JORIS, headers=headers)
    assert (stale.status_code, stale.json()["version"]) == (412, 3)
    deputy = JORIS | {"deputy": added.json()["person_ref"]}
    done = await client.put(f"{LIST}/mentor/{MENTOR.person_ref}", json=deputy, headers=bearer(web, DECAAN))
    assert (done.status_code, done.headers["etag"]) == (200, '"4"'), done.text
    data = (await published(worker))[-1][2]
    assert next(c for c in data["contacts"] if c["role"] == "mentor")["deputy_ref"] == added.json()["person_ref"]


async def test_a_write_with_a_key_is_carried_out_once(client, web, worker, region):
    headers = bearer(web, DECAAN) | {"Idempotency-Key": "sharon-1"}
    before = len(await published(worker))
    for _ in range(2):
        assert (await client.post(LIST, json=SHARON, headers=headers)).status_code == 202
    assert len(await published(worker)) == before + 1


async def test_what_is_wrong_is_told_at_once_and_who_may_not_is_refused(client, web, region):
    wrong = SHARON | {"role": "leerplicht", "valid_until": "2026-08-01", "deputy": "nobody"}
    answer = await client.post(LIST, json=wrong, headers=bearer(web, COORDINATOR))
    assert answer.status_code == 400
    assert {one["code"] for one in answer.json()["errors"]} == {"unknown_role", "order", "unknown_person"}
    again = SHARON | {"email": "decaan@zilverlinde.example"}
    assert (await client.post(LIST, json=again, headers=bearer(web, DECAAN))).json()["errors"][0]["code"] == "exists"
    for who in (MENTOR, INTAKE, Actor("20", Role.REGION_COORDINATOR, "x")):
        assert (await client.post(LIST, json=SHARON, headers=bearer(web, who))).status_code == 403
    path = f"{LIST}/decaan/{MENTOR.person_ref}"
    assert (await client.put(path, json=JORIS, headers=bearer(web, DECAAN))).status_code == 404
    unknown = LIST.replace(SITE, "99ZZ00")
    assert (await client.get(unknown, headers=bearer(web, OPERATOR))).status_code == 404


async def test_leerplicht_puts_the_first_contact_of_a_municipality_that_no_file_named(client, web, worker, region):
    officer = Actor("0310", Role.LEERPLICHT, "officer")
    path = LIST.replace(SITE, "0310")
    asked = SHARON | {"role": "leerplicht"}
    assert (await client.post(path, json=asked, headers=bearer(web, officer))).status_code == 202
    assert (await client.get(path, headers=bearer(web, INTAKE))).json()["vacant"] == []
    assert (
        await client.post(path.replace("0310", "0355"), json=asked, headers=bearer(web, officer))
    ).status_code == 403


@pytest.mark.parametrize(
    ("who", "own", "other"),
    [
        (DECAAN, True, False),
        (COORDINATOR, True, True),
        (OPERATOR, True, True),
        (MENTOR, False, False),
        (Actor("20", Role.REGION_COORDINATOR, "x"), False, False),
    ],
)
async def test_the_database_alone_says_who_writes_on_which_list(web, region, who, own, other):
    update = "UPDATE contact SET team = 'x' WHERE organisation = $1 RETURNING role"
    async with web.db.as_actor(who) as conn:
        assert [bool(await conn.fetch(update, code)) for code in (SITE, "99MA")] == [own, other]


async def test_the_database_alone_lets_an_officer_make_no_organisation_but_the_own(web, region):
    insert = "INSERT INTO organisation (code, kind, name, region) VALUES ($1, 'municipality', 'x', '19')"
    officer = Actor("0310", Role.LEERPLICHT, "officer")
    async with web.db.as_actor(officer) as conn:
        await conn.execute(insert, "0310")
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        async with web.db.as_actor(officer) as conn:
            await conn.execute(insert, "0355")
