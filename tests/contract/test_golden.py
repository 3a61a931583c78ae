"""What goes over the wire, byte for byte: one file per event in `tests/golden/`, in both modes of CloudEvents.

`python -m tests.contract.test_golden` writes them again; look at the difference before you commit it.
"""

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.messaging import records
from shared.messaging.quarantine import Held
from shared.messaging.records import JOSE, SEQUENCE_DIGITS, Skipped
from shared.schemas.catalog import EVENTS, MODELS, TOPICS, Topic, published_on
from shared.schemas.envelope import Event
from shared.schemas.examples import examples, subject
from tests.support import FakeRecord

GOLDEN = Path(__file__).parents[1] / "golden"
EVENT_ID = UUID("01993a5c-1f00-7000-8000-000000000001")
RECORDED_AT = datetime(2027, 3, 1, 8, 0, 0, 123456, UTC)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return made(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def keys(settings: Settings) -> Keys:
    return load_keys(settings)


def made(folder: Path) -> Settings:
    values: dict[str, Any] = {"data_dir": folder, "demo": False, "topic_prefix": "overstappen"}
    return Settings(_env_file=None, **values)


def published(name: str) -> tuple[Topic, str]:
    """The topic of the example of this event, and its publisher."""
    data, short = examples()[name], MODELS[name].TYPE
    for topic in TOPICS.values():
        if sources := published_on(topic).get(EVENTS[short]):
            wanted = data.get("service") or data.get("publisher") or sources[0]
            if wanted in sources:
                return topic, wanted
    raise KeyError(name)


def sent(name: str, settings: Settings, keys: Keys) -> FakeRecord:
    """The example of this event as the record that its publisher sends."""
    topic, source = published(name)
    short = MODELS[name].TYPE
    text = EVENTS[short].model_validate_json(json.dumps(examples()[name])).model_dump_json()
    row = {
        "subject": subject(short),
        "sequence": 7,
        "event_id": EVENT_ID,
        "type": short,
        "topic": topic.name,
        "recorded_at": RECORDED_AT,
        "payload": keys.encrypt(text.encode()) if topic.encrypted else text,
    }
    out = records.encode(settings, source, row)[0 if name == short else 1]
    headers = tuple(pair for pair in out.headers if topic.publisher or pair[0] != "ce_sequence")
    return FakeRecord(out.topic, out.key, out.value, headers)


def plain(record: FakeRecord, keys: Keys) -> str:
    """The data of a record as text; what is encrypted never has the same bytes twice."""
    text = (record.value or b"").decode()
    return keys.decrypt(text).decode() if ("content-type", JOSE) in record.headers else text


def binary(record: FakeRecord, keys: Keys) -> str:
    """A record in Kafka's binary mode as a readable file."""
    headers = {name: (value or b"").decode() for name, value in record.headers}
    key, value = (record.key or b"").decode(), plain(record, keys)
    whole = {"topic": record.topic, "key": key, "headers": headers, "value": value}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def structured(record: FakeRecord, keys: Keys) -> str:
    """The same event in structured mode, for HTTP."""
    attributes = {n.removeprefix("ce_"): (v or b"").decode() for n, v in record.headers if n.startswith("ce_")}
    whole = {**attributes, "datacontenttype": "application/json", "data": json.loads(plain(record, keys))}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("short", sorted(MODELS))
def test_an_event_goes_over_the_wire_as_it_always_did(short: str, settings: Settings, keys: Keys) -> None:
    record = sent(short, settings, keys)
    assert (GOLDEN / f"{short}.json").read_text(encoding="utf-8") == structured(record, keys)
    assert (GOLDEN / "kafka" / f"{short}.json").read_text(encoding="utf-8") == binary(record, keys)


@pytest.mark.parametrize("short", sorted(EVENTS))
def test_a_record_of_before_is_read_as_the_event_it_was(short: str, settings: Settings, keys: Keys) -> None:
    kept, event = read_again(short, settings, keys)
    assert isinstance(event, Event), event
    assert (event.id, event.time, event.subject, event.type) == (EVENT_ID, RECORDED_AT, subject(short), short)
    assert json.loads(event.data.model_dump_json()) == json.loads(kept["value"])


@pytest.mark.parametrize("name", sorted(MODELS.keys() - EVENTS.keys()))
def test_an_older_version_is_passed_over_by_our_services(name: str, settings: Settings, keys: Keys) -> None:
    _, found = read_again(name, settings, keys)
    assert found == Skipped(f"type not listed: {name}")


def read_again(name: str, settings: Settings, keys: Keys) -> tuple[dict[str, Any], Event | Skipped | Held]:
    """A golden record, and what a consumer makes of it."""
    kept = json.loads((GOLDEN / "kafka" / f"{name}.json").read_text(encoding="utf-8"))
    headers = tuple((name, value.encode()) for name, value in kept["headers"].items())
    value = keys.encrypt(kept["value"].encode()) if ("content-type", JOSE) in headers else kept["value"]
    record = FakeRecord(kept["topic"], kept["key"].encode(), value.encode(), headers)
    return kept, records.decode(record, settings, keys)


def test_the_envelope_is_that_of_the_profile() -> None:
    kept = json.loads((GOLDEN / "choice-registered.json").read_text(encoding="utf-8"))
    assert kept["source"] == "urn:nld:oin:00000099000000000000:systeem:dossier"
    assert kept["type"] == "nl.overstappen.choice-registered.v1"
    assert (kept["specversion"], kept["sequence"]) == ("1.0", "7".zfill(SEQUENCE_DIGITS))
    assert all(name.isalnum() and name.islower() and len(name) <= 20 for name in kept)


def test_no_golden_file_is_of_an_event_that_is_gone() -> None:
    assert {path.stem for path in GOLDEN.rglob("*.json")} == set(MODELS)


def main() -> None:
    """Write all golden files again."""
    with tempfile.TemporaryDirectory() as folder:
        settings = made(Path(folder))
        keys = load_keys(settings)
        (GOLDEN / "kafka").mkdir(parents=True, exist_ok=True)
        for short in MODELS:
            record = sent(short, settings, keys)
            (GOLDEN / f"{short}.json").write_text(structured(record, keys), encoding="utf-8")
            (GOLDEN / "kafka" / f"{short}.json").write_text(binary(record, keys), encoding="utf-8")


if __name__ == "__main__":
    main()
