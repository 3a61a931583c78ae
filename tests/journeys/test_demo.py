"""`make demo`: the whole story, from an empty folder, and started again."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest

from shared.local.processes import free_port

pytestmark = pytest.mark.timeout(900)


async def demo(data_dir: Path) -> tuple[int, dict[str, object], float]:
    """Exit code, report and seconds of one run."""
    variables = {
        **os.environ,
        "OVERSTAP_DATA_DIR": str(data_dir),
        "OVERSTAP_WEB_PORT": str(free_port()),
        "OVERSTAP_SMTP_PORT": str(free_port()),
    }
    began = time.monotonic()
    command = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "shared.cli", "up", "--once", "--json", env=variables, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await command.communicate()
    return command.returncode or 0, json.loads(out), time.monotonic() - began


async def test_the_story_ends_with_every_pupil_accounted_for_and_goes_on_where_it_was(server_dir: Path) -> None:
    data_dir = server_dir / f"demo-{time.monotonic_ns()}"
    code, report, seconds = await demo(data_dir)
    assert code == 0, report
    assert (report["pupils_in"], report["accounted_for"], report["violations"]) == (1000, 1000, [])
    events = report["events"]
    assert isinstance(events, dict)
    assert events["student-at-risk"] > 100
    assert events["handover-accepted"] > 100
    assert events["intake-done"] > 500
    assert len(list((data_dir / "mail").glob("*.eml"))) >= events["alert-delivered"] > 0

    code, again, second = await demo(data_dir)
    assert code == 0
    assert again["events"] == events
    assert second < seconds / 3
