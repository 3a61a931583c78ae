"""Decisions on an application: facts of Overstap beside those of other sources; of two who race one wins."""

import asyncio
from typing import Any

import pytest

from services.intake.domain.intake import Invited, Result
from services.intake.handlers.decisions import Decide, Decision, decide
from services.intake.handlers.intakes import MoveIntake, move_intake
from shared.core.actor import Role
from shared.core.errors import Forbidden, IllegalMove, Invalid, NotFound, Stale
from shared.core.ids import opaque_ref
from shared.messaging.outbox import perform
from shared.schemas.intakes import IntakeOutcome
from tests.integration.intake import bench as intake_bench
from tests.integration.intake import visiting as pages
from tests.integration.intake.bench import COORDINATOR, NOW, OTHER, PGNS, Bench, status
from tests.integration.intake.test_handlers import violations
from tests.integration.intake.visiting import Site
from tests.support import actor

bench = intake_bench.bench
site = pages.site
A1 = opaque_ref("application", "99XA", "A1")
HERE = f"/intake/applications/{A1}"
ONE = PGNS[0]


async def make(bench: Bench, move: Decision, reason: str | None = None, **more: Any) -> Any:
    """A decision on A1 by the coordinator of its institution."""
    return await perform(bench.web, COORDINATOR, decide, Decide(A1, bench.ref(ONE), move, reason, **more))


async def told(bench: Bench) -> list[dict[str, Any]]:
    return [data for kind, _, data in await bench.events() if kind == "application-status-changed"]


async def test_a_decision_is_a_fact_of_overstap_and_is_told_with_its_reason(bench: Bench) -> None:
    await bench.statuses(status(ONE, "SUBMITTED", "2027-01-05", 1))
    for move in ("receive", "offer", "enrol"):
        await make(bench, move)
    await make(bench, "withdraw", "other_institution", door="page")
    events = await told(bench)
    assert [event["status"] for event in events] == ["submitted", "received", "offered", "enrolled", "withdrawn"]
    assert [event["source_system"] for event in events] == [None, *["overstap"] * 4]
    assert [event["channel"] for event in events] == ["csv", "api", "api", "api", "page"]
    assert (events[-1]["reason"], events[-1]["arrived_at"]) == ("other_institution", events[-1]["status_at"])
    assert not await violations(bench)


async def test_a_later_fact_of_a_source_stands_above_a_decision_and_an_older_one_does_not(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    await make(bench, "offer")
    await bench.statuses(status(ONE, "SUBMITTED", "2027-01-09", 2))
    assert (await told(bench))[-1]["status"] == "offered"
    assert await bench.rows("SELECT status, channel FROM application") == [
        {"status": "offered", "channel": "overstap-api"}
    ]
    assert not await violations(bench)


async def test_a_mistake_is_taken_back_once_and_reopening_begins_anew(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    with pytest.raises(IllegalMove):
        await make(bench, "undo")
    await make(bench, "reject", "capacity")
    await make(bench, "undo")
    with pytest.raises(IllegalMove) as refused:
        await make(bench, "undo")
    assert (refused.value.state, refused.value.open_moves) == ("received", ("offer", "reject", "withdraw"))
    await make(bench, "withdraw", "other")
    await make(bench, "reopen")
    assert [event["status"] for event in await told(bench)] == [
        "received",
        "rejected",
        "received",
        "withdrawn",
        "submitted",
    ]
    assert (await told(bench))[-1]["reason"] is None
    assert not await violations(bench)


async def test_what_is_not_open_to_somebody_is_refused(bench: Bench) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    with pytest.raises(IllegalMove) as refused:
        await make(bench, "enrol")
    assert (refused.value.state, refused.value.open_moves) == ("received", ("offer", "reject", "withdraw", "undo"))
    for reason in (None, "made_up"):
        with pytest.raises(Invalid):
            await make(bench, "reject", reason)
    with pytest.raises(Invalid):
        await make(bench, "offer", "capacity")
    command = Decide(A1, bench.ref(ONE), "offer")
    with pytest.raises(Forbidden):
        await perform(bench.web, actor("99XA", Role.SLBER), decide, command)
    with pytest.raises(NotFound):
        await perform(bench.web, OTHER, decide, command)
    with pytest.raises(Stale):
        await make(bench, "offer", facts=0)
    assert await make(bench, "offer", facts=1) == 2


@pytest.mark.parametrize("turn", range(5))
async def test_of_two_who_decide_at_once_one_wins(bench: Bench, turn: int) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    moves = [make(bench, "reject", "capacity"), make(bench, "offer")]
    outcomes = await asyncio.gather(*(moves if turn % 2 else reversed(moves)), return_exceptions=True)
    # After an offer a rejection is still open; after a rejection an offer is not.
    refused = [found for found in outcomes if isinstance(found, BaseException)]
    assert all(isinstance(error, IllegalMove) for error in refused)
    assert len(await told(bench)) == 3 - len(refused)
    assert not await violations(bench)


@pytest.mark.parametrize("turn", range(5))
async def test_of_two_who_read_the_same_intake_one_wins(bench: Bench, turn: int) -> None:
    await bench.statuses(status(ONE, "RECEIVED", "2027-01-05", 1))
    ask = [
        MoveIntake(A1, bench.ref(ONE), "invite", Invited(), version=0),
        MoveIntake(A1, bench.ref(ONE), "record", Result(NOW.date(), IntakeOutcome.PLACED), version=0),
    ]
    both = (perform(bench.web, COORDINATOR, move_intake, one) for one in (ask if turn % 2 else reversed(ask)))
    outcomes = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(found).__name__ for found in outcomes) == ["Stale", "int"]
    assert await bench.rows("SELECT version FROM intake") == [{"version": 1}]
    assert not await violations(bench)


async def test_decisions_are_made_on_the_page_and_over_the_api(site: Site) -> None:
    await site.bench.statuses(status(ONE, "SUBMITTED", "2027-01-05", 1))
    assert "Ontvangst bevestigen" in await site.page(HERE)
    answer = await site.client.post(f"{HERE}/decisions", data={"move": "receive", "version": "1"})
    page = await site.page(answer.headers["location"])
    assert "Het besluit is vastgelegd." in page
    assert "Plek aanbieden" in page
    assert "besloten in Overstap" in page
    late = await site.client.post(f"{HERE}/decisions", data={"move": "offer", "version": "1"})
    assert "iemand anders legde intussen iets vast" in await site.page(late.headers["location"])
    assert (await site.client.post(f"{HERE}/decisions", data={"move": "reject", "version": "2"})).status_code == 404
    wrong = await site.client.post(f"{HERE}/rejection", data={"version": "2"})
    assert (wrong.status_code, 'href="#reason"' in wrong.text) == (422, True)
    stale = await site.client.post(f"{HERE}/rejection", data={"version": "1", "reason": "capacity"})
    assert (stale.status_code, "Iemand anders wijzigde dit" in stale.text) == (422, True)
    done = await site.client.post(f"{HERE}/rejection", data={"version": "2", "reason": "capacity"})
    assert "De aanmelding is afgewezen." in await site.page(done.headers["location"])
    undone = await site.client.post(f"{HERE}/application-undone", data={"version": "3"})
    assert "Alles staat weer zoals het stond." in await site.page(undone.headers["location"])
    shown = await site.api("GET", f"/applications/{A1}")
    assert (shown.headers["etag"], shown.json()["status"]) == ('"4"', "received")
    tagged = await site.api("POST", f"/applications/{A1}/decisions", json={"decision": "offer"})
    assert tagged.status_code == 202
    refused = await site.api("POST", f"/applications/{A1}/decisions", json={"decision": "receive"})
    assert (refused.status_code, refused.json()["state"]) == (409, "offered")
    wrong = await site.api("POST", f"/applications/{A1}/decisions", json={"decision": "reject"})
    assert wrong.json()["errors"][0]["where"] == "/body/reason"
