"""A file of statuses through its real door, beside COPY of the same rows into a bare table; and the export of the
national chain through its own, small and large."""

import asyncio
import io
import time
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx

from bench import files, story
from bench.latency import answers
from bench.meter import Meter, spent
from bench.place import OPERATOR, Place, running
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.local.processes import free_port
from shared.local.sample.chain import HEADER, Wanted, pieces
from shared.operate import doors

TABLE = """statuses (mbo_brin text, aanmelding_id text, pgn text, geboortedatum date, achternaam text,
tussenvoegsel text, roepnaam text, gemeentecode text, crebo text, leerroute text, status text, statusdatum date,
versie int)"""
EXPORT_TABLE = f"rows ({', '.join(f'{name} text' for name in HEADER)})"


async def measure(place: Place, rows: int) -> dict[str, Any]:
    """Rows per second of both."""
    port = free_port()
    settings = await place.room(story.NOW, web_port=port)
    data = files.statuses(rows)
    with running("web", ["shared.cli", "run", "intake", "web"], settings) as web:
        await answers(port)
        assert web.pid
        meter = Meter({"web": web.pid, **place.pids()})
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=600) as client, meter.watching():
            before, started = meter.cpu(), time.perf_counter()
            receipt = await doors.deliver(client, load_keys(settings), data)
            seconds, after = time.perf_counter() - started, meter.cpu()
    copied = await _copy(str(settings.database_url), TABLE, data)
    assert receipt["received"] == receipt["applied"] == rows, receipt
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "copied_per_second": round(rows / copied),
        "cpu_per_1000": spent(before, after, rows),
        "memory_mb": meter.memory_summary(),
    }


async def export(place: Place, rows: int) -> dict[str, Any]:
    """An export of so many rows: until every row has its fate, and until every event is sent."""
    port = free_port()
    settings = await place.room(story.NOW, web_port=port)
    wanted = Wanted(rows, bad=rows // 1000)
    with (
        running("web", ["shared.cli", "run", "intake", "web"], settings) as web,
        running("worker", ["shared.cli", "run", "intake", "worker"], settings) as worker,
    ):
        await answers(port)
        assert web.pid
        assert worker.pid
        meter = Meter({"web": web.pid, "worker": worker.pid, **place.pids()})
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=600) as client, meter.watching():
            before, started = meter.cpu(), time.perf_counter()
            first = await _taken_in(client, settings, wanted)
            seconds, after = time.perf_counter() - started, meter.cpu()
            events = await _sent(settings)
            sent = time.perf_counter() - started
            again = await _taken_in(client, settings, wanted)
            told = await _sent(settings)
    copied = await _copy(str(settings.database_url), EXPORT_TABLE, b"".join(pieces(wanted)))
    assert first["received"] == rows, first
    assert (again["applied"], told) == (0, events), again
    return {
        "rows": rows,
        "seconds": round(seconds, 1),
        "seconds_until_sent": round(sent, 1),
        "rows_per_second": round(rows / seconds),
        "copied_per_second": round(rows / copied),
        "events": events,
        "fates": {name: first[name] for name in ("applied", "unchanged", "skipped", "quarantined")},
        "cpu_per_1000": spent(before, after, rows),
        "memory_mb": meter.memory_summary(),
    }


async def _taken_in(client: httpx.AsyncClient, settings: Settings, wanted: Wanted) -> dict[str, Any]:
    """Hand the export in as a stream, and wait until it is taken in."""

    async def stream() -> AsyncIterator[bytes]:
        for piece in pieces(wanted):
            yield piece

    headers = {"authorization": f"Bearer {load_keys(settings).api_token(OPERATOR)}", "content-type": "text/csv"}
    answer = await client.post("/intake/api/v1/application-exports", content=stream(), headers=headers)
    return await doors.followed(client, headers, answer.raise_for_status().headers["location"])


async def _sent(settings: Settings) -> int:
    """Wait until nothing waits to be sent; gives how many events there are."""
    conn = await asyncpg.connect(str(settings.database_url))
    try:
        while await conn.fetchval("SELECT EXISTS (SELECT FROM intake.outbox)"):
            await asyncio.sleep(0.2)
        return int(await conn.fetchval("SELECT count(*) FROM intake.event_log"))
    finally:
        await conn.close()


async def _copy(url: str, table: str, data: bytes) -> float:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(f"CREATE TABLE {table}")
        name = table.partition(" ")[0]
        started = time.perf_counter()
        await conn.copy_to_table(name, source=io.BytesIO(data), format="csv", delimiter=";", header=True)
        return time.perf_counter() - started
    finally:
        await conn.close()
