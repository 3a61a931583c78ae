"""One case, one id: from a request at dossier through Kafka to coordination, notifications' alert, and its mail."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from shared.core import tracing
from shared.core.clock import FileClock
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local.mailbox import Mailbox
from shared.local.processes import free_port
from shared.local.sample import FOLDER
from shared.messaging.topics import catalogued, create_topics
from shared.operate import quiet
from shared.operate.doors import deliver
from shared.service import load, web, work

AFTER_THE_FIRST_DATE = datetime(2027, 2, 10, 9, tzinfo=UTC)
CASE, OTHER = "0af7651916cd43dd8448eb211c80319c", "1bf7651916cd43dd8448eb211c80319d"
PERSONAL = ("Verzonnen", "@", "leerling")


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """What a collector would receive."""
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    tracing.use(provider)
    yield exporter
    tracing.use(None)


@pytest.fixture
async def settings(
    database_url: str, kafka: str, tmp_path: Path, make_settings: Callable[..., Settings]
) -> AsyncIterator[Settings]:
    mailbox = Mailbox(tmp_path)
    smtp = await mailbox.start(free_port())
    made = make_settings(
        database_url=database_url,
        kafka_bootstrap_servers=kafka,
        kafka_session_seconds=3,
        virtual_time=True,
        smtp_port=smtp,
        demo=True,
    )
    FileClock(tmp_path / "clock").move(AFTER_THE_FIRST_DATE)
    await create_topics(kafka, catalogued(made), made.partitions)
    yield made
    await mailbox.stop()


@asynccontextmanager
async def everything(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """All five services, both sides, in this process."""
    stop, site = asyncio.Event(), web(load(settings), settings)
    task = asyncio.create_task(work(load(settings), settings, stop))
    transport = httpx.ASGITransport(app=site)
    async with (
        site.router.lifespan_context(site),
        httpx.AsyncClient(transport=transport, base_url=settings.public_url) as client,
    ):
        yield client
    stop.set()
    await asyncio.wait_for(task, 60)


async def played(settings: Settings, name: str, case: str) -> list[dict[str, Any]]:
    """Hand in who is who, then a list of pupils as one case; returns what was logged after that."""
    database = await quiet.reader(settings)
    async with everything(settings) as client:
        keys = load_keys(settings)
        for known in ("organisaties.csv", "contactpersonen.csv"):
            await deliver(client, keys, (FOLDER / known).read_bytes())
        await quiet.until_quiet(settings, database, 120)
        client.headers["traceparent"] = f"00-{case}-b7ad6b7169203331-01"
        with capture_logs(processors=[merge_contextvars]) as lines:
            rows = (FOLDER / name).read_bytes().splitlines(keepends=True)
            await deliver(client, keys, b"".join(rows[:6]))
            await quiet.until_quiet(settings, database, 120)
    await database.close()
    return list(lines)


def of_case(lines: list[dict[str, Any]], event: str, case: str = CASE) -> set[str]:
    return {line["service"] for line in lines if line["event"] == event and case in told(line)}


def told(line: dict[str, Any]) -> list[str]:
    return [line["case"]] if "case" in line else line.get("cases", [])


async def test_one_trace_leads_from_the_request_through_kafka_to_the_handlers_the_alert_and_the_mail(
    settings: Settings, spans: InMemorySpanExporter
) -> None:
    lines = await played(settings, "leerlingen-99AC00.csv", CASE)
    mine = [span for span in spans.get_finished_spans() if span.context and f"{span.context.trace_id:032x}" == CASE]
    names = {span.name for span in mine}
    assert "POST /dossier/api/v1/pupil-lists" in names
    assert {"process pupil-expected", "process student-at-risk", "send mail"} <= names
    assert _sent_with_links_to_the_case(spans)
    values = " ".join(str(value) for span in spans.get_finished_spans() for value in (span.attributes or {}).values())
    assert not [word for word in PERSONAL if word in values]
    request = next(line for line in lines if line["event"] == "request")
    assert (request["case"], request["route"]) == (CASE, "/dossier/api/v1/pupil-lists")
    assert of_case(lines, "batch_applied") == {"intake", "coordination", "notifications", "signals", "dossier"}
    assert of_case(lines, "relay_sent") >= {"dossier", "coordination", "notifications"}
    assert of_case(lines, "mail_sent") == {"notifications"}


def _sent_with_links_to_the_case(spans: InMemorySpanExporter) -> list[ReadableSpan]:
    return [
        span
        for span in spans.get_finished_spans()
        if span.name == "send" and any(f"{link.context.trace_id:032x}" == CASE for link in span.links)
    ]


async def test_without_a_collector_the_case_is_followed_all_the_same_and_kept_with_every_event(
    settings: Settings,
) -> None:
    assert settings.database_url
    lines = await played(settings, "leerlingen-99AD00.csv", OTHER)
    assert of_case(lines, "mail_sent", OTHER) == {"notifications"}
    assert of_case(lines, "timers_fired", OTHER) == {"coordination"}
    admin = await asyncpg.connect(settings.database_url)
    kinds = {"dossier": "pupil-expected", "coordination": "student-at-risk", "notifications": "alert-raised"}
    for service, kind in kinds.items():
        query = f"SELECT count(*) FROM {service}.event_log WHERE type = $1 AND substr(traceparent, 4, 32) = $2"
        assert await admin.fetchval(query, kind, OTHER) == 5, service
    await admin.close()
