"""Real Apache Kafka, whatever stack the other tests run on: what only a broker that keeps things can show."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.local.apache_kafka import ApacheKafka
from tests.stacks import require_java

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.kafka)


@pytest.fixture(scope="session")
async def kafka(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[str]:
    """Bootstrap address of the node of all tests that leave it alone."""
    require_java()
    node = ApacheKafka(tmp_path_factory.mktemp("kafka"))
    await node.start()
    yield node.bootstrap
    node.stop()


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[ApacheKafka]:
    """A node of one test, which may be killed; it keeps its address and what it holds."""
    require_java()
    node = ApacheKafka(tmp_path)
    await node.start()
    yield node
    node.stop()
