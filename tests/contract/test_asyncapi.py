"""The AsyncAPI document says what the wire is: headers and topics are compared with the code that makes them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from shared.core.ids import new_id
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.docs import asyncapi
from shared.messaging import records, topics
from shared.schemas.catalog import TOPICS, Topic, published_on
from shared.schemas.envelope import EventData
from shared.schemas.examples import subject

DOCUMENT: dict[str, Any] = yaml.safe_load(asyncapi())
MESSAGES = [
    (topic, model, publisher)
    for topic in TOPICS.values()
    for model, publishers in published_on(topic).items()
    for publisher in publishers
]


def names(case: tuple[Topic, type[EventData], str]) -> str:
    return f"{case[2]}-{case[0].name}-{case[1].TYPE}"


def faults(topic: Topic, model: type[EventData], instance: Any, part: str = "headers") -> list[str]:
    """What is wrong with a part of a message, by the document."""
    document: Registry[Any] = Registry().with_resource("urn:document", DRAFT7.create_resource(DOCUMENT))
    schema = {"$ref": f"urn:document#/channels/{topic.name}/messages/{model.TYPE}/{part}"}
    return [error.message for error in Draft7Validator(schema, registry=document).iter_errors(instance)]


def sent(topic: Topic, model: type[EventData], publisher: str) -> records.Outgoing:
    """The record as the relay or the repair sends it."""
    settings = Settings(_env_file=None)
    if not topic.publisher:
        headers = records.envelope(settings.source(publisher), new_id(), model, datetime.now(UTC), publisher)
        return records.Outgoing(settings.topic(topic.name), b"", b"", (*headers, ("content-type", records.JSON)))
    row = {
        "topic": topic.name,
        "event_id": new_id(),
        "type": model.TYPE,
        "recorded_at": datetime.now(UTC),
        "subject": subject(model.TYPE),
        "sequence": 1,
        "payload": "",
    }
    return records.encode(settings, publisher, row)[0]


@pytest.mark.parametrize("case", MESSAGES, ids=map(names, MESSAGES))
def test_the_headers_that_are_sent_fit_the_document(case: tuple[Topic, type[EventData], str]) -> None:
    topic, model, publisher = case
    record = sent(topic, model, publisher)
    headers = {name: value.decode() for name, value in record.headers}
    assert not faults(topic, model, headers)
    channel = DOCUMENT["channels"][topic.name]
    assert channel["address"] == record.topic
    assert channel["messages"][model.TYPE]["contentType"] == headers["content-type"]


@pytest.mark.parametrize("case", MESSAGES, ids=map(names, MESSAGES))
def test_the_example_of_an_event_fits_its_schema_and_is_data_that_we_read(
    case: tuple[Topic, type[EventData], str],
) -> None:
    topic, model, _ = case
    shown = DOCUMENT["channels"][topic.name]["messages"][model.TYPE]
    part, data = "payload", shown["examples"][0].get("payload")
    if topic.encrypted:
        part, data = "payload/x-plaintext", shown["payload"]["x-plaintext-example"]
    assert not faults(topic, model, data, part)
    assert model.model_validate_json(json.dumps(data))
    if topic.encrypted:
        assert faults(topic, model, json.dumps(data), "payload"), "readable data on an encrypted topic"


def test_what_is_encrypted_fits_the_document(tmp_path: Path) -> None:
    topic, model, _ = next(case for case in MESSAGES if case[0].encrypted)
    made = load_keys(Settings(_env_file=None, data_dir=tmp_path)).encrypt(b"{}")
    assert not faults(topic, model, made, "payload")


@pytest.mark.parametrize("missing", ["ce_id", "ce_source", "ce_sequence", "content-type"])
def test_the_document_refuses_headers_that_lack_one(missing: str) -> None:
    topic, model, publisher = MESSAGES[0]
    headers = {name: value.decode() for name, value in sent(topic, model, publisher).headers if name != missing}
    assert faults(topic, model, headers) == [f"'{missing}' is a required property"]


def test_the_document_refuses_an_event_of_another_service() -> None:
    topic, model, _ = MESSAGES[0]
    headers = {name: value.decode() for name, value in sent(topic, model, "signals").headers}
    assert faults(topic, model, headers)


@pytest.mark.parametrize("topic", TOPICS.values(), ids=TOPICS)
def test_topics_are_made_as_the_document_says(topic: Topic) -> None:
    described = DOCUMENT["channels"][topic.name]["bindings"]["kafka"]
    made = topics._configs(topic)
    written = described["topicConfiguration"]
    assert made["cleanup.policy"] == ",".join(written["cleanup.policy"])
    assert made.get("retention.ms") == (str(written["retention.ms"]) if "retention.ms" in written else None)
    assert described["partitions"] == Settings(_env_file=None).partitions
