"""What the own organisation must do about organisations."""

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from services.coordination.store import partners
from shared.core.actor import Actor
from shared.schemas.envelope import Code, EntityId
from shared.web.api import fields
from shared.web.api.router import Part
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
NOW = "2027-03-01T09:00:00Z"


class TaskView(fields.Shown):
    """Something that must be done about an organisation: nobody is present in a role, or nothing is heard of it."""

    task_id: Annotated[EntityId, fields.said("Key of the task", fields.KEY)]
    organisation: fields.Organisation
    kind: Code = Field(description="What is the matter", examples=["vacant-role"])
    about: str = Field(description="The role in which nobody is present; empty: the organisation", examples=["decaan"])
    owner_role: fields.Role
    owner_contact: fields.PersonRef
    due_at: datetime = Field(description="By when", examples=[NOW])
    window_until: datetime | None = Field(None, description="Until when nobody else is told", examples=[None])
    severity: int = Field(description="How grave: 1 notice, 2 warning, 3 risk", examples=[2])
    step: int = Field(description="How often it was escalated, from 0", examples=[0])
    opened_at: datetime = Field(description="Since when", examples=[NOW])


class Tasks(fields.Shown):
    """Open tasks, most urgent first; at most 500."""

    items: list[TaskView] = Field(description="The tasks")


@router.get("/tasks", tags=["actions"])
async def get_tasks(request: Request, actor: Caller) -> Tasks:
    """List what the own organisation must do about organisations. It ends by itself when it is no longer needed."""
    async with request.app.state.database.as_actor(actor) as conn:
        rows = await partners.my_tasks(conn, actor.organisation)
    return Tasks(items=[TaskView.model_validate(row) for row in rows])
