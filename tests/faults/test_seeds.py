"""Faults drawn by lot while a region works: whatever happens, every pupil's history is beyond reproach afterwards.

`make test-faults SEED=n` plays one seed again: the same faults in the same order, at the same moments after each other.
"""

import asyncio
import os
import random
from datetime import date

import pytest

from shared.core.clock import local_instant
from shared.core.keys import load_keys
from tests.faults.checker import check
from tests.faults.faults import plan
from tests.faults.gather import gather
from tests.faults.ground import Region
from tests.faults.load import small_region

FEBRUARY = local_instant(date(2027, 2, 1), 12)
"""On this day everybody without an application is told so."""
SEEDS = [int(given)] if (given := os.environ.get("OVERSTAP_TEST_SEED")) else range(1, 21)
DURING, AFTER = 3, 2
"""Faults while files are handed in, and while rules fire."""


async def hurt(region: Region, dice: random.Random, number: int) -> None:
    for fault in plan(dice, number):
        await asyncio.sleep(dice.uniform(0, 1.5))  # the moment is what is being tested
        print(fault.__name__)
        await fault(region, dice)


@pytest.mark.timeout(200)
@pytest.mark.parametrize("seed", SEEDS)
async def test_seed(region: Region, seed: int) -> None:
    print(f"OVERSTAP_TEST_SEED={seed}")
    dice, load = random.Random(seed), small_region(load_keys(region.settings))
    for _ in range(dice.randint(1, 2)):
        await region.start_worker()
    await asyncio.gather(region.hand_in(load.files), hurt(region, dice, DURING))
    await region.quiet()
    region.move_to(FEBRUARY)
    await hurt(region, dice, AFTER)
    await region.quiet()
    evidence = await gather(region.settings, load.pupils)
    assert check(evidence) == []
    assert {event.type for event in evidence.told} >= {"student-at-risk", "alert-raised"}
