"""Structured logs. Event names are identifiers, data are keywords, and every event is listed here.

Nothing personal is ever logged: no name, PGN, birth date, mail address or free text. `docs/log-events.md` is made
from this list, and a test refuses an event that is not on it.
"""

import logging
import sys

import structlog

LOG_EVENTS: dict[str, str] = {
    "request": "One line per HTTP request: method, route, status, milliseconds, organisation, role",
    "batch_applied": "A batch was consumed: topic, received, applied, unchanged, skipped, quarantined",
    "event_quarantined": "One record can never be applied and waits for a person: topic, partition, offset, reason",
    "batch_failed": "A batch was handed back and will be delivered again: topic, error",
    "consumer_paused": "A dependency does not answer; the partitions rest: topic, seconds",
    "consumer_resumed": "The partitions are read again: topic",
    "brake_on": "Too much was rejected; the consumer is stopped: topic, rejected, received",
    "consumers_started": "The consumers of a service run: topics, broker",
    "consumers_stopped": "The consumers of a service stopped: reason",
    "relay_leader": "This process now sends the events of the service",
    "relay_follower": "Another process sends the events of the service",
    "relay_sent": "Events were acknowledged by the broker: count",
    "relay_failed": "Sending failed; starts again from the lowest pointer: error",
    "send_refused": "The broker did not take records, and why: count, reasons",
    "gap_noticed": "Events of a stream did not arrive; asked for again: source, streams",
    "gap_resent": "Events were put in the outbox again on request: count, by",
    "timers_fired": "Timers came due: kind, count",
    "timer_failed": "A timer handler failed and will be tried again: kind, error",
    "worker_started": "A worker process runs: services",
    "worker_stopping": "A worker process stops: reason",
    "worker_task_failed": "A task of the worker failed and starts again: task, error",
    "web_started": "A web process runs: services, port",
    "migrated": "The schema of a service was brought up to date: service, version",
    "broker_started": "The embedded broker runs: port, generation",
    "broker_died": "The embedded broker is gone; a new one is started: generation",
    "broker_recovered": "The embedded broker is back and the history is being sent again: seconds, events",
    "postgres_started": "The embedded PostgreSQL runs: port",
    "postgres_died": "The embedded PostgreSQL is gone; it is started again",
    "process_died": "A process of the embedded stack ended unasked and is started again: process, code",
    "audit_finished": "The audit of this night is kept: violations (found twice), passing (found once), rules",
    "audit_failed": "The audit of this night did not come to its end and is tried again: code",
    "import_finished": "A file was read: kind, received, applied, unchanged, skipped, quarantined",
    "list_exported": "A list with personal data left as a file: page, rows",
    "mail_sent": "A mail was accepted by the mail server: alert, step",
    "mail_failed": "A mail was not accepted and will be tried again: alert, step, attempt, error",
    "signin_limited": "Too many codes of pupils were tried; for a quarter of an hour no more are looked at",
    "unexpected_error": "Our bug: an error nobody foresaw; carries the traceback",
    "library": "A line of a library we use: logger, text",
}


class _LibraryHandler(logging.Handler):
    """Sends warnings of libraries through structlog, so that one stream holds everything."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger().warning("library", logger=record.name, text=record.getMessage()[:500])


def configure(*, json: bool | None = None, level: str = "INFO") -> None:
    """Set up logging for one process: readable on a terminal, JSON lines elsewhere."""
    as_json = not sys.stderr.isatty() if json is None else json
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(handlers=[_LibraryHandler()], level=logging.WARNING, force=True)
    logging.getLogger("aiokafka").setLevel(logging.ERROR)


def get_logger(**context: str) -> structlog.stdlib.BoundLogger:
    """A logger bound to fixed context, such as ``service``."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(**context)
    return logger
