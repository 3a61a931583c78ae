"""Metrics as a closed vocabulary: a name that is not listed here does not type-check, nor run."""

from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest

MetricName = Literal[
    # Records a consumer took from a topic, by fate: applied, unchanged, skipped, quarantined.
    "overstap_consumed_total",
    # Events acknowledged by the broker.
    "overstap_relayed_total",
    # Pointers still waiting in the outbox.
    "overstap_outbox_waiting",
    # Age of the oldest pointer in the outbox, seconds.
    "overstap_outbox_oldest_seconds",
    # Holes in a stream that were noticed and asked for again.
    "overstap_gaps_total",
    # Timers fired.
    "overstap_timers_total",
    # 1 when the brake stopped a consumer because too much is rejected.
    "overstap_brake",
    # Mails handed to the mail server, by outcome.
    "overstap_mails_total",
]
COUNTERS: dict[MetricName, tuple[str, tuple[str, ...]]] = {
    "overstap_consumed_total": ("Records consumed, by fate", ("service", "topic", "fate")),
    "overstap_relayed_total": ("Events acknowledged by the broker", ("service",)),
    "overstap_gaps_total": ("Holes noticed in a stream", ("service", "source")),
    "overstap_timers_total": ("Timers fired", ("service", "kind")),
    "overstap_mails_total": ("Mails by outcome", ("outcome",)),
}
GAUGES: dict[MetricName, tuple[str, tuple[str, ...]]] = {
    "overstap_outbox_waiting": ("Pointers waiting in the outbox", ("service",)),
    "overstap_outbox_oldest_seconds": ("Age of the oldest waiting pointer in seconds", ("service",)),
    "overstap_brake": ("1 when a consumer is stopped by the brake", ("service", "topic")),
}

REGISTRY = CollectorRegistry()
_counters = {n: Counter(n.removesuffix("_total"), h, ls, registry=REGISTRY) for n, (h, ls) in COUNTERS.items()}
_gauges = {n: Gauge(n, h, ls, registry=REGISTRY) for n, (h, ls) in GAUGES.items()}


def count(name: MetricName, amount: float = 1, **labels: str) -> None:
    """Add to a counter."""
    _counters[name].labels(**labels).inc(amount)


def gauge(name: MetricName, value: float, **labels: str) -> None:
    """Set a gauge."""
    _gauges[name].labels(**labels).set(value)


def render() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)
