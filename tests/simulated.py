"""A simulated year, begun as an operator begins it."""

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from shared.local.processes import free_port

PUPILS = ("--pupils", "60")
"""As few as there can be with a boundary of every rule planted."""


async def started(data_dir: Path, *words: str) -> asyncio.subprocess.Process:
    """The command, as an operator gives it."""
    ports = {f"OVERSTAP_{name}_PORT": str(free_port()) for name in ("WEB", "WORKER", "SMTP")}
    return await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "shared.cli", "simulate", *words, "--json"),
        env={**os.environ, "OVERSTAP_DATA_DIR": str(data_dir), **ports},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )


async def report(running: asyncio.subprocess.Process) -> dict[str, Any]:
    """What came of it, once it is over and everything is as planned."""
    out, err = await running.communicate()
    assert running.returncode == 0, (out.decode(), err.decode())
    told: dict[str, Any] = json.loads(out)
    return told
