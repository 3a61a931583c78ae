"""What notifications does: with events, with what a recipient wants, and with mails that went out or not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Literal

from services.notifications.domain import alerts, events
from services.notifications.domain.alerts import Alert, Change
from services.notifications.domain.world import Mail, World
from services.notifications.store import alerts as alert_store
from services.notifications.store import deliveries as delivery_store
from services.notifications.store import world as world_store
from services.notifications.store.deliveries import Attempt
from shared.core.actor import MBO_ROLES, OFFICER_ROLES, VO_ROLES, Actor
from shared.core.errors import Forbidden, IllegalMove, NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Draft, Event, Outcome
from shared.schemas.pupils import ErasureConfirmed
from shared.storage.pool import Connection

SERVICE = "notifications"
RECIPIENTS = VO_ROLES | MBO_ROLES | OFFICER_ROLES


async def handle(conn: Connection, batch: Sequence[Event]) -> Outcome:
    """Apply a batch of events of mixed types: everything read once, folded in memory, written once."""
    world = await world_store.load(conn, batch, partial(opaque_ref, "alert"))
    unchanged = 0
    for event in batch:
        apply = HANDLERS.get(event.type)
        if apply is None or not apply(world, event):
            unchanged += 1
    world.settle()
    await world_store.save(conn, world)
    return Outcome(
        events=[*drafts(world.changes), *(_confirmation(event) for event in world.confirmations)],
        unchanged=unchanged,
        erase=sorted(world.gone),
    )


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """These alerts were seen. `subjects`: the pupils they are about."""

    alert_ids: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class UndoAcknowledge:
    """That was a mistake."""

    alert_ids: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Resolve:
    """This alert is dealt with."""

    alert_id: str
    verdict: Literal["useful", "too_late", "unnecessary"]
    reason: str
    subjects: tuple[str, ...]


async def acknowledge(conn: Connection, command: Acknowledge, actor: Actor, now: datetime) -> Outcome:
    """Confirm alerts; the value is those that were. Of several, those that somebody confirmed before are left alone.

    Raises `IllegalMove` when none of them can be confirmed, `NotFound` when one is not the organisation's own.
    """
    return await _change(conn, command.alert_ids, actor, now, "acknowledge", lambda a: alerts.acknowledge(a, now))


async def undo_acknowledge(conn: Connection, command: UndoAcknowledge, actor: Actor, now: datetime) -> Outcome:
    """Take confirmations back, by a new event. Raises as :func:`acknowledge`."""
    return await _change(conn, command.alert_ids, actor, now, "undo", alerts.undo)


async def resolve(conn: Connection, command: Resolve, actor: Actor, now: datetime) -> Outcome:
    """Close one alert with a verdict and a reason. Raises as :func:`acknowledge`."""

    def close(alert: Alert) -> Alert:
        return alerts.resolve(alert, command.verdict, command.reason, now)

    return await _change(conn, (command.alert_id,), actor, now, "resolve", close)


async def record_attempts(conn: Connection, attempts: Sequence[Attempt], now: datetime) -> Outcome:
    """Write down what became of mails: delivered, to be tried again, or given up, and then the deputy hears it."""
    attempts = await delivery_store.take(conn, attempts)
    known = await alert_store.load(conn, [attempt.due.alert_id for attempt in attempts], None)
    changes: list[Change] = []
    mails: list[Mail] = []
    for attempt in attempts:
        alert = known[attempt.due.alert_id]
        deputy = alert.hearer.deputy_ref
        if attempt.state == "sent":
            alert = alerts.deliver(alert, now)
            changes.append(Change(alert, "deliver", now))
        elif attempt.state == "failed" and deputy and deputy != attempt.due.recipient_ref:
            alert = alerts.escalate(alert)
            changes.append(Change(alert, "escalate", now))
            mails.append(Mail(alert, deputy, now))
        known[alert.alert_id] = alert
    await delivery_store.save(conn, attempts)
    await alert_store.save(conn, known.values())
    await alert_store.add_trail(conn, changes)
    await alert_store.add_mails(conn, mails)
    return Outcome(drafts(changes), value=len(attempts))


async def _change(
    conn: Connection,
    alert_ids: Sequence[str],
    actor: Actor,
    now: datetime,
    command: alerts.Command,
    move: Callable[[Alert], Alert],
) -> Outcome:
    if actor.role not in RECIPIENTS:
        raise Forbidden(f"the role {actor.role} receives no alerts")
    known = await alert_store.load(conn, alert_ids, actor.organisation)
    if not known or len(known) < len(set(alert_ids)):
        raise NotFound("alert")
    moved, refused = _try(known, move)
    if refused and not moved:
        raise refused
    changes = [Change(alert, command, now) for alert in moved]
    await alert_store.save(conn, moved)
    await alert_store.add_trail(conn, changes, actor)
    return Outcome(drafts(changes), value=moved)


def _try(known: dict[str, Alert], move: Callable[[Alert], Alert]) -> tuple[list[Alert], IllegalMove | None]:
    moved, refused = [], None
    for alert in known.values():
        try:
            moved.append(move(alert))
        except IllegalMove as error:
            refused = error
    return moved, refused


def drafts(changes: Sequence[Change]) -> list[Draft]:
    """The events that tell these changes."""
    return [Draft(change.alert.pupil_ref, alerts.state_event(change), at=change.at) for change in changes]


def _confirmation(event: Event) -> Draft:
    return Draft(event.subject, ErasureConfirmed(occurred_at=event.time, service=SERVICE), at=event.time)


HANDLERS: dict[str, Callable[[World, Event], bool]] = {
    "pupil-recorded": events.remembered,
    "pupil-linked": events.linked,
    "pupil-erased": events.erased,
    "pupil-expected": events.remembered,
    "choice-registered": events.remembered,
    "choice-withdrawn": events.remembered,
    "application-status-changed": events.remembered,
    "transition-opened": events.remembered,
    "transition-closed": events.transition_closed,
    "custody-changed": events.remembered,
    "action-opened": events.remembered,
    "action-done": events.action_done,
    "action-overdue": events.action_overdue,
    "student-at-risk": events.at_risk,
    "student-at-risk-cleared": events.risk_cleared,
    "contact-recorded": events.contacts_recorded,
}
