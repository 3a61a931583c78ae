"""Gathers the evidence of a region that has come to rest: the histories, the topics, the witness and the state."""

import json
from typing import Any

import asyncpg

from shared.core.settings import Settings
from shared.schemas.catalog import SERVICES, TOPICS, consumed_topics
from tests.faults.history import Alert, Evidence, Fates, Lain, Stored, Told
from tests.kafka.reading import everything

CONSUMERS = {topic.name: frozenset(topic.consumers) for topic in TOPICS.values() if topic.publisher}


async def gather(settings: Settings, pupils: frozenset[str] = frozenset()) -> Evidence:
    """Everything the checker looks at. `pupils`: who stood on the lists that were handed in."""
    conn = await asyncpg.connect(settings.database_url)
    try:
        return Evidence(
            told=[one for service in SERVICES for one in await _told(conn, service)],
            lain=[one for topic in CONSUMERS for one in await _lain(settings, topic)],
            handled=[tuple(row) for row in await conn.fetch("SELECT service, event_id::text FROM witness.handled")],
            consumers=CONSUMERS,
            apart=frozenset([one for service in SERVICES for one in await _apart(conn, service)]),
            unsent=[
                (service, row["subject"])
                for service in SERVICES
                for row in await conn.fetch(f"SELECT subject FROM {service}.outbox")
            ],
            fates=[one for service in SERVICES for one in await _fates(conn, service)],
            pupils=pupils,
            stored=await _stored(conn),
        )
    finally:
        await conn.close()


async def _told(conn: asyncpg.Connection, service: str) -> list[Told]:
    rows = await conn.fetch(
        "SELECT subject, sequence, event_id::text, type, topic, recorded_at, xmin::text AS transaction, payload "
        f"FROM {service}.event_log ORDER BY subject, sequence"
    )
    return [Told(*[service, *list(row)[:-1], _data(row["payload"])]) for row in rows]


def _data(payload: str) -> dict[str, Any]:
    """What was told; nothing where it is encrypted."""
    data: dict[str, Any] = json.loads(payload) if payload.startswith("{") else {}
    return data


async def _lain(settings: Settings, topic: str) -> list[Lain]:
    found = []
    for record in await everything(settings, settings.topic(topic)):
        headers: dict[str, bytes] = dict(record.headers)
        if record.value is None or len(headers.get("ce_id", b"")) != 36 or "ce_sequence" not in headers:
            continue
        service = headers["ce_source"].decode().rpartition(":")[2]
        sequence, subject = int(headers["ce_sequence"]), headers["ce_subject"].decode()
        where = (topic, record.partition, record.offset)
        found.append(Lain(*where, service, subject, sequence, headers["ce_id"].decode()))
    return found


async def _apart(conn: asyncpg.Connection, service: str) -> list[tuple[str, str]]:
    rows = await conn.fetch(f"SELECT headers FROM {service}.quarantine WHERE state = 'open'")
    names: list[dict[str, Any]] = [dict(json.loads(row["headers"])) for row in rows]
    return [(service, bytes.fromhex(one["ce_id"]).decode(errors="replace")) for one in names if "ce_id" in one]


async def _fates(conn: asyncpg.Connection, service: str) -> list[Fates]:
    rows = await conn.fetch(f"SELECT entrance, received, applied, unchanged, skipped, quarantined FROM {service}.tally")
    heard = {topic.name for topic in consumed_topics(service)}
    return [Fates(service, *row) for row in rows if row["entrance"] in heard or ":" in row["entrance"]]


async def _stored(conn: asyncpg.Connection) -> Stored:
    custody = await conn.fetch(
        "SELECT pupil_ref, cohort::int, n::int, since, organisation, role FROM coordination.custody"
    )
    actions = await conn.fetch("SELECT action_id FROM coordination.action WHERE open")
    transitions = await conn.fetch("SELECT pupil_ref, cohort::int FROM coordination.transition WHERE open")
    risks = await conn.fetch("SELECT risk_id FROM coordination.risk WHERE cleared_at IS NULL")
    alerts = await conn.fetch(
        "SELECT alert_id, cause, organisation, role, resolved_at IS NOT NULL AS resolved FROM notifications.alert"
    )
    return Stored(
        custody=frozenset(tuple(row) for row in custody),
        open_actions=frozenset(row["action_id"] for row in actions),
        open_transitions=frozenset(tuple(row) for row in transitions),
        standing_risks=frozenset(row["risk_id"] for row in risks),
        alerts=tuple(Alert(*row) for row in alerts),
    )
