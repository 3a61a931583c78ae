"""Real Apache Kafka without Docker: jars by Maven from `deploy/kafka/pom.xml`, one KRaft node as a child process.

Unlike the embedded broker it keeps what it was given: after a restart it has the same address, topics and offsets.
"""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from shared.core.errors import Unavailable
from shared.core.ids import new_id
from shared.core.logging import get_logger
from shared.core.settings import Settings
from shared.local.broker import Node
from shared.local.processes import free_port, port_answers, port_is_free, spawn
from shared.messaging import address
from shared.messaging.address import client_arguments
from shared.messaging.topics import cluster_id

DEPLOY = Path(__file__).parents[2] / "deploy" / "kafka"
JARS = DEPLOY / "build" / "jars"
START_WITHIN = 60.0  # seconds; a Java machine on a busy computer
GRACE = 20.0  # seconds between SIGTERM and SIGKILL
MECHANISM = "SCRAM-SHA-512"
JAVA = ("-Xms256m", "-Xmx768m", "-XX:+UseG1GC", "-Djava.awt.headless=true", "-Dlog4j2.level=WARN")


def missing_tools() -> str:
    """What this machine lacks to run Apache Kafka; empty when nothing."""
    return ", ".join(name for name in ("java", "mvn") if shutil.which(name) is None)


@dataclass(frozen=True, slots=True)
class Security:
    """Encryption and accounts of a node. Without it everybody on this machine may do everything."""

    ca: Path
    """Certificate of the authority (PEM)."""
    identity: Path
    """Private key (PKCS #8) and certificate of the node, for 127.0.0.1 (PEM)."""
    name: str
    """Name in that certificate, such as ``CN=node``: broker and controller trust each other by it."""
    accounts: Mapping[str, str]
    """Name → password. The first one may do everything, the others what they are granted."""

    @property
    def administrator(self) -> str:
        return next(iter(self.accounts))

    def settings_of(self, account: str) -> dict[str, object]:
        """The settings with which a client gets in as this account."""
        return {
            "kafka_security_protocol": "SASL_SSL",
            "kafka_sasl_username": account,
            "kafka_sasl_password": self.accounts[account],
            "kafka_ca_file": self.ca,
        }

    def properties(self) -> dict[str, str]:
        """The settings of the node."""
        login = "org.apache.kafka.common.security.scram.ScramLoginModule required"
        me, secret = self.administrator, self.accounts[self.administrator]
        return {
            "listener.security.protocol.map": "CLIENTS:SASL_SSL,CONTROLLER:SSL",
            "listener.name.controller.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": MECHANISM,
            "sasl.mechanism.inter.broker.protocol": MECHANISM,
            f"listener.name.clients.{MECHANISM.lower()}.sasl.jaas.config": (
                f'{login} username="{me}" password="{secret}";'
            ),
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.identity),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca),
            "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
            "super.users": f"User:{me};User:{self.name}",
        }


OPEN = {"listener.security.protocol.map": "CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT"}
"""Listeners of a node without security."""


class ApacheKafka(Node):
    """The Apache Kafka node of one data directory."""

    forgets = False
    """What it holds survives a restart, so its address is published once and nothing is sent again."""

    def __init__(self, data_dir: Path, security: Security | None = None):
        super().__init__(data_dir)
        self._security = security
        self._home = self._data_dir / "kafka"
        self._controller_port = 0

    async def start(self) -> None:
        """Start it on the port it had before; raises :class:`Unavailable` when it does not come up."""
        if lacking := missing_tools():
            raise Unavailable(f"Apache Kafka needs {lacking} (Java 17 or newer and Maven)")
        self.stop()
        await asyncio.to_thread(fetch_jars)
        self._choose_ports()
        await asyncio.to_thread(self._configure)
        command = ["java", *JAVA, "-cp", f"{JARS}/*", "kafka.Kafka", str(self._home / "server.properties")]
        self._process = spawn(command, self._data_dir / "logs" / "kafka.log", {})
        await self._answers()
        get_logger().info("broker_started", port=self._port, generation=self._generation)

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
                self._port, self._controller_port = before
                self._generation = max(1, address.published(self._data_dir)[1])
                return
        self._home.mkdir(parents=True, exist_ok=True)
        self._port = free_port()
        self._controller_port = free_port(avoid=self._port)
        self._generation = address.published(self._data_dir)[1] + 1
        noted.write_text(f"{self._port} {self._controller_port}")

    def _configure(self) -> None:
        """Write the settings of this node, and format its storage the first time."""
        port, controller = self._port, self._controller_port
        own = {
            "listeners": f"CLIENTS://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}",
            "advertised.listeners": f"CLIENTS://127.0.0.1:{port}",
            "inter.broker.listener.name": "CLIENTS",
            "controller.listener.names": "CONTROLLER",
            "controller.quorum.voters": f"1@127.0.0.1:{controller}",
            "log.dirs": str(self._home / "data"),
            **(self._security.properties() if self._security else OPEN),
        }
        text = (DEPLOY / "server.properties").read_text() + "".join(f"{key}={value}\n" for key, value in own.items())
        settings = self._home / "server.properties"
        settings.write_text(text)
        if not (self._home / "data" / "meta.properties").exists():
            accounts = self._security.accounts if self._security else {}
            _format(settings, accounts, self._data_dir / "logs" / "kafka.log")

    def _client(self) -> dict[str, Any]:
        if not self._security:
            return {}
        values: dict[str, Any] = self._security.settings_of(self._security.administrator)
        return client_arguments(Settings(_env_file=None, **values))

    async def _answers(self) -> None:
        deadline = time.monotonic() + START_WITHIN
        while time.monotonic() < deadline:
            if not self.alive():
                break
            if port_answers(self._port):
                try:
                    await cluster_id(self.bootstrap, **self._client())
                    return
                except Unavailable:
                    pass
            await asyncio.sleep(0.1)
        self.stop()
        raise Unavailable("Apache Kafka does not start; see logs/kafka.log")


def fetch_jars() -> None:
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


def _format(settings: Path, accounts: Mapping[str, str], log: Path) -> None:
    identity = new_id().hex[:22]
    command = ["java", "-cp", f"{JARS}/*", "kafka.tools.StorageTool", "format", "-t", identity, "-c", str(settings)]
    for name, password in accounts.items():
        command += ["--add-scram", f"{MECHANISM}=[name={name},password={password}]"]
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        if subprocess.run(command, stdout=output, stderr=output, check=False).returncode:
            raise Unavailable(f"the storage of Apache Kafka could not be formatted; see {log}")
