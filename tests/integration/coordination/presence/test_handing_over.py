"""Who is away, has left or lost the role holds nothing, from the instant on which that is so."""

from datetime import date, datetime

import pytest

from shared.core.clock import local_instant
from shared.core.ids import opaque_ref
from tests.integration.coordination.steps import CONTACTS, ORGANISATIONS, run_until, tell
from tests.integration.coordination.test_doors import COORDINATOR, OPERATOR, post_file
from tests.support import published
from tests.unit.coordination import made
from tests.unit.coordination.made import SITE, day, ref

MENTOR, DECAAN = (opaque_ref("person", f"{name}@zilverlinde.example") for name in ("mentor", "decaan"))
HEADER = CONTACTS.split("\n")[0] + ";tot\n"


@pytest.fixture
async def region(client, web):
    for kind, text in (("organisation", ORGANISATIONS), ("contact", CONTACTS)):
        assert (await post_file(client, web, kind, text)).status_code == 200


@pytest.fixture
async def pupil(region, worker, service):
    """A pupil of the mentor, with the decaan behind her."""
    await tell(worker, service, made.recorded(), made.expected(sequence=2, mentor=MENTOR, deputy=None))
    await run_until(worker, service, day(4, 2))


def leaves(until: date, who: str = "mentor;Joris Vos;mentor@zilverlinde.example") -> str:
    return f"{HEADER}99AA00;{who};;2026-08-01;{until.isoformat()}\n"


async def holders(admin, n: int = 1) -> list[str]:
    """Who has had the pupil, in order."""
    rows = await admin.fetch("SELECT contact, organisation, role FROM custody WHERE pupil_ref = $1 ORDER BY n", ref(n))
    assert {(row["organisation"], row["role"]) for row in rows} == {(SITE, "mentor")}
    return [row["contact"] for row in rows]


async def owners(admin) -> set[str]:
    rows = await admin.fetch("SELECT contact FROM action WHERE open AND organisation = $1", SITE)
    return {row["contact"] for row in rows}


def midnight(on: date) -> datetime:
    return local_instant(on, 0)


async def test_who_loses_the_role_by_a_file_hands_over_in_the_same_transaction(client, web, worker, admin, pupil):
    assert await holders(admin) == [MENTOR]
    answer = await post_file(client, web, "contact", leaves(date(2027, 4, 1)), COORDINATOR)
    assert answer.status_code == 200, answer.text
    assert await holders(admin) == [MENTOR, DECAAN]
    assert MENTOR not in await owners(admin)
    told = [(kind, data) for kind, _, data in await published(worker)]
    assert [data["holder"]["contact"] for kind, data in told if kind == "custody-changed"] == [MENTOR, DECAAN]
    assert answer.json()["applied"] == 1
    again = await post_file(client, web, "contact", leaves(date(2027, 4, 1)), COORDINATOR)
    assert again.json()["unchanged"] == 1


async def test_who_leaves_later_hands_over_as_that_day_begins(client, web, worker, service, admin, pupil):
    await post_file(client, web, "contact", leaves(date(2027, 4, 5)))
    assert await holders(admin) == [MENTOR]
    await run_until(worker, service, day(4, 4, 23))
    assert await holders(admin) == [MENTOR]
    await run_until(worker, service, day(4, 5, 1))
    assert await holders(admin) == [MENTOR, DECAAN]
    since = await admin.fetchval("SELECT since FROM custody WHERE pupil_ref = $1 AND n = 2", ref(1))
    assert since == midnight(date(2027, 4, 5))


async def test_who_comes_back_gets_the_pupil_and_the_action_back(client, web, admin, pupil):
    await post_file(client, web, "contact", leaves(date(2027, 4, 1)))
    back = leaves(date(2027, 4, 1)).replace("2027-04-01", "2028-08-01")
    assert (await post_file(client, web, "contact", back)).status_code == 200
    assert await holders(admin) == [MENTOR, DECAAN, MENTOR]


async def test_a_late_message_of_an_earlier_day_gives_nothing_back(client, web, worker, service, admin, pupil):
    await post_file(client, web, "contact", leaves(date(2027, 4, 1)))
    await tell(worker, service, made.chosen(sequence=3, at=day(3, 1)))
    assert await holders(admin) == [MENTOR, DECAAN]


async def test_a_file_that_changes_nothing_about_who_is_present_touches_no_pupil(client, web, worker, admin, pupil):
    before = len(await published(worker))
    renamed = CONTACTS.replace("Joris Vos", "Joris de Vos")
    await post_file(client, web, "contact", renamed, OPERATOR)
    assert [kind for kind, *_ in (await published(worker))[before:]] == ["contact-recorded"]
