"""Each fault alone, at a moment that is chosen: what the lots of the seeds may pass by."""

import asyncio
import time

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from rich.console import Console

from shared.core.keys import load_keys
from shared.messaging.topics import catalogued, create_topics
from shared.operate import commands
from shared.operate.commands import republish_all
from shared.operate.show import Teller
from tests.faults.checker import check
from tests.faults.faults import throw
from tests.faults.gather import gather
from tests.faults.ground import PARTITIONS, Region
from tests.faults.load import Load, small_region
from tests.faults.proxy import Api

AWAY_SECONDS = 120
POLL_SECONDS = 5
SCHOOLS = 10
"""So many files, the first ones, do not go to intake, whose consumer is kept busy."""
STORM = 60
SILENT = Teller(Console(quiet=True), False)
UNREADABLE = 4
"""Which kind of `POISON` is a storm made of."""


def load_of(region: Region) -> Load:
    return small_region(load_keys(region.settings), 16)


async def beyond_reproach(region: Region, load: Load) -> None:
    await region.quiet()
    assert check(await gather(region.settings, load.pupils)) == []


async def members(region: Region, group: str) -> set[str]:
    """Who is in a consumer group now."""
    admin = AIOKafkaAdminClient(bootstrap_servers=region.settings.kafka_bootstrap_servers)
    await admin.start()
    try:
        (answer,) = await admin.describe_consumer_groups([region.settings.topic(group)])
        return {member[0] for group in answer.groups for member in group[5]}
    finally:
        await admin.close()


async def test_a_region_without_faults_is_beyond_reproach(region: Region) -> None:
    load = load_of(region)
    await region.start_worker()
    await region.hand_in(load.files)
    await beyond_reproach(region, load)


async def test_the_broker_is_away_for_minutes_and_the_doors_do_not_notice(region: Region) -> None:
    load, begun = load_of(region), time.monotonic()
    await region.start_worker()
    await region.hand_in(load.files[:4])
    back = asyncio.create_task(region.ground.kill_broker(AWAY_SECONDS))
    await region.hand_in(load.files[4:])
    assert time.monotonic() - begun < AWAY_SECONDS, "every file was taken while the broker was away"
    await back
    await beyond_reproach(region, load)


async def test_a_commit_whose_answer_is_lost_has_its_effect_once(region: Region) -> None:
    load, wire = load_of(region), region.ground.to_postgres
    await region.start_worker()
    before = wire.cuts
    for file in load.files:
        wire.arm()
        await region.hand_in([file])
        await region.quiet()
    assert wire.cuts >= before + len(load.files) - 1
    await beyond_reproach(region, load)


@pytest.mark.parametrize("api", [Api.PRODUCE, Api.OFFSET_COMMIT])
@pytest.mark.parametrize("moment", ["before", "after"])
async def test_a_connection_cut_around_an_acknowledgement_loses_and_doubles_nothing(
    region: Region, api: Api, moment: str
) -> None:
    load, wire = load_of(region), region.ground.kafka.wire
    await region.start_worker()
    before = wire.cuts
    wire.arm(api, "before" if moment == "before" else "after")
    await region.hand_in(load.files)
    await beyond_reproach(region, load)
    assert wire.cuts == before + 1


async def test_a_handler_slower_than_the_poll_interval_loses_and_doubles_nothing(region: Region) -> None:
    load = load_of(region)
    for _ in range(2):
        await region.start_worker(kafka_poll_seconds=POLL_SECONDS)
    await region.hand_in(load.files[:2])
    await region.quiet()
    before = await members(region, "intake.dossiers")
    assert len(before) == 2
    async with region.locked("LOCK TABLE intake.stream IN EXCLUSIVE MODE"):
        await region.hand_in(load.files[2:SCHOOLS])
        async with asyncio.timeout(6 * POLL_SECONDS):
            while before <= await members(region, "intake.dossiers"):
                await asyncio.sleep(0.2)
    await region.hand_in(load.files[SCHOOLS:])
    await beyond_reproach(region, load)


async def test_a_storm_of_garbage_puts_on_the_brake_and_releasing_it_lets_everything_through(region: Region) -> None:
    load = load_of(region)
    await region.start_worker()
    await region.hand_in(load.files[:4])
    await region.quiet()
    await throw(region, [("dossiers", UNREADABLE)] * STORM)
    await region.until("SELECT EXISTS (SELECT FROM intake.brake WHERE released_at IS NULL)")
    await region.hand_in(load.files[4:])
    for service in ("intake", "coordination", "notifications", "signals"):
        await region.until(f"SELECT EXISTS (SELECT FROM {service}.brake WHERE released_at IS NULL)")
        assert (
            await commands.quarantine_release(region.settings, service, "dossiers", Teller(Console(quiet=True), False))
            == 0
        )
    await beyond_reproach(region, load)
    apart = await region.ask("SELECT count(*) FROM intake.quarantine WHERE entrance = 'dossiers'")
    assert apart == STORM


async def test_a_topic_that_was_deleted_is_rebuilt_from_the_history(region: Region) -> None:
    load = load_of(region)
    worker = await region.start_worker()
    await region.hand_in(load.files[:-4])
    await region.quiet()
    worker.terminate()
    await asyncio.to_thread(worker.wait, 30)
    lost = [region.settings.topic(name) for name in ("dossiers", "coordination")]
    admin = AIOKafkaAdminClient(bootstrap_servers=region.settings.kafka_bootstrap_servers)
    await admin.start()
    await admin.delete_topics(lost)
    await admin.close()
    await create_topics(str(region.settings.kafka_bootstrap_servers), catalogued(region.settings), PARTITIONS)
    assert await republish_all(region.settings) > 0
    await region.start_worker()
    await region.hand_in(load.files[-4:])
    await beyond_reproach(region, load)


async def test_two_versions_work_side_by_side_while_a_field_is_added(region: Region) -> None:
    load = load_of(region)
    old = await region.start_worker()
    await region.start_worker("newer")
    await region.hand_in(load.files[:-4])
    await region.quiet()
    told = [one for one in (await gather(region.settings)).told if one.type == "custody-changed"]
    assert {one.data.get("edition") for one in told} == {None, "next"}
    old.terminate()
    await asyncio.to_thread(old.wait, 30)
    await region.hand_in(load.files[-4:])
    await beyond_reproach(region, load)
