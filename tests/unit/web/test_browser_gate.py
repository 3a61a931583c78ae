"""A browser test that can not run is skipped on a laptop and fails where the browser must be there."""

import os
import subprocess
import sys

import pytest

ONE_TEST = "tests/browser/test_shared_pages.py::test_the_page_without_the_faults_is_good"


@pytest.mark.parametrize(("required", "code", "told"), [("0", 0, "1 skipped"), ("1", 1, "1 error")])
def test_without_chromium_the_browser_tests_skip_or_fail(required: str, code: int, told: str) -> None:
    environment = {**os.environ, "PATH": "/nonexistent", "OVERSTAP_REQUIRE_TOOLS": required}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", ONE_TEST]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert run.returncode == code, run.stdout
    assert told in run.stdout
    assert "Chromium is not installed" in run.stdout
