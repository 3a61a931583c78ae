"""An alert: somebody must hear something, and we want to know whether they did. One table says what may happen."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from shared.core.ids import opaque_ref
from shared.core.machine import Machine, moves
from shared.schemas.alerts import (
    AlertAcknowledged,
    AlertDelivered,
    AlertEscalated,
    AlertRaised,
    AlertResolved,
    AlertState,
    AlertStatus,
)
from shared.schemas.coordination import Evidence, Severity
from shared.schemas.envelope import Draft

Command = Literal["raise", "deliver", "escalate", "acknowledge", "start", "undo", "resolve", "clear"]
Verdict = Literal["useful", "too_late", "unnecessary", "cleared"]
Channel = Literal["inbox", "mail"]

RAISED, DELIVERED, ACKNOWLEDGED, RESOLVED = AlertStatus
RANK = {Severity.NOTICE: 1, Severity.WARNING: 2, Severity.RISK: 3}

IN_PROGRESS = "in_progress"
"""On the wire a time beside `acknowledged`: the states of v1 are fixed (docs/decisions/0010)."""
SYSTEM, RECIPIENT = ("system",), ("recipient",)

# fmt: off
ALERT = Machine("alert", RAISED, moves([
    # state        command        who may    next state
    (RAISED,       "deliver",     SYSTEM,    DELIVERED),
    (RAISED,       "escalate",    SYSTEM,    RAISED),
    (RAISED,       "acknowledge", RECIPIENT, ACKNOWLEDGED),
    (RAISED,       "start",       RECIPIENT, IN_PROGRESS),
    (RAISED,       "resolve",     RECIPIENT, RESOLVED),
    (RAISED,       "clear",       SYSTEM,    RESOLVED),
    (DELIVERED,    "deliver",     SYSTEM,    DELIVERED),
    (DELIVERED,    "escalate",    SYSTEM,    DELIVERED),
    (DELIVERED,    "acknowledge", RECIPIENT, ACKNOWLEDGED),
    (DELIVERED,    "start",       RECIPIENT, IN_PROGRESS),
    (DELIVERED,    "resolve",     RECIPIENT, RESOLVED),
    (DELIVERED,    "clear",       SYSTEM,    RESOLVED),
    (ACKNOWLEDGED, "deliver",     SYSTEM,    ACKNOWLEDGED),
    (ACKNOWLEDGED, "escalate",    SYSTEM,    ACKNOWLEDGED),
    (ACKNOWLEDGED, "undo",        RECIPIENT, RAISED),  # DELIVERED when a mail was accepted
    (ACKNOWLEDGED, "start",       RECIPIENT, IN_PROGRESS),
    (ACKNOWLEDGED, "resolve",     RECIPIENT, RESOLVED),
    (ACKNOWLEDGED, "clear",       SYSTEM,    RESOLVED),
    (IN_PROGRESS,  "deliver",     SYSTEM,    IN_PROGRESS),
    (IN_PROGRESS,  "escalate",    SYSTEM,    IN_PROGRESS),
    (IN_PROGRESS,  "undo",        RECIPIENT, ACKNOWLEDGED),
    (IN_PROGRESS,  "resolve",     RECIPIENT, RESOLVED),
    (IN_PROGRESS,  "clear",       SYSTEM,    RESOLVED),
    (RESOLVED,     "deliver",     SYSTEM,    RESOLVED),  # the mail was on its way when it closed
    (RESOLVED,     "raise",       SYSTEM,    RAISED),  # the reason came back
]))
# fmt: on
BY_PERSONS = frozenset(move.command for move in ALERT.moves if move.who & set(RECIPIENT))


@dataclass(frozen=True, slots=True)
class Hearer:
    """Who hears it: an organisation in a role, with a person and a deputy where they are known."""

    organisation: str
    role: str
    person_ref: str | None = None
    deputy_ref: str | None = None


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an alert was raised, as it was at that moment; it never changes afterwards."""

    cause: str
    """The risk_id or action_id that asked for it."""
    told_as: str
    """The reference of the pupil under which it was told."""
    cohort: int
    rule: str
    severity: Severity
    evidence: tuple[Evidence, ...] = ()
    route: tuple[Hearer, ...] = ()
    agreement_version: str | None = None
    known_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alert as it now is."""

    alert_id: str
    pupil_ref: str
    reason: Reason
    hearer: Hearer
    raised_at: datetime
    status: AlertStatus = RAISED
    step: int = 1
    """Counts how often somebody was told: one mail per step."""
    channel: Channel = "inbox"
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    in_progress_at: datetime | None = None
    resolved_at: datetime | None = None
    verdict: Verdict | None = None
    verdict_reason: str | None = None
    due_at: datetime | None = None
    """When the owner's next action for this pupil is due; None when there is none."""

    @property
    def is_open(self) -> bool:
        return self.status is not RESOLVED

    @property
    def state(self) -> str:
        """Where it stands in the table."""
        return IN_PROGRESS if self.status is ACKNOWLEDGED and self.in_progress_at else self.status

    @property
    def key(self) -> tuple[str, str, str]:
        """Of alerts with the same key at most one is open: cause, organisation, role."""
        return self.reason.cause, self.hearer.organisation, self.hearer.role


@dataclass(frozen=True, slots=True)
class Change:
    """Something happened to an alert: what is published, and a line of its history."""

    alert: Alert
    command: Command
    at: datetime


def new_alert(pupil_ref: str, reason: Reason, hearer: Hearer, at: datetime) -> Alert:
    """An alert as it is raised; what it is for and who hears it make its name."""
    alert_id = opaque_ref("alert", reason.cause, reason.severity, hearer.organisation, hearer.role)
    return Alert(alert_id, pupil_ref, reason, hearer, at)


def open_moves(alert: Alert) -> tuple[str, ...]:
    """What its recipient may do to it now."""
    return ALERT.open_moves(alert.state, RECIPIENT)


def deliver(alert: Alert, at: datetime) -> Alert:
    """The mail server accepted the mail. That is not the same as read."""
    return replace(alert, status=_move(alert, "deliver"), channel="mail", delivered_at=alert.delivered_at or at)


def escalate(alert: Alert, to: Hearer | None = None) -> Alert:
    """Tell again, one step higher; `to` is the person who takes over, if it is another one."""
    return replace(alert, status=_move(alert, "escalate"), step=alert.step + 1, hearer=to or alert.hearer)


def acknowledge(alert: Alert, at: datetime) -> Alert:
    """A person says: I have seen this. Raises `IllegalMove` when somebody said so already."""
    return replace(alert, status=_move(alert, "acknowledge"), acknowledged_at=at)


def start(alert: Alert, at: datetime) -> Alert:
    """A person says: I am working on this. Who does has seen it."""
    seen = alert.acknowledged_at or at
    return replace(alert, status=_move(alert, "start"), acknowledged_at=seen, in_progress_at=at)


def undo(alert: Alert) -> Alert:
    """The last word of a person was a mistake: back to where it stood."""
    _move(alert, "undo")
    if alert.in_progress_at:
        return replace(alert, in_progress_at=None)
    return replace(alert, status=DELIVERED if alert.delivered_at else RAISED, acknowledged_at=None)


def resolve(alert: Alert, verdict: Verdict, why: str, at: datetime) -> Alert:
    """Closed by a person, with a verdict and the code of a reason. Who closes it has seen it."""
    after = _move(alert, "resolve")
    seen = alert.acknowledged_at or at
    return replace(
        alert, status=after, acknowledged_at=seen, resolved_at=at, verdict=verdict, verdict_reason=why, due_at=None
    )


def clear(alert: Alert, at: datetime) -> Alert:
    """The reason has gone, or a more serious alert took its place."""
    return replace(alert, status=_move(alert, "clear"), resolved_at=at, verdict="cleared", due_at=None)


def raise_again(alert: Alert, fresh: Alert) -> Alert:
    """The reason came back: the same alert, one step further, with the reason as it is now."""
    _move(alert, "raise")
    return replace(fresh, step=alert.step + 1)


def state_event(change: Change) -> AlertState:
    """The event that tells a change: the whole new state."""
    alert, reason, hearer = change.alert, change.alert.reason, change.alert.hearer
    return _event_of(change)(
        occurred_at=change.at,
        alert_id=alert.alert_id,
        cohort=reason.cohort,
        rule=reason.rule,
        severity=reason.severity,
        organisation=hearer.organisation,
        role=hearer.role,
        person_ref=hearer.person_ref,
        status=alert.status,
        step=alert.step,
        raised_at=alert.raised_at,
        delivered_at=alert.delivered_at,
        acknowledged_at=alert.acknowledged_at,
        in_progress_at=alert.in_progress_at,
        channel=alert.channel,
        verdict=alert.verdict,
    )


def drafts(changes: Sequence[Change]) -> list[Draft]:
    """The events that tell these changes."""
    return [Draft(change.alert.pupil_ref, state_event(change), at=change.at) for change in changes]


def most_serious(alerts: Iterable[Alert]) -> int:
    """Rank of the most serious of these; 0 when there are none."""
    return max((RANK[alert.reason.severity] for alert in alerts), default=0)


def _move(alert: Alert, command: Command) -> AlertStatus:
    party = RECIPIENT if command in BY_PERSONS else SYSTEM
    after = ALERT.after(alert.state, command, party)
    return ACKNOWLEDGED if after == IN_PROGRESS else AlertStatus(after)


_EVENTS: dict[Command, type[AlertState]] = {
    "raise": AlertRaised,
    "deliver": AlertDelivered,
    "escalate": AlertEscalated,
    "acknowledge": AlertAcknowledged,
    "start": AlertAcknowledged,
    "resolve": AlertResolved,
    "clear": AlertResolved,
}


_STANDS: dict[AlertStatus, type[AlertState]] = {
    RAISED: AlertRaised,
    DELIVERED: AlertDelivered,
    ACKNOWLEDGED: AlertAcknowledged,
}
"""The event of who stands where they stood before."""


def _event_of(change: Change) -> type[AlertState]:
    if change.command == "undo":
        return _STANDS[change.alert.status]
    return _EVENTS[change.command]
