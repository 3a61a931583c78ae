"""Any event of the catalogue reaches every service that listens to its topic: taken, accounted for, never set apart."""

import itertools
import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from importlib import import_module
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from shared.core.ids import opaque_ref
from shared.core.settings import Settings
from shared.messaging.outbox import Transport
from shared.schemas.catalog import SERVICES, TOPICS, consumed_topics, published_on
from shared.schemas.dossiers import PupilExpected
from shared.schemas.pupils import PupilLinked
from shared.schemas.release import schema_of
from tests.contract.instances import instances
from tests.support import Told, deliver, open_transport

HEARD = [(service, topic.name) for service in SERVICES for topic in consumed_topics(service)]
NUMBERS = itertools.count(1)
ALONE = {"pupil-linked", "pupil-erased"}
"""What ends a reference: told after the others, so that it does not hide them."""


@pytest.fixture(scope="module")
async def transports(
    database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Callable[[str], Any]]:
    """The worker's side of a service."""
    values: dict[str, Any] = {"data_dir": tmp_path_factory.mktemp("keys"), "demo": False, "database_url": database_url}
    made = Settings(_env_file=None, **values)
    opened: dict[str, Transport] = {}

    async def side(service: str) -> Transport:
        if service not in opened:
            opened[service] = await open_transport(made, service)
        return opened[service]

    yield side
    for transport in opened.values():
        await transport.db.close()


def timely(short: str) -> dict[str, Any]:
    """The schema of an event, for cohorts of which the dates are known; others are rightly set apart."""
    schema = schema_of(short)
    if cohort := schema["properties"].get("cohort"):
        cohort.update(minimum=2026, maximum=2028)
    return schema


def told(topic: str, drawn: dict[str, Any], refs: list[str]) -> list[Told]:
    """These data as events on this topic, one by one, each under the reference at its turn."""
    events = []
    for model, sources in published_on(TOPICS[topic]).items():
        data = model.model_validate_json(json.dumps(drawn[model.TYPE]))
        subject = refs[len(events) % len(refs)]
        if model is PupilLinked and data.survivor == data.absorbed:
            continue  # no reference is another than itself: this one is rightly set apart
        for source in sources:
            events.append(Told(source, subject, data, data.occurred_at, next(NUMBERS)))
    return sorted(events, key=lambda one: one.data.TYPE in ALONE)


@pytest.mark.parametrize(("service", "topic"), HEARD)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.generate])
@given(st.data())
async def test_every_event_of_a_topic_is_taken_by_every_service_that_listens(
    transports: Callable[[str], Any], service: str, topic: str, data: st.DataObject
) -> None:
    models = [model.TYPE for model in published_on(TOPICS[topic])]
    drawn = data.draw(st.fixed_dictionaries({short: instances(timely(short)) for short in models}))
    refs = [opaque_ref("pupil", str(next(NUMBERS))) for _ in range(data.draw(st.integers(1, 3)))]
    transport = await transports(service)
    events = told(topic, drawn, refs)
    before = await tally(transport, topic)
    await deliver(transport, import_module(f"services.{service}.app").build(transport.settings), events)
    after = await tally(transport, topic)
    assert after["quarantined"] == after["skipped"] == 0, await reasons(transport)
    assert after["received"] - before["received"] == len(events)


async def reasons(transport: Transport) -> list[str]:
    """Why something was set apart."""
    async with transport.db.acquire() as conn:
        return [row["reason"] for row in await conn.fetch("SELECT reason FROM quarantine")]


async def tally(transport: Transport, topic: str) -> dict[str, int]:
    """What became of everything received of a topic so far."""
    fates = ("received", "applied", "unchanged", "skipped", "quarantined")
    async with transport.db.acquire() as conn:
        row = await conn.fetchrow(f"SELECT {', '.join(fates)} FROM tally WHERE entrance = $1", topic)
    return dict(row) if row else dict.fromkeys(fates, 0)


async def test_a_date_that_nobody_can_reckon_with_is_set_apart_and_the_rest_goes_on(
    transports: Callable[[str], Any],
) -> None:
    transport = await transports("signals")
    before = await tally(transport, "dossiers")
    moments = [datetime(year, 12, 31, 23, 59, tzinfo=UTC) for year in (2027, 9999)]
    events = [
        Told(
            "dossier",
            opaque_ref("pupil", str(moment.year)),
            PupilExpected(occurred_at=moment, cohort=2027, vo_site="99XX00", track="havo"),
            moment,
            1,
        )
        for moment in moments
    ]
    await deliver(transport, import_module("services.signals.app").build(transport.settings), events)
    after = await tally(transport, "dossiers")
    assert (after["applied"] - before["applied"], after["quarantined"] - before["quarantined"]) == (1, 1)
