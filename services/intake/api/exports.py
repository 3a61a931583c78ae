"""The status export of the national chain over the API: handed in as one stream, taken in by the worker."""

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Request, Response
from pydantic import Field

from services.intake.api.models import EXPORT_EXAMPLE, NOW, Sender
from services.intake.domain.access import WRITERS, check_access
from services.intake.handlers.chain.exports import CompleteExport, complete_export
from services.intake.handlers.chain.receiving import Receiver, receive
from services.intake.store import exports
from shared.core.actor import Actor, Role
from shared.core.errors import NotFound
from shared.core.ids import new_id
from shared.messaging.outbox import perform
from shared.schemas.imports import RowFault
from shared.web.api import fields
from shared.web.api.router import BASE, Part, csv_stream
from shared.web.texts import gettext as _

part = Part()
EXPORT = "0199d5f0-6a00-7000-8000-000000000001"
ExportInPath = Annotated[UUID, fields.in_path("Key of the file", EXPORT)]


class ExportMeant(fields.Shown):
    """Which file it was about."""

    export_id: UUID = Field(description="Key of the file", examples=[EXPORT])


class ExportShown(ExportMeant):
    """What became of a file so far: received = applied + unchanged + skipped + quarantined + left."""

    state: Literal["arriving", "arrived", "taking", "done"] = Field(
        description="`arriving`: not complete; `arrived`: waits for a person; `taking`: in work; `done`",
        examples=["done"],
    )
    sent_at: datetime = Field(description="When it was sent", examples=[NOW])
    received: int = Field(description="Rows in the file", examples=[40000])
    applied: int = Field(description="Rows that said something new", examples=[39000])
    unchanged: int = Field(description="Rows that said what was known", examples=[990])
    skipped: int = Field(description="Rows about somebody who was erased", examples=[0])
    quarantined: int = Field(description="Rows that wait, with what is wrong with them", examples=[10])
    left: int = Field(description="Rows whose fate is not known yet", examples=[0])
    faults: list[RowFault] = Field(description="The first 200 faults of rows that can not be used")


@part.post("/application-exports", status_code=202, tags=["files"], openapi_extra=csv_stream(EXPORT_EXAMPLE))
async def post_application_export(actor: Sender, request: Request, response: Response) -> ExportMeant:
    """Hand in a status export of the national chain. It is read as it comes and taken in afterwards; ask
    for what became of it at the address in `Location`. An institution hands in its own rows; others are set apart."""
    check_sender(actor)
    export_id = await hand_in(request, actor, request.stream(), confirmed=True)
    response.headers["Location"] = f"/intake{BASE}/application-exports/{export_id}"
    return ExportMeant(export_id=export_id)


@part.get("/application-exports/{export_id}", tags=["files"])
async def get_application_export(export_id: ExportInPath, actor: Sender, request: Request) -> ExportShown:
    """Show what became of a status export."""
    check_sender(actor)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await exports.one(conn, actor.organisation, export_id)
    if found is None:
        raise NotFound(f"export {export_id}")
    faults = [RowFault(where=fault.where, expected=_(fault.expected), code=fault.code) for fault in found.faults]
    values = {name: getattr(found, name) for name in ExportShown.model_fields if name != "faults"}
    return ExportShown(**values, faults=faults)


def check_sender(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor may hand in rows: of an own institution, or as operator those of all."""
    if actor.role is not Role.OPERATOR:
        check_access(actor, WRITERS)


async def hand_in(request: Request, actor: Actor, pieces: AsyncIterator[bytes], *, confirmed: bool) -> UUID:
    """Put the rows of a file aside as they come; `confirmed`: and let the worker take them in.

    Raises `Invalid` when the file as a whole can not be used.
    """
    state, export_id = request.app.state, new_id()
    arrived = await receive(state.database, Receiver(export_id, actor, state.keys), pieces, state.clock.now())
    await perform(state.transport, actor, complete_export, CompleteExport(export_id, arrived, confirmed))
    return export_id
