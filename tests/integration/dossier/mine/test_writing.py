"""A pupil writes, shares, and sees who reads; nobody else does more than they may."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from services.dossier.handlers.mine.sharing import shared_with
from services.dossier.store import career, handover
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    ERROR,
    INTAKER,
    MBO,
    MENTOR,
    OTHER_DECAAN,
    OTHER_INTAKER,
    SITE,
    Bench,
    coordination,
)
from tests.integration.dossier.mine.bench import PDF, PNG, pupil, put_in, school, write
from tests.support import open_transport

OWN = ("career_part", "career_entry", "pupil_file")
CARE = Actor(SITE, Role.CARE_COORDINATOR, "person-9")


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with school(database_url, make_settings) as made:
        yield made


@pytest.fixture
async def browser(bench: Bench) -> AsyncIterator[httpx.AsyncClient]:
    """Of pupil 0."""
    async with await bench.sign_in(pupil(bench)) as made:
        yield made


async def states(bench: Bench, n: int = 0) -> dict[str, str]:
    async with bench.worker.db.transaction() as conn:
        return {k: str(v) for k, v in (await career.parts(conn, SITE, COHORT, [bench.ref(n)]))[bench.ref(n)].items()}


async def seen(bench: Bench, who: Actor, table: str) -> int:
    """How many rows a query that forgot every scope finds in a web process."""
    async with bench.service_database().as_actor(who) as conn:
        return int(await conn.fetchval(f"SELECT count(*) FROM {table}"))


async def shared(bench: Bench, who: Actor = INTAKER) -> dict[str, Any]:
    (row,) = await bench.rows("SELECT handover_id FROM handover")
    async with bench.service_database().as_actor(who) as conn:
        held = await handover(conn, row["handover_id"], who.organisation)
        return await shared_with(conn, held) if held else {}


async def test_a_part_goes_from_nothing_to_done_and_back(bench: Bench, browser: httpx.AsyncClient) -> None:
    assert await states(bench) == {"pupil": "open", "plus": "not_applicable"}
    await write(browser)
    assert await states(bench) == {"pupil": "in_progress", "plus": "not_applicable"}
    await browser.post("/dossier/mine/career/done", data={"done": "yes"})
    assert (await states(bench))["pupil"] == "complete"
    await browser.post("/dossier/mine/career/done", data={"done": "no"})
    assert (await states(bench))["pupil"] == "in_progress"


async def test_nothing_can_not_be_done_or_shared(bench: Bench, browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/dossier/mine/career/done", data={"done": "yes"})).status_code == 409
    assert (await browser.post("/dossier/mine/sharing/pupil", data={"answer": "yes"})).status_code == 404
    await write(browser)
    await browser.post("/dossier/mine/career/done", data={"done": "yes"})
    await browser.post("/dossier/mine/sharing/pupil", data={"answer": "yes"})
    (row,) = await bench.rows("SELECT entry_id FROM career_entry")
    await browser.post(f"/dossier/mine/career/entries/{row['entry_id']}/remove")
    assert (await states(bench))["pupil"] == "open"
    assert await bench.rows("SELECT 1 FROM career_part WHERE shared_at IS NOT NULL") == []


async def test_what_was_written_can_be_changed(bench: Bench, browser: httpx.AsyncClient) -> None:
    await write(browser)
    (row,) = await bench.rows("SELECT entry_id FROM career_entry")
    path = f"/dossier/mine/career/entries/{row['entry_id']}"
    assert "Kijken of techniek bij mij past" in (await browser.get(path)).text
    page = await browser.post(path, data={"title": "Open dag <b>", "goal": "Iets anders"})
    assert "Open dag &lt;b&gt;" in page.text
    assert "Kijken of techniek" not in page.text
    (progress,) = await bench.rows("SELECT items, competences FROM career_part")
    assert progress == {"items": 1, "competences": []}


async def test_every_fault_of_a_form_is_shown_and_what_was_typed_stays(browser: httpx.AsyncClient) -> None:
    page = await browser.post(
        "/dossier/mine/career/new/activity", data={"day": "gisteren", "goal": "x" * 2001, "competences": "geluk"}
    )
    assert page.status_code == 422
    for where in ("title", "day", "goal", "competences"):
        assert f'href="#{where}' in page.text
    assert "x" * 2001 in page.text


async def test_a_link_is_https_or_refused(bench: Bench, browser: httpx.AsyncClient) -> None:
    for link in (
        "http://x.example/a",
        "javascript:alert(1)",
        "https://u:p@x.example",
        "https://localhost",
        "https://[",
    ):
        assert (await browser.post("/dossier/mine/career/link", data={"link": link})).status_code == 422
    page = await browser.post("/dossier/mine/career/link", data={"link": "https://loopbaan.example/noor"})
    assert "De link is bewaard" in page.text
    assert (await states(bench))["pupil"] == "in_progress"
    await browser.post("/dossier/mine/career/link", data={"link": ""})
    assert (await states(bench))["pupil"] == "open"


async def test_a_classmate_sees_and_changes_nothing(bench: Bench, browser: httpx.AsyncClient) -> None:
    await write(browser)
    await put_in(browser)
    (entry,) = await bench.rows("SELECT entry_id FROM career_entry")
    (file,) = await bench.rows("SELECT file_id FROM pupil_file")
    async with await bench.sign_in(pupil(bench, 1)) as classmate:
        for path in (f"entries/{entry['entry_id']}", f"files/{file['file_id']}"):
            assert (await classmate.get(f"/dossier/mine/career/{path}")).status_code == 404
        await classmate.post(f"/dossier/mine/career/entries/{entry['entry_id']}/remove")
        await classmate.post(f"/dossier/mine/career/files/{file['file_id']}/remove")
        answer = await classmate.post(f"/dossier/mine/sharing/{file['file_id']}", data={"answer": "yes"})
        assert answer.status_code == 404
    assert len(await bench.rows("SELECT 1 FROM career_entry UNION ALL SELECT 1 FROM pupil_file")) == 2


@pytest.mark.parametrize("n", [0, 1])
async def test_the_policies_alone_show_a_pupil_the_own_rows(bench: Bench, browser: httpx.AsyncClient, n: int) -> None:
    await write(browser)
    await put_in(browser)
    await bench.handed_over(0, "open")
    mine = {"pupil": 1, "handover": 1 - n, "access": 1 - n, "told": 1 - n, "choice": 0} | dict.fromkeys(OWN, 1 - n)
    assert {table: await seen(bench, pupil(bench, n), table) for table in mine} == mine
    organisations = await seen(bench, pupil(bench, n), "organisation")
    assert organisations == 2 - n, "the school, and the institution of whoever has to do with it"


async def test_the_policies_alone_show_the_school_how_far_it_is_and_the_guides_what_it_is(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await write(browser)
    await put_in(browser)
    for who, rows in ((MENTOR, 1), (DECAAN, 1), (CARE, 0), (OTHER_DECAAN, 0), (INTAKER, 0)):
        assert await seen(bench, who, "career_entry") == rows
        assert await seen(bench, who, "pupil_file") == rows
    assert [await seen(bench, who, "career_part") for who in (CARE, OTHER_DECAAN, INTAKER)] == [1, 0, 0]


async def test_an_institution_reads_what_is_shared_for_as_long_as_it_is(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await write(browser)
    await write(browser, "plus", "plus", title="EHBO")
    await put_in(browser)
    key = await bench.handed_over(0)
    (file,) = await bench.rows("SELECT file_id FROM pupil_file")
    for item in ("pupil", file["file_id"]):
        await browser.post(f"/dossier/mine/sharing/{item}", data={"answer": "yes"})
    assert [await seen(bench, INTAKER, table) for table in OWN] == [0, 0, 0], "offered is not yet opened"
    await bench.post(f"/handovers/{key}/opening", INTAKER)
    assert [await seen(bench, INTAKER, table) for table in OWN] == [1, 1, 1]
    assert [await seen(bench, OTHER_INTAKER, table) for table in OWN] == [0, 0, 0]
    parts = await shared(bench)
    assert set(parts) == {"career", "files"}
    assert parts["career"]["activities"][0]["texts"] == {"goal": "Kijken of techniek bij mij past"}
    assert parts["files"] == [{"file_id": file["file_id"], "title": "Diploma", "kind": "pdf", "size": len(PDF)}]
    await browser.post("/dossier/mine/sharing/pupil", data={"answer": "no"})
    assert set(await shared(bench)) == {"files"}
    assert [await seen(bench, INTAKER, table) for table in OWN] == [0, 0, 1]
    await bench.post(f"/handovers/{key}/withdrawal", DECAAN, ERROR)
    assert [await seen(bench, INTAKER, table) for table in OWN] == [0, 0, 0]


async def test_a_file_goes_to_whoever_may_have_it_and_the_pupil_sees_who_took_it(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await put_in(browser, PNG, "../../etc/foto van mij.png", "Mijn foto; \r\nX: y")
    (file,) = await bench.rows("SELECT file_id FROM pupil_file")
    key = await bench.handed_over(0, "open")
    path, through = f"/dossier/pupils/{bench.ref(0)}/career", f"/dossier/handovers/{key}/files/{file['file_id']}"
    async with await bench.sign_in(INTAKER) as mbo:
        assert (await mbo.get(through)).status_code == 404
        await browser.post(f"/dossier/mine/sharing/{file['file_id']}", data={"answer": "yes"})
        got = await mbo.get(through)
    assert got.content == PNG
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Mijn%20foto")
    assert (got.headers["content-type"], got.headers["x-content-type-options"]) == ("image/png", "nosniff")
    async with await bench.sign_in(MENTOR) as mentor:
        assert "Mijn foto" in (await mentor.get(path)).text
        assert (await mentor.get(f"{path}/files/{file['file_id']}")).content == PNG
    async with await bench.sign_in(CARE) as care:
        page = (await care.get(path)).text
        assert "Mijn foto" not in page, "who does not guide sees how far it is"
    for stranger in (OTHER_DECAAN, OTHER_INTAKER):
        async with await bench.sign_in(stranger) as other:
            assert (await other.get(f"{path}/files/{file['file_id']}")).status_code in (403, 404)
            assert (await other.get(through)).status_code in (403, 404)
    page = (await browser.get("/dossier/mine/readers")).text
    assert "bekeek een intaker van ROC Denkbeeldig: je bestanden" in page
    assert "bekeek een mentor van Voorbeeldcollege: je bestanden" in page


async def test_content_and_name_of_a_file_are_sealed(bench: Bench, browser: httpx.AsyncClient) -> None:
    await put_in(browser, PDF, "rapport-noor.pdf")
    (row,) = await bench.rows("SELECT name, content FROM pupil_file")
    assert b"%PDF" not in row["content"]
    assert b"noor" not in row["name"]
    assert "rapport-noor.pdf" in (await browser.get("/dossier/mine/career")).text


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"MZ\x90\0", "Een PDF, een PNG of een JPEG"),
        (b"", "Een PDF, een PNG of een JPEG"),
        (PDF + b"PK\x05\x06" + bytes(18), "Een PDF, een PNG of een JPEG"),
        (PDF.ljust(5 * 1024 * 1024 + 1), "Ten hoogste 5 MB"),
    ],
)
async def test_another_kind_of_file_is_refused(
    bench: Bench, browser: httpx.AsyncClient, data: bytes, expected: str
) -> None:
    page = await put_in(browser, data, "onschuldig.pdf", title="")
    assert page.status_code == 422
    assert expected in page.text
    assert 'href="#title"' in page.text, "what else is wrong is told at once"
    assert await bench.rows("SELECT 1 FROM pupil_file") == []


async def test_there_is_an_end_to_the_number_of_files(bench: Bench, browser: httpx.AsyncClient) -> None:
    for _ in range(10):
        assert (await put_in(browser)).status_code == 200
    assert (await put_in(browser)).status_code == 422
    assert (await states(bench))["pupil"] == "in_progress"


async def test_erasing_deletes_everything_that_is_the_pupils_own(bench: Bench, browser: httpx.AsyncClient) -> None:
    await write(browser)
    await put_in(browser)
    async with await bench.sign_in(MENTOR) as mentor:
        await mentor.get(f"/dossier/pupils/{bench.ref(0)}/career")
        await mentor.post(f"/dossier/pupils/{bench.ref(0)}/invitation")
    await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
    for table in (*OWN, "career_reading", "invitation"):
        assert await bench.rows(f"SELECT 1 FROM {table}") == []


async def test_of_two_that_are_one_child_everything_stays_and_only_what_both_shared_is_shared(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await write(browser, competences=["motives"])
    await browser.post("/dossier/mine/sharing/pupil", data={"answer": "yes"})
    async with await bench.sign_in(pupil(bench, 1)) as other:
        await write(other, competences=["networking"])
        await put_in(other)
        await other.post("/dossier/mine/career/done", data={"done": "yes"})
        answer = await bench.post(f"/pupils/{bench.ref(0)}/links", DECAAN, {"absorbed": bench.ref(1)})
        assert answer.status_code == 202
        assert (await other.get("/dossier/mine")).url.path == "/dossier/mine/signin"
    (row,) = await bench.rows("SELECT pupil_ref, items, competences, done_at, shared_at FROM career_part")
    assert row == {
        "pupil_ref": bench.ref(0),
        "items": 3,
        "competences": ["motives", "networking"],
        "done_at": None,
        "shared_at": None,
    }
    assert {r["pupil_ref"] for r in await bench.rows("SELECT pupil_ref FROM career_entry")} == {bench.ref(0)}


async def test_the_pages_of_the_pupil_say_who_helps_what_is_next_and_who_may_see_what(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await bench.tell(*coordination(bench.ref(0)))
    await bench.apply_for(0)
    home = (await browser.get("/dossier/mine")).text
    assert "Ada Mentor, mentor, Voorbeeldcollege" in home
    assert "Uiterlijk 10 maart 2027" in home
    assert "ROC Denkbeeldig" in home
    readers = (await browser.get("/dossier/mine/readers")).text
    assert "Je hebt je daar aangemeld" in readers
    assert "Niemand heeft je dossier geopend" in readers
    assert MBO not in readers


async def test_the_pupil_sees_who_of_the_school_read_the_care_part(bench: Bench, browser: httpx.AsyncClient) -> None:
    path = f"/dossier/api/v1/pupils/{bench.ref(0)}/transfer-data/support"
    body = {"state": "complete", "text": "Extra tijd bij toetsen"}
    (await bench.client.put(path, json=body, headers=bench.headers(DECAAN))).raise_for_status()
    assert "Extra tijd" in (await bench.get(f"/pupils/{bench.ref(0)}/transfer-data/support", DECAAN)).text
    page = (await browser.get("/dossier/mine/readers")).text
    assert "bekeek een decaan van Voorbeeldcollege: de hulp die je krijgt" in page


async def test_under_16_the_question_says_that_parents_have_a_say(bench: Bench, browser: httpx.AsyncClient) -> None:
    await write(browser)
    page = (await browser.get("/dossier/mine/sharing/pupil")).text
    assert "Je bent nog geen 16" in page
    await bench.rows("UPDATE pupil SET birth_date = '2011-03-01'")
    assert "Je bent nog geen 16" not in (await browser.get("/dossier/mine/sharing/pupil")).text


async def test_a_pupil_objects_to_what_the_school_passes_on_and_takes_that_back(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await bench.handed_over(0, "open")
    path = "/dossier/mine/school"
    assert (await browser.post(f"{path}/objection/education_history", data={"reason": " "})).status_code == 422
    page = await browser.post(f"{path}/objection/education_history", data={"reason": "Klopt niet"})
    assert "Wordt niet doorgegeven" in page.text
    (row,) = await bench.rows("SELECT withheld FROM handover")
    assert row["withheld"] == ["education_history"]
    (objection,) = await bench.rows("SELECT objection_id, raised_by, recorded_role FROM objection")
    assert (objection["raised_by"], objection["recorded_role"]) == ("pupil", "pupil")
    withdrawal = f"{path}/objections/{objection['objection_id']}/withdraw"
    async with await bench.sign_in(pupil(bench, 1)) as classmate:
        assert (await classmate.post(withdrawal)).status_code == 404
    assert "Je maakt geen bezwaar meer" in (await browser.post(withdrawal)).text
    (row,) = await bench.rows("SELECT withheld FROM handover")
    assert row["withheld"] == []


async def test_from_16_a_pupil_reads_what_the_school_wrote_and_before_that_only_how_far_it_is(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    body = {"state": "complete", "text": "Werkt netjes en op tijd"}
    path = f"/dossier/api/v1/pupils/{bench.ref(0)}/transfer-data/results"
    answer = await bench.client.put(path, json=body, headers=bench.headers(MENTOR))
    assert answer.status_code < 300, answer.text
    page = (await browser.get("/dossier/mine/school")).text
    assert "Werkt netjes" not in page
    assert "Je bent nog geen 16" in page
    await bench.rows("UPDATE pupil SET birth_date = '2011-03-01'")
    page = (await browser.get("/dossier/mine/school")).text
    assert "Werkt netjes en op tijd" in page
    async with await bench.sign_in(pupil(bench, 1)) as classmate:
        assert "Werkt netjes" not in (await classmate.get("/dossier/mine/school")).text


async def test_who_runs_the_installation_reads_nothing_that_a_pupil_wrote(
    bench: Bench, browser: httpx.AsyncClient
) -> None:
    await write(browser)
    reader = await open_transport(bench.settings, "dossier", "reader")
    for column in ("career_entry.texts", "career_entry.title", "pupil_file.content", "invitation.code_hash"):
        table = column.partition(".")[0]
        with pytest.raises(Exception, match="permission denied"):
            async with reader.db.transaction() as conn:
                await conn.fetch(f"SELECT {column} FROM dossier.{table}")
    await reader.db.close()
