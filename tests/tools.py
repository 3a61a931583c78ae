"""Tools that a machine may lack: then a test is skipped, and fails where `OVERSTAP_REQUIRE_TOOLS` is 1."""

import os
import shutil
from typing import NoReturn

import pytest


def require(*commands: str) -> None:
    """Go on only when all of these commands are there."""
    if lacking := ", ".join(command for command in commands if shutil.which(command) is None):
        absent(f"needs {lacking}")


def absent(reason: str) -> NoReturn:
    """Skip, or fail where tools are required."""
    if os.environ.get("OVERSTAP_REQUIRE_TOOLS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)
