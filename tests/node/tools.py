"""Node and the packages of the lock file."""

import subprocess
from functools import cache
from pathlib import Path

from tests.tools import require

FOLDER = Path(__file__).parent


@cache
def installed() -> Path:
    """The folder of the packages, as the lock file says; fetched once, and again when the lock changes."""
    require("node", "npm")
    modules, lock = FOLDER / "node_modules", FOLDER / "package-lock.json"
    done = modules / ".package-lock.json"
    if not done.exists() or done.stat().st_mtime < lock.stat().st_mtime:
        subprocess.run(["npm", "ci"], cwd=FOLDER, check=True, capture_output=True, timeout=300)
    return modules
