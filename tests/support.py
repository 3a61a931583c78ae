"""Shortcuts of the tests: a transport of one side, events delivered without a broker, what was published, a search."""

import itertools
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from shared.core.actor import Actor, Role
from shared.core.keys import load_keys
from shared.core.settings import Settings
from shared.messaging import records
from shared.messaging.consumer import Consumer
from shared.messaging.outbox import Transport
from shared.schemas.catalog import topic_of
from shared.schemas.envelope import EventData, RecordedBy
from shared.service import Service
from shared.storage.pool import Database, Side

ADDRESS = re.compile(r'(?:href|action|src)="([^"]*)"')
_offsets = itertools.count()


async def open_transport(settings: Settings, service: str, side: Side = "worker") -> Transport:
    """An open transport; close it with `await transport.db.close()`."""
    assert settings.database_url
    return Transport(
        service, settings, load_keys(settings), await Database(settings.database_url, service, side).open()
    )


@dataclass(frozen=True)
class Told:
    """An event as another service tells it."""

    source: str
    subject: str
    data: EventData
    time: datetime
    sequence: int
    event_id: Any = None
    traceparent: str | None = None


@dataclass(frozen=True)
class FakeRecord:
    """A Kafka record made by hand; any field may hold anything."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes | None], ...]
    partition: int = 0
    offset: int = 0
    timestamp: int = 0


def record(settings: Settings, told: Told) -> FakeRecord:
    """The record that the relay of the other service would send."""
    from shared.core.ids import new_id

    topic = topic_of(told.source, type(told.data))
    by = RecordedBy(organisation="overstap", role=Role.SYSTEM.value)
    text = told.data.model_copy(update={"recorded_by": told.data.recorded_by or by}).model_dump_json()
    row = {
        "subject": told.subject,
        "sequence": told.sequence,
        "event_id": told.event_id or new_id(),
        "type": told.data.TYPE,
        "topic": topic.name,
        "recorded_at": told.time,
        "traceparent": told.traceparent,
        "payload": load_keys(settings).encrypt(text.encode()) if topic.encrypted else text,
    }
    sent = records.encode(settings, told.source, row)[0]
    return FakeRecord(sent.topic, sent.key, sent.value, sent.headers, offset=next(_offsets))


async def deliver(transport: Transport, service: Service, told: Sequence[Told]) -> None:
    """Hand these events to a service as one batch, through decoding, inbox, handler and outbox."""
    batch = [record(transport.settings, one) for one in told]
    topic = batch[0].topic.removeprefix(f"{transport.settings.topic_prefix}.")
    await Consumer(transport, topic, service.handle).take(batch)


async def published(transport: Transport) -> list[tuple[str, str, dict[str, Any]]]:
    """What the service has published so far, in order: (type, subject, data)."""
    async with transport.db.acquire() as conn:
        rows = await conn.fetch("SELECT type, subject, topic, payload FROM event_log ORDER BY event_id")
    return [(row["type"], row["subject"], _data(transport, row["payload"])) for row in rows]


def _data(transport: Transport, payload: str) -> dict[str, Any]:
    text = payload if payload.startswith("{") else transport.keys.decrypt(payload)
    data: dict[str, Any] = json.loads(text)
    return data


def actor(organisation: str, role: Role, person: str = "person-1") -> Actor:
    """Somebody who may do what their role may do."""
    return Actor(organisation, role, person)


def write_people(data_dir: Path, *people: tuple[Actor, str, str]) -> None:
    """The made-up people of the demo's sign-in page: who, the name of their organisation, and their own name."""
    rows = [
        {
            "organisation": who.organisation,
            "organisation_name": organisation,
            "role": who.role,
            "person_ref": who.person_ref,
            "name": name,
        }
        for who, organisation, name in people
    ]
    (data_dir / "demo-identities.json").write_text(json.dumps(rows))


async def search(browser: httpx.AsyncClient, path: str, text: str) -> httpx.Response:
    """The list at this path with only what somebody looks for; proves that no address on it tells what that is."""
    page = await browser.post(path, data={"q": text})
    assert (page.status_code, page.history, page.url.raw_path.decode()) == (200, [], path)
    assert f'value="{text}"' in page.text, "it stays in the field, so that the buttons of the list take it along"
    assert not [address for address in ADDRESS.findall(page.text) if text.casefold() in address.casefold()]
    return page
