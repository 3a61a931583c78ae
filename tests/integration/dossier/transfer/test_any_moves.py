"""The same on the real database, through the real doors: any moves of school, institution and family, also at once."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from services.dossier.domain.handover import HANDOVER, LIVE
from services.dossier.domain.transfer import CATEGORIES
from services.dossier.handlers.transfer.objecting import RaiseObjection, raise_objection
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from tests.integration.dossier.bench import DECAAN, ERROR, INTAKER, SITE, STEPS, Bench, opened, pupil_list

SECTIONS = ("results", "support")
REFUSAL = {"reason": "capacity", "text": "Vol"}
BODIES: dict[str, Any] = {"withdraw": ERROR, "refuse": REFUSAL}


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    async with opened(database_url, make_settings) as made:
        await made.send("pupil", pupil_list(0))
        await made.apply_for(0)
        informed = {"informed_on": "2027-02-15", "whom": "parents", "how": "talk"}
        path = f"/dossier/api/v1/pupils/{made.ref(0)}/information"
        (await made.client.put(path, json=informed, headers=made.headers(DECAAN))).raise_for_status()
        yield made


async def write(bench: Bench, category: str, state: str = "complete") -> httpx.Response:
    path = f"/dossier/api/v1/pupils/{bench.ref(0)}/transfer-data/{category}"
    told = {"state": state, "text": f"tekst over {category}" if state != "not_present" else ""}
    return await bench.client.put(path, json=told, headers=bench.headers(DECAAN))


async def moved(bench: Bench, handover_id: str, move: str, who: Actor) -> httpx.Response:
    return await bench.post(f"/handovers/{handover_id}/{STEPS[move]}", who, BODIES.get(move))


async def objection(bench: Bench, category: str | None = None) -> httpx.Response:
    told = {"category": category, "raised_by": "parent", "reason": "Nee"}
    return await bench.post(f"/pupils/{bench.ref(0)}/objections", DECAAN, told)


class Doors(RuleBasedStateMachine):
    """Everything that can be asked about one dossier. The bench lives in the loop of the test, this in a thread."""

    bench: Bench
    loop: asyncio.AbstractEventLoop

    def run(self, doing: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run_coroutine_threadsafe(doing, self.loop).result(30)

    def __init__(self) -> None:
        super().__init__()
        for table in ("handover", "objection", "section"):
            self.run(self.bench.rows(f"DELETE FROM {table}"))
        self.run(write(self.bench, "results"))
        self.run(self.bench.offer(0)).raise_for_status()

    def rows(self, query: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.run(self.bench.rows(query))
        return rows

    @rule(category=st.sampled_from(SECTIONS), state=st.sampled_from(["in_progress", "complete", "not_present"]))
    def the_school_writes(self, category: str, state: str) -> None:
        assert self.run(write(self.bench, category, state)).status_code == 202

    @rule()
    def the_school_offers(self) -> None:
        live = self.rows("SELECT 1 FROM handover WHERE status IN ('offered', 'opened', 'accepted')")
        whole = self.rows("SELECT 1 FROM objection WHERE category IS NULL AND withdrawn_at IS NULL")
        assert self.run(self.bench.offer(0)).status_code == (409 if live or whole else 202)

    @rule(move=st.sampled_from(list(STEPS)), who=st.sampled_from([DECAAN, INTAKER]))
    def somebody_moves(self, move: str, who: Actor) -> None:
        side = "vo" if who is DECAAN else "mbo"
        for row in self.rows("SELECT handover_id, status FROM handover"):
            answer = self.run(moved(self.bench, row["handover_id"], move, who))
            allowed = move in HANDOVER.open_moves(row["status"], [side])
            ever = any(one.command == move and side in one.who for one in HANDOVER.moves)
            assert answer.status_code == (202 if allowed else 409 if ever else 403)

    @rule()
    def the_school_supplements(self) -> None:
        whole = self.rows("SELECT 1 FROM objection WHERE category IS NULL AND withdrawn_at IS NULL")
        for row in self.rows("SELECT handover_id, status FROM handover"):
            answer = self.run(self.bench.post(f"/handovers/{row['handover_id']}/supplement", DECAAN))
            assert answer.status_code == (202 if row["status"] in LIVE else 409) or whole

    @rule(category=st.sampled_from([None, *SECTIONS, "administrative"]))
    def the_family_objects(self, category: str | None) -> None:
        assert self.run(objection(self.bench, category)).status_code == 202

    @rule()
    def every_objection_is_withdrawn(self) -> None:
        for row in self.rows("SELECT objection_id FROM objection"):
            path = f"/pupils/{self.bench.ref(0)}/objections/{row['objection_id']}/withdrawal"
            assert self.run(self.bench.post(path, DECAAN)).status_code == 202

    @invariant()
    def what_is_kept_is_in_the_tables(self) -> None:
        held_back = {row["category"] for row in self.rows("SELECT category FROM objection WHERE withdrawn_at IS NULL")}
        for row in self.rows("SELECT status, categories, withheld, not_present FROM handover"):
            assert row["status"] in HANDOVER.states
            assert sorted([*row["categories"], *row["withheld"], *row["not_present"]]) == sorted(CATEGORIES)
            if row["status"] in LIVE:
                assert not (set(row["categories"]) if None in held_back else held_back & set(row["categories"]))

    @invariant()
    def what_is_held_back_can_not_be_read(self) -> None:
        held_back = {row["category"] for row in self.rows("SELECT category FROM objection WHERE withdrawn_at IS NULL")}
        for row in self.rows("SELECT handover_id FROM handover"):
            path = f"/handovers/{row['handover_id']}"
            left = (
                self.run(self.bench.get(path, INTAKER)).text
                + self.run(self.bench.get(f"{path}/care-part", INTAKER)).text
            )
            for category in SECTIONS:
                assert not (held_back & {None, category}) or f"tekst over {category}" not in left


async def test_no_moves_at_the_doors_reach_a_state_outside_the_tables(bench: Bench) -> None:
    Doors.bench, Doors.loop = bench, asyncio.get_running_loop()
    few = settings(max_examples=10, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck))
    await asyncio.to_thread(run_state_machine_as_test, Doors, settings=few)


@pytest.mark.parametrize("competing", [("accept", "withdraw"), ("accept", "refuse"), ("open", "withdraw")])
async def test_of_two_moves_at_once_one_wins_and_the_other_hears_where_it_stands(
    bench: Bench, competing: tuple[str, str]
) -> None:
    handover_id = await bench.handed_over(0, *(("open",) if "accept" in competing else ()))
    who = {"withdraw": DECAAN}
    answers = await asyncio.gather(*(moved(bench, handover_id, one, who.get(one, INTAKER)) for one in competing * 3))
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [202, 409, 409, 409, 409, 409] or (competing[0] == "open" and statuses[:2] == [202, 202])
    (row,) = await bench.rows("SELECT status FROM handover")
    assert {answer.json()["state"] for answer in answers if answer.status_code == 409} <= {row["status"], "opened"}


@pytest.mark.parametrize("category", [None, "results"])
async def test_an_objection_and_an_acceptance_at_once_leave_nothing_that_the_family_holds_back(
    bench: Bench, category: str | None
) -> None:
    await write(bench, "results")
    handover_id = await bench.handed_over(0, "open")
    accepted, objected = await asyncio.gather(moved(bench, handover_id, "accept", INTAKER), objection(bench, category))
    assert objected.status_code == 202
    (row,) = await bench.rows("SELECT status, categories FROM handover")
    assert row["status"] == ("accepted" if accepted.status_code == 202 else "withdrawn")
    assert "results" not in row["categories"]
    assert "tekst over results" not in (await bench.get(f"/handovers/{handover_id}", INTAKER)).text


async def test_a_pupil_objects_with_their_own_hands_and_never_for_another(bench: Bench) -> None:
    await write(bench, "results")
    handover_id = await bench.handed_over(0, "open", "accept")
    apps: dict[str, Any] = bench.site.state.apps
    side: Transport = apps["dossier"].state.transport
    pupil = Actor(SITE, Role.PUPIL, bench.ref(0))
    command = RaiseObjection(bench.ref(0), None, None, "pupil", "Ik wil dit niet")
    await perform(side, pupil, raise_objection, command)
    (row,) = await bench.rows("SELECT status, categories FROM handover")
    assert row == {"status": "accepted", "categories": []}
    assert "tekst over results" not in (await bench.get(f"/handovers/{handover_id}", INTAKER)).text
    kind, _, data = (await bench.events())[-1]
    assert (kind, data["recorded_by"]["role"]) == ("handover-accepted", "pupil")
    with pytest.raises(Exception, match="no such pupil"):
        await perform(side, Actor(SITE, Role.PUPIL, "a" * 26), raise_objection, command)
