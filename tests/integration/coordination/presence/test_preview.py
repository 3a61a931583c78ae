"""A file of who works where, or who is away, is looked at before it is taken in."""

import re
from typing import Any

import pytest

from shared.core.actor import Actor, Role
from tests.integration.coordination.presence.test_absences import CAREERS, HEADER, pupil
from tests.integration.coordination.presence.test_handing_over import DECAAN, MENTOR, holders, leaves
from tests.integration.coordination.steps import CONTACTS
from tests.integration.coordination.test_doors import COORDINATOR, INTAKE, page, signed_in
from tests.unit.coordination.made import SITE, day

__all__ = ["pupil"]
FORM = {"origin": "http://127.0.0.1:8400"}


async def hand_in(client, web, who: Actor, kind: str, text: str) -> Any:
    client.cookies.clear()
    client.cookies.update(signed_in(web, who))
    files = {"file": ("lijst.csv", text.encode(), "text/csv")}
    return await client.post("/coordination/import", data={"kind": kind}, files=files, headers=FORM)


async def confirm(client, shown: Any) -> Any:
    found = re.search(r'action="(/coordination/import/[0-9a-f-]{36})"', shown.text)
    assert found, shown.text
    return await client.post(found[1], headers=FORM)


@pytest.mark.parametrize(
    ("who", "kind", "text"),
    [
        (COORDINATOR, "contacts", leaves(day(4, 1).date())),
        (CAREERS, "staff-absences", f"{HEADER}99AA00;mentor@zilverlinde.example;2027-04-01;\n"),
    ],
)
async def test_the_preview_tells_who_gets_a_pupil_and_changes_nothing(client, web, admin, pupil, who, kind, text):
    shown = await hand_in(client, web, who, kind, text)
    assert shown.status_code == 200, shown.text
    assert re.search(r"Leerlingen die meteen een ander krijgen</dt>\s*<dd[^>]*>\s*1\s*<", shown.text), shown.text
    assert await holders(admin) == [MENTOR]
    taken = await confirm(client, shown)
    assert (taken.status_code, taken.headers["location"]) == (303, "/coordination/contacts")
    assert await holders(admin) == [MENTOR, DECAAN]
    assert (await confirm(client, shown)).status_code == 404


async def test_wrong_rows_and_files_are_told_before_anything_happens(client, web, admin, pupil):
    shown = await hand_in(client, web, COORDINATOR, "contacts", CONTACTS + "99ZZ00;decaan;X;x@y.example;;2026-08-01\n")
    assert shown.status_code == 200
    assert "regel 8, kolom organisatie" in shown.text
    assert (await hand_in(client, web, COORDINATOR, "contacts", "wrong\n")).status_code == 422
    assert (await hand_in(client, web, COORDINATOR, "", CONTACTS)).status_code == 422
    assert await admin.fetchval("SELECT count(*) FROM quarantine") == 0


async def test_everybody_is_offered_the_kinds_that_they_may_hand_in(client, web, pupil):
    assert "contactpersonen" in await page(client, web, "/import", COORDINATOR)
    careers = await page(client, web, "/import", INTAKE)
    assert "afwezigheid" in careers
    assert "contactpersonen" not in careers
    assert (await hand_in(client, web, CAREERS, "contacts", CONTACTS)).status_code == 422
    await page(client, web, "/import", Actor(SITE, Role.MENTOR, MENTOR), 403)
