"""What a command says when it was given something that does not exist, or that needs a word more."""

from pathlib import Path

import httpx
import pytest
from rich.console import Console

from shared.core.errors import NotFound
from shared.core.settings import Settings
from shared.operate import commands
from shared.operate.doors import Refused
from shared.operate.show import Teller

QUIET = Teller(Console(quiet=True), as_json=False)


async def test_a_topic_that_a_service_does_not_read_has_no_brake_and_those_it_reads_are_named() -> None:
    with pytest.raises(NotFound, match=r"signals does not read 'pupil'; it reads alerts, .*, pupils"):
        await commands.quarantine_release(Settings(), "signals", "pupil", QUIET)
    with pytest.raises(NotFound, match="no such service: signal"):
        await commands.quarantine_release(Settings(), "signal", "pupils", QUIET)


async def test_a_list_that_leaves_many_pupils_out_is_refused_with_what_to_do_about_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def refuse(_client: httpx.AsyncClient, *_: object, confirm: bool) -> dict[str, object]:
        error = {"where": "bestand", "expected": "een bevestiging", "code": "confirm_drop"}
        raise Refused(400, {"title": "Ongeldig", "errors": [error]})

    monkeypatch.setattr(commands, "deliver", refuse)
    file = tmp_path / "pupils.csv"
    file.write_text("brin_vestiging")
    assert await commands.import_files(Settings(data_dir=tmp_path), [file], False, QUIET) == 2
    told = capsys.readouterr().out
    assert "een bevestiging" in told
    assert "again with --confirm" in told
