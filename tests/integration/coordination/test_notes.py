"""What the operator is told beside the violations."""

import asyncpg
import pytest
from rich.console import Console

from shared.core.settings import Settings
from shared.operate.commands import audit
from shared.operate.show import Teller


async def test_an_organisation_without_contacts_is_noted_and_is_no_violation(
    admin: asyncpg.Connection, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    await admin.execute("INSERT INTO organisation (code, kind, name) VALUES ('99MA', 'mbo', 'ROC Kromme Linde')")
    assert await audit(settings, Teller(Console(stderr=True), as_json=False)) == 0
    told = capsys.readouterr().out
    assert "note coordination organisation_without_contact: 99MA no contact\n" in told
    assert told.rstrip().endswith("0 violations")
