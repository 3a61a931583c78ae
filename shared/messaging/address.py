"""Where Kafka is. A given address never changes; the embedded broker has a new one after every start."""

import json
from pathlib import Path

from shared.core.errors import Unavailable
from shared.core.settings import Settings


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
