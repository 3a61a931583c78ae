"""One version, wherever it is told."""

import tomllib
from pathlib import Path

from shared.core import __version__


def test_the_version_in_the_code_is_that_of_the_package() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["project"]["version"] == __version__
