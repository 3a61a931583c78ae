"""A whole embedded stack in processes of its own, for tests that look at all five services together."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import httpx
import psutil

from shared.core.errors import Unavailable
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.local import demo, state, virtual_time
from shared.local.processes import free_port
from shared.local.sample import Delivery
from shared.local.stack import Kind
from shared.operate import quiet
from shared.operate.audit import Report, audit
from shared.operate.commands import reading, settings_of_running
from shared.operate.doors import deliver

UP_SECONDS = 60
QUIET_SECONDS = 180
ANSWER_SECONDS = 120


@dataclass
class Region:
    """A running stack and what a test does to it or with it."""

    supervisor: subprocess.Popen[bytes]
    data_dir: Path

    @property
    def settings(self) -> Settings:
        return settings_of_running(Settings(_env_file=None, data_dir=self.data_dir))

    def kill(self, part: str) -> None:
        """End one process of the stack without warning."""
        running = state.read(self.data_dir)
        assert running
        process = running.processes[part].process()
        if process:
            process.send_signal(signal.SIGKILL)

    async def back(self, part: str, before: int) -> None:
        """Wait until the supervisor has started the part again."""
        async with asyncio.timeout(UP_SECONDS):
            while (running := state.read(self.data_dir)) is None or running.processes[part].pid == before:
                await asyncio.sleep(0.05)

    def pid(self, part: str) -> int:
        running = state.read(self.data_dir)
        assert running
        return running.processes[part].pid

    async def hand_in(self, files: Iterable[Delivery]) -> None:
        """Hand in files as a school's system would: again until an answer comes."""
        settings = self.settings
        async with httpx.AsyncClient(base_url=settings.public_url, timeout=30) as client:
            for file in files:
                async with asyncio.timeout(ANSWER_SECONDS):
                    while not await _answered(client, load_keys(settings), file):
                        pass

    async def quiet(self) -> None:
        database = await quiet.reader(self.settings)
        try:
            await quiet.until_quiet(self.settings, database, QUIET_SECONDS)
        finally:
            await database.close()

    async def move_to(self, instant: datetime) -> None:
        """Let business time pass, with everything that comes due on the way."""
        database = await quiet.reader(self.settings)
        try:
            await virtual_time.advance(self.settings, database, instant, lambda _: None)
        finally:
            await database.close()

    async def open_transitions(self) -> list[str]:
        """References of pupils with a custodian, as coordination knows them."""
        async with reading(self.settings) as database, database.acquire() as conn:
            rows = await conn.fetch("SELECT pupil_ref FROM coordination.transition WHERE closed_at IS NULL ORDER BY 1")
        return [row["pupil_ref"] for row in rows]

    async def audit(self) -> Report:
        settings = self.settings
        database = await quiet.reader(settings)
        try:
            async with database.acquire() as conn:
                return await audit(conn, settings)
        finally:
            await database.close()


async def _answered(client: httpx.AsyncClient, keys: Keys, file: Delivery) -> bool:
    try:
        await deliver(client, keys, file.data)
    except Unavailable:
        return False
    return True


def environment(data_dir: Path) -> dict[str, str]:
    return {
        **os.environ,
        "OVERSTAP_DATA_DIR": str(data_dir),
        "OVERSTAP_WEB_PORT": str(free_port()),
        "OVERSTAP_WORKER_PORT": str(free_port()),
        "OVERSTAP_SMTP_PORT": str(free_port()),
        "OVERSTAP_GAP_SECONDS": "1",
        "OVERSTAP_HEADS_SECONDS": "3",
        "OVERSTAP_LOG_LEVEL": "WARNING",
    }


@asynccontextmanager
async def started(data_dir: Path, *, kafka: Kind = "embedded") -> AsyncIterator[Region]:
    """A stack without sample, on virtual time that stands at the opening of the story; ended afterwards."""
    virtual_time.begin(Settings(_env_file=None, data_dir=data_dir), demo.begin_at())
    command = [sys.executable, "-m", "shared.cli", "up", "--empty", "--virtual", "--kafka", kafka]
    with (data_dir / "up.log").open("wb") as log:
        supervisor = subprocess.Popen(command, env=environment(data_dir), stdout=log, stderr=log)
    try:
        await _answers(supervisor, data_dir)
        yield Region(supervisor, data_dir)
    finally:
        supervisor.terminate()
        supervisor.wait(60)
        assert not [p for p in psutil.Process().children(recursive=True) if str(data_dir) in " ".join(p.cmdline())]


async def _answers(supervisor: subprocess.Popen[bytes], data_dir: Path) -> None:
    async with asyncio.timeout(UP_SECONDS):
        while True:
            assert supervisor.poll() is None, (data_dir / "up.log").read_text()
            running = state.read(data_dir)
            if running and "worker" in running.processes:
                async with httpx.AsyncClient() as client:
                    try:
                        if (await client.get(f"{running.addresses['web']}/readyz")).is_success:
                            return
                    except httpx.TransportError:
                        pass
            await asyncio.sleep(0.1)
