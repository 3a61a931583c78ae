"""A child process reads the same settings as its parent."""

import os
from pathlib import Path

import pytest

from shared.core.settings import Settings, as_environment


def test_settings_survive_the_way_through_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(_env_file=None, data_dir=Path("/data"), demo=True, smtp_password="secret", gap_seconds=1.5)
    for name, value in as_environment(settings).items():
        monkeypatch.setenv(name, value)
    assert Settings(_env_file=None) == settings


def test_the_rest_of_the_environment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "nl_NL.UTF-8")
    environment = as_environment(Settings(_env_file=None))
    assert environment["LANG"] == "nl_NL.UTF-8"
    assert environment["PATH"] == os.environ["PATH"]
    assert "OVERSTAP_DATABASE_URL" not in environment
