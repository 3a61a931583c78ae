"""One Apache Kafka and one PostgreSQL for all fault tests, and a region of its own for each."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.faults.ground import Ground, Region, ground, mailbox, region
from tests.stacks import require_java

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session", name="ground")
async def _ground(server_dir: Path) -> AsyncIterator[Ground]:
    """The servers; the same for every test."""
    require_java()
    async with ground(server_dir / "faults") as servers:
        yield servers


@pytest.fixture(scope="session")
async def mails(server_dir: Path) -> AsyncIterator[int]:
    """Port of a mail server that delivers nothing."""
    async with mailbox(server_dir / "faults") as port:
        yield port


@pytest.fixture(name="region")
async def _region(ground: Ground, mails: int) -> AsyncIterator[Region]:
    """A region without workers; a test starts them."""
    async with region(ground, mails) as made:
        yield made
