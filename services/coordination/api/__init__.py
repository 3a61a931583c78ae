"""The API of coordination: transitions and actions here, each other part in its own module."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import Field

from services.coordination.api import (
    absences,
    agreements,
    casetables,
    custody,
    lists,
    organisations,
    signals,
    tasks,
    timeline,
)
from services.coordination.api.timeline import FactView, RouteView
from services.coordination.handlers.commands import MarkDone, mark_done
from services.coordination.store import views
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.messaging.outbox import perform
from shared.schemas.coordination import Severity
from shared.schemas.envelope import Code, EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, Api, Asked
from shared.web.auth import api_actor

router = Api(
    "Who has the pupil and what comes next: transitions, custodians, actions, and who works where.",
    {
        "actions": "What the own organisation must do, by when",
        "transitions": "Pupils in transition, for their custodian and for owners of actions",
        "custody-offers": "Pupils who are offered to the own organisation, and its answer",
        "case-tables": "Overstaptafels: open cases that organisations of a region talk about, and what they agree",
        "agreements": "Regional agreements: what was agreed, which version holds where",
        "organisations": "Organisations of a region, and who can be reached there",
        "absences": "Members of staff who are away, at the own organisation and where the sender keeps the contacts",
        "files": "CSV files with organisations, contacts and who is away (docs/csv.md)",
    },
)
router.include_router(absences.router)
router.include_router(casetables.router)
router.include_router(custody.router)
router.include_router(timeline.router)
router.include_router(agreements.router)
router.include_router(signals.router)
router.include_router(tasks.router)
router.include_router(organisations.router)
router.include_router(lists.router)
Caller = Annotated[Actor, Depends(api_actor)]
NOW = "2027-03-01T09:00:00Z"
ActionKey = Annotated[EntityId, fields.said("Key of the action", fields.KEY)]
Weight = Annotated[int, fields.said("How grave: 1 notice, 2 warning, 3 risk", 2)]
Step = Annotated[int, fields.said("How often it was escalated, from 0", 0)]
Due = Annotated[datetime, fields.said("By when", NOW)]


class Done(Asked):
    """Why an action is closed."""

    reason: Literal["done", "spoken", "arranged", "not-needed", "not-reached"] = Field(
        description="Code of the reason", examples=["spoken"]
    )


class ActionsAsked(Asked):
    """Which part of the list is asked for. Actions move while people work, so pages are numbered."""

    page: int = Field(1, ge=1, le=10_000, description="Number of the page")


class CustodianView(fields.Shown):
    """Who had the pupil, from when."""

    n: int = Field(description="Counts from 1", examples=[1])
    since: datetime = Field(description="From when", examples=[NOW])
    organisation: fields.Organisation
    role: fields.Role
    contact: fields.PersonRef
    deputy: fields.PersonRef
    basis: Literal["statutory", "agreed"] = Field(description="By law or by agreement", examples=["agreed"])


class ActionOfTransition(fields.Shown):
    """An action of a transition, open or closed."""

    action_id: ActionKey
    number: int = Field(description="Counts from 1 within the transition", examples=[1])
    kind: Code = Field(description="What must be done", examples=["talk-to-pupil"])
    organisation: fields.Organisation
    role: fields.Role
    contact: fields.PersonRef
    deputy: fields.PersonRef
    due_at: Due
    window_from: datetime | None = Field(None, description="Before which nobody needs to begin", examples=[None])
    window_until: datetime | None = Field(None, description="Until when nobody else is told", examples=[None])
    severity: Weight
    step: Step
    opened_at: datetime = Field(description="When it was opened", examples=[NOW])
    escalated_at: datetime | None = Field(
        description="When it was last escalated; null also after somebody closed it and it was asked for again",
        examples=[None],
    )
    done_at: datetime | None = Field(description="When it was closed", examples=[None])
    open: bool = Field(description="Whether it must still be done", examples=[True])
    reason: str | None = Field(description="Code of why it was closed", examples=[None])
    acknowledged_at: datetime | None = Field(description="When somebody confirmed to have seen it", examples=[None])


class RiskView(fields.Shown):
    """A rule that fired, with the facts it used."""

    risk_id: EntityId = Field(description="Key of the risk", examples=[fields.KEY])
    rule: fields.Rule
    severity: Severity = Field(description="How grave it is", examples=["warning"])
    evidence: list[FactView] = Field(description="The facts it used")
    route: list[RouteView] = Field(description="Who hears of it, in order")
    agreement: str = Field(description="Version of the regional agreement", examples=["default-1"])
    fired_at: datetime = Field(description="When it fired", examples=[NOW])
    known_until: datetime = Field(description="Up to when the input was complete", examples=[NOW])
    cleared_at: datetime | None = Field(description="When it was over", examples=[None])
    acknowledged_at: datetime | None = Field(description="When somebody confirmed to have seen it", examples=[None])
    dismissed_reason: Code | None = Field(description="Why a person dismissed it", examples=[None])


class TransitionView(fields.Shown):
    """A transition with its custodians, actions and risks."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    position: str = Field(description="How far the pupil is, over all applications", examples=["applied"])
    origin: str | None = Field(description="Vo site; null: not known", examples=["99AA00"])
    region: str | None = Field(description="Region whose agreement holds; null: not known", examples=["15"])
    opened_at: datetime = Field(description="When the transition began", examples=[NOW])
    agreement: str = Field(description="Version of the regional agreement", examples=["default-1"])
    next_action: str | None = Field(description="Key of the action that is next", examples=[fields.KEY])
    custody: list[CustodianView] = Field(description="Who had the pupil, the last one has now")
    actions: list[ActionOfTransition] = Field(description="Actions, open ones first")
    risks: list[RiskView] = Field(description="Rules that fired, open ones first")


class Transitions(fields.Shown):
    """The open transitions of a pupil, one for each cohort."""

    items: list[TransitionView] = Field(description="The transitions")


class ActionView(fields.Shown):
    """An open action of the own organisation; no name, only the pupil's reference."""

    action_id: ActionKey
    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    kind: Code = Field(description="What must be done", examples=["talk-to-pupil"])
    due_at: Due
    window_from: datetime | None = Field(None, description="Before which nobody needs to begin", examples=[None])
    window_until: datetime | None = Field(None, description="Until when nobody else is told", examples=[None])
    severity: Weight
    step: Step
    role: fields.Role
    contact: fields.PersonRef
    next: bool = Field(description="Whether it is the next one of its transition", examples=[True])


class ActionPage(fields.Shown):
    """Actions, most urgent first."""

    items: list[ActionView] = Field(description="The actions of this page")
    next: int | None = Field(description="Number of the following page; null on the last one", examples=[None])


class ActionMeant(fields.Shown):
    """Which action it was about."""

    action_id: ActionKey


@router.get("/actions", tags=["actions"])
async def get_actions(request: Request, actor: Caller, asked: Annotated[ActionsAsked, Query()]) -> ActionPage:
    """List the open actions of the own organisation, most urgent first."""
    async with request.app.state.database.as_actor(actor) as conn:
        rows, total = await views.my_actions(conn, actor.organisation, None, asked.page)
    more = asked.page * views.PAGE < total
    return ActionPage(items=[ActionView.model_validate(row) for row in rows], next=asked.page + 1 if more else None)


@router.get("/pupils/{pupil_ref}/transitions", tags=["transitions"])
async def get_transitions(pupil_ref: fields.PupilInPath, request: Request, actor: Caller) -> Transitions:
    """List the open transitions of a pupil that the own organisation holds, or has an open action for."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.transitions(conn, pupil_ref, actor.organisation)
    if not found:
        raise NotFound
    return Transitions(items=[TransitionView.model_validate(asdict(one)) for one in found])


@router.post("/actions/{action_id}/completion", status_code=202, tags=["actions"], responses=MOVES)
async def post_completion(
    action_id: Annotated[EntityId, fields.in_path("Key of the action", fields.KEY)],
    body: Done,
    request: Request,
    actor: Caller,
) -> ActionMeant:
    """Close an action of the own organisation. What the facts still ask for is opened again, on the step and with the
    date that it had."""
    await close_action(request, actor, action_id, body.reason)
    return ActionMeant(action_id=action_id)


async def close_action(request: Request, actor: Actor, action_id: str, reason: str) -> None:
    """Close an action of the actor's organisation; shared by the API and the pages."""
    async with request.app.state.database.as_actor(actor) as conn:
        pupil_ref = await views.pupil_of_action(conn, action_id, actor.organisation)
    await perform(request.app.state.transport, actor, mark_done, MarkDone(pupil_ref, action_id, reason))
