"""Who can be reached where, on the pages: read by everybody, changed by who keeps the list."""

from html import unescape

import pytest

from shared.core import reference
from shared.core.tabular.kinds import CONTACTS as CONTACTS_FILE
from tests.integration.coordination.contacts.conftest import LIST, MENTOR_FORM
from tests.integration.coordination.steps import run_until, tell
from tests.integration.coordination.test_doors import (
    COORDINATOR,
    INTAKE,
    MENTOR,
    OFFICER,
    OPERATOR,
    Actor,
    Role,
    page,
    person,
    post_file,
)
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import REGION, SITE, day

DECAAN = Actor(SITE, Role.DECAAN, person("decaan@zilverlinde.example"))
ROLE = f"{LIST}/people/{MENTOR.person_ref}/roles/mentor"
NEW = f"{LIST}/people/new"
SHOWN = "/contacts/organisations"
SHARON = {
    "role": "decaan",
    "email": "Deputy@Zilverlinde.example",
    "name": "Sharon Postma",
    "deputy": DECAAN.person_ref,
    "team": "bovenbouw",
    "valid_from": "2026-09-01",
    "valid_until": "",
}


async def test_the_page_of_a_region_tells_whom_to_reach_in_every_municipality(client, web, region):
    shown = unescape(await page(client, web, SHOWN, INTAKE))
    assert "Regio Utrecht" in shown
    assert "Sanne Kok" in shown
    assert "Bram Prins" in shown
    municipalities = [one.code for one in reference.load().municipalities(day(4, 2).date()) if one.region == REGION]
    assert all(f'href="/coordination{SHOWN}/{code}"' in shown for code in municipalities)
    assert shown.count("Niemand</span> leerplichtambtenaar") == len(municipalities) - 1
    only_empty = await page(client, web, f"{SHOWN}?region=19&view=nobody", INTAKE)
    assert "Sanne Kok" not in only_empty
    assert "leerplichtambtenaar" in only_empty
    elsewhere = await page(client, web, f"{SHOWN}?region=21", MENTOR)
    assert "Amsterdam" in elsewhere
    await page(client, web, f"{SHOWN}?region=77", MENTOR, 404)


async def test_the_operator_who_belongs_to_no_region_chooses_one(client, web, region):
    assert "Kies een regio" in await page(client, web, SHOWN, OPERATOR)


async def test_everybody_reads_a_list_and_who_works_there_opens_a_person(client, web, region):
    assert "Fenna Huisman" in await page(client, web, f"{SHOWN}/{SITE}", INTAKE)
    somebody = f"{SHOWN}/{SITE}/people/{DECAAN.person_ref}"
    assert "Fenna Huisman" in await page(client, web, somebody, MENTOR)
    await page(client, web, somebody, INTAKE, 404)
    assert "Amsterdam" in await page(client, web, f"{SHOWN}/0363", INTAKE)
    await page(client, web, f"{SHOWN}/99ZZ00", INTAKE, 404)


@pytest.mark.parametrize("who", [MENTOR, INTAKE, OFFICER])
async def test_who_does_not_keep_a_list_does_not_change_it(client, web, send, region, who):
    assert "Voeg iemand toe" not in await page(client, web, f"{SHOWN}/{SITE}", who)
    await page(client, web, f"{SHOWN}/{SITE}/people/new", who, 403)
    assert (await send(who, NEW, {"version": "2", **SHARON})).status_code == 403
    assert (await send(who, ROLE, {"version": "2", **MENTOR_FORM})).status_code == 403


@pytest.mark.parametrize("who", [DECAAN, COORDINATOR, OPERATOR])
async def test_who_keeps_the_list_adds_somebody(client, web, worker, send, region, who):
    answer = await send(who, NEW, {"version": "2", **SHARON})
    assert answer.status_code == 303, answer.text
    assert answer.headers["location"] == f"{LIST}/people/{person('deputy@zilverlinde.example')}"
    kind, subject, data = (await published(worker))[-1]
    assert (kind, subject) == ("contact-recorded", SITE)
    added = next(c for c in data["contacts"] if c["name"] == "Sharon Postma")
    assert (added["email"], added["team"]) == ("deputy@zilverlinde.example", "bovenbouw")
    assert "Sharon Postma" in await page(client, web, answer.headers["location"].removeprefix("/coordination"), who)


async def test_everything_that_is_wrong_with_a_form_is_told_at_once(client, web, send, region):
    wrong = SHARON | {"email": "nowhere", "team": "Boven bouw", "valid_from": "yesterday"}
    answer = await send(DECAAN, NEW, {"version": "2", **wrong})
    assert answer.status_code == 422
    told = unescape(answer.text)
    assert all(f'href="#{name}"' in told for name in ("email", "team", "valid_from"))
    assert 'value="Sharon Postma"' in told
    strange = SHARON | {"email": "decaan@zilverlinde.example", "valid_until": "2026-09-01"}
    assert 'href="#email"' in (await send(DECAAN, NEW, {"version": "2", **strange})).text
    later = MENTOR_FORM | {"valid_until": "2026-08-01", "deputy": "somebody-else"}
    answer = await send(DECAAN, ROLE, {"version": "2", **later})
    assert answer.status_code == 422
    assert all(f'href="#{name}"' in answer.text for name in ("deputy", "valid_until"))


async def test_a_role_that_ends_by_hand_hands_over_at_once_and_is_undone(client, web, worker, service, send, region):
    await tell(worker, service, made.recorded(), made.expected(sequence=2, mentor=MENTOR.person_ref, deputy=None))
    await run_until(worker, service, day(4, 2))
    answer = await send(DECAAN, ROLE, {"version": "2", **MENTOR_FORM, "valid_until": "2027-04-01"})
    assert answer.status_code == 303, answer.text
    after = await client.get(answer.headers["location"])
    assert "Leerlingen die naar iemand anders gingen: 1" in after.text
    assert "Ongedaan maken" in after.text
    back = await send(DECAAN, ROLE, {"version": "3", **MENTOR_FORM})
    assert back.status_code == 303, back.text
    told = [data["holder"]["contact"] for kind, _, data in await published(worker) if kind == "custody-changed"]
    assert told == [MENTOR.person_ref, DECAAN.person_ref, MENTOR.person_ref]


async def test_who_saves_an_old_list_sees_what_now_stands_beside_what_was_typed(client, web, send, region):
    first = await send(COORDINATOR, ROLE, {"version": "2", **MENTOR_FORM, "team": "onderbouw"})
    assert first.status_code == 303
    late = await send(DECAAN, ROLE, {"version": "2", **MENTOR_FORM, "valid_until": "2028-08-01"})
    assert late.status_code == 422
    told = unescape(late.text)
    assert "regiocoördinator" in told
    assert "onderbouw" in told
    assert 'value="2028-08-01"' in told
    assert 'name="version" value="3"' in told
    assert (await send(DECAAN, ROLE, {"version": "3", **MENTOR_FORM, "team": "onderbouw"})).status_code == 303


async def test_the_same_again_changes_nothing_and_tells_nothing(client, web, worker, send, region):
    before = len(await published(worker))
    assert (await send(DECAAN, ROLE, {"version": "2", **MENTOR_FORM})).status_code == 303
    assert (await send(DECAAN, ROLE, {"version": "2", **MENTOR_FORM})).status_code == 303
    assert len(await published(worker)) == before


async def test_a_coordinator_of_a_region_fills_the_role_of_a_municipality_that_no_file_named(
    client, web, worker, send, region
):
    path = "/coordination/contacts/organisations/0310/people/new"
    fields = SHARON | {"role": "leerplicht", "deputy": ""}
    assert (await send(COORDINATOR, path, {"version": "0", **fields})).status_code == 303
    kind, subject, data = (await published(worker))[-1]
    assert (kind, subject, data["kind"], data["name"]) == ("contact-recorded", "0310", "municipality", "De Bilt")
    elsewhere = path.replace("0310", "0363")
    assert (await send(COORDINATOR, elsewhere, {"version": "0", **fields})).status_code == 403


async def test_a_list_leaves_as_a_file_that_comes_in_again_unchanged(client, web, admin, send, region):
    answer = await send(DECAAN, f"{LIST}/export", {})
    assert answer.status_code == 200
    table = CONTACTS_FILE.read(answer.content)
    assert [row["naam"] for row in table.rows] == ["Fenna Huisman", "Joris Vos"]
    assert (await send(INTAKE, f"{LIST}/export", {})).status_code == 403
    assert (await send(DECAAN, "/coordination/contacts/export", {})).status_code == 403
    whole = await send(COORDINATOR, "/coordination/contacts/export", {})
    assert len(CONTACTS_FILE.read(whole.content).rows) == 6
    mbo = await send(INTAKE, LIST.replace(SITE, "99MA") + "/export", {})
    assert (await post_file(client, web, "contact", mbo.text)).json()["unchanged"] == 1
    logged = await admin.fetch("SELECT page, role, rows FROM export_log ORDER BY rows")
    assert [tuple(row) for row in logged] == [
        ("coordination-contacts", "intake_coordinator", 1),
        ("coordination-contacts", "decaan", 2),
        ("coordination-contacts", "region_coordinator", 6),
    ]
