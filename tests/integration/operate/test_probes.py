"""The probes of a worker that runs: what is alive, what is ready, and what it is not."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
import httpx
import pytest

from shared.core.actor import Role
from shared.core.errors import Unavailable
from shared.core.settings import Settings
from shared.local.processes import free_port
from shared.messaging.outbox import perform
from shared.messaging.topics import catalogued, create_topics
from shared.schemas.envelope import Event, Outcome
from shared.service import Service, work
from tests.integration.transport.test_transport import PUPILS, Expect, expect, nothing, until
from tests.support import actor, open_transport

Answers = Callable[[str], Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
async def settings(database_url: str, kafka: str, make_settings: Callable[..., Settings]) -> Settings:
    made = make_settings(
        database_url=database_url, kafka_bootstrap_servers=kafka, worker_port=free_port(), kafka_session_seconds=3
    )
    await create_topics(kafka, catalogued(made), made.partitions)
    return made


@asynccontextmanager
async def probed(settings: Settings, *services: Service) -> AsyncIterator[Answers]:
    """A worker with its probes; gives a function that asks one."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(services, settings, stop, probed=True))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.worker_port}") as client:

        async def ask(path: str) -> tuple[int, dict[str, Any]]:
            answer = await client.get(path)
            return answer.status_code, answer.json()

        async def answers() -> bool:
            try:
                return (await client.get("/metrics")).is_success
            except httpx.TransportError:
                assert not task.done()
                return False

        try:
            await until(answers)
            yield ask
        finally:
            stop.set()
            await asyncio.wait_for(task, 60)


def observed(body: dict[str, Any], check: str) -> Any:
    return body["checks"][check][0]["observedValue"]


async def test_a_worker_that_joined_its_groups_is_live_and_ready_and_says_what_it_looked_at(settings: Settings) -> None:
    async with probed(settings, Service("dossier", nothing), Service("intake", nothing)) as ask:

        async def ready() -> bool:
            return (await ask("/readyz"))[0] == 200

        await until(ready)
        _, body = await ask("/readyz")
        assert set(body["checks"]) == {
            f"{service}:{name}"
            for service in ("dossier", "intake")
            for name in ("database", "groups", "brakes", "outbox", "quarantine")
        }
        status, body = await ask("/livez")
        assert (status, body["status"]) == (200, "pass")
        assert {"dossier:leader:relay", "dossier:leader:timers", "dossier:consumers"} < set(body["checks"])
        assert {"intake:consumer:dossiers", "intake:consumer:repairs"} < set(body["checks"])


async def test_a_consumer_stopped_by_the_brake_makes_the_worker_not_ready_but_live(settings: Settings) -> None:
    assert settings.database_url
    admin = await asyncpg.connect(settings.database_url)
    async with probed(settings, Service("intake", nothing)) as ask:
        await admin.execute("INSERT INTO intake.brake VALUES ('dossiers', now(), 'a storm')")

        async def stopped() -> bool:
            status, body = await ask("/readyz")
            return status == 503 and observed(body, "intake:brakes") == 1

        await until(stopped)
        assert (await ask("/livez"))[0] == 200
        await admin.execute("DELETE FROM intake.brake")
    await admin.close()


async def test_a_worker_without_a_broker_is_live_and_not_ready(settings: Settings) -> None:
    away = settings.model_copy(update={"kafka_bootstrap_servers": f"127.0.0.1:{free_port()}"})
    async with probed(away, Service("intake", nothing)) as ask:
        status, body = await ask("/readyz")
        assert (status, observed(body, "intake:groups"), observed(body, "intake:database")) == (503, 0, "answers")
        assert (await ask("/livez"))[0] == 200


async def test_a_handler_that_never_returns_makes_the_worker_not_live(settings: Settings) -> None:
    entered, let_go = asyncio.Event(), asyncio.Event()

    async def hangs(_conn: Any, _events: Sequence[Event]) -> Outcome:
        entered.set()
        await let_go.wait()
        return Outcome()

    impatient = settings.model_copy(update={"live_seconds": 5.0})
    publisher = await open_transport(settings, "dossier", "web")
    await perform(publisher, actor("99AA00", Role.DECAAN), expect, Expect(PUPILS[:1]))
    await publisher.db.close()
    async with probed(impatient, Service("dossier", nothing), Service("intake", hangs)) as ask:
        await asyncio.wait_for(entered.wait(), 60)

        async def stuck() -> bool:
            status, body = await ask("/livez")
            return status == 503 and observed(body, "intake:consumer:dossiers") > impatient.live_seconds

        await until(stuck)
        assert observed((await ask("/livez"))[1], "dossier:leader:relay") < impatient.live_seconds
        let_go.set()

        async def again() -> bool:
            return (await ask("/livez"))[0] == 200

        await until(again)


async def test_a_port_that_is_taken_ends_the_worker_in_words(settings: Settings) -> None:
    async with probed(settings, Service("intake", nothing)):
        with pytest.raises(Unavailable, match="OVERSTAP_WORKER_PORT"):
            await work([Service("dossier", nothing)], settings, asyncio.Event(), probed=True)
