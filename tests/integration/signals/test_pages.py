"""The regional picture, its CSV and the API, over HTTP without a browser."""

import csv
import io
import re
from datetime import timedelta

import httpx

from services.signals.app import snapshot
from services.signals.domain.figures import GROUPS, NAMES, STANDINGS
from shared.core.actor import Actor, Role
from shared.messaging.outbox import Transport
from tests.integration.signals.conftest import Tell
from tests.integration.signals.region import COHORT, ON, accepted, the_region
from tests.integration.signals.visiting import visitor

COORDINATOR = Actor("19", Role.REGION_COORDINATOR, "person-1")
OFFICER = Actor("0344", Role.LEERPLICHT, "person-2")
MENTOR = Actor("99AA00", Role.MENTOR, "person-3")
ROW = re.compile(r'<tr><th scope="row">([^<]+)</th>(.*?)</tr>', re.DOTALL)


def table(page: httpx.Response) -> dict[str, list[str]]:
    """Name of a figure → its cells as shown in the large table."""
    body = page.text.partition('id="table-heading"')[2].partition("</table>")[0]
    return {
        name: [re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", cell)).strip() for cell in cells.split("</td>")[:-1]]
        for name, cells in ROW.findall(body)
    }


async def test_everybody_sees_figures_beginning_with_their_own_region(
    worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON)
    for actor in (COORDINATOR, OFFICER, MENTOR):
        async with visitor(web, actor) as client:
            page = await client.get("/signals/")
            assert page.status_code == 200
            assert "Regiobeeld Utrecht" in page.text, actor
    for actor in (Actor("20", Role.DOORSTROOMPUNT, "person-4"), Actor("lob-20", Role.LOB_CONTACT, "person-5")):
        async with visitor(web, actor) as client:
            page = await client.get("/signals/")
        assert "Doorstroompuntregio 20" in page.text, actor
        assert table(page)["Verwachte leerlingen"] == ["0"] * 6


async def test_the_page_tells_figures_norms_definitions_and_what_is_protected(
    worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON)
    async with visitor(web, COORDINATOR) as client:
        page = await client.get("/signals/")
    assert table(page)["Verwachte leerlingen"] == ["120", "0", "60", "40", "20", "0"]
    assert table(page)["Op tijd aangemeld"][0] == "100 (83%)"
    assert table(page)["Dossier overgedragen"] == ["12 (10%)", "z", "c", "c", "c", "z"]
    for text in (
        "Onder de norm van 90%",
        "Norm van de standaardafspraak",
        "Norm: ten minste 90% op 1 juni 2027",
        "Peildatum 2 april 2027",
        "afgeschermd",
    ):
        assert text in page.text
    assert "Van alle verwachte leerlingen is 83% op tijd aangemeld." in page.text


async def test_the_download_is_exactly_what_the_page_shows(worker: Transport, web: Transport, tell: Tell) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON)
    async with visitor(web, COORDINATOR) as client:
        page = await client.get("/signals/")
        answer = await client.get(f"/signals/figures.csv?region=19&cohort={COHORT}&on={ON}")
    assert f'filename="regiobeeld-19-{COHORT}-{ON}.csv"' in answer.headers["content-disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == len(NAMES) * (len(GROUPS) + 1) + len(STANDINGS) + 1
    shown = [cell.partition(" ")[0] for cells in table(page).values() for cell in cells]
    shown += re.findall("<dd>([0-9]+|c)</dd>", page.text.partition("not-linked-heading")[2].replace("&nbsp;", ""))[:5]
    assert [row["aantal"] for row in rows] == shown


async def test_one_chooses_region_school_year_and_day_and_what_does_not_exist_gives_the_newest(
    worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON - timedelta(days=30))
    await tell([accepted("p4")])
    await snapshot(worker, COHORT, ON)
    async with visitor(web, COORDINATOR) as client:
        first = await client.get(f"/signals/?region=19&cohort={COHORT}&on={ON - timedelta(days=30)}")
        newest = await client.get("/signals/?region=99&cohort=abc&on=never")
    assert "Peildatum 3 maart 2027" in first.text
    assert table(first)["Dossier overgedragen"][0] == "12 (10%)"
    assert "Peildatum 2 april 2027" in newest.text
    assert "Regiobeeld Utrecht" in newest.text
    assert table(newest)["Dossier overgedragen"] == ["c", "z", "c", "c", "c", "z"]


async def test_without_figures_the_page_says_so(web: Transport) -> None:
    async with visitor(web, MENTOR) as client:
        assert "Er zijn nog geen cijfers gepubliceerd." in (await client.get("/signals/")).text
        assert (await client.get("/signals/figures.csv")).status_code == 404


async def test_who_is_not_signed_in_sees_nothing(web: Transport) -> None:
    async with visitor(web, None) as client:
        assert (await client.get("/signals/")).status_code == 303
        assert (await client.get("/signals/api/v1/snapshots")).status_code == 401


async def test_the_api_lists_snapshots_and_gives_one_with_its_cells(
    worker: Transport, web: Transport, tell: Tell
) -> None:
    await tell(the_region())
    await snapshot(worker, COHORT, ON)
    async with visitor(web, MENTOR) as client:
        first = (await client.get("/signals/api/v1/snapshots?limit=25")).json()
        rest = (await client.get(f"/signals/api/v1/snapshots?limit=25&after={first['next']}")).json()
        assert (len(first["items"]), len(rest["items"]), rest["next"]) == (25, 15, None)
        (mine,) = (await client.get("/signals/api/v1/snapshots?region=19")).json()["items"]
        whole = (await client.get(f"/signals/api/v1/snapshots/{mine['snapshot_id']}")).json()
        cells = {(cell["figure"], cell["track_group"]): cell["value"] for cell in whole["cells"]}
        assert (cells["expected", "all"], cells["applied", "all"]) == ("120", "100")
        assert (await client.get("/signals/api/v1/snapshots/unknown")).status_code == 404
        assert (await client.get("/signals/api/v1/snapshots?region=99")).status_code == 400
