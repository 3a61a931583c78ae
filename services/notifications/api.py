"""The API of notifications: an organisation's own alerts, for its own software."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from services.notifications import handlers
from services.notifications.domain.alerts import Alert
from services.notifications.store import reading
from services.notifications.store.alerts import subjects
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.alerts import AlertStatus
from shared.schemas.coordination import Severity
from shared.schemas.envelope import Code, EntityId
from shared.web.auth import api_actor, require

router = APIRouter(prefix="/api/v1", tags=["alerts"])
ApiActor = Annotated[Actor, Depends(api_actor)]


class AlertItem(BaseModel):
    """An alert as its recipient sees it; no names, only the pupil's reference."""

    alert_id: EntityId
    pupil_ref: str
    cohort: int
    rule: Code
    severity: Severity
    role: str
    person_ref: str | None
    status: AlertStatus
    step: int
    raised_at: datetime
    delivered_at: datetime | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    due_at: datetime | None
    verdict: str | None


class AlertPage(BaseModel):
    """Alerts, newest first; `next` is the `before` of the following page, empty on the last one."""

    items: list[AlertItem]
    next: str | None


class Resolution(BaseModel):
    """How it ended, in the recipient's eyes."""

    model_config = ConfigDict(extra="forbid")

    verdict: Literal["useful", "too_late", "unnecessary"]
    reason: Code = Field(description="Code of what was done about it")


class AlertStatusNow(BaseModel):
    """Where the alert stands after the command."""

    alert_id: EntityId
    status: AlertStatus


@router.get("/alerts")
async def list_alerts(
    request: Request,
    actor: ApiActor,
    status: Annotated[list[AlertStatus] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    rule: Annotated[list[Code] | None, Query()] = None,
    before: Annotated[EntityId | None, Query()] = None,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> AlertPage:
    """The alerts of the actor's own organisation."""
    require(actor, *handlers.RECIPIENTS)
    async with request.app.state.database.as_actor(actor) as conn:
        last = await reading.one_alert(conn, before, actor.organisation) if before else None
        place = (last.raised_at, last.alert_id) if last else None
        wanted = reading.Wanted(status, severity, rule, place, limit)
        found = await reading.list_alerts(conn, actor.organisation, wanted)
    return AlertPage(items=[_item(alert) for alert in found], next=found[-1].alert_id if len(found) == limit else None)


@router.post("/alerts/{alert_id}/acknowledgement", status_code=202)
async def acknowledge(request: Request, alert_id: EntityId, actor: ApiActor) -> AlertStatusNow:
    """Say that this alert was seen. 409 when somebody said so already."""
    command = handlers.Acknowledge((alert_id,), await _subjects(request, actor, alert_id))
    (alert,) = await perform(request.app.state.transport, actor, handlers.acknowledge, command)
    return AlertStatusNow(alert_id=alert_id, status=alert.status)


@router.post("/alerts/{alert_id}/resolution", status_code=202)
async def resolve(request: Request, alert_id: EntityId, body: Resolution, actor: ApiActor) -> AlertStatusNow:
    """Close this alert with a verdict."""
    command = handlers.Resolve(alert_id, body.verdict, body.reason, await _subjects(request, actor, alert_id))
    (alert,) = await perform(request.app.state.transport, actor, handlers.resolve, command)
    return AlertStatusNow(alert_id=alert_id, status=alert.status)


async def _subjects(request: Request, actor: Actor, alert_id: str) -> tuple[str, ...]:
    async with request.app.state.database.as_actor(actor) as conn:
        return await subjects(conn, [alert_id], actor.organisation)


def _item(alert: Alert) -> AlertItem:
    reason, hearer = alert.reason, alert.hearer
    return AlertItem(
        alert_id=alert.alert_id,
        pupil_ref=alert.pupil_ref,
        cohort=reason.cohort,
        rule=reason.rule,
        severity=reason.severity,
        role=hearer.role,
        person_ref=hearer.person_ref,
        status=alert.status,
        step=alert.step,
        raised_at=alert.raised_at,
        delivered_at=alert.delivered_at,
        acknowledged_at=alert.acknowledged_at,
        resolved_at=alert.resolved_at,
        due_at=alert.due_at,
        verdict=alert.verdict,
    )
