"""A running region of its own for every test that hurts one, and moments at random."""

import os
import random
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.running import Region, started


@pytest.fixture
async def region(server_dir: Path, request: pytest.FixtureRequest) -> AsyncIterator[Region]:
    """A stack without sample, on virtual time that stands at the opening of the story."""
    async with started(server_dir / f"chaos-{request.node.name[:40]}-{time.monotonic_ns()}") as region:
        yield region


@pytest.fixture
def dice(request: pytest.FixtureRequest) -> Callable[[], float]:
    """Random moments, the same for the same seed; the seed is printed."""
    seed = int(os.environ.get("OVERSTAP_TEST_SEED", "20261122"))
    print(f"OVERSTAP_TEST_SEED={seed} {request.node.name}")
    generator = random.Random(seed)
    return lambda: generator.uniform(0.05, 0.8)
