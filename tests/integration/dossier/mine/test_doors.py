"""The doors of programs to what is the pupil's own: a code for the school, a shared file for the institution."""

from collections.abc import AsyncIterator, Callable

import pytest

from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from tests.integration.dossier.bench import DECAAN, INTAKER, NOW, OTHER_DECAAN, SITE, SYSTEM, Bench
from tests.integration.dossier.mine.bench import PDF, enter, nobody, pupil, put_in, school, write


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with school(database_url, make_settings) as made:
        yield made


async def test_a_school_system_fetches_a_code_and_sees_later_that_it_was_used(bench: Bench) -> None:
    path = f"/pupils/{bench.ref(0)}/invitations"
    assert (await bench.get(path, SYSTEM)).json() == {"items": [], "next": None}
    made = (await bench.post(path, SYSTEM)).json()
    assert len(made["code"]) == 14
    (shown,) = (await bench.get(path, DECAAN)).json()["items"]
    assert (shown["expires_at"], shown["used_at"]) == (made["expires_at"], None)
    assert made["code"] not in str(shown)
    async with nobody(bench) as browser:
        assert (await enter(browser, made["code"])).url.path == "/dossier/mine"
    assert (await bench.get(path, DECAAN)).json()["items"][0]["used_at"]


async def test_only_the_own_school_invites(bench: Bench) -> None:
    path = f"/pupils/{bench.ref(0)}/invitations"
    care = Actor(SITE, Role.CARE_COORDINATOR, "person-9")
    assert [(await bench.post(path, who)).status_code for who in (OTHER_DECAAN, INTAKER, care)] == [404, 403, 403]
    assert (await bench.get(path, OTHER_DECAAN)).status_code == 404


async def test_an_answer_with_a_code_is_not_kept_for_who_asks_again(bench: Bench) -> None:
    path = f"/dossier/api/v1/pupils/{bench.ref(0)}/invitations"
    headers = bench.headers(SYSTEM) | {"idempotency-key": "once"}
    first = await bench.client.post(path, headers=headers)
    second = await bench.client.post(path, headers=headers)
    assert (first.status_code, second.status_code) == (202, 409)
    assert second.json()["type"].endswith("answer-lost")
    (row,) = await bench.rows("SELECT body FROM once")
    assert row["body"] is None
    async with nobody(bench) as browser:
        assert (await enter(browser, first.json()["code"])).url.path == "/dossier/mine"


async def test_an_institution_reads_and_fetches_by_api_what_is_shared(bench: Bench) -> None:
    async with await bench.sign_in(pupil(bench)) as browser:
        await write(browser)
        await write(browser, "plus", "plus", title="EHBO")
        await put_in(browser)
        (file,) = await bench.rows("SELECT file_id FROM pupil_file")
        key = await bench.handed_over(0, "open")
        before = (await bench.get(f"/handovers/{key}", INTAKER)).json()["dossier"]
        assert (before["career"], before["plus"], before["files"]) == (None, None, None)
        path = f"/handovers/{key}/files/{file['file_id']}"
        assert (await bench.get(path, INTAKER)).status_code == 404
        for item in ("pupil", file["file_id"]):
            await browser.post(f"/dossier/mine/sharing/{item}", data={"answer": "yes"})
    after = (await bench.get(f"/handovers/{key}", INTAKER)).json()["dossier"]
    assert [one["title"] for one in after["career"]["activities"]] == ["Open dag"]
    assert after["plus"] is None
    assert [one["title"] for one in after["files"]] == ["Diploma"]
    fetched = await bench.get(path, INTAKER)
    assert (fetched.status_code, fetched.content) == (200, PDF)
    read = await bench.rows(
        "SELECT at, categories FROM access WHERE 'career' = ANY(categories) OR 'files' = ANY(categories)"
    )
    assert {(row["at"], "career" in row["categories"]) for row in read} == {(NOW, True), (NOW, False)}


async def test_how_far_the_pupil_is_is_told_once_when_it_changes(bench: Bench) -> None:
    async with await bench.sign_in(pupil(bench)) as browser:
        await write(browser)
        for done in ("yes", "yes", "no"):
            await browser.post("/dossier/mine/career/done", data={"done": done})
    told = [data for kind, _, data in await bench.events() if kind == "dossier-completed"]
    states = [next(part["status"] for part in data["parts"] if part["part"] == "pupil") for data in told]
    assert states == ["complete", "open"]
    assert told[0]["competences"] == ["motives", "work_exploration"]
    assert told[0]["recorded_by"]["role"] == "pupil"
