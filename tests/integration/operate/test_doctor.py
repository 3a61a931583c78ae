"""`overstap doctor` finds what was broken on purpose, says what to do, and finds nothing in a whole installation."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from shared.core.errors import Fault, Invalid
from shared.core.ids import new_id
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings, unknown_variables
from shared.local.mailbox import Mailbox
from shared.local.processes import free_port
from shared.messaging.topics import catalogued, create_topics
from shared.operate import doctor
from shared.operate.doctor import CHECKS, Finding, Patient, examine, exit_code
from tests.stacks import STACK

PUBLIC = {"public_url": "https://overstap.example", "source_oin": "00000001000000000000"}


@pytest.fixture
async def whole(
    make_settings: Callable[..., Settings],
    database_url: str,
    kafka: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Callable[..., Settings]]:
    """Makes settings of an installation in which nothing is wrong but what the test changes."""
    if STACK == "embedded":
        # It hangs up when asked how a topic is set; tests/kafka asks a real one.
        monkeypatch.setattr(doctor, "other_retention", _nothing)
    monkeypatch.setattr(doctor, "lacking", lambda *_: [])  # What the tables lack depends on the day.
    for name in unknown_variables():
        # What only tests read is no setting, and the doctor would say so.
        monkeypatch.delenv(name)
    mailbox = Mailbox(tmp_path)
    port = await mailbox.start(free_port())

    def make(**broken: Any) -> Settings:
        servers = {"database_url": database_url, "kafka_bootstrap_servers": kafka, "smtp_port": port}
        return make_settings(**{**servers, **PUBLIC, **broken})

    settings = make()
    load_keys(settings)
    await create_topics(kafka, catalogued(settings), settings.partitions)
    yield make
    await mailbox.stop()


async def findings(settings: Settings, *, embedded: bool = False) -> list[Finding]:
    found = await examine(Patient(settings, embedded))
    assert all(finding.what and finding.do for finding in found)
    return found


async def test_nothing_is_found_where_nothing_is_wrong(whole: Callable[..., Settings]) -> None:
    found = await findings(whole())
    assert [(f.check, f.grade) for f in found] == [("settings", "advice")], "this broker asks no account"
    assert exit_code(found) == 0


async def test_tables_that_end_are_advice_outside_a_demo_and_tables_that_contradict_themselves_are_wrong(
    whole: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "lacking", lambda *_: ["school_holidays.csv ends on 2029-08-26 in south"])
    found = [f for f in await findings(whole()) if f.check == "dates"]
    assert [(f.grade, f.what) for f in found] == [("advice", "school_holidays.csv ends on 2029-08-26 in south")]
    assert not [f for f in await findings(whole(), embedded=True) if f.check == "dates"]

    def refused() -> None:
        raise Invalid([Fault("regions.csv line 2, name", "a text")])

    monkeypatch.setattr(doctor.reference, "load", refused)
    found = [f for f in await findings(whole()) if f.check == "dates"]
    assert [(f.grade, f.what) for f in found] == [("wrong", "regions.csv line 2, name: expected a text")]


@pytest.mark.parametrize(
    ("broken", "check", "what", "code"),
    [
        ({"demo": True}, "settings", "no password", 1),
        ({"virtual_time": True}, "settings", "virtual time outside", 1),
        ({"source_oin": "00000099000000000000"}, "settings", "OIN for tests", 1),
        ({"public_url": "http://overstap.example"}, "settings", "not encrypted", 1),
        ({"public_url": "http://127.0.0.1:8400"}, "settings", "this computer", 0),
        ({"smtp_username": "overstap"}, "settings", "without a password", 3),
        ({"partitions": 6}, "kafka", "12 partitions, not 6", 1),
        ({"topic_prefix": "nowhere"}, "kafka", "no topic nowhere.pupils", 1),
        ({"data_dir": Path("/proc/nonexistent")}, "disk", "no folder", 1),
        ({"data_dir": Path("/proc/nonexistent")}, "keys", "no keys in", 1),
        ({"data_dir": Path("/proc/nonexistent")}, "api-keys", "no readable public keys", 1),
    ],
)
async def test_a_wrong_setting_is_found(
    whole: Callable[..., Settings], broken: dict[str, Any], check: str, what: str, code: int
) -> None:
    found = await findings(whole(**broken))
    assert [f for f in found if f.check == check and what in f.what]
    assert exit_code(found) == code


async def test_the_rules_of_a_public_installation_do_not_hold_for_the_embedded_stack(
    whole: Callable[..., Settings],
) -> None:
    demo = whole(demo=True, public_url="http://127.0.0.1:8400", source_oin="00000099000000000000")
    assert await findings(demo, embedded=True) == []


async def test_each_server_that_is_away_is_told_and_the_others_are_still_examined(
    whole: Callable[..., Settings],
) -> None:
    dead = f"127.0.0.1:{free_port()}"
    away = {
        "database": whole(database_url=f"postgresql://nobody@{dead}/none"),
        "kafka": whole(kafka_bootstrap_servers=dead),
        "mail": whole(smtp_port=int(dead.split(":")[1])),
    }
    for check, settings in away.items():
        found = await findings(settings)
        assert check in {f.check for f in found if f.grade == "away"}
        assert not {"kafka", "mail"} - {check} & {f.check for f in found}
        assert exit_code(found) == 3


async def test_a_database_without_schema_or_with_missing_rights_is_found(
    whole: Callable[..., Settings], database_url: str
) -> None:
    empty = f"empty_{new_id().hex}"
    conn = await asyncpg.connect(database_url)
    try:
        await conn.execute(f"CREATE DATABASE {empty}")
        found = await findings(whole(database_url=database_url.rsplit("/", 1)[0] + f"/{empty}"))
        assert any(f.check == "database" and "overstap migrate" in f.do for f in found)
    finally:
        await conn.execute(f"DROP DATABASE {empty} WITH (FORCE)")
        await conn.close()


async def test_keys_that_others_may_read_or_that_are_not_those_of_the_database_are_found(
    whole: Callable[..., Settings], make_settings: Callable[..., Settings], database_url: str, tmp_path: Path
) -> None:
    settings = whole()
    await _write_event(database_url, load_keys(settings))
    (tmp_path / "keys.json").chmod(0o644)
    assert [f.what for f in await findings(settings) if f.check == "keys"] == [
        f"others than the owner may read {tmp_path / 'keys.json'}"
    ]
    others = tmp_path / "others"
    load_keys(make_settings(data_dir=others))
    assert "other keys" in _only(await findings(whole(data_dir=others)), "keys").what
    (others / "keys.json").write_text('{"keys": []}')
    assert "whole keys" in _only(await findings(whole(data_dir=others)), "keys").what
    secret = (tmp_path / "keys.json").read_text()
    (others / "api-keys.json").write_text(secret)
    assert "secret keys" in _only(await findings(whole(data_dir=others)), "api-keys").what


async def test_a_name_that_is_no_setting_is_told(
    whole: Callable[..., Settings], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OVERSTAP_SMPT_HOST", "mail.example")
    assert any("OVERSTAP_SMPT_HOST" in f.what for f in await findings(whole()))


def test_the_checks_are_a_table() -> None:
    assert list(CHECKS) == ["settings", "database", "clock", "dates", "kafka", "disk", "mail", "keys", "api-keys"]


def _only(found: list[Finding], check: str) -> Finding:
    (one,) = [f for f in found if f.check == check]
    return one


async def _nothing(*_: object, **__: object) -> list[str]:
    return []


async def _write_event(database_url: str, keys: Keys) -> None:
    """An event on an encrypted topic, as the dossier service writes it."""
    conn = await asyncpg.connect(database_url)
    await conn.execute(
        """INSERT INTO dossier.event_log (subject, sequence, cohort, event_id, type, topic, recorded_at, payload)
        VALUES ('a', 1, 0, $1, 'pupil-recorded', 'pupils', now(), $2)""",
        new_id(),
        keys.encrypt(json.dumps({}).encode()),
    )
    await conn.close()
