"""One case, one id: the W3C trace id that follows what somebody did through events and services, into logs and traces.

What travels is a `traceparent` (W3C Trace Context, level 1). It is made where something begins and handed on, with or
without a collector of traces; spans are made only where one is configured, and never hold personal data.
"""

import re
import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Literal

from opentelemetry.context import Context
from opentelemetry.trace import (
    Link,
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    TraceFlags,
    Tracer,
    TracerProvider,
    set_span_in_context,
)
from opentelemetry.trace import Span as OpenSpan
from structlog.contextvars import bound_contextvars

from shared.core import __version__
from shared.core.settings import Settings

Kind = Literal["server", "producer", "consumer", "client"]
_KINDS: dict[Kind, SpanKind] = {
    "server": SpanKind.SERVER,
    "producer": SpanKind.PRODUCER,
    "consumer": SpanKind.CONSUMER,
    "client": SpanKind.CLIENT,
}
_TRACEPARENT = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
CASES_TOLD = 20
"""A log line about a batch names at most so many cases."""

_tracer: Tracer | None = None
_here: ContextVar[str | None] = ContextVar("traceparent", default=None)
_causes: ContextVar[Mapping[str, str] | None] = ContextVar("causes", default=None)


def configure(settings: Settings, process: str) -> None:
    """Send the traces of this process to a collector, when one is configured."""
    if not settings.otlp_endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": f"overstap-{process}"}))
    exporter = OTLPSpanExporter(endpoint=f"{settings.otlp_endpoint.rstrip('/')}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter))
    use(provider)


def use(provider: TracerProvider | None) -> None:
    """Make spans with this provider; None: make none."""
    global _tracer
    _tracer = provider.get_tracer("overstap", __version__) if provider else None


def readable(text: str | None) -> str | None:
    """A traceparent somebody sent, when it is one."""
    return text if text and _TRACEPARENT.fullmatch(text) else None


def fresh() -> str:
    """A traceparent for something that begins here."""
    return f"00-{secrets.token_hex(16)}-{secrets.token_hex(8)}-{'01' if _tracer else '00'}"


def case_of(traceparent: str) -> str:
    """The case: the trace id of a traceparent."""
    return traceparent[3:35]


def cause_of(subject: str) -> str | None:
    """To what something decided now about this subject belongs: the event that causes it, else what is being done."""
    return (_causes.get() or {}).get(subject) or _here.get()


@contextmanager
def logged(traceparents: Iterable[str | None]) -> Iterator[None]:
    """Name the case, or the cases, in every log line inside."""
    cases = list(dict.fromkeys(case_of(one) for one in traceparents if one))
    told: dict[str, Any] = {"case": cases[0]} if len(cases) == 1 else {"cases": cases[:CASES_TOLD]}
    with bound_contextvars(**(told if cases else {})):
        yield


@dataclass(frozen=True, slots=True)
class Span:
    """Something that is done, and the context in which it happens."""

    traceparent: str
    _span: OpenSpan | None = None

    def tell(self, name: str, **attributes: str | int) -> None:
        """What it turned out to be."""
        if self._span:
            self._span.update_name(name)
            self._span.set_attributes(attributes)


@contextmanager
def span(
    name: str, kind: Kind, parent: str | None = None, links: Sequence[str] = (), **attributes: str | int
) -> Iterator[Span]:
    """Do something as part of a case: of `parent`, else of a new one. What is decided inside belongs to it."""
    opened = _open(name, kind, parent, links, attributes) if _tracer else None
    inside = Span(_traceparent(opened) if opened else parent or fresh(), opened)
    token = _here.set(inside.traceparent)
    try:
        yield inside
    finally:
        _here.reset(token)
        if opened:
            opened.end()


@contextmanager
def handling(topic: str, events: Iterable[tuple[str, str, str | None]]) -> Iterator[None]:
    """Handle a batch of events, each (subject, type, traceparent): what one causes belongs to its case.

    With a collector: one span for the batch, linked to every event, and one for each event in its own trace (semantic
    conventions for messaging: process).
    """
    known = [(subject, kind, parent) for subject, kind, parent in events if parent]
    common: dict[str, str | int] = {"messaging.system": "kafka", "messaging.destination.name": topic}
    common["messaging.operation.type"] = "process"
    parents = [parent for *_, parent in known]
    count = {"messaging.batch.message_count": len(known)}
    only = parents[0] if len({case_of(parent) for parent in parents}) == 1 else None
    with span(f"process {topic}", "consumer", only, parents, **common, **count):
        each = [
            _open(f"process {kind}", "consumer", parent, (), common) if _tracer else None for _, kind, parent in known
        ]
        causes = {
            subject: _traceparent(opened) if opened else parent
            for (subject, _, parent), opened in zip(known, each, strict=True)
        }
        try:
            with caused_by(causes):
                yield
        finally:
            for opened in each:
                if opened:
                    opened.end()


@contextmanager
def caused_by(causes: Mapping[str, str]) -> Iterator[None]:
    """What is decided inside about one of these subjects belongs to the case given with it."""
    token = _causes.set(causes)
    try:
        yield
    finally:
        _causes.reset(token)


def _open(
    name: str, kind: Kind, parent: str | None, links: Sequence[str], attributes: Mapping[str, str | int]
) -> OpenSpan:
    assert _tracer
    context = set_span_in_context(NonRecordingSpan(_context(parent))) if parent else Context()
    linked = [Link(_context(one)) for one in dict.fromkeys(links)]
    return _tracer.start_span(name, context, _KINDS[kind], attributes, linked)


def _context(traceparent: str) -> SpanContext:
    trace, parent, flags = traceparent[3:35], traceparent[36:52], traceparent[53:]
    return SpanContext(int(trace, 16), int(parent, 16), is_remote=True, trace_flags=TraceFlags(int(flags, 16)))


def _traceparent(opened: OpenSpan) -> str:
    context = opened.get_span_context()
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
