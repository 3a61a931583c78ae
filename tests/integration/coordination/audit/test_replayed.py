"""What was played at random in memory, played again on real tables: as much is refused, told, stored and waited for."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

from services.coordination import store
from services.coordination.domain.world.organisations import in_order
from services.coordination.handlers.audit import compare
from services.coordination.handlers.presence import Unlocked
from services.coordination.store import partners
from shared.core.actor import system
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging import outbox, timers
from shared.messaging.outbox import Transport
from shared.service import Service
from tests.integration.coordination.conftest import AUDIT
from tests.stateful import memory
from tests.stateful import partners as heard
from tests.stateful.machine import REFUSED, Move, Region
from tests.unit.coordination import made

SEED, PLAYED, AGAIN = 19, 12, 3
PROFILE = settings(
    max_examples=PLAYED,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[*HealthCheck],
    database=None,
)


@pytest.fixture(name="settings")
def without_waiting(make_settings: Callable[..., Settings], database_url: str) -> Settings:
    """Nothing is read from a broker here, so that no date rule has to wait for it."""
    found = make_settings(database_url=database_url, demo=True, late_input_minutes=0)
    found.__dict__["clock"] = FixedClock(made.NOVEMBER)
    return found


@cache
def played() -> Sequence[Region]:
    """Some histories, the ones in which the most different things were told; the same ones every time."""
    found: list[Region] = []

    class Kept(Region):
        def teardown(self) -> None:
            super().teardown()
            found.append(self)

    with pytest.MonkeyPatch.context() as patch:
        memory.installed(patch)
        run_state_machine_as_test(seed(SEED)(Kept), settings=PROFILE)
    return sorted(found, key=_variety)[-AGAIN:]


def _variety(region: Region) -> tuple[int, int]:
    told = [draft.data.TYPE for draft in region.memory.history]
    return len({*told}), len(told)


@pytest.mark.parametrize("which", range(AGAIN))
async def test_on_real_tables_a_region_ends_as_it_does_in_memory(
    which, monkeypatch, service: Service, worker: Transport, admin: Any
):
    memory.with_a_table(monkeypatch)
    region, again = played()[which], Again(service, worker)
    for move in region.program:
        await again.make(move)
    has, expected = await stored(worker, region.memory), held(region.memory)
    assert {name for name, value in expected.items() if has[name] != value} == set()
    assert await waiting(admin) == {key: timer.due_at for key, timer in region.memory.timers.items()}
    assert await told(admin) == told_in(region.memory)
    async with admin.transaction():
        assert [found async for found in compare(admin, region.clock)] == []
    for name, query in AUDIT.items():
        assert await admin.fetch(query, *((region.clock,) if "$1" in query else ())) == [], name


class Again:
    """A coordination of which the clock stands where it stood when each thing was done.

    People act with the sight of the service: what each of them sees has tests of its own.
    """

    def __init__(self, service: Service, worker: Transport):
        self.service, self.worker = service, worker

    async def make(self, move: Move) -> None:
        """Do one thing again; it is refused in the same way, if it was."""
        clock = self.worker.settings.clock
        assert isinstance(clock, FixedClock)
        clock.instant = move.at
        if move.events:
            await self._take(move)
        elif move.handler:
            assert await self._perform(move, move.command) == move.refused, move
        else:
            while await timers.fire(self.worker, self.service.timers):
                pass

    async def _take(self, move: Move) -> None:
        async with self.worker.db.transaction() as conn:
            await outbox.lock(conn, (event.subject for event in move.events))
            outcome = await self.service.handle(conn, move.events)
            await outbox.write(self.worker, conn, outcome, system("coordination"), move.events[0].time)

    async def _perform(self, move: Move, command: Any) -> str:
        assert move.handler
        assert move.actor
        try:
            await outbox.perform(self.worker, move.actor, move.handler, command)
        except Unlocked as more:
            return await self._perform(move, replace(command, pupils=more.pupils))
        except REFUSED as error:
            return type(error).__name__
        return ""


async def stored(worker: Transport, remembered: memory.Memory) -> dict[object, Any]:
    """What the tables have: all that a handler would load of everybody."""
    async with worker.db.transaction() as conn:
        book = await store.load(conn, [*remembered.references], may_be_new=False)
        found = await partners.load(conn, [*remembered.partners])
        day = (await store.directory(conn)).present_on
        listings = await store.listings(conn, [*remembered.listings])
    return _named(book.references, book.links, book.facts, book.cases) | found | _lists(listings) | {"present_on": day}


def held(remembered: memory.Memory) -> dict[object, Any]:
    """What the memory has of the same."""
    cases = {key: memory.in_hand(case) for key, case in remembered.cases.items()}
    tasks = {code: heard.in_hand(one) for code, one in remembered.partners.items()}
    known = _named(remembered.references, remembered.links, remembered.facts, cases)
    return known | tasks | _lists(remembered.listings) | {"present_on": remembered.present_on}


def _named(references: Any, links: Any, facts: Any, cases: Any) -> dict[object, Any]:
    """Each by itself, so that a difference has a name. Who recorded a fact is not remembered."""
    told = {
        (ref, entity): replace(fact, data=fact.data.model_copy(update={"recorded_by": None}))
        for ref, some in facts.items()
        for entity, fact in some.items()
    }
    return {**references, "links": links, **told, **cases}


def _lists(listings: Any) -> dict[object, Any]:
    return {("list", code): replace(one, contacts=in_order(one.contacts)) for code, one in listings.items()}


async def waiting(admin: Any) -> Any:
    """Every timer that is set, and for when."""
    rows = await admin.fetch("SELECT kind, subject, key, due_at FROM timer")
    return {(row["kind"], row["subject"], row["key"]): row["due_at"] for row in rows}


async def told(admin: Any) -> Any:
    """Of every subject what was told, in order, and when."""
    rows = await admin.fetch("SELECT subject, type, recorded_at FROM event_log ORDER BY subject, sequence")
    return [(row["subject"], row["type"], row["recorded_at"]) for row in rows]


def told_in(remembered: memory.Memory) -> Any:
    """The same of the memory."""
    told = [(draft.subject, draft.data.TYPE, draft.at) for draft in remembered.history]
    return sorted(told, key=lambda one: one[0])
