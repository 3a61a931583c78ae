"""Real Apache Kafka without Docker: jars by Maven from `deploy/kafka/pom.xml`, one KRaft node as a child process.

Unlike the embedded broker it keeps what it was given: after a restart it has the same address, topics and offsets.
"""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from shared.core.errors import Unavailable
from shared.core.ids import new_id
from shared.core.logging import get_logger
from shared.local.processes import free_port, port_answers, port_is_free, spawn
from shared.messaging import address
from shared.messaging.topics import cluster_id, create_topics
from shared.schemas.catalog import Topic

DEPLOY = Path(__file__).parents[2] / "deploy" / "kafka"
JARS = DEPLOY / "build" / "jars"
START_WITHIN = 60.0  # seconds; a Java machine on a busy computer
GRACE = 20.0  # seconds between SIGTERM and SIGKILL
JAVA = ("-Xms256m", "-Xmx768m", "-XX:+UseG1GC", "-Djava.awt.headless=true", "-Dlog4j2.level=WARN")


def missing_tools() -> str:
    """What this machine lacks to run Apache Kafka; empty when nothing."""
    return ", ".join(name for name in ("java", "mvn") if shutil.which(name) is None)


class ApacheKafka:
    """The Apache Kafka node of one data directory."""

    forgets = False
    """What it holds survives a restart, so its address is published once and nothing is sent again."""

    def __init__(self, data_dir: Path):
        self._data_dir = data_dir.resolve()
        self._home = self._data_dir / "kafka"
        self._process: subprocess.Popen[bytes] | None = None
        self._ports: tuple[int, int] = (0, 0)
        self._generation = 1

    @property
    def bootstrap(self) -> str:
        """Where it listens."""
        return f"127.0.0.1:{self._ports[0]}"

    @property
    def generation(self) -> int:
        """Changes only when it had to take another port."""
        return self._generation

    @property
    def pid(self) -> int | None:
        """Process id of the last start, None before the first."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it on the port it had before; raises :class:`Unavailable` when it does not come up."""
        if lacking := missing_tools():
            raise Unavailable(f"Apache Kafka needs {lacking} (Java 17 or newer and Maven)")
        self.stop()
        await asyncio.to_thread(_fetch_jars)
        self._choose_ports()
        await asyncio.to_thread(self._configure)
        command = ["java", *JAVA, "-cp", f"{JARS}/*", "kafka.Kafka", str(self._home / "server.properties")]
        self._process = spawn(command, self._data_dir / "logs" / "kafka.log", {})
        await self._answers()
        get_logger().info("broker_started", port=self._ports[0], generation=self._generation)

    async def create_topics(self, topics: Mapping[str, Topic | None] | Iterable[str], partitions: int) -> None:
        """Create and check the topics; see :func:`shared.messaging.topics.create_topics`."""
        await create_topics(self.bootstrap, topics, partitions)

    def publish(self) -> None:
        """Tell every client where it is."""
        address.publish(self._data_dir, self.bootstrap, self._generation)

    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it in order; what it holds is kept."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(GRACE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _choose_ports(self) -> None:
        """The ports of the last time, unless somebody else took one: then a new address, which clients must learn."""
        noted = self._home / "ports"
        if noted.exists():
            before = tuple(int(port) for port in noted.read_text().split())
            if all(port_is_free(port) for port in before):
                self._ports = (before[0], before[1])
                self._generation = max(1, address.published(self._data_dir)[1])
                return
        self._home.mkdir(parents=True, exist_ok=True)
        first = free_port()
        self._ports = (first, free_port(avoid=first))
        self._generation = address.published(self._data_dir)[1] + 1
        noted.write_text(" ".join(map(str, self._ports)))

    def _configure(self) -> None:
        """Write the settings of this node, and format its storage the first time."""
        port, controller = self._ports
        own = {
            "listeners": f"PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{port}",
            "controller.listener.names": "CONTROLLER",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self._home / "data"),
        }
        text = (DEPLOY / "server.properties").read_text() + "".join(f"{key}={value}\n" for key, value in own.items())
        settings = self._home / "server.properties"
        settings.write_text(text)
        if not (self._home / "data" / "meta.properties").exists():
            _format(settings, self._data_dir / "logs" / "kafka.log")

    async def _answers(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            if not self.alive():
                break
            if port_answers(self._ports[0]):
                try:
                    await cluster_id(self.bootstrap)
                    return
                except Unavailable:
                    pass
            await asyncio.sleep(0.1)
        self.stop()
        raise Unavailable("Apache Kafka does not start; see logs/kafka.log")


def _fetch_jars() -> None:
    """Resolve the jars once; again when the pom changed."""
    pom = DEPLOY / "pom.xml"
    done = JARS / ".resolved"
    if done.exists() and done.stat().st_mtime >= pom.stat().st_mtime:
        return
    shutil.rmtree(JARS, ignore_errors=True)
    command = ["mvn", "-q", "-B", "-f", str(pom), "dependency:copy-dependencies", f"-DoutputDirectory={JARS}"]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        raise Unavailable(f"Maven could not resolve Apache Kafka:\n{result.stdout[-2000:]}")
    done.touch()


def _format(settings: Path, log: Path) -> None:
    identity = new_id().hex[:22]
    command = ["java", "-cp", f"{JARS}/*", "kafka.tools.StorageTool", "format", "-t", identity, "-c", str(settings)]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        if subprocess.run(command, stdout=output, stderr=output, check=False).returncode:
            raise Unavailable(f"the storage of Apache Kafka could not be formatted; see {log}")
