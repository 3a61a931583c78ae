"""The wire: CloudEvents in Kafka's binary mode, written and read one record at a time, whatever it holds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from pydantic import ValidationError

from shared.core.errors import Fault
from shared.core.keys import Keys
from shared.core.settings import Settings
from shared.core.tracing import readable
from shared.messaging.quarantine import Held
from shared.schemas.catalog import EVENTS, MAX_BYTES, OLDER, TOPICS, short_type, topic_of, wire_type
from shared.schemas.envelope import Event, EventData, read
from shared.schemas.pupils import PupilErased

SEQUENCE_DIGITS = 20
JSON, JOSE = b"application/json", b"application/jose"


class Record(Protocol):
    """A Kafka record as a consumer receives it; any field may hold anything."""

    @property
    def topic(self) -> str: ...
    @property
    def partition(self) -> int: ...
    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int: ...  # milliseconds since 1970, by the clock of who sent it
    @property
    def key(self) -> bytes | None: ...
    @property
    def value(self) -> bytes | None: ...
    @property
    def headers(self) -> Iterable[tuple[str, bytes | None]]: ...


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A record ready to be sent."""

    topic: str
    key: bytes
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


@dataclass(frozen=True, slots=True)
class Skipped:
    """Not meant for this version of this consumer: a type or version it does not list, or a tombstone."""

    reason: str


def encode(settings: Settings, service: str, row: Any) -> list[Outgoing]:
    """A row of the history as records: the newest version, then an older one where it must still be told.

    An erasure is followed by the tombstone that empties a compacted topic.
    """
    topic, model = TOPICS[row["topic"]], EVENTS[row["type"]]
    event = _outgoing(settings, service, row, model, row["payload"])
    if topic.compacted and row["type"] == PupilErased.TYPE:
        return [event, replace(event, value=None, headers=())]
    older = OLDER.get(row["type"])
    if older is None or row["recorded_at"].date() >= older.until or (told := older.express(row["payload"])) is None:
        return [event]
    return [event, _outgoing(settings, service, row, older.model, told)]


def _outgoing(settings: Settings, service: str, row: Any, model: type[EventData], payload: str) -> Outgoing:
    topic, traceparent = TOPICS[row["topic"]], row.get("traceparent")
    headers = (
        *envelope(settings.source(service), row["event_id"], model, row["recorded_at"], row["subject"]),
        ("ce_sequence", str(row["sequence"]).zfill(SEQUENCE_DIGITS).encode()),
        *((("ce_traceparent", traceparent.encode()),) if traceparent else ()),
        ("content-type", JOSE if topic.encrypted else JSON),
    )
    return Outgoing(settings.topic(topic.name), row["subject"].encode(), payload.encode(), headers)


def envelope(
    source: str, event_id: UUID, model: type[EventData], time: datetime, subject: str
) -> tuple[tuple[str, bytes], ...]:
    """The attributes of CloudEvents 1.0 that every event of ours has."""
    return (
        ("ce_specversion", b"1.0"),
        ("ce_id", str(event_id).encode()),
        ("ce_source", source.encode()),
        ("ce_type", wire_type(model).encode()),
        ("ce_time", time.astimezone(UTC).isoformat().replace("+00:00", "Z").encode()),
        ("ce_subject", subject.encode()),
        ("ce_dataschema", f"urn:overstap:schema:{wire_type(model)}".encode()),
    )


class Unreadable(Exception):
    """This record can not be read; carries the faults. Becomes quarantine, never an error of the batch."""

    def __init__(self, reason: str, *faults: Fault):
        self.reason, self.faults = reason, faults
        super().__init__(reason)


def decode(record: Record, settings: Settings, keys: Keys) -> Event | Skipped | Held:
    """Read one record. Never raises: what is not for us is `Skipped`, what can not be read is `Held`."""
    try:
        return _decode(record, settings, keys)
    except Unreadable as error:
        return _held(record, settings, error)


def hold(record: Record, settings: Settings, reason: str, faults: tuple[Fault, ...] = ()) -> Held:
    """This record, for quarantine."""
    return _held(record, settings, Unreadable(reason, *faults))


def _decode(record: Record, settings: Settings, keys: Keys) -> Event | Skipped:
    if record.value is None and record.key is not None:
        return Skipped("tombstone")
    headers = _headers(record)
    short, version = short_type(headers.get("ce_type", ""))
    if "ce_type" not in headers:
        raise Unreadable("no ce_type header", Fault("ce_type", "a CloudEvents type"))
    if short not in EVENTS or version != EVENTS[short].VERSION:
        return Skipped(f"type not listed: {short or 'foreign'}.{version}")
    if record.value is None or len(record.value) > MAX_BYTES:
        raise Unreadable("oversized or empty", Fault("data", f"1 to {MAX_BYTES} bytes"))
    source = _source(record, headers, settings, EVENTS[short])
    data = _data(record.value, EVENTS[short], keys if headers.get("content-type") == JOSE.decode() else None)
    return _event(record, headers, source, data)


def _headers(record: Record) -> dict[str, str]:
    """Headers as text; one that is not ours may hold any bytes, one of ours may not."""
    headers: dict[str, str] = {}
    for name, value in record.headers:
        try:
            headers[name.lower()] = (value or b"").decode()
        except UnicodeDecodeError:
            if name.lower().startswith("ce_"):
                raise Unreadable("header is not UTF-8", Fault(name, "UTF-8 text")) from None
    return headers


def _source(record: Record, headers: dict[str, str], settings: Settings, model: type[EventData]) -> str:
    """The publishing service, checked against the catalogue: nobody publishes for another."""
    source = headers.get("ce_source", "")
    service = source.rpartition(":")[2]
    try:
        expected = settings.topic(topic_of(service, model).name)
    except KeyError:
        raise Unreadable("unexpected source", Fault("ce_source", "the service that publishes this type")) from None
    if source != settings.source(service) or expected != record.topic:
        raise Unreadable("unexpected source or topic", Fault("ce_source", f"{settings.source(service)} on {expected}"))
    return service


def _data(value: bytes, model: type[EventData], keys: Keys | None) -> EventData:
    try:
        text = keys.decrypt(value.decode()) if keys else value
        return read(model, text)
    except ValidationError as error:
        faults = (
            Fault("data/" + "/".join(map(str, e["loc"])), e["msg"], e["type"])
            for e in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise Unreadable("data does not fit the schema", *faults) from None
    except Exception:
        # Joserfc has many errors for what all means the same: not encrypted with our key, or damaged.
        raise Unreadable(
            "data can not be decrypted or read", Fault("data", "JWE with the key of this installation")
        ) from None


def _event(record: Record, headers: dict[str, str], source: str, data: EventData) -> Event:
    faults = []
    subject = headers.get("ce_subject", "")
    if not subject or (record.key or b"").decode(errors="replace") != subject:
        faults.append(Fault("ce_subject", "the key of the record"))
    event_id, time, sequence = UUID(int=0), datetime.min.replace(tzinfo=UTC), 0
    try:
        event_id = UUID(headers.get("ce_id", ""))
    except ValueError:
        faults.append(Fault("ce_id", "a UUID"))
    try:
        time = datetime.fromisoformat(headers.get("ce_time", "")).astimezone(UTC)
    except ValueError:
        faults.append(Fault("ce_time", "an RFC 3339 instant"))
    text = headers.get("ce_sequence", "0")
    if text.isascii() and text.isdigit():
        sequence = int(text)
    else:
        faults.append(Fault("ce_sequence", "decimal digits"))
    if faults:
        raise Unreadable("envelope is not complete", *faults)
    return Event(event_id, source, time, subject, sequence, data, readable(headers.get("ce_traceparent")))


def _held(record: Record, settings: Settings, error: Unreadable) -> Held:
    headers = tuple((name, (value or b"").hex()) for name, value in record.headers)
    subject = (record.key or b"").decode(errors="replace")[:64] or None
    return Held(
        entrance=record.topic.removeprefix(f"{settings.topic_prefix}."),
        place=f"{record.partition}:{record.offset}",
        reason=error.reason,
        payload=record.value,
        faults=error.faults,
        subject=subject.replace("\x00", "") if subject else None,
        headers=headers,
    )
