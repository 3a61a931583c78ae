"""Feedback to the sending school: its pupils one by one until its end, and after that figures that tell of nobody."""

from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.dossier import store
from services.dossier.handlers.feedback import heard
from services.dossier.store import feedback as kept
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock, local_instant
from shared.core.settings import Settings
from shared.schemas.organisations import ContactRecorded
from tests.integration.dossier.bench import (
    COHORT,
    DECAAN,
    INTAKER,
    NOW,
    OTHER_DECAAN,
    OTHER_SITE,
    SITE,
    Bench,
    opened,
    pupil_list,
)
from tests.integration.dossier.feedback.test_followed import EARLY, absent, applied, ended, started, tell
from tests.support import Told, actor

OURS, THEIRS = range(20), range(20, 40)
COORDINATOR = actor("19", Role.REGION_COORDINATOR, "person-7")
LOB = actor("lob-19", Role.LOB_CONTACT, "person-8")
ELSEWHERE = [
    actor("20", Role.REGION_COORDINATOR, "person-9"),
    actor("lob-20", Role.LOB_CONTACT, "person-9"),
    actor("lob-1", Role.LOB_CONTACT, "person-9"),
]
NOT_FOR = [
    INTAKER,
    actor("0344", Role.LEERPLICHT),
    actor("19", Role.DOORSTROOMPUNT),
    actor("19", Role.LOB_CONTACT),
    actor("overstap", Role.OPERATOR),
]
SEPTEMBER, AFTER = datetime(COHORT, 9, 20, 9, tzinfo=UTC), datetime(COHORT, 10, 4, 9, tzinfo=UTC)
FIRST_DAY = date(COHORT, 11, 1)


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await listed(made)
        yield made


async def listed(bench: Bench) -> None:
    """Two schools of one region, each with its pupils."""
    for code, name in ((SITE, "Voorbeeldcollege"), (OTHER_SITE, "Anderlyceum")):
        data = ContactRecorded(occurred_at=NOW, organisation=code, kind="vo", name=name, region="19")
        await bench.tell(Told("coordination", code, data, NOW, 1))
    await bench.send("pupil", pupil_list(*OURS))
    await bench.send("pupil", pupil_list(*THEIRS, site=OTHER_SITE), OTHER_DECAAN)


async def began(bench: Bench, *, early: int = 0) -> None:
    """All of ours start, and so many of them stop after the day on which the school heard last; theirs never come."""
    for n in OURS:
        await tell(bench, [applied(NOW, "enrolled"), started(EARLY)], n)
    for n in THEIRS:
        await tell(bench, [absent(EARLY)], n)
    for n in OURS[:early]:
        await tell(bench, [ended(date(COHORT, 10, 20))], n, first=10)


async def make(bench: Bench, day: date = FIRST_DAY) -> int:
    bench.settings.clock = FixedClock(local_instant(day) + timedelta(hours=1))
    return await bench.fire_timers()


async def figures(bench: Bench, who: Actor) -> list[dict[tuple[str, str | None], str]]:
    """What somebody gets from the API: per day by figure and school."""
    answer = (await bench.get(f"/feedback-figures?cohort={COHORT}", who)).raise_for_status().json()
    return [{(one["figure"], one["vo_site"]): one["value"] for one in day["figures"]} for day in answer["items"]]


async def test_a_school_hears_of_each_pupil_until_its_end_and_of_no_other_pupil(bench: Bench) -> None:
    await tell(bench, [applied(NOW, "offered"), absent(EARLY)], 0)
    await tell(bench, [applied(NOW, "rejected")], 1)
    await tell(bench, [absent(EARLY)], 20)
    bench.settings.clock = FixedClock(SEPTEMBER)
    items = (await bench.get("/followed-pupils", DECAAN)).json()["items"]
    assert {one["pupil_ref"]: [m["kind"] for m in one["messages"]] for one in items if one["messages"]} == {
        bench.ref(0): ["not-started", "placement"],
        bench.ref(1): ["placement"],
    }
    theirs = (await bench.get("/followed-pupils", OTHER_DECAAN)).json()["items"]
    assert [one["pupil_ref"] for one in theirs if one["messages"]] == [bench.ref(20)]
    assert (await bench.get("/followed-pupils", INTAKER)).status_code == 403
    browser = await bench.sign_in(DECAAN)
    page = (await browser.get("/dossier/feedback/")).text
    assert "Terugkoppeling (3)" in page
    assert "Noor0" in page
    assert "Noor20" not in page
    file = (await browser.post("/dossier/feedback/export")).text
    assert file.splitlines()[0].lstrip("\ufeff") == (
        "leerlingnummer;roepnaam;tussenvoegsel;achternaam;cohort;klas;onderwerp;bericht;datum;mbo;opleiding"
    )
    assert "Niet begonnen;Niet in de les gezien;2027-08-30" in file
    bench.settings.clock = FixedClock(AFTER)
    assert (await bench.get("/followed-pupils", DECAAN)).json()["items"] == []
    page = (await browser.get("/dossier/feedback/")).text
    assert "Noor0" not in page
    assert "Over 20 oud-leerlingen hoort u niet meer." in page


async def test_pages_of_the_api_follow_one_another(bench: Bench) -> None:
    await tell(bench, [applied(NOW, "offered")], 3)
    first = (await bench.get("/followed-pupils?limit=12", DECAAN)).json()
    rest = (await bench.get(f"/followed-pupils?limit=12&after={first['next']}", DECAAN)).json()
    assert len({one["pupil_ref"] for one in (*first["items"], *rest["items"])}) == 20
    assert rest["next"] is None


async def test_without_the_policies_the_same_pupils_are_heard_of(bench: Bench) -> None:
    """Asked as the worker, whom no policy holds back."""
    await tell(bench, [applied(NOW, "offered"), started(EARLY)], 0)
    await tell(bench, [applied(AFTER, "rejected")], 0, first=10)
    async with bench.worker.db.transaction() as conn:
        pupils = await store.pupils(conn, SITE)
        until = await heard(conn, pupils, AFTER - timedelta(days=9))
        assert [one.said for pupil, told in until.pupils if pupil.pupil_ref == bench.ref(0) for one in told] == [
            "offered"
        ]
        assert (await heard(conn, pupils, AFTER)).pupils == []


async def test_figures_are_made_once_on_their_day_and_tell_the_school_and_the_region(bench: Bench) -> None:
    await began(bench, early=8)
    assert await make(bench) == 1
    (ours,) = await figures(bench, DECAAN)
    assert {site for _figure, site in ours} == {SITE, None}
    assert {figure: ours[figure, SITE] for figure in ("expected", "placed", "started", "early-exit", "not-told")} == {
        "expected": "20",
        "placed": "20",
        "started": "20",
        "early-exit": "8",
        "not-told": "0",
    }
    assert (ours["expected", None], ours["not-started", None], ours["switch", None]) == ("40", "20", "0")
    for reader in (COORDINATOR, LOB):
        (everything,) = await figures(bench, reader)
        assert {site for _figure, site in everything} == {SITE, OTHER_SITE, None}
        assert everything["not-started", OTHER_SITE] == "20"
    for n in OURS[8:]:
        await tell(bench, [ended(date(COHORT, 10, 25))], n, first=10)
    assert await make(bench, FIRST_DAY + timedelta(days=1)) == 0
    assert await figures(bench, DECAAN) == [ours]
    assert await make(bench, date(COHORT + 1, 2, 1)) == 1
    newest, before = await figures(bench, DECAAN)
    assert (newest["early-exit", SITE], before["early-exit", SITE]) == ("20", "8")


async def test_who_is_missing_from_a_later_list_counts_and_who_moved_counts_at_the_new_school(
    bench: Bench,
) -> None:
    missing, moved = OURS[-2:]
    await tell(bench, [applied(NOW, "offered")], missing)
    await bench.send("pupil", pupil_list(*OURS[:-2]))
    await bench.send("pupil", pupil_list(moved, *THEIRS, site=OTHER_SITE), OTHER_DECAAN)
    await make(bench)
    (shown,) = await figures(bench, LOB)
    assert [shown["expected", site] for site in (SITE, OTHER_SITE, None)] == ["19", "21", "40"]
    page = await (await bench.sign_in(DECAAN)).get("/dossier/feedback/figures")
    assert "Ook wie op een latere lijst ontbreekt." in page.text


async def test_what_a_few_pupils_did_after_the_end_is_in_no_figure(bench: Bench) -> None:
    await began(bench, early=3)
    await make(bench)
    for who in (DECAAN, COORDINATOR, LOB):
        (shown,) = await figures(bench, who)
        assert (shown["early-exit", SITE], shown["early-exit", None]) == ("c", "c")
        assert shown["started", SITE] == "20"


async def test_who_is_of_another_region_or_of_no_school_reads_no_figures(bench: Bench) -> None:
    await began(bench, early=8)
    await make(bench)
    for who in NOT_FOR:
        assert (await bench.get(f"/feedback-figures?cohort={COHORT}", who)).status_code == 403, who
        browser = await bench.sign_in(who)
        assert (await browser.get("/dossier/feedback/figures")).status_code == 403, who
    for who in ELSEWHERE:
        assert await figures(bench, who) == [], who


@pytest.mark.parametrize("who", [*ELSEWHERE, INTAKER, Actor("", Role.DECAAN)])
async def test_the_policies_alone_hide_figures_of_others(bench: Bench, who: Actor) -> None:
    await began(bench, early=8)
    await make(bench)
    assert await _by_policy(bench, who) == set()
    assert await _by_policy(bench, OTHER_DECAAN) == {OTHER_SITE, "all"}
    assert await _by_policy(bench, LOB) == {SITE, OTHER_SITE, "all"}
    async with bench.worker.db.transaction() as conn:
        assert await kept.figures(conn, COHORT, None, "20") == {}
        found = await kept.figures(conn, COHORT, OTHER_SITE, None)
        assert {cell.vo_site for cells in found.values() for cell in cells} == {OTHER_SITE, "all"}


async def _by_policy(bench: Bench, who: Actor) -> set[Any]:
    async with bench.service_database().as_actor(who) as conn:
        await conn.fetch("SELECT region FROM feedback")
        return {row["vo_site"] for row in await conn.fetch("SELECT vo_site FROM feedback_cell")}


async def test_a_lob_contact_reads_no_pupil_of_the_region(bench: Bench) -> None:
    await began(bench)
    async with bench.service_database().as_actor(LOB) as conn:
        for table in ("pupil", "told", "step", "choice", "handover", "concern", "talk"):
            assert await conn.fetch(f"SELECT 1 FROM {table}") == [], table
    browser = await bench.sign_in(LOB)
    assert (await browser.get("/dossier/feedback/")).status_code == 403
    assert (await browser.get("/dossier/")).status_code == 403


async def test_the_page_and_the_file_show_the_same_figures(bench: Bench) -> None:
    browser = await bench.sign_in(LOB)
    page = await browser.get("/dossier/feedback/figures")
    assert "Er zijn nog geen cijfers. De eerste worden gemaakt op 1 november 2027" in page.text
    await began(bench, early=8)
    await make(bench)
    page = await browser.get("/dossier/feedback/figures")
    assert page.status_code == 200
    for text in ("Voorbeeldcollege", "Anderlyceum", "Alle scholen van Utrecht samen", "1 november 2027", "afgeschermd"):
        assert text in page.text, text
    file = await browser.get(f"/dossier/feedback/figures.csv?cohort={COHORT}&on=2027-11-01")
    lines = file.text.lstrip("\ufeff").splitlines()
    assert lines[0] == "regio;cohort;peildatum;school;schoolnaam;cijfer;aantal"
    assert f"19;2027;2027-11-01;{SITE};Voorbeeldcollege;Vroeg gestopt;8" in lines
    own = await bench.sign_in(DECAAN)
    assert "Anderlyceum" not in (await own.get("/dossier/feedback/figures")).text
