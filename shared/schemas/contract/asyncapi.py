"""The contract of the events as an AsyncAPI 3 document: made from the catalogue, so a new event appears by itself."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic.json_schema import models_json_schema

from shared.schemas.catalog import MAX_BYTES, MODELS, OLDER, SERVICES, TOPICS, Topic, published_on, wire_type
from shared.schemas.contract.wire import (
    ENCRYPTED,
    ENCRYPTED_TYPE,
    PLAIN_TYPE,
    envelope_schema,
    example_headers,
    key_schema,
    own_headers,
)
from shared.schemas.envelope import EventData
from shared.schemas.examples import example
from shared.schemas.pupils import PupilErased

Json = dict[str, Any]
BINDING = {"bindingVersion": "0.5.0"}
SCHEMAS = "#/components/schemas/"
CONTRACT = "1.1.0"
"""Version of the document: its second number grows with an event or a version beside another."""
DAY_MS = 24 * 60 * 60 * 1000

ABOUT = f"""Events about pupils who move from secondary school (vo) to vocational education (mbo).

Every event is a CloudEvent 1.0 in the NL GOV profile, in Kafka's binary mode: the attributes are headers `ce_…`, the
value is the data. An event carries the whole new state of the entity it names, never a change. It is at most
{MAX_BYTES // 1024} KB. Delivery is at least once: keep per entity the highest `ce_sequence` of one source, and ignore
what is older. Topics that hold person data are encrypted for the services of the installation (JWE); the schema of what
is inside is given with each message. `docs/integrators.md` tells how to read along."""

SERVICE_TAGS = {
    "dossier": "What the vo school knows and hands over",
    "intake": "What the mbo institution received and decided",
    "coordination": "Who has the pupil, what is next, which rule fired",
    "notifications": "How a person hears of it, and whether they did",
    "signals": "Dated, protected figures",
}


@dataclass(frozen=True, slots=True)
class Installation:
    """What an installation decides about its topics."""

    topic_prefix: str
    partitions: int


def document(installation: Installation) -> Json:
    """The whole document. Depends on the catalogue and the installation alone."""
    return {
        "asyncapi": "3.0.0",
        "id": "urn:overstap:events",
        "info": _info(),
        "defaultContentType": PLAIN_TYPE,
        "servers": _servers(),
        "channels": {topic.name: _channel(topic, installation) for topic in TOPICS.values()},
        "operations": dict(_operations(installation)),
        "components": {
            "schemas": {"Envelope": envelope_schema(), **_schemas()},
            "correlationIds": {
                "event": {
                    "description": "The event itself; kept when it is sent again",
                    "location": "$message.header#/ce_id",
                }
            },
            "securitySchemes": {
                "account": {"type": "scramSha512", "description": "An account of the partner, with its own rights"}
            },
        },
    }


def _info() -> Json:
    return {
        "title": "Overstap",
        "version": CONTRACT,
        "description": ABOUT,
        "license": {"name": "EUPL-1.2", "url": "https://eupl.eu/1.2/en/"},
        "contact": {"name": "Overstap maintainers"},
        "tags": [{"name": name, "description": SERVICE_TAGS[name]} for name in SERVICES],
    }


def _servers() -> Json:
    host = {
        "host": "{host}:{port}",
        "variables": {
            "host": {"default": "127.0.0.1", "description": "Broker of the installation"},
            "port": {"default": "9092", "description": "Port of the broker"},
        },
    }
    return {
        "own": {**host, "protocol": "kafka", "description": "On a machine or network of one's own"},
        "partners": {
            **host,
            "protocol": "kafka-secure",
            "description": "Over TLS, with an account",
            "security": [{"$ref": "#/components/securitySchemes/account"}],
        },
    }


def _channel(topic: Topic, installation: Installation) -> Json:
    kept = "The last event of each key is kept" if topic.compacted else f"Kept for {topic.retention_days} days"
    publisher = topic.publisher or "any service"
    return {
        "address": f"{installation.topic_prefix}.{topic.name}",
        "title": topic.name,
        "description": f"Published by {publisher}. {kept}.{' The data is encrypted.' if topic.encrypted else ''}",
        "servers": [{"$ref": "#/servers/own"}, {"$ref": "#/servers/partners"}],
        "messages": dict(_messages(topic)),
        "bindings": {
            "kafka": {
                "topic": f"{installation.topic_prefix}.{topic.name}",
                "partitions": installation.partitions,
                "topicConfiguration": configuration(topic),
                **BINDING,
            }
        },
    }


def configuration(topic: Topic) -> Json:
    """The settings of a topic as the Kafka channel binding writes them."""
    if topic.compacted:
        return {"cleanup.policy": ["compact"]}
    return {"cleanup.policy": ["delete"], "retention.ms": topic.retention_days * DAY_MS}


def _messages(topic: Topic) -> Iterator[tuple[str, Json]]:
    events = published_on(topic)
    for name, publishers in _told(topic):
        yield name, _message(topic, name, publishers)
    if topic.compacted and PupilErased in events:
        yield "tombstone", _tombstone()


def _told(topic: Topic) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Names of the models that are sent on a topic, the older versions too, and who sends them."""
    for model, publishers in published_on(topic).items():
        yield model.TYPE, publishers
        if older := OLDER.get(model.TYPE):
            yield f"{model.TYPE}.{older.model.VERSION}", publishers


def _message(topic: Topic, name: str, publishers: tuple[str, ...]) -> Json:
    model = MODELS[name]
    schema, data = {"$ref": SCHEMAS + model.__name__}, example(name)
    content: Json = {"contentType": PLAIN_TYPE, "payload": schema}
    shown: Json = {"name": name, "headers": example_headers(topic, model, publishers[0])}
    if topic.encrypted:
        inside = {"x-plaintext": schema, "x-plaintext-example": data}
        content = {"contentType": ENCRYPTED_TYPE, "payload": ENCRYPTED | inside}
    else:
        shown["payload"] = data
    return {
        "name": wire_type(model),
        "title": name,
        "summary": (model.__doc__ or "").partition("\n\n")[0].replace("\n", " "),
        **_beside(model),
        "tags": [{"name": publisher} for publisher in publishers],
        "headers": {
            "type": "object",
            "allOf": [{"$ref": SCHEMAS + "Envelope"}, own_headers(topic, model, publishers)],
        },
        "correlationId": {"$ref": "#/components/correlationIds/event"},
        **content,
        "bindings": {"kafka": {"key": key_schema(), **BINDING}},
        "examples": [shown],
    }


def _beside(model: type[EventData]) -> Json:
    older = OLDER.get(model.TYPE)
    if older is None or older.model is not model:
        return {}
    newest, until = MODELS[model.TYPE].VERSION, older.until.isoformat()
    return {
        "description": f"The same event as {newest}, with the same `ce_id` and `ce_sequence`: read one of the two. "
        f"Sent for what {model.VERSION} can say and what is recorded before {until}.",
        "x-until": until,
    }


def _tombstone() -> Json:
    return {
        "name": "tombstone",
        "title": "tombstone",
        "summary": "Follows `pupil-erased`: no headers and no value, so that compaction forgets the pupil.",
        "payload": {"type": "null"},
        "bindings": {"kafka": {"key": key_schema(), **BINDING}},
    }


def _operations(installation: Installation) -> Iterator[tuple[str, Json]]:
    for topic in TOPICS.values():
        publishers = dict.fromkeys(name for names in published_on(topic).values() for name in names)
        for service in publishers:
            sent = {name: None for name, names in _told(topic) if service in names}
            yield f"{service}.sends.{topic.name}", _operation("send", service, topic, sent)
        for service in topic.consumers:
            heard = _operation("receive", service, topic, dict(_messages(topic)))
            group = f"{installation.topic_prefix}.{service}.{topic.name}"
            heard["bindings"] = {"kafka": {"groupId": {"type": "string", "const": group}, **BINDING}}
            yield f"{service}.receives.{topic.name}", heard


def _operation(action: str, service: str, topic: Topic, messages: Mapping[str, Any]) -> Json:
    return {
        "action": action,
        "title": f"{service} {action}s {topic.name}",
        "channel": {"$ref": f"#/channels/{topic.name}"},
        "messages": [{"$ref": f"#/channels/{topic.name}/messages/{name}"} for name in messages],
        "tags": [{"name": service}],
    }


def _schemas() -> Json:
    """The data of every event and their parts, as one set of schemas without repetition."""
    models = [(MODELS[name], "validation") for name in sorted(MODELS)]
    _, made = models_json_schema(models, ref_template=SCHEMAS + "{model}")  # type: ignore[arg-type]
    return {name: _beside_reference(schema) for name, schema in sorted(made["$defs"].items())}


def _beside_reference(node: Any) -> Any:
    """JSON Schema draft 7 ignores what stands beside a `$ref`; a field's Dutch title must not be lost."""
    if isinstance(node, list):
        return [_beside_reference(one) for one in node]
    if not isinstance(node, dict):
        return node
    walked = {name: _beside_reference(value) for name, value in node.items()}
    if "$ref" in walked and len(walked) > 1:
        return {"allOf": [{"$ref": walked.pop("$ref")}], **walked}
    return walked
