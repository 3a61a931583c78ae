"""Our envelopes are CloudEvents: rule by rule of the Kafka binding and the NL GOV profile, and to the SDK of Python.

Sources: CloudEvents 1.0.2; Kafka Protocol Binding for CloudEvents 1.0.2; NL GOV profile for CloudEvents 1.1 (Logius).
"""

import json
import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from cloudevents.core.bindings import http, kafka
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st

from shared.core.ids import new_id
from shared.core.keys import Keys, load_keys
from shared.core.settings import Settings
from shared.messaging import records
from shared.schemas import release
from shared.schemas.catalog import TOPICS, published_on
from shared.schemas.examples import PUPIL, example

SETTINGS = Settings(_env_file=None)
EVENTS = [
    (topic, model, publisher)
    for topic in TOPICS.values()
    if topic.publisher
    for model, publishers in published_on(topic).items()
    for publisher in publishers
]
RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
NAMES = st.text("abcdefghijklmnopqrstuvwxyz234567", min_size=26, max_size=26)
OFFSETS = st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours)))
SECONDS = st.floats(1.6e9, 2.2e9, allow_nan=False)
TIMES = st.tuples(SECONDS, OFFSETS).map(lambda drawn: datetime.fromtimestamp(drawn[0], drawn[1]))
SEQUENCES = st.integers(1, 10**20 - 1)


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Keys:
    return load_keys(Settings(_env_file=None, data_dir=tmp_path_factory.mktemp("keys")))


def row(case: Any = EVENTS[0], **given: Any) -> dict[str, Any]:
    """A row of the history, as the relay reads it."""
    topic, model, _ = case
    values = {"event_id": new_id(), "recorded_at": datetime.now(UTC), "subject": PUPIL, "sequence": 1}
    return {"topic": topic.name, "type": model.TYPE, "payload": "{}", **values, **given}


def sent(case: Any = EVENTS[0], **given: Any) -> records.Outgoing:
    return records.encode(SETTINGS, case[2], row(case, **given))[0]


def headers(case: Any = EVENTS[0], **given: Any) -> dict[str, str]:
    return {name: value.decode() for name, value in sent(case, **given).headers}


each_event = pytest.mark.parametrize("case", EVENTS, ids=[f"{t.name}-{m.TYPE}-{p}" for t, m, p in EVENTS])


# Kafka protocol binding, binary content mode


@each_event
def test_the_content_type_is_a_header_of_its_own_and_every_attribute_has_the_prefix(case: Any) -> None:
    found = headers(case)
    assert found.pop("content-type") == ("application/jose" if case[0].encrypted else "application/json")
    assert all(name.startswith("ce_") for name in found), "3.2.3.1: attributes are headers with the prefix ce_"
    assert "ce_datacontenttype" not in found, "3.2.1: datacontenttype is the content-type header and nothing else"


@each_event
def test_attribute_names_are_short_lower_case_letters_and_digits(case: Any) -> None:
    names = [name.removeprefix("ce_") for name in headers(case) if name.startswith("ce_")]
    assert all(re.fullmatch("[a-z0-9]{1,20}", name) for name in names)
    assert {"id", "source", "specversion", "type"} <= set(names), "required by CloudEvents"


@given(NAMES)
def test_the_key_is_the_subject_so_that_events_about_one_pupil_keep_their_order(subject: str) -> None:
    assert sent(subject=subject).key.decode() == headers(subject=subject)["ce_subject"] == subject != ""


# NL GOV profile


@each_event
def test_the_source_is_a_urn_of_the_netherlands_with_the_organisation_and_the_system(case: Any) -> None:
    assert re.fullmatch(rf"urn:nld:oin:\d{{20}}:systeem:{case[2]}", headers(case)["ce_source"])


@each_event
def test_the_type_is_a_reverse_domain_name_with_one_version(case: Any) -> None:
    found = headers(case)["ce_type"]
    assert re.fullmatch(r"nl(\.[a-z0-9-]+){2}\.v[0-9]+", found)
    assert found.count(".v") == 1


@each_event
def test_the_schema_is_a_uri_and_names_a_schema_that_was_released(case: Any) -> None:
    _, model, _ = case
    schema = json.loads((release.FOLDER / f"{release.stem(model.TYPE)}.json").read_text())
    assert headers(case)["ce_dataschema"] == schema["$id"]
    assert schema["$id"].startswith("urn:")


def test_the_id_is_a_uuid_that_is_kept_when_the_event_is_sent_again() -> None:
    kept = row()
    again = [dict(records.encode(SETTINGS, "dossier", kept)[0].headers)["ce_id"] for _ in range(2)]
    assert again == [str(kept["event_id"]).encode()] * 2
    assert kept["event_id"].version == 7


@given(TIMES)
def test_the_time_is_rfc_3339_with_its_zone_and_the_same_instant(recorded_at: datetime) -> None:
    text = headers(recorded_at=recorded_at)["ce_time"]
    assert RFC_3339.fullmatch(text)
    assert datetime.fromisoformat(text) == recorded_at


def test_the_moment_in_the_real_world_is_data_and_not_the_time_of_the_envelope() -> None:
    assert all("occurred_at" in release.schema_of(short)["required"] for short in release.MODELS)


@given(SEQUENCES, SEQUENCES)
def test_sequences_sort_as_text_as_they_do_as_numbers(one: int, other: int) -> None:
    told = [headers(sequence=number)["ce_sequence"] for number in (one, other)]
    assert (told[0] < told[1]) == (one < other)
    assert [int(text) for text in told] == [one, other]


# The SDK of Python


@each_event
def test_the_sdk_reads_the_record_and_writes_the_same_one(case: Any, keys: Keys) -> None:
    data = example(case[1].TYPE)
    payload = keys.encrypt(json.dumps(data).encode()) if case[0].encrypted else json.dumps(data)
    record = sent(case, payload=payload)
    assert record.value is not None
    event = kafka.from_kafka_event(kafka.KafkaMessage(dict(record.headers), record.key, record.value))
    assert event.get_data() == (payload if case[0].encrypted else data)
    assert event.get_attributes()["partitionkey"] == record.key.decode()
    again = kafka.to_binary_event(event)
    assert {**again.headers, "ce_partitionkey": None} == {**dict(record.headers), "ce_partitionkey": None}
    assert (again.key, again.value) == (record.key.decode(), record.value)


@each_event
def test_the_sdk_writes_and_reads_it_in_structured_mode(case: Any) -> None:
    record = sent(case, payload=json.dumps(example(case[1].TYPE)))
    assert record.value is not None
    event = kafka.from_kafka_event(kafka.KafkaMessage(dict(record.headers), None, record.value))
    over_kafka = kafka.from_kafka_event(kafka.to_structured_event(event))
    over_http = http.from_http_event(http.to_structured_event(event))
    text = JSONFormat().read(None, JSONFormat().write(event))
    assert over_kafka.get_attributes() == over_http.get_attributes() == text.get_attributes() == event.get_attributes()
    assert over_kafka.get_data() == over_http.get_data() == text.get_data()
