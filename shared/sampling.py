"""Metrics that stand in the database, sampled by the leader of a service, so that each is told by one process."""

import time
from collections.abc import Mapping
from typing import cast

from shared.core import metrics
from shared.core.metrics import GaugeName
from shared.messaging.outbox import SQL, Transport
from shared.schemas.catalog import consumed_topics
from shared.storage import queries
from shared.storage.migrate import ROOT

SAMPLE_SECONDS = 10.0
Lags = Mapping[tuple[str, int], int | None]
"""Topic and partition → records; None where that is not known."""
TRANSPORT: dict[GaugeName, str] = {
    "overstap_outbox_waiting": "waiting",
    "overstap_outbox_oldest_seconds": "outbox_seconds",
    "overstap_gaps_open": "gaps",
    "overstap_timers_late": "timers_late",
    "overstap_quarantine_waiting": "quarantined",
}
"""Metric → column of the query `standing`."""


def own_metrics(service: str) -> dict[GaugeName, str]:
    """Metric → query, of what this service alone can tell (`sql/metrics.sql`)."""
    path = ROOT / "services" / service / "sql" / "metrics.sql"
    return cast(dict[GaugeName, str], queries.load(path)) if path.exists() else {}


async def sample(side: Transport) -> None:
    """Look once. Raises `Unavailable` without a database."""
    service, now = side.service, side.settings.clock.now()
    async with side.db.acquire() as conn:
        row = await conn.fetchrow(SQL["standing"], now)
        braked = {one["topic"] for one in await conn.fetch(SQL["brakes"])}
        own = {name: await conn.fetchval(query, now) for name, query in own_metrics(service).items()}
    assert row
    for name, column in TRANSPORT.items():
        metrics.gauge(name, row[column], service=service)
    for topic in consumed_topics(service):
        metrics.gauge("overstap_brake", topic.name in braked, service=service, topic=topic.name)
    for name, value in own.items():
        metrics.gauge(name, value, service=service)


class Behind:
    """How far the consumers of one service are behind in this process."""

    def __init__(self, service: str):
        self._service = service
        self._at_end: dict[str, float] = {}

    def tell(self, unread: Lags, lags: Lags) -> None:
        """Set the gauges from what is not fetched and what is not consumed; what is not known counts as behind."""
        now = time.monotonic()
        for topic in {topic for topic, _ in lags}:
            records = sum(n or 0 for (name, _), n in unread.items() if name == topic)
            metrics.gauge("overstap_lag_records", records, service=self._service, topic=topic)
            if all(n == 0 for (name, _), n in lags.items() if name == topic):
                self._at_end[topic] = now
            since = self._at_end.setdefault(topic, now)
            metrics.gauge("overstap_lag_seconds", now - since, service=self._service, topic=topic)


def forget(service: str) -> None:
    """Another process leads now, and tells."""
    for name in (*TRANSPORT, *own_metrics(service), "overstap_brake"):
        metrics.forget(name, service=service)
