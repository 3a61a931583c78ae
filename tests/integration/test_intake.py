"""Intake on a real database: files and commands in, events out, and the same again changes nothing."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import pytest

from services.intake import app, files
from services.intake.handlers.receipts import Told
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from shared.local.sample.people import numbers
from tests import support
from tests.support import Told as Event
from tests.support import deliver, open_transport, published

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
COORDINATOR = support.actor("99XA", Role.INTAKE_COORDINATOR)
OTHER = support.actor("99XB", Role.INTAKE_COORDINATOR)
STATUSES = (
    "mbo_brin;aanmelding_id;pgn;geboortedatum;achternaam;tussenvoegsel;roepnaam;gemeentecode;crebo;leerroute;status;"
    "statusdatum;versie\n"
)
RESULTS = "mbo_brin;aanmelding_id;pgn;intakedatum;uitkomst;redencode\n"
PGNS = tuple(islice(numbers(), 8))


@dataclass
class Bench:
    """Both sides of the service on one database."""

    web: Transport
    worker: Transport

    def ref(self, pgn: str) -> str:
        return self.web.keys.pupil_ref(pgn)

    async def hand_in(self, kind: files.Kind, text: str, actor: Actor = COORDINATOR) -> Told:
        handler, command = files.command(kind, text.encode(), self.web.keys, NOW)
        told: Told = await perform(self.web, actor, handler, command)
        return told

    async def statuses(self, *rows: str, actor: Actor = COORDINATOR) -> tuple[int, int, int, int]:
        receipt = (await self.hand_in("applications", STATUSES + "\n".join(rows), actor)).receipt
        return receipt.applied, receipt.unchanged, receipt.skipped, receipt.quarantined

    async def results(self, *rows: str, actor: Actor = COORDINATOR) -> tuple[int, int, int, int]:
        receipt = (await self.hand_in("intakes", RESULTS + "\n".join(rows), actor)).receipt
        return receipt.applied, receipt.unchanged, receipt.skipped, receipt.quarantined

    async def tell(self, *events: Event) -> None:
        await deliver(self.worker, app.build(self.worker.settings), events)

    async def events(self) -> list[tuple[str, str, dict[str, Any]]]:
        return await published(self.worker)

    async def rows(self, query: str) -> list[dict[str, Any]]:
        async with self.worker.db.acquire() as conn:
            return [dict(row) for row in await conn.fetch(query)]


@pytest.fixture
async def bench(database_url: str, make_settings: Callable[..., Settings]) -> AsyncIterator[Bench]:
    settings = make_settings(database_url=database_url)
    settings.clock = FixedClock(NOW)
    made = Bench(await open_transport(settings, "intake", "web"), await open_transport(settings, "intake"))
    async with made.worker.db.acquire() as conn:
        tables = await conn.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'intake'")
        names = [row["tablename"] for row in tables if row["tablename"] != "migration"]
        for name in names:
            await conn.execute(f"DELETE FROM {name}")
    yield made
    await made.web.db.close()
    await made.worker.db.close()


def status(pgn: str, what: str, day: str, version: int, id: str = "A1", brin: str = "99XA") -> str:
    return f"{brin};{id};{pgn};2010-05-06;Proef;van der;Noor;0344;25655;BOL;{what};{day};{version}"


async def test_a_file_makes_a_pupil_who_is_met_first_and_tells_the_present_state_once(bench: Bench) -> None:
    rows = [status(PGNS[0], "SUBMITTED", "2026-11-02", 1), status(PGNS[0], "RECEIVED", "2026-11-05", 2)]
    assert await bench.statuses(*rows) == (2, 0, 0, 0)
    recorded, changed = await bench.events()
    assert recorded[0] == "pupil-recorded"
    assert recorded[2]["last_name"] == "Proef"
    assert changed[:2] == ("application-status-changed", bench.ref(PGNS[0]))
    assert (changed[2]["status"], changed[2]["cohort"], changed[2]["channel"]) == ("received", 2027, "csv")
    assert await bench.statuses(*rows) == (0, 2, 0, 0)
    assert len(await bench.events()) == 2
