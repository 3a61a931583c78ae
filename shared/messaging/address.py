"""Where Kafka is, and how one gets in. A given address never changes; the embedded broker has a new one after every
start."""

import json
import ssl
from asyncio import IncompleteReadError
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aiokafka.conn import create_conn
from aiokafka.errors import KafkaConnectionError, KafkaError
from faststream.kafka.security import parse_security
from faststream.security import BaseSecurity, SASLPlaintext, SASLScram256, SASLScram512

from shared.core.errors import Unavailable
from shared.core.settings import Settings

PROBE_MS = 5000
MECHANISMS = {"PLAIN": SASLPlaintext, "SCRAM-SHA-256": SASLScram256, "SCRAM-SHA-512": SASLScram512}


def bootstrap(settings: Settings) -> tuple[str, int]:
    """The brokers (``host:port,host:port``) and the generation of the broker.

    Another generation than before means another, empty broker: every client is built anew. A given broker has
    generation 0 for ever. Raises :class:`Unavailable` while the embedded broker is not ready.
    """
    if settings.kafka_bootstrap_servers:
        return settings.kafka_bootstrap_servers, 0
    servers, generation = published(settings.data_dir)
    if servers is None:
        raise Unavailable("the embedded broker is not ready")
    return servers, generation


def security(settings: Settings) -> BaseSecurity | None:
    """How clients get in, as FastStream wants to hear it; None: no encryption and no account.

    Raises :class:`Unavailable` when the account or the certificates of the brokers are not there.
    """
    protocol = settings.kafka_security_protocol
    if protocol == "PLAINTEXT":
        return None
    context = _certificates(settings.kafka_ca_file) if protocol.endswith("SSL") else None
    if protocol == "SSL":
        return BaseSecurity(ssl_context=context, use_ssl=True)
    username, password = settings.kafka_sasl_username, settings.kafka_sasl_password
    if not username or not password:
        raise Unavailable(f"Kafka: {protocol} needs OVERSTAP_KAFKA_SASL_USERNAME and OVERSTAP_KAFKA_SASL_PASSWORD")
    account = MECHANISMS[settings.kafka_sasl_mechanism]
    return account(username, password.get_secret_value(), ssl_context=context, use_ssl=context is not None)


def client_arguments(settings: Settings) -> dict[str, Any]:
    """The same for a client of aiokafka."""
    return parse_security(security(settings))


async def refusal(servers: str, client: Mapping[str, Any]) -> str | None:
    """Why the first broker does not let this client in; None when it does. The client library only logs it."""
    host, _, port = servers.partition(",")[0].rpartition(":")
    try:
        connection = await create_conn(host, int(port), request_timeout_ms=PROBE_MS, **client)
    except (IncompleteReadError, KafkaConnectionError):
        protocol = client.get("security_protocol", "PLAINTEXT")
        return f"the broker hangs up on {protocol}; see OVERSTAP_KAFKA_SECURITY_PROTOCOL"
    except (KafkaError, OSError, TimeoutError) as error:
        return str(error) or type(error).__name__
    connection.close()
    return None


def _certificates(file: Path | None) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=file)
    except OSError as error:
        raise Unavailable(f"Kafka: OVERSTAP_KAFKA_CA_FILE {file}: {error.strerror or error}") from error


def published(data_dir: Path) -> tuple[str | None, int]:
    """The embedded broker's address, None while there is none, and the last generation that was published."""
    try:
        content = json.loads((data_dir / "kafka.json").read_text())
    except FileNotFoundError:
        return None, 0
    return content["bootstrap"], content["generation"]


def publish(data_dir: Path, servers: str | None, generation: int) -> None:
    """Tell every client the address at once, or with None that there is no broker now."""
    fresh = data_dir / "kafka.json.new"
    fresh.write_text(json.dumps({"bootstrap": servers, "generation": generation}))
    fresh.replace(data_dir / "kafka.json")
