"""Composition root of signals: dated, protected figures per region."""

from datetime import date

from services.signals import api, handlers, pages
from services.signals.handlers import Summary, TakeSnapshot, take_snapshot
from shared.core.actor import Actor, Role
from shared.core.settings import Settings
from shared.messaging.outbox import Transport, perform
from shared.service import Service

OPERATOR = Actor("overstap", Role.OPERATOR, "operator")


def build(_settings: Settings) -> Service:
    """Everything signals is made of."""
    return Service(handlers.SERVICE, handle=handlers.handle, routers=(api.router, pages.router))


async def snapshot(transport: Transport, cohort: int, reference_date: date) -> Summary:
    """The operator's entrance: publish the figures of a cohort on a day, on the worker's side of the database.

    Published before: nothing changes. Raises `Invalid` for a day that has not come or is not known.
    """
    summary: Summary = await perform(transport, OPERATOR, take_snapshot, TakeSnapshot(cohort, reference_date))
    return summary
