"""What others tell, two references that are one child, and erasure: on a real PostgreSQL."""

import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.dossier.domain.told import Batch
from services.dossier.handlers import HANDLERS
from shared.core.settings import Settings
from shared.schemas.envelope import Event
from shared.schemas.intakes import IntakeDone, IntakeOutcome
from shared.schemas.pupils import ErasureConfirmed, PupilErased, PupilLinked, PupilRecorded
from shared.schemas.signals import SnapshotPublished
from shared.storage import queries
from tests.integration.dossier.bench import (
    CHOICES,
    COHORT,
    DECAAN,
    HANDOVERS,
    MBO,
    MENTOR,
    NOW,
    OPERATOR,
    OTHER_DECAAN,
    OTHER_SITE,
    PUPILS,
    SITE,
    SYSTEM,
    Bench,
    application,
    opened,
    pupil_list,
    pupil_row,
)
from tests.support import Told

STATUSES = ("submitted", "received", "offered", "rejected", "withdrawn")
AUDIT = queries.load(Path(__file__).parents[3] / "services/dossier/sql/audit.sql")


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        yield made
        for rule, query in AUDIT.items():
            assert await made.rows(query) == [], rule


async def link(bench: Bench, survivor: int, absorbed: int, status: int = 202) -> None:
    asked = {"absorbed": bench.ref(absorbed), "evidence": "bsn-received"}
    answer = await bench.post(f"/pupils/{bench.ref(survivor)}/links", OPERATOR, asked)
    assert answer.status_code == status


async def test_of_every_entity_the_highest_sequence_is_kept_in_any_order_and_as_often_as_it_comes(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    told = [application(bench.ref(0), status, sequence=n) for n, status in enumerate(STATUSES[:3], 1)]
    for seed in range(4):
        mixed = [*told, *told[:2]]
        random.Random(seed).shuffle(mixed)
        await bench.tell(*mixed)
    held = (await bench.get(f"/pupils/{bench.ref(0)}", DECAAN)).json()["applications"]
    assert [one["status"] for one in held] == ["offered"]


@given(st.permutations(list(enumerate(STATUSES, 1))), st.lists(st.integers(0, 4), max_size=4))
def test_any_order_split_and_repetition_folds_to_the_same_state(order: list[tuple[int, str]], again: list[int]) -> None:
    batch = Batch()
    for sequence, status in [*order, *(order[n] for n in again)]:
        one = application("a" * 26, status, sequence=sequence)
        event = Event(id=None, source="intake", time=NOW, subject=one.subject, sequence=sequence, data=one.data)  # type: ignore[arg-type]
        HANDLERS[event.type](batch, event)
    (kept,) = batch.told.values()
    assert kept.sequence == len(STATUSES)
    assert f'"{STATUSES[-1]}"' in kept.state


async def test_an_application_that_arrives_before_its_pupil_is_there_when_the_pupil_comes(bench: Bench) -> None:
    await bench.apply_for(0)
    done = IntakeDone(
        occurred_at=NOW,
        application_id=f"a-{bench.ref(0)}-{MBO}",
        cohort=COHORT,
        mbo_institution=MBO,
        programme="25655",
        held_on=NOW.date(),
        outcome=IntakeOutcome.PLACED,
    )
    await bench.tell(Told("intake", bench.ref(0), done, NOW, 2))
    await bench.send("pupil", pupil_list(0))
    held = (await bench.get(f"/pupils/{bench.ref(0)}", DECAAN)).json()["applications"]
    assert [(one["status"], one["outcome"]) for one in held] == [("received", "placed")]
    assert (await bench.offer(0)).status_code == 202


async def test_what_says_nothing_to_a_school_is_taken_and_changes_nothing(bench: Bench) -> None:
    shown = SnapshotPublished(
        occurred_at=NOW, snapshot_id="s1", region="19", cohort=COHORT, reference_date=NOW.date(), cells={}
    )
    await bench.tell(Told("signals", "19", shown, NOW, 1))
    who = PupilRecorded(occurred_at=NOW, first_name="Noor", last_name="Verzonnen", birth_date=NOW.date())
    await bench.tell(Told("intake", bench.ref(0), who, NOW, 1))
    tally = await bench.rows("SELECT entrance, received, unchanged FROM tally ORDER BY entrance")
    assert [tuple(row.values()) for row in tally] == [("applicants", 1, 1), ("signals", 1, 1)]
    assert await bench.rows("SELECT key FROM told") == []


async def test_linked_references_are_one_pupil_with_all_rows_and_applications(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1))
    await bench.handed_over(1)
    await link(bench, 0, 1)
    told = [(ref, data) for kind, ref, data in await bench.events() if kind == "pupil-linked"]
    assert sorted(ref for ref, _ in told) == sorted([bench.ref(0), bench.ref(1)])
    assert {(data["survivor"], data["absorbed"]) for _, data in told} == {(bench.ref(0), bench.ref(1))}
    held = (await bench.get(f"/pupils/{bench.ref(0)}", DECAAN)).json()
    assert (len(held["applications"]), len(held["handovers"])) == (1, 1)
    assert (await bench.get(f"/pupils/{bench.ref(1)}", DECAAN)).status_code == 404
    async with await bench.sign_in(DECAAN) as browser:
        assert "Noor0" in (await browser.get(f"/dossier/pupils/{bench.ref(1)}")).text


@pytest.mark.parametrize("link_first", [True, False])
async def test_what_was_told_of_a_shadow_is_the_pupils_once_intake_has_joined_them(
    bench: Bench, link_first: bool
) -> None:
    await bench.send("pupil", pupil_list(0))
    told = PupilLinked(occurred_at=NOW, survivor=bench.ref(0), absorbed=bench.ref(7), evidence="chain-matched")
    events = [
        application(bench.ref(7)),
        Told("intake", bench.ref(7), told, NOW, 2),
        Told("intake", bench.ref(0), told, NOW, 1),
    ]
    if link_first:
        events.reverse()
    for event in events * 2:
        await bench.tell(event)
    held = (await bench.get(f"/pupils/{bench.ref(0)}", DECAAN)).json()
    assert len(held["applications"]) == 1


@pytest.mark.parametrize("link_first", [True, False])
async def test_a_shadow_of_an_erased_pupil_is_erased_with_it(bench: Bench, link_first: bool) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.tell(application(bench.ref(7)))
    told = PupilLinked(occurred_at=NOW, survivor=bench.ref(0), absorbed=bench.ref(7), evidence="chain-matched")
    if link_first:
        await bench.tell(Told("intake", bench.ref(7), told, NOW, 2))
    await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
    if not link_first:
        await bench.tell(Told("intake", bench.ref(7), told, NOW, 2))
    assert await bench.rows("SELECT 1 FROM told") == []
    await bench.tell(application(bench.ref(7), sequence=9))
    assert await bench.rows("SELECT 1 FROM told") == []


async def test_a_list_with_the_old_number_is_about_the_survivor(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1))
    await link(bench, 0, 1)
    answer = (
        await bench.send("pupil", PUPILS + pupil_row(1, number=0, roepnaam="Noor0", achternaam="Verzonnen0"))
    ).json()
    assert (answer["unchanged"], answer["not_listed"]) == (1, 0)
    both = (await bench.send("pupil", pupil_list(0, 1))).json()
    assert (both["unchanged"], [fault["code"] for fault in both["faults"]]) == (1, ["duplicate_row"])


async def test_linking_again_or_the_other_way_round_changes_nothing(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1, 2))
    await link(bench, 0, 1)
    before = await bench.events()
    for survivor, absorbed in ((0, 1), (1, 0)):
        await link(bench, survivor, absorbed)
    assert await bench.events() == before
    await link(bench, 2, 1)
    assert [row["pupil_ref"] for row in await bench.rows("SELECT pupil_ref FROM pupil")] == [bench.ref(2)]
    await link(bench, 0, 0, 400)


@given(links=st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda p: p[0] != p[1]), max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_any_interleaving_of_links_leaves_one_pupil_for_each_child(
    bench: Bench, links: list[tuple[int, int]]
) -> None:
    for table in ("alias", "pupil", "event_log", "outbox", "stream"):
        await bench.rows(f"DELETE FROM {table}")
    await bench.send("pupil", pupil_list(*range(5)))
    group = {n: {n} for n in range(5)}
    for survivor, absorbed in links:
        await link(bench, survivor, absorbed)
        joined = group[survivor] | group[absorbed]
        group |= dict.fromkeys(joined, joined)
    rows = await bench.rows("SELECT pupil_ref FROM pupil")
    roots = {row["pupil_ref"] for row in rows}
    alias = {row["absorbed"]: row["survivor"] for row in await bench.rows("SELECT absorbed, survivor FROM alias")}
    assert len(rows) == len({min(members) for members in group.values()})
    for members in group.values():
        assert len({alias.get(bench.ref(n), bench.ref(n)) for n in members} & roots) == 1


async def test_a_careers_adviser_links_own_pupils_only(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.send("pupil", pupil_list(1, site=OTHER_SITE), OTHER_DECAAN)
    asked = {"absorbed": bench.ref(1)}
    for who, status in ((DECAAN, 404), (OTHER_DECAAN, 404), (MENTOR, 403)):
        assert (await bench.post(f"/pupils/{bench.ref(0)}/links", who, asked)).status_code == status
    assert await bench.rows("SELECT absorbed FROM alias") == []


async def test_erasure_leaves_nothing_of_the_pupil_and_counts_who_confirmed(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1))
    await bench.handed_over(0, "open")
    await link(bench, 0, 1)
    path = f"/pupils/{bench.ref(0)}"
    for who, status in ((MENTOR, 403), (OTHER_DECAAN, 404), (SYSTEM, 202), (SYSTEM, 202)):
        assert (await bench.post(f"{path}/erasure", who)).status_code == status
    assert sorted((kind, ref) for kind, ref, _ in await bench.events()) == sorted(
        ("pupil-erased", bench.ref(n)) for n in range(2)
    )
    for table in ("pupil", "choice", "handover", "access", "told", "alias"):
        assert await bench.rows(f"SELECT 1 FROM {table}") == []
    for n, service in enumerate(("intake", "coordination"), 1):
        data = ErasureConfirmed(occurred_at=NOW, service=service)
        await bench.tell(Told(service, bench.ref(0), data, NOW, n))
    confirmed = (await bench.get(f"{path}/erasure", DECAAN)).json()["confirmed"]
    assert sorted(confirmed) == ["coordination", "dossier", "intake"]


async def test_rows_in_quarantine_go_with_the_pupil_they_are_about(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0, 1, 2, 3))
    choice = f"{SITE};{COHORT};{{}};{MBO};25655;nine;BOL;1;\n{SITE};2028;{{}};{MBO};25655;3;BOL;1;\n"
    again = f"{SITE};{COHORT};1003;{MBO};25655;3;BOL;1;\n" * 2
    for n in (0, 1):
        bad = [pupil_row(n, geboortedatum="gisteren"), pupil_row(n, site=OTHER_SITE), pupil_row(n, cohort="2028")]
        rows = [pupil_row(2), pupil_row(3), *bad, pupil_row(2, number=n)]
        await bench.send("pupil", PUPILS + "\n".join(rows), confirm=True)
        await bench.send("choice", CHOICES + choice.format(1000 + n, 1000 + n) + again)
        await bench.send("handover", HANDOVERS + f"{SITE};{COHORT};{1000 + n};{MBO};koud")
    count = "SELECT subject, count(*)::int AS n FROM quarantine GROUP BY subject"
    held = {row["subject"]: row["n"] for row in await bench.rows(count)}
    assert held[bench.ref(0)] == held[bench.ref(1)] == 5
    await link(bench, 1, 2)
    await bench.post(f"/pupils/{bench.ref(1)}/erasure", DECAAN)
    left = {row["subject"]: row["n"] for row in await bench.rows(count)}
    assert left == {who: n for who, n in held.items() if who not in (bench.ref(1), bench.ref(2))}


async def test_nothing_brings_an_erased_pupil_back(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.post(f"/pupils/{bench.ref(0)}/erasure", DECAAN)
    await bench.tell(application(bench.ref(0), sequence=7))
    assert await bench.counts("pupil", pupil_list(0)) == {"received": 1, "skipped": 1}
    assert await bench.rows("SELECT 1 FROM told") == []
    assert await bench.rows("SELECT 1 FROM pupil") == []


async def test_an_erasure_by_intake_is_carried_out_and_confirmed_whatever_came_with_it(bench: Bench) -> None:
    await bench.send("pupil", pupil_list(0))
    await bench.apply_for(0)
    await bench.tell(Told("intake", bench.ref(0), PupilErased(occurred_at=NOW), NOW, 2))
    await bench.tell(application(bench.ref(0), "offered", sequence=3))
    assert [(kind, data.get("service")) for kind, _, data in await bench.events()] == [("erasure-confirmed", "dossier")]
    assert await bench.rows("SELECT 1 FROM told") == []
    assert sorted((await bench.get(f"/pupils/{bench.ref(0)}/erasure", DECAAN)).json()["confirmed"]) == ["dossier"]
