"""A file of statuses through its real door, beside COPY of the same rows into a bare table."""

import io
import time
from typing import Any

import asyncpg
import httpx

from bench import files, story
from bench.latency import answers
from bench.meter import Meter, spent
from bench.place import Place, running
from shared.core.keys import load_keys
from shared.local.processes import free_port
from shared.operate import doors

TABLE = """CREATE TABLE statuses (mbo_brin text, aanmelding_id text, pgn text, geboortedatum date, achternaam text,
tussenvoegsel text, roepnaam text, gemeentecode text, crebo text, leerroute text, status text, statusdatum date,
versie int)"""


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
    copied = await _copy(str(settings.database_url), data)
    assert receipt["received"] == receipt["applied"] == rows, receipt
    return {
        "rows": rows,
        "rows_per_second": round(rows / seconds),
        "copied_per_second": round(rows / copied),
        "cpu_per_1000": spent(before, after, rows),
        "memory_mb": meter.memory_summary(),
    }


async def _copy(url: str, data: bytes) -> float:
    conn = await asyncpg.connect(url)
    try:
        await conn.execute(TABLE)
        started = time.perf_counter()
        await conn.copy_to_table("statuses", source=io.BytesIO(data), format="csv", delimiter=";", header=True)
        return time.perf_counter() - started
    finally:
        await conn.close()
