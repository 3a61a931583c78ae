"""What people ask of coordination."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from services.coordination import store
from services.coordination.domain import actions
from services.coordination.domain.book import Book
from services.coordination.domain.case import Case
from services.coordination.domain.pinning import pinned
from services.coordination.domain.rules import signal
from services.coordination.handlers.events import outcome
from services.coordination.handlers.world import world
from shared.core.actor import Actor
from shared.core.errors import Fault, IllegalMove, Invalid, NotFound
from shared.schemas.envelope import Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True)
class MarkDone:
    """The owner has done an action, for a coded reason."""

    pupil_ref: str
    action_id: str
    reason: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def mark_done(conn: Connection, command: MarkDone, actor: Actor, now: datetime) -> Outcome:
    """Close an action of the actor's organisation; what the facts still ask for goes on, on its step and with its date.

    Raises `IllegalMove` when it is closed already, `NotFound` when it is not theirs, `Invalid` for an unknown reason.
    """
    if command.reason not in actions.REASONS:
        raise Invalid([Fault("reason", "een van: " + ", ".join(actions.REASONS))])
    book = await store.load(conn, [command.pupil_ref], may_be_new=False)
    case = next((case for case in book.cases.values() if command.action_id in case.actions), None)
    if not case:
        raise IllegalMove("action", "done", "done", [])
    if case.actions[command.action_id].owner.organisation != actor.organisation:
        raise NotFound
    return await _planned(conn, book, actions.done(case, command.action_id, command.reason, now), now)


@dataclass(frozen=True)
class Dismiss:
    """Whom a signal is for first says that it needs nobody, for a coded reason."""

    pupil_ref: str
    risk_id: str
    reason: str

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def dismiss(conn: Connection, command: Dismiss, actor: Actor, now: datetime) -> Outcome:
    """Dismiss a signal; its action closes with it.

    Raises `Forbidden` when it is not theirs, `IllegalMove` when it does not stand, `Invalid` for an unknown reason.
    """
    if command.reason not in signal.REASONS:
        raise Invalid([Fault("reason", "een van: " + ", ".join(signal.REASONS))])
    book = await store.load(conn, [command.pupil_ref], may_be_new=False)
    case = next((case for case in book.cases.values() if command.risk_id in case.risks), None)
    if not case:
        raise NotFound
    after = signal.dismissed(case, command.risk_id, command.reason, actor.organisation, now)
    return await _planned(conn, book, after, now)


async def _planned(conn: Connection, book: Book, case: Case, now: datetime) -> Outcome:
    """Store a case that a person changed, with the actions that the facts ask for now."""
    around = pinned(case, await world(conn))
    book.put(actions.planned(case, book.known(case.pupil_ref, case.cohort), around, now), now)
    await store.save(conn, book)
    return outcome(book)
