"""The look with kcat that docs/integrators.md shows, as it stands there."""

import asyncio
import shlex
from datetime import UTC, datetime
from pathlib import Path

from shared.core.ids import new_id
from shared.core.settings import Settings
from shared.local.apache_kafka import ApacheKafka
from shared.messaging import records
from shared.messaging.broker import Producer
from shared.messaging.topics import create_topics
from shared.schemas.examples import PUPIL
from tests.node.tools import require

PAGE = Path(__file__).parents[2] / "docs" / "integrators.md"


async def test_kcat_shows_the_subject_the_headers_and_the_data_of_every_event_and_ends(node: ApacheKafka) -> None:
    require("kcat")
    settings = Settings(_env_file=None, kafka_bootstrap_servers=node.bootstrap)
    await create_topics(node.bootstrap, [settings.topic("dossiers")], settings.partitions)
    row = {"topic": "dossiers", "type": "choice-registered", "subject": PUPIL, "payload": "{}"}
    rows = [{**row, "event_id": new_id(), "recorded_at": datetime.now(UTC), "sequence": n} for n in (1, 2, 3)]
    producer = Producer(settings)
    assert all(await producer.send([record for row in rows for record in records.encode(settings, "dossier", row)]))
    await producer.close()

    command = next(line for line in PAGE.read_text().splitlines() if line.startswith("kcat "))
    kcat = await asyncio.create_subprocess_exec(
        *shlex.split(command.replace("127.0.0.1:9092", node.bootstrap)), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(60):
        out, _ = await kcat.communicate()
    assert kcat.returncode == 0
    shown = out.decode().splitlines()
    assert [line.split()[0] for line in shown[::2]] == [PUPIL] * 3
    assert shown[1::2] == ["{}"] * 3
    assert [f"ce_sequence={n:020d}" in line for n, line in enumerate(shown[::2], 1)] == [True] * 3
