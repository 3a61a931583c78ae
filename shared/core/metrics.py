"""Metrics as a closed vocabulary: a name that is not listed here does not type-check, nor run.

Labels take few values, all known beforehand: services, topics, routes as written in the code. Never a pupil, a person
or an organisation. `docs/metrics.md` is made from this list.
"""

from dataclasses import dataclass
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from shared.core import __version__

CounterName = Literal[
    "overstap_consumed_total",
    "overstap_duplicates_total",
    "overstap_relayed_total",
    "overstap_gaps_total",
    "overstap_gaps_healed_total",
    "overstap_timers_total",
    "overstap_mails_total",
]
GaugeName = Literal[
    "overstap_lag_records",
    "overstap_lag_seconds",
    "overstap_outbox_waiting",
    "overstap_outbox_oldest_seconds",
    "overstap_gaps_open",
    "overstap_timers_late",
    "overstap_quarantine_waiting",
    "overstap_brake",
    "overstap_custody_missing",
    "overstap_actions_overdue",
    "overstap_audit_violations",
    "overstap_audit_age_seconds",
    "overstap_actions_of_nobody",
    "overstap_mails_waiting",
    "overstap_build_info",
]
HistogramName = Literal[
    "overstap_batch_seconds",
    "overstap_batch_records",
    "overstap_relay_send_seconds",
    "overstap_http_seconds",
    "overstap_pool_wait_seconds",
]
SECONDS = (0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
RECORDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000)
LABELS = {
    "service": "one of the five services",
    "topic": "a topic of the catalogue",
    "fate": "applied, unchanged, skipped, quarantined",
    "source": "the service that publishes the stream",
    "kind": "a kind of timer, as written in the code",
    "outcome": "sent, waiting (will be tried again), failed (given up), no_address",
    "side": "web, worker, reader",
    "method": "an HTTP method, or other",
    "route": "the route as written in the code, * for none",
    "status": "HTTP status",
    "version": "version of Overstap",
}


@dataclass(frozen=True, slots=True)
class Metric:
    """What a metric means to who is on duty."""

    meaning: str
    unit: str
    do: str
    labels: tuple[str, ...] = ("service",)
    buckets: tuple[float, ...] = SECONDS


COUNTERS: dict[CounterName, Metric] = {
    "overstap_consumed_total": Metric(
        "Records taken from a topic, by what became of them",
        "records",
        "Many quarantined: `overstap quarantine list`. None at all while publishers send: `overstap lag`.",
        ("service", "topic", "fate"),
    ),
    "overstap_duplicates_total": Metric(
        "Records that had been handled before, and changed nothing",
        "records",
        "Expected after a restart, a rebalance or `overstap republish`; steady growth: batches fail and come back.",
        ("service", "topic"),
    ),
    "overstap_relayed_total": Metric(
        "Events acknowledged by the broker", "events", "Standing still while the outbox grows: is the broker up?"
    ),
    "overstap_gaps_total": Metric(
        "Holes in a stream, older than `OVERSTAP_GAP_SECONDS`, asked for again",
        "requests",
        "A few heal by themselves. Steady growth: the topic loses records; look at its retention and the broker's log.",
        ("service", "source"),
    ),
    "overstap_gaps_healed_total": Metric(
        "Holes that closed, also those that only came out of order", "holes", "Nothing: this is how it should go."
    ),
    "overstap_timers_total": Metric("Timers fired", "timers", "For comparison with timers late.", ("service", "kind")),
    "overstap_mails_total": Metric(
        "Attempts to deliver a mail, by outcome",
        "mails",
        "failed: the deputy was told; mend the contact's address. Many waiting: is the mail server up?",
        ("outcome",),
    ),
}
GAUGES: dict[GaugeName, Metric] = {
    "overstap_lag_records": Metric(
        "Records of the partitions of this process that were not yet consumed",
        "records",
        "Grows for minutes: more workers, or look for the slow handler in the batch duration.",
        ("service", "topic"),
    ),
    "overstap_lag_seconds": Metric(
        "Since when this process has not consumed the topic to its end: no unread record is older. 0: it is there",
        "seconds",
        "As for the records; with few records it is one batch that keeps failing: see log event `batch_failed`.",
        ("service", "topic"),
    ),
    "overstap_outbox_waiting": Metric(
        "Events decided and not yet acknowledged by the broker", "events", "Grows: the relay or the broker is away."
    ),
    "overstap_outbox_oldest_seconds": Metric(
        "Age of the oldest of those", "seconds", "See log event `relay_failed`; pages go on meanwhile."
    ),
    "overstap_gaps_open": Metric(
        "Streams in which something is missing now", "streams", "Not back to 0 within minutes: `overstap lag`."
    ),
    "overstap_timers_late": Metric(
        "Timers that are due and have not fired; date rules wait for late input at most `OVERSTAP_LATE_INPUT_MINUTES`",
        "timers",
        "Not back to 0: see log event `timer_failed`; is a consumer behind?",
    ),
    "overstap_quarantine_waiting": Metric(
        "Records and rows that wait for a person", "records", "`overstap quarantine list`, then retry or discard."
    ),
    "overstap_brake": Metric(
        "1 when a consumer was stopped because too much was rejected",
        "0 or 1",
        "Find out who sends what can not be read; then `overstap quarantine release SERVICE TOPIC`.",
        ("service", "topic"),
    ),
    "overstap_custody_missing": Metric(
        "Pupils expected longer than 5 minutes ago without a transition: nobody has them",
        "pupils",
        "The first promise is broken. `overstap lag`, then `overstap audit`; see docs/operations.md.",
    ),
    "overstap_actions_overdue": Metric(
        "Open actions about pupils and organisations past their due date",
        "actions",
        "Work for people; growth after office hours is normal.",
    ),
    "overstap_audit_violations": Metric(
        "What the last kept audit found twice, and pupils it could not account for",
        "violations",
        "Not 0: `overstap audit` names them; see docs/operations.md.",
    ),
    "overstap_audit_age_seconds": Metric(
        "How long ago the last kept audit began; before the first, since the database began",
        "seconds",
        "More than a day: log events `audit_failed`; does coordination have a leader?",
    ),
    "overstap_actions_of_nobody": Metric(
        "Open actions about pupils and organisations that nobody who is present can take: not at the organisation, and "
        "nobody coordinates its region",
        "actions",
        "Not back to 0: name who coordinates, or who stands in; see docs/operations.md.",
    ),
    "overstap_mails_waiting": Metric(
        "Mails that must go out now", "mails", "Not back to 0: see log event `mail_failed`; is the mail server up?"
    ),
    "overstap_build_info": Metric("Always 1; says which version runs", "1", "For comparison.", ("version",)),
}
HISTOGRAMS: dict[HistogramName, Metric] = {
    "overstap_batch_seconds": Metric(
        "Duration of one batch, from decoding to commit, waiting for the database included",
        "seconds",
        "Rises: the database is slow or locks are waited for.",
        ("service", "topic"),
    ),
    "overstap_batch_records": Metric(
        "Records in one batch",
        "records",
        "Near `OVERSTAP_BATCH_SIZE` all the time: behind.",
        ("service", "topic"),
        RECORDS,
    ),
    "overstap_relay_send_seconds": Metric(
        "From sending a block of events to the last acknowledgement", "seconds", "Rises: the broker is slow."
    ),
    "overstap_http_seconds": Metric(
        "Duration of a request, by route and status",
        "seconds",
        "5xx or slow: see log events `request` and `unexpected_error` of that route.",
        ("method", "route", "status"),
    ),
    "overstap_pool_wait_seconds": Metric(
        "Waiting for a connection to the database",
        "seconds",
        "Rises: the pool is too small for the load, or a transaction hangs.",
        ("service", "side"),
    ),
}
GROUPS: dict[str, dict[str, Metric]] = {
    "Gauges": dict(GAUGES.items()),
    "Counters": dict(COUNTERS.items()),
    "Histograms": dict(HISTOGRAMS.items()),
}
METRICS = {name: metric for group in GROUPS.values() for name, metric in group.items()}

REGISTRY = CollectorRegistry()
ProcessCollector(registry=REGISTRY)
_counters = {n: Counter(n.removesuffix("_total"), m.meaning, m.labels, registry=REGISTRY) for n, m in COUNTERS.items()}
_gauges = {n: Gauge(n, m.meaning, m.labels, registry=REGISTRY) for n, m in GAUGES.items()}
_histograms = {
    n: Histogram(n, m.meaning, m.labels, registry=REGISTRY, buckets=m.buckets) for n, m in HISTOGRAMS.items()
}
_gauges["overstap_build_info"].labels(version=__version__).set(1)


def count(name: CounterName, amount: float = 1, **labels: str) -> None:
    """Add to a counter."""
    _counters[name].labels(**labels).inc(amount)


def gauge(name: GaugeName, value: float, **labels: str) -> None:
    """Set a gauge."""
    _gauges[name].labels(**labels).set(value)


def observe(name: HistogramName, value: float, **labels: str) -> None:
    """Note one duration or size."""
    _histograms[name].labels(**labels).observe(value)


def forget(name: GaugeName, **labels: str) -> None:
    """This process no longer knows the value: another one does now."""
    _gauges[name].remove_by_labels(labels)


def render() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)


def manual() -> str:
    """The metrics as a Markdown table."""
    head = [
        "# Metrics",
        "",
        "Made from `shared/core/metrics.py` by `make docs`; do not edit. Served at `/metrics` by every process,",
        "beside the usual `process_*`. No label ever names a pupil, a person or an organisation.",
    ]
    for title, group in GROUPS.items():
        head += ["", f"## {title}", "", "| metric | labels | unit | meaning | what to do |", "|---|---|---|---|---|"]
        for name, m in group.items():
            head.append(f"| `{name}` | {', '.join(m.labels)} | {m.unit} | {m.meaning} | {m.do} |")
    head += ["", "## Labels", "", "| label | values |", "|---|---|"]
    return "\n".join([*head, *(f"| `{name}` | {values} |" for name, values in LABELS.items())]) + "\n"
