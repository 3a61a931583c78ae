"""The API of notifications: an organisation's own alerts, for its own software."""

from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import Field

from services.notifications import handlers
from services.notifications.domain.alerts import Alert, Verdict
from services.notifications.store import reading
from services.notifications.store.alerts import subjects
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.alerts import AlertStatus
from shared.schemas.coordination import Severity
from shared.schemas.envelope import PUPIL_REF_LENGTH, Code, EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, PAGE_LIMIT, Api, Asked
from shared.web.auth import api_actor, require

router = Api(
    "How a person hears of a pupil at risk, and whether they did: the alerts of the own organisation.",
    {"alerts": "Alerts of the own organisation, and what was done with them"},
)
ApiActor = Annotated[Actor, Depends(api_actor)]
AlertInPath = Annotated[EntityId, fields.in_path("Key of the alert", fields.KEY)]
AlertKey = Annotated[EntityId, fields.said("Key of the alert", fields.KEY)]
NOW = "2027-03-01T09:00:00Z"


class AlertsAsked(Asked):
    """Which alerts are asked for; each filter may be given several times."""

    status: list[AlertStatus] | None = Field(None, description="Only alerts that stand so")
    severity: list[Severity] | None = Field(None, description="Only alerts that are so grave")
    rule: list[Code] | None = Field(None, description="Only alerts about these rules")
    before: EntityId | None = Field(None, description="`next` of the page before; absent: the first page")
    limit: int = Field(100, ge=1, le=PAGE_LIMIT, description="Alerts on a page at most")


class AlertItem(fields.Shown):
    """An alert as its recipient sees it; no names, only the reference of the pupil, or the code of the organisation."""

    alert_id: AlertKey
    pupil_ref: fields.PupilRef | None
    organisation: fields.Organisation | None
    cohort: fields.Cohort
    rule: fields.Rule
    severity: fields.SeverityCode
    role: fields.Role
    person_ref: fields.PersonRef
    status: AlertStatus = Field(description="Where it stands", examples=["delivered"])
    step: int = Field(description="How often somebody was told, from 1", examples=[1])
    raised_at: datetime = Field(description="When it was raised", examples=[NOW])
    delivered_at: datetime | None = Field(description="When a mail server took the mail", examples=[NOW])
    acknowledged_at: datetime | None = Field(description="When somebody confirmed to have seen it", examples=[None])
    in_progress_at: datetime | None = Field(description="When somebody began to work on it", examples=[None])
    resolved_at: datetime | None = Field(description="When it was over", examples=[None])
    due_at: datetime | None = Field(description="By when the next action is due; null: none", examples=[NOW])
    verdict: Verdict | None = Field(description="How it ended; `cleared`: the facts changed", examples=[None])


class AlertPage(fields.Shown):
    """Alerts, newest first."""

    items: list[AlertItem] = Field(description="The alerts of this page")
    next: str | None = Field(description="`before` of the following page; null on the last one", examples=[None])


class Resolution(Asked):
    """How it ended, in the recipient's eyes."""

    verdict: Literal["useful", "too_late", "unnecessary"] = Field(description="What it was worth", examples=["useful"])
    reason: Code = Field(description="Code of what was done about it", examples=["spoken"])


class AlertStatusNow(fields.Shown):
    """Where the alert stands after the command."""

    alert_id: AlertKey
    status: AlertStatus = Field(description="Where it stands now", examples=["acknowledged"])


@router.get("/alerts", tags=["alerts"])
async def get_alerts(request: Request, actor: ApiActor, asked: Annotated[AlertsAsked, Query()]) -> AlertPage:
    """List the alerts of the own organisation, newest first."""
    require(actor, *handlers.RECIPIENTS)
    async with request.app.state.database.as_actor(actor) as conn:
        last = await reading.one_alert(conn, asked.before, actor.organisation) if asked.before else None
        place = (last.raised_at, last.alert_id) if last else None
        wanted = reading.Wanted(asked.status, asked.severity, asked.rule, place, asked.limit)
        found = await reading.list_alerts(conn, actor.organisation, wanted)
    following = found[-1].alert_id if len(found) == asked.limit else None
    return AlertPage(items=[_item(alert) for alert in found], next=following)


@router.post("/alerts/{alert_id}/acknowledgement", status_code=202, tags=["alerts"], responses=MOVES)
async def post_acknowledgement(request: Request, alert_id: AlertInPath, actor: ApiActor) -> AlertStatusNow:
    """Confirm to have seen an alert."""
    command = handlers.Acknowledge((alert_id,), await _subjects(request, actor, alert_id))
    (alert,) = await perform(request.app.state.transport, actor, handlers.acknowledge, command)
    return AlertStatusNow(alert_id=alert_id, status=alert.status)


@router.post("/alerts/{alert_id}/treatment", status_code=202, tags=["alerts"], responses=MOVES)
async def post_treatment(request: Request, alert_id: AlertInPath, actor: ApiActor) -> AlertStatusNow:
    """Say that somebody works on an alert. Who does has seen it."""
    command = handlers.Start((alert_id,), await _subjects(request, actor, alert_id))
    (alert,) = await perform(request.app.state.transport, actor, handlers.start, command)
    return AlertStatusNow(alert_id=alert_id, status=alert.status)


@router.post("/alerts/{alert_id}/resolution", status_code=202, tags=["alerts"], responses=MOVES)
async def post_resolution(request: Request, alert_id: AlertInPath, body: Resolution, actor: ApiActor) -> AlertStatusNow:
    """Close an alert with a verdict."""
    command = handlers.Resolve(alert_id, body.verdict, body.reason, await _subjects(request, actor, alert_id))
    (alert,) = await perform(request.app.state.transport, actor, handlers.resolve, command)
    return AlertStatusNow(alert_id=alert_id, status=alert.status)


async def _subjects(request: Request, actor: Actor, alert_id: str) -> tuple[str, ...]:
    async with request.app.state.database.as_actor(actor) as conn:
        return await subjects(conn, [alert_id], actor.organisation)


def _item(alert: Alert) -> AlertItem:
    reason, hearer = alert.reason, alert.hearer
    of_pupil = len(alert.pupil_ref) == PUPIL_REF_LENGTH
    return AlertItem(
        alert_id=alert.alert_id,
        pupil_ref=alert.pupil_ref if of_pupil else None,
        organisation=None if of_pupil else alert.pupil_ref,
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
        in_progress_at=alert.in_progress_at,
        resolved_at=alert.resolved_at,
        due_at=alert.due_at,
        verdict=alert.verdict,
    )
