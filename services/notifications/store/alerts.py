"""Rows of alerts, their history, and the deliveries that belong to them."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from services.notifications.domain.alerts import Alert, Change, Hearer, Reason
from services.notifications.domain.world import Mail
from services.notifications.store import SQL, columns
from shared.core.actor import Actor
from shared.core.tracing import cause_of
from shared.schemas.alerts import AlertStatus
from shared.schemas.coordination import Evidence, Severity
from shared.storage.pool import Connection

ALERT_COLUMNS = 26
PLAIN = (
    "step", "channel", "delivered_at", "acknowledged_at", "in_progress_at", "resolved_at", "verdict",
    "verdict_reason", "due_at",
)  # fmt: skip
"""Columns that are fields of an alert as they stand."""


async def subjects(conn: Connection, alert_ids: Sequence[str], organisation: str | None) -> tuple[str, ...]:
    """The pupils these alerts are about; an alert of another organisation is as good as absent."""
    return tuple(row["pupil_ref"] for row in await conn.fetch(SQL["subjects"], list(alert_ids), organisation))


async def load(conn: Connection, alert_ids: Sequence[str], organisation: str | None) -> dict[str, Alert]:
    """These alerts, locked, by id. `organisation`: only what this one hears; None: all."""
    rows = await conn.fetch(SQL["alerts"], list(alert_ids), organisation)
    return {row["alert_id"]: from_row(dict(row)) for row in rows}


async def save(conn: Connection, alerts: Iterable[Alert]) -> None:
    """Write alerts as they now are. What was closed goes first: one key has at most one open alert."""
    ordered = sorted(alerts, key=lambda alert: (alert.is_open, alert.alert_id))
    if not ordered:
        return
    await conn.execute(SQL["save_alerts"], *columns((_row(alert) for alert in ordered), ALERT_COLUMNS))
    closed = [alert.alert_id for alert in ordered if not alert.is_open]
    if closed:
        await conn.execute(SQL["cancel_deliveries"], closed)


async def add_trail(conn: Connection, changes: Sequence[Change], actor: Actor | None = None) -> None:
    """Write the history of these changes. Without an actor Overstap itself did it."""
    by = (actor.organisation, actor.role.value, actor.person_ref) if actor else (None, None, None)
    rows = [(change.alert.alert_id, change.command, change.alert.step, change.at, *by) for change in changes]
    if rows:
        await conn.execute(SQL["add_trail"], *columns(rows, 7))


async def add_mails(conn: Connection, mails: Sequence[Mail]) -> None:
    """Write down that these mails must go out."""
    rows = [
        (
            mail.alert.alert_id,
            mail.alert.step,
            mail.alert.hearer.organisation,
            mail.recipient_ref,
            mail.due_at,
            cause_of(mail.alert.pupil_ref),
        )
        for mail in mails
    ]
    if rows:
        await conn.execute(SQL["add_deliveries"], *columns(rows, 6))


def from_row(row: Mapping[str, Any]) -> Alert:
    """An alert as it stands in the database."""
    reason = Reason(
        row["cause"],
        row["told_as"],
        row["cohort"],
        row["rule"],
        Severity(row["severity"]),
        tuple(Evidence.model_validate(fact) for fact in json.loads(row["evidence"])),
        tuple(Hearer(**hearer) for hearer in json.loads(row["route"])),
        row["agreement_version"],
        row["known_until"],
    )
    hearer = Hearer(row["organisation"], row["role"], row["person_ref"], row["deputy_ref"])
    rest = {name: row[name] for name in PLAIN}
    return Alert(
        row["alert_id"], row["pupil_ref"], reason, hearer, row["raised_at"], AlertStatus(row["status"]), **rest
    )


def _row(alert: Alert) -> tuple[Any, ...]:
    reason, hearer = alert.reason, alert.hearer
    return (
        alert.alert_id,
        alert.pupil_ref,
        reason.cause,
        reason.told_as,
        reason.cohort,
        reason.rule,
        reason.severity.value,
        json.dumps([fact.model_dump(mode="json") for fact in reason.evidence]),
        json.dumps([asdict(one) for one in reason.route]),
        reason.agreement_version,
        reason.known_until,
        hearer.organisation,
        hearer.role,
        hearer.person_ref,
        hearer.deputy_ref,
        alert.raised_at,
        alert.status.value,
        alert.step,
        alert.channel,
        alert.delivered_at,
        alert.acknowledged_at,
        alert.in_progress_at,
        alert.resolved_at,
        alert.verdict,
        alert.verdict_reason,
        alert.due_at,
    )
