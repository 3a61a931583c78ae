"""Shortcuts of the tests of coordination."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from shared.core.clock import FixedClock
from shared.messaging import timers
from shared.messaging.outbox import Transport
from shared.schemas.envelope import Event
from shared.service import Service
from tests.support import Told, deliver

ORGANISATIONS = """code;soort;naam;regio
99AA00;vo;De Zilverlinde;19
99MA;mbo;ROC Kromme Linde;19
0344;gemeente;Gemeente Utrecht;19
19;regio;Regio Utrecht;19
"""
CONTACTS = """organisatie;rol;naam;email;plaatsvervanger_email;vanaf
99AA00;decaan;Fenna Huisman;decaan@zilverlinde.example;deputy@zilverlinde.example;2026-08-01
99AA00;mentor;Joris Vos;mentor@zilverlinde.example;;2026-08-01
99MA;intake_coordinator;Noor Bos;intake@krommelinde.example;;2026-08-01
0344;leerplicht;Sanne Kok;leerplicht@utrecht.example;;2026-08-01
19;doorstroompunt;Bram Prins;doorstroompunt@utrecht.example;;2026-08-01
19;region_coordinator;Iris Dekker;regio@utrecht.example;;2026-08-01
"""


def as_told(event: Event) -> Told:
    """A made-up event, as its service tells it."""
    return Told(event.source, event.subject, event.data, event.time, event.sequence)


async def tell(worker: Transport, service: Service, *events: Event) -> None:
    """Deliver events one batch after another, each of one topic."""
    for event in events:
        await deliver(worker, service, [as_told(event)])


async def run_until(worker: Transport, service: Service, until: datetime) -> int:
    """Let business time pass; returns how many timers fired. Nothing is read from a broker here, so date rules wait
    their longest."""
    clock = worker.settings.clock
    assert isinstance(clock, FixedClock)
    clock.instant = until + timedelta(minutes=worker.settings.late_input_minutes)
    fired = 0
    while some := await timers.fire(worker, service.timers):
        fired += some
    return fired


def lines(text: str) -> Sequence[str]:
    """The rows of a file without its header."""
    return text.strip().split("\n")[1:]
