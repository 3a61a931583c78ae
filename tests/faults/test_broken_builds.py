"""The suite can fail: three builds that are broken on purpose are each caught, where the sound one is not.

Nothing here depends on luck: every scenario brings about the moment that hurts.
"""

import asyncio
from collections.abc import Sequence

import pytest

from shared.core.keys import load_keys
from shared.messaging.outbox import republish
from tests.faults.checker import check
from tests.faults.gather import gather
from tests.faults.ground import Region
from tests.faults.load import Load, small_region

BLOCKED = "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE $1)"
RECEIVED = "SELECT coalesce(sum(received), 0) FROM intake.tally WHERE entrance IN ('pupils', 'dossiers')"


def build(name: str, *caught: str) -> pytest.MarkDecorator:
    """The sound build, in which nothing is found, and a broken one, in which only these rules are broken."""
    sound = pytest.param((), (), id="sound")
    return pytest.mark.parametrize(("broken", "caught"), [sound, pytest.param((name,), caught, id=name)])


async def rules_broken(region: Region, load: Load, broken: Sequence[str]) -> set[str]:
    """Which rules the checker finds broken once the region has come to rest."""
    await (region.rest() if broken else region.quiet())
    return {finding.rule for finding in check(await gather(region.settings, load.pupils))}


def load_of(region: Region, pupils: int = 8) -> Load:
    return small_region(load_keys(region.settings), pupils)


@build("inbox_off", "twice")
async def test_an_event_that_arrives_twice_has_its_effect_once(
    region: Region, broken: tuple[str, ...], caught: tuple[str, ...]
) -> None:
    load = load_of(region)
    await region.start_worker(*broken)
    await region.hand_in(load.files)
    await region.quiet()
    received = await region.ask(RECEIVED)
    dossier = await region.transport("dossier")
    async with dossier.db.transaction() as conn:
        await republish(conn)
    await dossier.db.close()
    await region.until(f"SELECT ({RECEIVED}) >= $1", 2 * received)
    assert await rules_broken(region, load, broken) == set(caught)


@build("ack_first", "lost")
async def test_what_was_taken_and_not_committed_comes_again(
    region: Region, broken: tuple[str, ...], caught: tuple[str, ...]
) -> None:
    load = load_of(region)
    worker = await region.start_worker(*broken)
    await region.hand_in(load.files[:2])
    await region.quiet()
    async with region.locked("LOCK TABLE intake.stream IN EXCLUSIVE MODE"):
        await region.hand_in(load.files[2:4])
        await region.until(BLOCKED, "%FROM stream WHERE subject%")
        await asyncio.sleep(7)  # longer than the 5 s after which a client that acknowledges first commits what it got
        region.kill(worker)
    await region.start_worker()
    assert await rules_broken(region, Load((), frozenset()), broken) == set(caught)


@build("cursor_relay", "unsent", "lost")
async def test_what_commits_late_under_a_lower_number_is_sent(
    region: Region, broken: tuple[str, ...], caught: tuple[str, ...]
) -> None:
    load = load_of(region)
    await region.start_worker(*broken)
    base, longer = load.files[:4], load.files[4]
    await region.hand_in(base)
    await region.quiet()
    async with region.locked("UPDATE dossier.tally SET received = received WHERE entrance = 'file:pupil-list'"):
        late = asyncio.create_task(region.hand_in([longer]))
        await region.until(BLOCKED, "INSERT INTO tally%")
        await region.hand_in(file for file in load.files if b"leerroute;voorkeur" in file and b"\n99AD00" in file)
        await region.until("SELECT NOT EXISTS (SELECT FROM dossier.outbox)")
    await late
    assert await rules_broken(region, Load((), frozenset()), broken) == set(caught)
