"""What notifications does with events from elsewhere, and with what a recipient wants."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from services.notifications.domain import alerts, events
from services.notifications.domain.alerts import Alert, Change
from services.notifications.domain.world import World
from services.notifications.store import alerts as store
from services.notifications.store import world as world_store
from shared.core.actor import MBO_ROLES, OFFICER_ROLES, VO_ROLES, Actor
from shared.core.errors import Forbidden, IllegalMove, NotFound
from shared.schemas.envelope import Draft, Event, Outcome
from shared.schemas.pupils import ErasureConfirmed
from shared.storage.pool import Connection

SERVICE = "notifications"
RECIPIENTS = VO_ROLES | MBO_ROLES | OFFICER_ROLES


async def handle(conn: Connection, batch: Sequence[Event]) -> Outcome:
    """Apply a batch of events of mixed types: everything read once, folded in memory, written once."""
    world = await world_store.load(conn, batch)
    unchanged = 0
    for event in batch:
        apply = HANDLERS.get(event.type)
        if apply is None or not apply(world, event):
            unchanged += 1
    world.settle()
    await world_store.save(conn, world)
    return Outcome(
        events=[*alerts.drafts(world.changes), *(_confirmation(event) for event in world.confirmations)],
        unchanged=unchanged,
        erase=sorted(world.gone),
    )


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """These alerts were seen. `subjects`: the pupils they are about."""

    alert_ids: tuple[str, ...]
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Start:
    """Somebody works on this alert."""

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
    return await _change(
        conn, command.alert_ids, actor, lambda alert: Change(alerts.acknowledge(alert, now), "acknowledge", now)
    )


async def start(conn: Connection, command: Start, actor: Actor, now: datetime) -> Outcome:
    """Say that somebody works on it. Raises as :func:`acknowledge`."""
    return await _change(conn, command.alert_ids, actor, lambda alert: Change(alerts.start(alert, now), "start", now))


async def undo_acknowledge(conn: Connection, command: UndoAcknowledge, actor: Actor, now: datetime) -> Outcome:
    """Take back what a person said last, by a new event. Raises as :func:`acknowledge`."""
    return await _change(conn, command.alert_ids, actor, lambda alert: Change(alerts.undo(alert), "undo", now))


async def resolve(conn: Connection, command: Resolve, actor: Actor, now: datetime) -> Outcome:
    """Close one alert with a verdict and a reason. Raises as :func:`acknowledge`."""

    def close(alert: Alert) -> Change:
        return Change(alerts.resolve(alert, command.verdict, command.reason, now), "resolve", now)

    return await _change(conn, (command.alert_id,), actor, close)


async def _change(conn: Connection, alert_ids: Sequence[str], actor: Actor, move: Callable[[Alert], Change]) -> Outcome:
    if actor.role not in RECIPIENTS:
        raise Forbidden(f"the role {actor.role} receives no alerts")
    known = await store.load(conn, alert_ids, actor.organisation)
    if not known or len(known) < len(set(alert_ids)):
        raise NotFound("alert")
    changes, refused = _try(known.values(), move)
    if refused and not changes:
        raise refused
    await store.save(conn, [change.alert for change in changes])
    await store.add_trail(conn, changes, actor)
    return Outcome(alerts.drafts(changes), value=[change.alert for change in changes])


def _try(known: Iterable[Alert], move: Callable[[Alert], Change]) -> tuple[list[Change], IllegalMove | None]:
    changes, refused = [], None
    for alert in known:
        try:
            changes.append(move(alert))
        except IllegalMove as error:
            refused = error
    return changes, refused


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
    "transition-reopened": events.remembered,
    "custody-changed": events.remembered,
    "action-opened": events.remembered,
    "action-done": events.action_done,
    "action-overdue": events.action_overdue,
    "student-at-risk": events.at_risk,
    "student-at-risk-cleared": events.risk_cleared,
    "contact-recorded": events.contacts_recorded,
    "task-opened": events.task_told,
    "task-overdue": events.task_told,
    "task-done": events.task_told,
}
