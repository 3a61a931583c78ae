"""An event in two versions is one event told twice: the older for what it can say, until a day."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from shared.core.settings import Settings
from shared.messaging import records
from shared.schemas.catalog import EVENTS, MODELS, OLDER
from shared.schemas.examples import PUPIL, example

SHORT = "application-status-changed"
OLD = OLDER[SHORT]
UNTIL = datetime(OLD.until.year, OLD.until.month, OLD.until.day, tzinfo=UTC)
PLAIN = example(f"{SHORT}.v1")


def told(moment: datetime = UNTIL - timedelta(days=1), **changes: Any) -> list[records.Outgoing]:
    row = {"topic": "intakes", "type": SHORT, "event_id": "e", "recorded_at": moment, "subject": PUPIL, "sequence": 3}
    return records.encode(Settings(_env_file=None), "intake", {**row, "payload": json.dumps(PLAIN | changes)})


def types(sent: list[records.Outgoing]) -> list[str]:
    return [dict(one.headers)["ce_type"].decode().rpartition(".")[2] for one in sent]


def test_both_versions_carry_one_id_and_one_number_so_that_a_reader_of_either_misses_nothing() -> None:
    newest, older = told()
    assert types([newest, older]) == ["v2", "v1"]
    same = {"ce_id", "ce_sequence", "ce_time", "ce_subject", "ce_source"}
    assert {n: v for n, v in newest.headers if n in same} == {n: v for n, v in older.headers if n in same}
    assert (newest.topic, newest.key) == (older.topic, older.key)
    assert older.value is not None
    assert OLD.model.model_validate_json(older.value) == OLD.model.model_validate(PLAIN)


@pytest.mark.parametrize(
    "changes", [{"pathway": "vavo", "programme": "1002O2412"}, {"pathway": "odt"}, {"shadow": True}], ids=str
)
def test_what_the_older_version_can_not_say_whole_is_told_in_the_newest_alone(changes: dict[str, Any]) -> None:
    assert types(told(**changes)) == ["v2"]


def test_what_is_recorded_from_the_written_day_on_is_told_in_the_newest_alone() -> None:
    assert types(told(UNTIL - timedelta(seconds=1))) == ["v2", "v1"]
    assert types(told(UNTIL)) == ["v2"]


def test_history_of_before_the_newest_version_is_told_in_both() -> None:
    assert json.loads(told()[0].value or b"") == PLAIN


def test_our_services_read_one_version_of_every_event() -> None:
    assert all(short == model.TYPE for short, model in EVENTS.items())
    assert {f"{short}.{OLDER[short].model.VERSION}" for short in OLDER} == MODELS.keys() - EVENTS.keys()
