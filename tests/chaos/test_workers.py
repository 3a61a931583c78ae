"""Several workers share the partitions; one joins and one leaves under load."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from tests.chaos.test_kills import opening
from tests.running import Region, environment

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(600)]


@asynccontextmanager
async def another_worker(region: Region, name: str) -> AsyncIterator["subprocess.Popen[bytes]"]:
    """One more worker of all services on the same stack; it has joined the groups when this yields."""
    variables = {**environment(region.data_dir), "OVERSTAP_KAFKA_SESSION_SECONDS": "3", "OVERSTAP_LOG_LEVEL": "INFO"}
    log = region.data_dir / f"{name}.log"
    with log.open("wb") as out:
        command = [sys.executable, "-m", "shared.cli", "run", "all", "worker"]
        worker = subprocess.Popen(command, env=variables, stdout=out, stderr=out)
    try:
        async with asyncio.timeout(60):
            while log.read_text().count("consumers_started") < 5:
                assert worker.poll() is None, log.read_text()
                await asyncio.sleep(0.1)
        yield worker
    finally:
        if worker.poll() is None:
            worker.terminate()
            worker.wait(60)


async def test_workers_join_under_load_one_is_killed_and_one_leaves_in_order(region: Region) -> None:
    """Up to three share the partitions; the first is killed while a second and a third take part."""
    files = opening()

    async def come_and_go() -> None:
        async with another_worker(region, "second"):
            async with another_worker(region, "third"):
                before = region.pid("worker")
                region.kill("worker")
                await region.back("worker", before)
            await region.hand_in(files[-2:])

    await asyncio.gather(region.hand_in(files), come_and_go())
    await region.quiet()
    report = await region.audit()
    assert (report.pupils_in, report.accounted_for, report.violations) == (1000, 1000, [])
    assert report.events["transition-opened"] == 1000
