"""Processes end without warning, at random moments; nothing is lost, nothing is doubled, and the audit proves it."""

import asyncio
from collections.abc import Callable

import httpx
import pytest

from shared.local.sample import OPENING, Delivery, deliveries
from tests.running import Region

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]
TIMES = 10


def opening() -> list[Delivery]:
    """Who is who, the four pupil lists and the choices."""
    files = [d for d in deliveries() if d.kind in ("organisaties", "contactpersonen", "leerlingen", "keuzes")]
    assert files[0].day == OPENING
    return files


async def test_killing_web_and_worker_ten_times_during_an_import_changes_nothing(
    region: Region, dice: Callable[[], float]
) -> None:
    async def hurt() -> None:
        for turn in range(TIMES):
            await asyncio.sleep(dice())  # the moment is what is being tested
            part = ("web", "worker")[turn % 2]
            before = region.pid(part)
            region.kill(part)
            await region.back(part, before)

    await asyncio.gather(region.hand_in(opening()), hurt())
    await region.quiet()
    report = await region.audit()
    assert (report.pupils_in, report.accounted_for, report.violations) == (1000, 1000, [])
    assert report.events["pupil-expected"] == 1000
    assert report.events["transition-opened"] == 1000


async def test_the_broker_forgets_everything_ten_times_and_the_history_is_sent_again(
    region: Region, dice: Callable[[], float]
) -> None:
    async def hurt() -> None:
        for _ in range(TIMES):
            await asyncio.sleep(dice())  # the moment is what is being tested
            before = region.pid("broker")
            region.kill("broker")
            await region.back("broker", before)

    await asyncio.gather(region.hand_in(opening()), hurt())
    await region.quiet()
    report = await region.audit()
    assert (report.pupils_in, report.accounted_for, report.violations) == (1000, 1000, [])


async def test_pages_and_doors_answer_while_the_broker_is_away(region: Region) -> None:
    organisations, contacts, pupils = opening()[:3]
    region.kill("broker")
    await region.hand_in([organisations, contacts, pupils])
    async with httpx.AsyncClient(base_url=region.settings.public_url) as client:
        assert (await client.get("/readyz")).status_code == 200
        assert (await client.get("/signin")).status_code == 200
    await region.quiet()
    assert (await region.audit()).good


async def test_the_database_killed_in_the_middle_loses_nothing(region: Region) -> None:
    files = opening()

    async def hurt() -> None:
        await asyncio.sleep(0.5)  # in the middle of the import
        before = region.pid("postgres")
        region.kill("postgres")
        await region.back("postgres", before)

    await asyncio.gather(region.hand_in(files), hurt())
    await region.quiet()
    report = await region.audit()
    assert (report.pupils_in, report.accounted_for, report.violations) == (1000, 1000, [])
