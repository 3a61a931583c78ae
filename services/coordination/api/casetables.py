"""Overstaptafels (case tables): plan one, say who is present, read the agenda, agree on actions, close it."""

from datetime import date, datetime
from typing import Annotated, Literal

from fastapi import Depends, Query, Request
from pydantic import Field
from starlette.responses import Response

from services.coordination.domain.casetable import KINDS, LONGEST, MOST_SEATS, Table
from services.coordination.handlers.casetables import (
    CloseTable,
    Decide,
    PlanTable,
    SeatTable,
    close_table,
    decide,
    plan_table,
    seat_table,
)
from services.coordination.store import casetables
from shared.core.actor import Actor
from shared.messaging.outbox import perform
from shared.schemas.coordination import Severity
from shared.schemas.envelope import Code, EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, Asked, Part
from shared.web.api.versions import STALE, Expected, tag
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
TableInPath = Annotated[EntityId, fields.in_path("Key of the case table", fields.KEY)]
Seats = Annotated[
    list[fields.Organisation],
    Field(min_length=1, max_length=MOST_SEATS, description="Organisations that are present", examples=[["99AA00"]]),
]
DAY = "2027-03-09"


class TablePlanned(Asked):
    """A table on a day."""

    held_on: date = Field(description="Day on which it is held", examples=[DAY])
    organisations: Seats


class SeatsAsked(Asked):
    """Who is present."""

    organisations: Seats


class DecisionAsked(Asked):
    """What was agreed about a pupil."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    kind: Literal[KINDS] = Field(description="What is done", examples=["call_pupil"])  # type: ignore[valid-type]
    organisation: fields.Organisation
    role: fields.Role
    within_school_days: int = Field(ge=1, le=LONGEST, description="Within so many school days", examples=[5])


class PageNumber(Asked):
    """Which page of the agenda is asked for: cases move while people talk."""

    page: int = Field(1, ge=1, le=10_000, description="Number of the page")


class TableShown(fields.Shown):
    """A case table."""

    table_id: EntityId = Field(description="Key of the case table", examples=[fields.KEY])
    region: fields.Region
    held_on: date = Field(description="Day on which it is held", examples=[DAY])
    planned_by: fields.Organisation
    seats: list[fields.Organisation] = Field(description="Organisations that are present")
    state: Literal["planned", "closed"] = Field(description="Whether anything can be agreed", examples=["planned"])
    version: int = Field(description="Counts changes; the ETag", examples=[1])


class Tables(fields.Shown):
    """The tables of the own organisation, at most a hundred; open ones first."""

    items: list[TableShown] = Field(description="The tables")


class RiskOpen(fields.Shown):
    """A signal that stands."""

    rule: fields.Rule
    severity: Severity = Field(description="How grave it is", examples=["risk"])


class AgreedShown(fields.Shown):
    """What was agreed, and whether it is done."""

    held_on: date = Field(description="At the table of this day", examples=[DAY])
    kind: Code = Field(description="What is done", examples=["call_pupil"])
    organisation: fields.Organisation
    role: fields.Role
    due_at: datetime = Field(description="By when", examples=["2027-03-16T16:00:00Z"])
    open: bool = Field(description="Whether it must still be done", examples=[True])
    reason: str | None = Field(description="Code of why it was closed", examples=[None])


class CaseShown(fields.Shown):
    """An open case on the agenda, without a name."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    position: str = Field(description="How far the pupil is, over all applications", examples=["lost"])
    holder: fields.Organisation
    kind: Code = Field(description="What is next", examples=["talk-to-pupil"])
    organisation: fields.Organisation
    due_at: datetime = Field(description="By when", examples=["2027-03-16T16:00:00Z"])
    risks: list[RiskOpen] = Field(description="Signals that stand")
    agreed: list[AgreedShown] = Field(description="What was agreed before, the newest first")


class AgendaShown(TableShown):
    """A table with a page of its agenda: the cases in which the own organisation is involved, most urgent first."""

    cases: list[CaseShown] = Field(description="The cases of this page")
    mine: int = Field(description="Cases in which the own organisation is involved", examples=[3])
    everybody: int = Field(description="Cases of all who are present together", examples=[12])
    next: int | None = Field(description="Number of the following page; null on the last one", examples=[None])


class ActionAgreed(fields.Shown):
    """The action that was opened."""

    action_id: EntityId = Field(description="Key of the action", examples=[fields.KEY])
    due_at: datetime = Field(description="By when", examples=["2027-03-16T16:00:00Z"])


@router.get("/case-tables", tags=["case-tables"])
async def get_case_tables(request: Request, actor: Caller) -> Tables:
    """List the case tables of the own organisation and region."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await casetables.tables(conn, actor.organisation)
    return Tables(items=[TableShown.model_validate(shown(one)) for one in found])


@router.post("/case-tables", status_code=202, tags=["case-tables"])
async def post_case_table(request: Request, response: Response, actor: Caller, asked: TablePlanned) -> TableShown:
    """Plan a table in the own region; the own organisation is present."""
    command = PlanTable(asked.held_on, asked.organisations)
    return _shown(response, await perform(request.app.state.transport, actor, plan_table, command))


@router.get("/case-tables/{table_id}", tags=["case-tables"], responses={404: {}})
async def get_case_table(
    request: Request, response: Response, actor: Caller, table_id: TableInPath, asked: Annotated[PageNumber, Query()]
) -> AgendaShown:
    """Show a table with its agenda; of cases of others only how many there are."""
    async with request.app.state.database.as_actor(actor) as conn:
        table = await casetables.table(conn, table_id, actor.organisation)
        agenda = await casetables.agenda(conn, table_id, asked.page)
    tag(response, table.version)
    cases = [item.case | {"risks": item.risks, "agreed": item.agreed} for item in agenda.items]
    more = asked.page * casetables.PAGE < agenda.total
    numbers = {"mine": agenda.total, "everybody": agenda.everybody, "next": asked.page + 1 if more else None}
    return AgendaShown.model_validate(shown(table) | numbers | {"cases": cases})


@router.put("/case-tables/{table_id}/seats", tags=["case-tables"], responses={404: {}, **MOVES, **STALE})
async def put_seats(
    request: Request, response: Response, actor: Caller, version: Expected, table_id: TableInPath, asked: SeatsAsked
) -> TableShown:
    """Say who is present."""
    command = SeatTable(table_id, asked.organisations, version)
    return _shown(response, await perform(request.app.state.transport, actor, seat_table, command))


@router.post("/case-tables/{table_id}/decisions", status_code=202, tags=["case-tables"], responses={404: {}, **MOVES})
async def post_decision(request: Request, actor: Caller, table_id: TableInPath, asked: DecisionAsked) -> ActionAgreed:
    """Agree on an action, in school days of who does it: never in a holiday."""
    agreed = await perform(request.app.state.transport, actor, decide, Decide(table_id, **asked.model_dump()))
    return ActionAgreed(action_id=agreed.action_id, due_at=agreed.due_at)


@router.post(
    "/case-tables/{table_id}/completion", status_code=202, tags=["case-tables"], responses={404: {}, **MOVES, **STALE}
)
async def post_table_completion(
    request: Request, response: Response, actor: Caller, version: Expected, table_id: TableInPath
) -> TableShown:
    """Close a table: nothing more is agreed, and sight of cases by sitting at it ends."""
    return _shown(
        response, await perform(request.app.state.transport, actor, close_table, CloseTable(table_id, version))
    )


def shown(table: Table) -> dict[str, object]:
    """A table as the API shows it."""
    names = ("table_id", "region", "held_on", "planned_by", "state", "version")
    return {name: getattr(table, name) for name in names} | {"seats": list(table.seats)}


def _shown(response: Response, table: Table) -> TableShown:
    tag(response, table.version)
    return TableShown.model_validate(shown(table))
