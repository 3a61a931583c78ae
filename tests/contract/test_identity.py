"""All services agree who survives when references are one child: whatever the order, the repetition, the direction."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.coordination import app as coordination
from services.dossier.handlers.identity import LinkPupils, link_pupils
from services.intake import app as intake
from services.notifications import app as notifications
from services.signals import app as signals
from shared.core.actor import Role
from shared.core.clock import FixedClock
from shared.core.ids import new_id, opaque_ref
from shared.core.links import Link, survivors
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from shared.schemas.pupils import PupilLinked
from tests.support import Told, actor, deliver, open_transport, published

HEARERS = {service.__name__.split(".")[1]: service for service in (intake, coordination, notifications, signals)}
ALIASES = "SELECT absorbed, survivor FROM alias WHERE absorbed = ANY($1)"
STANDING = {
    "dossier": ALIASES,
    "intake": ALIASES,
    "notifications": ALIASES,
    "coordination": "SELECT pupil_ref, root FROM pupil WHERE pupil_ref = ANY($1) AND pupil_ref <> root",
}
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
OPERATOR = actor("overstap", Role.OPERATOR)
LINKS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)).filter(lambda pair: pair[0] != pair[1]), max_size=7)
some = settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
async def region(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[dict[str, Transport]]:
    """A transport per service, the workers' side."""
    made = Settings(
        _env_file=None, data_dir=tmp_path_factory.mktemp("data"), topic_prefix="test", database_url=database_url
    )
    made.__dict__["clock"] = FixedClock(NOW)
    opened = {name: await open_transport(made, name) for name in ("dossier", *HEARERS)}
    yield opened
    for transport in opened.values():
        await transport.db.close()


async def hear(region: dict[str, Transport], told: Sequence[PupilLinked], chance: random.Random) -> None:
    """Every other service hears each link under both keys and twice, in an order and in batches of its own."""
    for name, service in HEARERS.items():
        events = [Told("dossier", ref, data, NOW, n) for n, data in enumerate(told, 1) for ref in _pair(data)]
        events += events
        chance.shuffle(events)
        split = chance.randrange(len(events) + 1)
        for batch in (events[:split], events[split:]):
            if batch:
                await deliver(region[name], service.build(region[name].settings), batch)


def _pair(data: PupilLinked) -> Link:
    return data.survivor, data.absorbed


async def standing(transport: Transport, refs: list[str]) -> dict[str, str]:
    """Who went up in whom, as a service has it. Signals counts families by its links, whoever survives."""
    async with transport.db.acquire() as conn:
        if transport.service == "signals":
            rows = await conn.fetch("SELECT survivor, absorbed FROM link WHERE absorbed = ANY($1)", refs)
            return survivors(tuple(row) for row in rows)
        return dict(tuple(row) for row in await conn.fetch(STANDING[transport.service], refs))


@given(LINKS, st.randoms())
@some
async def test_links_told_in_any_order_and_direction_end_at_the_same_survivor_everywhere(
    region: dict[str, Transport], pairs: list[tuple[int, int]], chance: random.Random
) -> None:
    refs = _refs()
    links = [(refs[kept], refs[gone]) for kept, gone in pairs]
    told = [PupilLinked(occurred_at=NOW, survivor=kept, absorbed=gone, evidence="bsn-received") for kept, gone in links]
    await hear(region, told, chance)
    for name in HEARERS:
        assert await standing(region[name], refs) == survivors(links), name


@given(LINKS, st.randoms())
@some
async def test_the_survivor_that_the_dossier_chose_is_the_survivor_of_everybody(
    region: dict[str, Transport], pairs: list[tuple[int, int]], chance: random.Random
) -> None:
    refs = _refs()
    for kept, gone in pairs:
        await perform(region["dossier"], OPERATOR, link_pupils, LinkPupils(refs[kept], refs[gone], "bsn-received"))
    told = [PupilLinked(**data) for _, subject, data in await published(region["dossier"]) if subject in refs]
    await hear(region, told, chance)
    for name, transport in region.items():
        assert await standing(transport, refs) == survivors(map(_pair, told)), name


async def test_two_who_join_the_same_pupils_at_one_moment_do_not_make_a_circle(region: dict[str, Transport]) -> None:
    dossier, refs, others = region["dossier"], _refs(), _refs()

    async def link(kept: str, gone: str) -> None:
        await perform(dossier, OPERATOR, link_pupils, LinkPupils(kept, gone, "bsn-received"))

    for kept, *rest in (refs, others):
        for gone in rest:
            await link(kept, gone)
    async with dossier.db.as_actor(OPERATOR) as conn:
        await link_pupils(conn, LinkPupils(refs[1], others[1], "bsn-received"), OPERATOR, NOW)
        meanwhile = asyncio.create_task(link(others[2], refs[2]))
        done, _ = await asyncio.wait([meanwhile], timeout=0.3)
        assert not done
    await meanwhile
    assert await standing(dossier, refs + others) == dict.fromkeys({*refs[1:], *others}, refs[0])


def _refs() -> list[str]:
    """References of five pupils nobody has heard of."""
    return [opaque_ref("pupil", new_id().hex) for _ in range(5)]
