"""The API of coordination: transitions, actions, and the files with organisations and contacts."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from services.coordination.handlers.commands import MarkDone, mark_done
from services.coordination.handlers.organisations import (
    ImportContacts,
    ImportOrganisations,
    import_contacts,
    import_organisations,
)
from services.coordination.store import views
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.core.tabular.kinds import CONTACTS, ORGANISATIONS
from shared.messaging.outbox import perform
from shared.schemas.imports import ImportResult
from shared.web.auth import api_actor

router = APIRouter(prefix="/api/v1")
Caller = Annotated[Actor, Depends(api_actor)]


class Done(BaseModel):
    """Why an action is closed."""

    model_config = ConfigDict(extra="forbid")

    reason: Literal["done", "spoken", "arranged", "not-needed", "not-reached"]


class TransitionView(BaseModel):
    """A transition with its custodians, actions and signals, for its custodian or the owner of an open action."""

    pupil_ref: str
    cohort: int
    position: str
    origin: str | None
    region: str | None
    opened_at: datetime
    agreement: str
    next_action: str | None
    custody: list[dict[str, Any]]
    actions: list[dict[str, Any]]
    risks: list[dict[str, Any]]


class ActionView(BaseModel):
    """An open action of the own organisation; no name, only the pupil's reference."""

    action_id: str
    pupil_ref: str
    cohort: int
    kind: str
    due_at: datetime
    severity: int
    step: int
    role: str
    contact: str | None
    next: bool


class ActionPage(BaseModel):
    """Actions, most urgent first; `next` is the number of the following page, empty on the last one."""

    items: list[ActionView]
    next: int | None


@router.get("/actions")
async def my_actions(request: Request, actor: Caller, page: Annotated[int, Query(ge=1, le=10_000)] = 1) -> ActionPage:
    """The open actions of the own organisation, most urgent first."""
    async with request.app.state.database.as_actor(actor) as conn:
        rows, total = await views.my_actions(conn, actor.organisation, None, page)
    more = page * views.PAGE < total
    return ActionPage(items=[ActionView.model_validate(row) for row in rows], next=page + 1 if more else None)


@router.get("/pupils/{ref}/transitions")
async def transitions(ref: str, request: Request, actor: Caller) -> list[TransitionView]:
    """The open transitions of a pupil."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.transitions(conn, ref, actor.organisation)
    if not found:
        raise NotFound
    return [TransitionView.model_validate(asdict(one)) for one in found]


@router.post("/actions/{action_id}/completion", status_code=202)
async def done(action_id: str, body: Done, request: Request, actor: Caller) -> Response:
    """Close an action of the own organisation."""
    await close_action(request, actor, action_id, body.reason)
    return Response(status_code=202)


@router.post("/organisation-lists")
async def organisation_list(request: Request, actor: Caller) -> ImportResult:
    """Take in a file of organisations (text/csv)."""
    return await take_organisations(request, actor, await request.body())


@router.post("/contact-lists")
async def contact_list(request: Request, actor: Caller) -> ImportResult:
    """Take in a file of contacts (text/csv)."""
    return await take_contacts(request, actor, await request.body())


async def close_action(request: Request, actor: Actor, action_id: str, reason: str) -> None:
    """Close an action of the actor's organisation; shared by the API and the pages."""
    async with request.app.state.database.as_actor(actor) as conn:
        pupil_ref = await views.pupil_of_action(conn, action_id, actor.organisation)
    await perform(request.app.state.transport, actor, mark_done, MarkDone(pupil_ref, action_id, reason))


async def take_organisations(request: Request, actor: Actor, data: bytes) -> ImportResult:
    """Take in a file of organisations; shared by the API and the pages."""
    command = ImportOrganisations(ORGANISATIONS.read(data))
    imported: ImportResult = await perform(request.app.state.transport, actor, import_organisations, command)
    return imported


async def take_contacts(request: Request, actor: Actor, data: bytes) -> ImportResult:
    """Take in a file of contacts; shared by the API and the pages."""
    command = ImportContacts(CONTACTS.read(data))
    imported: ImportResult = await perform(request.app.state.transport, actor, import_contacts, command)
    return imported
