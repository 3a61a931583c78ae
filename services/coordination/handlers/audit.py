"""`overstap audit`: what coordination published, folded again, against what it has stored. Only reads."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime

from services.coordination.domain.history import FOLDS, History, differences, folded, partners
from services.coordination.domain.history.known import faults
from services.coordination.handlers.events import FACTS
from services.coordination.store.history import Recorded, recorded, recorded_of_organisations
from services.coordination.store.remembered import children
from shared.storage.pool import Connection

Found = tuple[str, str, str]
"""Rule, reference and what is wrong."""


async def compare(conn: Connection, _now: datetime) -> AsyncIterator[Found]:
    """Everything that differs, and every recorded instant at which a promise was not kept."""
    async for one in recorded(conn, FOLDS):
        for found in _compared(one, folded(one.pupil_ref, one.told)):
            yield found
    async for one in recorded_of_organisations(conn, partners.TYPES):
        for found in _compared(one, partners.folded(one.pupil_ref, one.told)):
            yield found


def _compared(one: Recorded, history: History) -> Iterator[Found]:
    for kind in one.unreadable:
        yield "history", one.pupil_ref, f"{kind} can not be read"
    for fault in history.faults:
        yield "history", one.pupil_ref, fault
    for difference in differences(history.rows, one.stored):
        yield "stored", one.pupil_ref, difference


async def compare_children(conn: Connection, _now: datetime) -> AsyncIterator[Found]:
    """Every reference, link and fact that is remembered otherwise than the other services told it, as far as what they
    told was handled here."""
    async for child in children(conn, FACTS):
        for ref, fault in faults(child):
            yield "remembered", ref, fault
