"""The API of signals: published figures, for anybody who is signed in. Nothing here can be led back to a pupil."""

from datetime import date, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel

from services.signals import store
from services.signals.store import Snapshot, Wanted
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.schemas.envelope import Cohort, EntityId, Region
from shared.web.auth import api_actor

router = APIRouter(prefix="/api/v1", tags=["figures"])
ApiActor = Annotated[Actor, Depends(api_actor)]


class SnapshotItem(BaseModel):
    """A dated set of figures of one region."""

    snapshot_id: EntityId
    cohort: Cohort
    reference_date: date
    region: Region
    taken_at: datetime


class SnapshotPage(BaseModel):
    """Snapshots by key; `next` is the `after` of the following page, empty on the last one."""

    items: list[SnapshotItem]
    next: str | None


class CellItem(BaseModel):
    """One figure: a number or percentage, or ``c`` protected, ``x`` not known, ``z`` not applicable."""

    figure: str
    track_group: str
    value: str
    percentage: str


class SnapshotWithCells(SnapshotItem):
    """A snapshot with everything it shows."""

    cells: list[CellItem]


@router.get("/snapshots")
async def list_snapshots(
    request: Request,
    actor: ApiActor,
    cohort: Cohort | None = None,
    reference_date: date | None = None,
    region: Region | None = None,
    after: Annotated[str, Query(max_length=64)] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> SnapshotPage:
    """Welke cijfers er zijn: per cohort, peildatum en regio."""
    async with request.app.state.database.as_actor(actor) as conn:
        found = await store.snapshots(conn, Wanted(cohort, reference_date, region, after, limit))
    following = found[-1].snapshot_id if len(found) == limit else None
    return SnapshotPage(items=[_item(snapshot) for snapshot in found], next=following)


@router.get("/snapshots/{snapshot_id}")
async def get_snapshot(request: Request, snapshot_id: EntityId, actor: ApiActor) -> SnapshotWithCells:
    """De cijfers van een regio op een peildatum."""
    async with request.app.state.database.as_actor(actor) as conn:
        snapshot = await store.snapshot(conn, snapshot_id)
        if snapshot is None:
            raise NotFound("snapshot")
        cells = await store.cells(conn, snapshot_id)
    shown = [CellItem(figure=c.figure, track_group=c.group, value=c.value, percentage=c.percentage) for c in cells]
    return SnapshotWithCells(**_item(snapshot).model_dump(), cells=shown)


def _item(snapshot: Snapshot) -> SnapshotItem:
    return SnapshotItem(**{name: getattr(snapshot, name) for name in SnapshotItem.model_fields})
