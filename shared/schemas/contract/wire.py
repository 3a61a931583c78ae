"""The envelope as a schema: CloudEvents in Kafka's binary mode, as `shared/messaging/records.py` writes it."""

from typing import Any
from uuid import UUID
from zlib import crc32

from shared.schemas.catalog import Topic, wire_type
from shared.schemas.envelope import EventData
from shared.schemas.examples import subject

Json = dict[str, Any]
SEQUENCE = "ce_sequence"
TRACEPARENT = "ce_traceparent"
PLAIN_TYPE, ENCRYPTED_TYPE = "application/json", "application/jose"
EXAMPLE_OIN = "00000099000000000000"
EXAMPLE_CASE = "0af7651916cd43dd8448eb211c80319c"
EXAMPLE_TIME = "2027-03-01T08:00:00Z"

ENCRYPTED: Json = {
    "type": "string",
    "title": "Versleuteld",
    "description": "Compact JWE (RFC 7516), `dir` with A256GCM and a key of the installation alone. "
    "`x-plaintext` is the schema of the JSON inside.",
    "pattern": r"^[A-Za-z0-9_-]+\.\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$",
    "contentMediaType": ENCRYPTED_TYPE,
}


def envelope_schema() -> Json:
    """The headers that every event has, whatever its type."""
    texts: dict[str, tuple[str, str, Json]] = {
        "ce_specversion": ("Versie van CloudEvents", "Versie van de standaard", {"const": "1.0"}),
        "ce_id": (
            "Gebeurtenis",
            "UUIDv7; blijft gelijk als de gebeurtenis opnieuw wordt verstuurd",
            {"format": "uuid"},
        ),
        "ce_source": ("Bron", "OIN van de installatie en de dienst die publiceert", {"format": "uri"}),
        "ce_type": ("Soort", "Soort gebeurtenis, met versie", {"pattern": r"^nl\.overstappen\.[a-z-]+\.v[0-9]+$"}),
        "ce_time": ("Vastgelegd", "Moment van vastleggen, in UTC", {"format": "date-time"}),
        "ce_subject": (
            "Onderwerp",
            "Leerling (verwijzing) of organisatie (code); gelijk aan de sleutel",
            {"minLength": 1},
        ),
        "ce_dataschema": ("Schema", "Schema van de gegevens", {"format": "uri"}),
        SEQUENCE: (
            "Volgnummer",
            "Telt per bron en onderwerp vanaf 1 zonder gaten; het hoogste geldt",
            {"pattern": "^[0-9]{20}$"},
        ),
        TRACEPARENT: (
            "Zaak",
            "Traceparent (W3C): de zaak waar dit bij hoort; CloudEvents-uitbreiding Distributed Tracing",
            {"pattern": "^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$"},
        ),
        "content-type": ("Vorm", "Vorm van de gegevens", {"enum": [PLAIN_TYPE, ENCRYPTED_TYPE]}),
    }
    return {
        "type": "object",
        "title": "Envelope",
        "description": "CloudEvents 1.0, NL GOV profile; `occurred_at` in the data is the moment in the real world.",
        "required": [name for name in texts if name not in (SEQUENCE, TRACEPARENT)],
        "properties": {
            name: {"type": "string", "title": title, "description": about, **rule}
            for name, (title, about, rule) in texts.items()
        },
    }


def own_headers(topic: Topic, model: type[EventData], publishers: tuple[str, ...]) -> Json:
    """What the headers of this event are beyond the envelope: its type, and who may be its source."""
    services = "|".join(publishers)
    return {
        "required": [SEQUENCE] if topic.publisher else [],
        "properties": {
            "ce_type": {"const": wire_type(model)},
            "ce_source": {"pattern": f"^urn:nld:oin:[0-9A-Z]{{20}}:systeem:({services})$"},
            "ce_dataschema": {"const": dataschema(model)},
            "content-type": {"const": ENCRYPTED_TYPE if topic.encrypted else PLAIN_TYPE},
        },
    }


def dataschema(model: type[EventData]) -> str:
    """Name of the schema of this event's data: the `$id` of the released JSON Schema."""
    return f"urn:overstap:schema:{wire_type(model)}"


def key_schema() -> Json:
    """The key of a record: its subject, in UTF-8."""
    return {"type": "string", "title": "Onderwerp", "description": "UTF-8, gelijk aan ce_subject"}


def example_headers(topic: Topic, model: type[EventData], publisher: str) -> dict[str, str]:
    """The headers of an example, the same at every run."""
    sequence = {SEQUENCE: "1".zfill(20)} if topic.publisher else {}
    mark = crc32(f"{topic.name}.{model.TYPE}".encode())
    return {
        "ce_specversion": "1.0",
        "ce_id": str(UUID(f"019c58f6-8c00-7000-8000-0000{mark:08x}")),
        "ce_source": f"urn:nld:oin:{EXAMPLE_OIN}:systeem:{publisher}",
        "ce_type": wire_type(model),
        "ce_time": EXAMPLE_TIME,
        "ce_subject": subject(model.TYPE),
        "ce_dataschema": dataschema(model),
        **sequence,
        **({TRACEPARENT: f"00-{EXAMPLE_CASE}-{mark:016x}-01"} if topic.publisher else {}),
        "content-type": ENCRYPTED_TYPE if topic.encrypted else PLAIN_TYPE,
    }
