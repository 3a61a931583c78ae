"""`overstap rehearse` on real histories: reads them, tells the difference, writes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from services.coordination import agreement
from shared.core.actor import system
from shared.core.clock import FixedClock
from shared.core.errors import Invalid, NotFound
from shared.core.settings import Settings
from shared.messaging import outbox
from shared.messaging.outbox import Transport
from shared.operate.rehearse import Asked, rehearse
from shared.operate.show import Teller
from shared.schemas.envelope import Draft, Event
from shared.service import Service
from tests.integration.coordination.steps import run_until, tell
from tests.support import open_transport
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, NOVEMBER

TEXT = (agreement.FOLDER / "default.yaml").read_text(encoding="utf-8")
LATER = TEXT.replace('day: "02-01", severity: notice', 'day: "02-11", severity: notice')
TABLES = ("event_log", "transition", "custody", "action", "risk", "timer", "outbox")


async def published(admin: Any, settings: Settings, *events: Event) -> None:
    """Put events in the history of the service that tells them."""
    for service in ("dossier", "intake"):
        await admin.execute(f"TRUNCATE {service}.event_log, {service}.stream, {service}.outbox")
        side = await open_transport(settings, service)
        async with side.db.transaction() as conn:
            drafts = [Draft(e.subject, e.data, e.time) for e in events if e.source == service]
            await outbox.append(side, conn, drafts, system(service), NOVEMBER)
        await side.db.close()


@pytest.fixture
async def year(worker: Transport, service: Service, settings: Settings, admin: Any) -> None:
    """Three pupils: one applied in time, one in February, one never."""
    events = [
        *(event for n in (1, 2, 3) for event in (made.recorded(n), made.expected(n, sequence=2))),
        made.applied(1),
        made.applied(2, at=made.day(2, 5)),
    ]
    await published(admin, settings, *events)
    await tell(worker, service, *events)
    await run_until(worker, service, made.day(2, 20))
    assert isinstance(settings.clock, FixedClock)
    settings.clock.instant = made.day(6, 1)


async def counts(admin: Any) -> list[int]:
    return [await admin.fetchval(f"SELECT count(*) FROM {table}") for table in TABLES]


async def run(settings: Settings, path: Path, **asked: Any) -> None:
    await rehearse(
        settings, Asked(path, COHORT, **asked), Teller(Console(stderr=True), as_json=asked.pop("json", True))
    )


@pytest.mark.usefixtures("year")
async def test_a_later_stage_is_told_by_signal_by_desk_and_by_week(
    settings: Settings, tmp_path: Path, admin: Any, capsys: pytest.CaptureFixture[str]
):
    path, before = tmp_path / "later.yaml", await counts(admin)
    path.write_text(LATER, encoding="utf-8")
    await run(settings, path, capacity=("mentor=1",))
    told = json.loads(capsys.readouterr().out)
    notice = next(one for one in told["signals"] if one["signal"] == "no-application notice")
    assert notice == {
        "signal": "no-application notice",
        **{"same_day": 0, "earlier": 0, "later": 1, "median_days": 10, "most_days": 10, "new": 0, "no_longer": 1},
    }
    mentor = next(one for one in told["desks"] if one["role"] == "mentor")
    assert [mentor["weeks"][name].get("2027-W05") for name in ("present", "changed")] == [2, None]
    assert ["2027-W05" in mentor["over"][name] for name in ("present", "changed")] == [True, False]
    assert mentor["pupils"] == [3, 3]
    assert (told["pupils"], told["same"]) == (3, False)
    assert await counts(admin) == before, "nothing was written"


@pytest.mark.usefixtures("year")
async def test_the_same_agreement_makes_no_difference(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    path = tmp_path / "same.yaml"
    path.write_text(TEXT, encoding="utf-8")
    await rehearse(settings, Asked(path, COHORT), Teller(Console(stderr=True), as_json=False))
    told = capsys.readouterr().out
    assert told.rstrip().endswith("cohort 2027, 3 pupils: no difference to anybody")
    assert "no-application notice" in told


async def test_a_wrong_agreement_and_a_year_without_pupils_are_told(settings: Settings, tmp_path: Path):
    path = tmp_path / "wrong.yaml"
    path.write_text(
        TEXT.replace("rule_hour: 8", "rule_hour: 25").replace("due_hour: 17", "due_hour: 99"), encoding="utf-8"
    )
    with pytest.raises(Invalid) as wrong:
        await run(settings, path)
    assert len(wrong.value.faults) == 2
    path.write_text(TEXT, encoding="utf-8")
    with pytest.raises(NotFound):
        await run(settings, path)
    with pytest.raises(Invalid):
        await run(settings, path, capacity=("mentor",))
