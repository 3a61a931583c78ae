"""What the command line prints is what was told, letter by letter."""

import pytest
from rich.console import Console

from shared.operate.show import Teller


def test_what_stands_in_brackets_is_text_and_no_markup(capsys: pytest.CaptureFixture[str]) -> None:
    say = Teller(Console(stderr=True, width=80), as_json=False)
    say.note("expected: ^[a-z2-7]{26}$")
    say.result({}, "route: [chosen]")
    say.table("Routes", ("route",), [["[mentor]"]])
    told = capsys.readouterr()
    assert told.err == "expected: ^[a-z2-7]{26}$\n"
    assert "route: [chosen]\n" in told.out
    assert "[mentor]" in told.out


def test_a_table_without_rows_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    Teller(Console(stderr=True), as_json=False).table("Behind", ("events", "seconds"), iter(()))
    assert capsys.readouterr().out == ""
