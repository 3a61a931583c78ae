"""The API of signals: published figures, for anybody who is signed in. Nothing here can be led back to a pupil."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field

from services.signals import store
from services.signals.domain.norms import Agreed, Due, due
from services.signals.store import Snapshot, Wanted
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.core.reference import load
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import Api, PageAsked
from shared.web.auth import api_actor

router = Api(
    "Dated figures of a region, in which groups of five or fewer are hidden.",
    {"figures": "Published figures, for anybody with a token"},
)
ApiActor = Annotated[Actor, Depends(api_actor)]
SnapshotInPath = Annotated[EntityId, fields.in_path("Key of the snapshot", fields.KEY)]


class SnapshotsAsked(PageAsked):
    """Which snapshots are asked for."""

    cohort: fields.Cohort | None = Field(None, description="Only of this cohort")
    reference_date: fields.CivilDate | None = Field(None, alias="referenceDate", description="Only of this day")
    region: fields.Region | None = Field(None, description="Only of this region")


class SnapshotItem(fields.Shown):
    """A dated set of figures of one region."""

    snapshot_id: EntityId = Field(description="Key of the snapshot", examples=[fields.KEY])
    cohort: fields.Cohort
    reference_date: date = Field(description="Day of the count", examples=["2027-04-01"])
    region: fields.Region
    taken_at: datetime = Field(description="When it was counted", examples=["2027-04-02T06:00:00Z"])


class SnapshotPage(fields.Page):
    """Snapshots, by key."""

    items: list[SnapshotItem] = Field(description="The snapshots of this page")


class CellItem(fields.Shown):
    """One figure: a number or percentage, or ``c`` protected, ``x`` not known, ``z`` not applicable."""

    figure: str = Field(description="What is counted", examples=["applied"])
    track_group: str = Field(description="Of which tracks; `all`: all together", examples=["vmbo-bb-kb"])
    value: str = Field(description="Number of pupils, or c, x or z", examples=["120"])
    percentage: str = Field(description="Per cent of the expected pupils, or c, x or z", examples=["91"])


class NormItem(fields.Shown):
    """What was agreed on for one figure, in the year of this cohort."""

    figure: str = Field(description="What is counted", examples=["applied"])
    percentage: int = Field(description="At least so many per cent of the expected pupils", examples=[95])
    day: date = Field(description="On this day", examples=["2027-04-01"])


class SnapshotWithCells(SnapshotItem):
    """A snapshot with everything it shows, and the norms that hold in that region on its reference date."""

    cells: list[CellItem] = Field(description="The figures")
    agreement_version: str | None = Field(
        description="Version of the regional agreement that says the norms; null: the default agreement",
        examples=["utrecht-2027.1"],
    )
    norms: list[NormItem] = Field(description="The norms of figures that are published")


@router.get("/snapshots", tags=["figures"])
async def get_snapshots(request: Request, actor: ApiActor, asked: Annotated[SnapshotsAsked, Query()]) -> SnapshotPage:
    """List which figures there are: by cohort, reference date and region."""
    async with request.app.state.database.as_actor(actor) as conn:
        wanted = Wanted(asked.cohort, asked.reference_date, asked.region, asked.after, asked.limit)
        found = await store.snapshots(conn, wanted)
    following = found[-1].snapshot_id if len(found) == asked.limit else None
    return SnapshotPage(items=[_item(snapshot) for snapshot in found], next=following)


@router.get("/snapshots/{snapshot_id}", tags=["figures"])
async def get_snapshot(request: Request, snapshot_id: SnapshotInPath, actor: ApiActor) -> SnapshotWithCells:
    """Show the figures of a region on a reference date."""
    async with request.app.state.database.as_actor(actor) as conn:
        snapshot = await store.snapshot(conn, snapshot_id)
        if snapshot is None:
            raise NotFound("snapshot")
        cells = await store.cells(conn, snapshot_id)
        agreed = await store.agreed(conn, snapshot.region, snapshot.reference_date)
    return SnapshotWithCells(
        **_item(snapshot).model_dump(),
        cells=[CellItem(figure=c.figure, track_group=c.group, value=c.value, percentage=c.percentage) for c in cells],
        agreement_version=agreed.version,
        norms=[NormItem(figure=n.figure, percentage=n.percentage, day=n.day) for n in _due(snapshot, agreed)],
    )


def _due(snapshot: Snapshot, agreed: Agreed) -> list[Due]:
    return due(agreed, snapshot.cohort, load().application_date(snapshot.cohort))


def _item(snapshot: Snapshot) -> SnapshotItem:
    return SnapshotItem(**{name: getattr(snapshot, name) for name in SnapshotItem.model_fields})
