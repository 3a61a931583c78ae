"""Node and the packages of the lock file; and tools that may be missing."""

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent


def require(*tools: str) -> None:
    """Skip, or fail where tools are required, when one of these commands is not there."""
    lacking = ", ".join(tool for tool in tools if shutil.which(tool) is None)
    if not lacking:
        return
    if os.environ.get("OVERSTAP_REQUIRE_TOOLS"):
        pytest.fail(f"needs {lacking}")
    pytest.skip(f"needs {lacking}")


@cache
def installed() -> Path:
    """The folder of the packages, as the lock file says; fetched once, and again when the lock changes."""
    require("node", "npm")
    modules, lock = FOLDER / "node_modules", FOLDER / "package-lock.json"
    done = modules / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci"], cwd=FOLDER, check=True, capture_output=True, timeout=300)
    return modules
