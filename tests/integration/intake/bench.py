"""Both sides of intake on a real database, for its tests."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice
from typing import Any

import pytest

from services.intake import app
from services.intake.handlers import files
from shared.core.actor import Actor, Role
from shared.core.clock import FixedClock
from shared.core.ids import opaque_ref
from shared.core.settings import Settings
from shared.local.sample.people import numbers
from shared.messaging.outbox import Transport, perform
from shared.schemas.coordination import ActionDone, ActionOpened, Custodian
from shared.schemas.dossiers import (
    ChoiceRegistered,
    ChoiceState,
    ChoiceWithdrawn,
    DossierHandedOver,
    FollowUp,
    HandoverOpened,
    HandoverState,
    HandoverStatus,
    HandoverWithdrawn,
    WarmHandoverHeld,
    WarmHandoverRequested,
)
from shared.schemas.envelope import EventData
from shared.schemas.imports import ImportResult
from shared.schemas.pupils import PupilRecorded
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


def _counts(result: ImportResult) -> tuple[int, int, int, int]:
    return result.applied, result.unchanged, result.skipped, result.quarantined


@dataclass
class Bench:
    """Both sides of the service on one database."""

    web: Transport
    worker: Transport

    def ref(self, pgn: str) -> str:
        return self.web.keys.pupil_ref(pgn)

    async def hand_in(self, kind: str, text: str, actor: Actor = COORDINATOR) -> ImportResult:
        handler, command = files.command(kind, text.encode(), self.web.keys, NOW)
        result: ImportResult = await perform(self.web, actor, handler, command)
        return result

    async def statuses(self, *rows: str, actor: Actor = COORDINATOR) -> tuple[int, int, int, int]:
        return _counts(await self.hand_in("applications", STATUSES + "\n".join(rows), actor))

    async def results(self, *rows: str, actor: Actor = COORDINATOR) -> tuple[int, int, int, int]:
        return _counts(await self.hand_in("intakes", RESULTS + "\n".join(rows), actor))

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


def result(pgn: str, day: str, outcome: str, reason: str = "", id: str = "A1", brin: str = "99XA") -> str:
    return f"{brin};{id};{pgn};{day};{outcome};{reason}"


def recorded(first_name: str = "Sanne", municipality: str = "0344") -> PupilRecorded:
    return PupilRecorded(
        occurred_at=NOW,
        first_name=first_name,
        last_name="Voorbeeld",
        birth_date=date(2010, 5, 6),
        municipality=municipality,
    )


def choice(pupil_ref: str, brin: str = "99XA", withdrawn: bool = False, preference: int = 1) -> ChoiceState:
    made = ChoiceWithdrawn if withdrawn else ChoiceRegistered
    return made(
        occurred_at=NOW,
        choice_id=opaque_ref("choice", pupil_ref, "2027", brin, "25655"),
        cohort=2027,
        vo_site="99XX00",
        mbo_institution=brin,
        programme="25655",
        level=2,
        pathway="bol",
        preference=preference,
    )


def handover(pupil_ref: str, status: str, brin: str = "99XA") -> HandoverState:
    made = {"offered": DossierHandedOver, "opened": HandoverOpened, "withdrawn": HandoverWithdrawn}[status]
    return made(
        occurred_at=NOW,
        handover_id=opaque_ref("handover", pupil_ref, "2027", brin, "1"),
        cohort=2027,
        vo_site="99XX00",
        mbo_institution=brin,
        kind="warm",
        status=HandoverStatus(status),
        offered_at=NOW,
    )


def talk(pupil: str, held: bool = False) -> WarmHandoverRequested | WarmHandoverHeld:
    follow_up = FollowUp(action="call_pupil", organisation="99XA", role="slber", due=date(2027, 3, 20))
    made: Any = WarmHandoverHeld if held else WarmHandoverRequested
    state: WarmHandoverRequested | WarmHandoverHeld = made(
        occurred_at=NOW,
        talk_id=opaque_ref("talk", pupil),
        cohort=2027,
        vo_site="99XX00",
        mbo_institution="99XA",
        status="held" if held else "requested",
        requested_by="vo",
        requested_at=NOW,
        hold_by=date(2027, 3, 12),
        held_at=NOW if held else None,
        follow_ups=(follow_up,) if held else (),
    )
    return state


def action(pupil: str, person: str, done: bool = False) -> ActionOpened | ActionDone:
    made: Any = ActionDone if done else ActionOpened
    state: ActionOpened | ActionDone = made(
        occurred_at=NOW,
        action_id=opaque_ref("action", pupil),
        cohort=2027,
        kind="hold-intake",
        owner=Custodian(organisation="99XA", role="intaker", contact=person),
        due_at=NOW + timedelta(days=3),
        severity=1,
        next=True,
        done_at=NOW if done else None,
    )
    return state


def told(subject: str, data: EventData, sequence: int, source: str = "dossier", minutes: int = 0) -> Event:
    return Event(source, subject, data, NOW + timedelta(minutes=minutes), sequence)
