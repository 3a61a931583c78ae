"""What comes of the same input is the same on every broker: no event depends on which topic was read first."""

import shutil
from collections import Counter
from datetime import date
from pathlib import Path

import asyncpg
import pytest

from shared.core.clock import local_instant
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local.sample import deliveries
from shared.local.stack import Kind
from shared.schemas.catalog import SERVICES
from tests.running import Region, started

pytestmark = pytest.mark.timeout(900)
LAST_FILES, END = date(2026, 11, 30), date(2027, 2, 2)
"""Past the first look of `no-application` on 1 February, with the signals and mails that come of it."""
OFFICE_HOUR = 9
Story = Counter[tuple[str, ...]]


async def live(region: Region) -> None:
    """The files of the first weeks, and then time alone."""
    files = [d for d in deliveries() if d.day <= LAST_FILES]
    for day in sorted({file.day for file in files}):
        await region.move_to(local_instant(day, OFFICE_HOUR))
        for kind in dict.fromkeys(file.kind for file in files if file.day == day):
            # A file may build on an earlier one: an intake needs its application.
            await region.hand_in([file for file in files if (file.day, file.kind) == (day, kind)])
            await region.quiet()
    await region.move_to(local_instant(END, OFFICE_HOUR))


async def story(region: Region) -> Story:
    """Every event of every service: of whom, when, and what it says where that can be read."""
    conn, told = await asyncpg.connect(region.settings.database_url), Story()
    for service in SERVICES:
        for row in await conn.fetch(f"SELECT type, subject, recorded_at, payload FROM {service}.event_log"):
            text = row["payload"] if row["payload"].startswith("{") else "encrypted"
            told[service, row["type"], row["subject"], row["recorded_at"].isoformat(), text] += 1
    await conn.close()
    return told


async def test_the_same_weeks_give_the_same_events_on_the_embedded_broker_and_on_apache_kafka(
    server_dir: Path,
) -> None:
    kinds: tuple[Kind, ...] = ("embedded", "apache")
    keys = server_dir / "keys"
    # References of pupils, and all that is named after them, are made with the key of the installation.
    load_keys(Settings(_env_file=None, data_dir=keys))
    told = []
    for kind in kinds:
        folder = server_dir / f"story-{kind}"
        shutil.copytree(keys, folder)
        async with started(folder, kafka=kind) as region:
            await live(region)
            assert not (await region.audit()).violations
            told.append(await story(region))
    assert told[0] == told[1]
    types = {key[1] for key in told[0]}
    assert {"student-at-risk", "alert-raised", "alert-delivered", "application-status-changed"} <= types
