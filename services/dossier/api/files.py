"""Files of a school: each kind has its door, and all are taken in alike."""

from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from services.dossier.api import examples, models
from services.dossier.handlers.files import FILES, File
from services.dossier.handlers.lists import PupilListResult
from services.dossier.handlers.sides import require_side
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.messaging.outbox import Transport, perform, preview
from shared.schemas.imports import ImportResult
from shared.web.api.lists import Door, open_doors
from shared.web.api.router import Part, csv_file
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]


async def take_in(side: Transport, actor: Actor, kind: str, data: bytes, *, confirm: bool = False) -> ImportResult:
    """Take in a file; gives counts and every fault. Raises `Invalid` when nothing of it can be used."""
    handler, command = await _command(side, actor, kind, File(data, side.keys, _today(side), confirm))
    answer: ImportResult = await perform(side, actor, handler, command)
    return answer


async def look_at(side: Transport, actor: Actor, kind: str, data: bytes) -> ImportResult:
    """What :func:`take_in` would answer, with nothing changed."""
    handler, command = await _command(side, actor, kind, File(data, side.keys, _today(side), confirm=True))
    answer: ImportResult = await preview(side, actor, handler, command)
    return answer


async def _command(side: Transport, actor: Actor, kind: str, file: File) -> tuple[Any, Any]:
    read, handler = FILES[kind]
    async with side.db.as_actor(actor) as conn:
        return handler, await read(conn, file, actor.organisation)


def _today(side: Transport) -> date:
    return civil_date(side.settings.clock.now())


@router.post("/pupil-lists", response_model=PupilListResult, tags=["files"])
async def post_pupil_list(
    request: Request,
    actor: Who,
    data: Annotated[bytes, csv_file(examples.PUPILS)],
    asked: Annotated[models.PupilListAsked, Query()],
) -> ImportResult:
    """Take in the full list of one vo site and cohort. Who is missing from it is told to be no longer listed."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(request.app.state.transport, actor, "pupil-list", data, confirm=asked.confirm)


DOORS = (
    Door("choice", "choices", examples.CHOICES, "Take in choices of pupils. What is not in the file stays."),
    Door(
        "handover",
        "handovers",
        examples.HANDOVERS,
        "Take in dossiers to hand over. What was ever offered is unchanged.",
    ),
    Door(
        "dossier",
        "dossiers",
        examples.DOSSIERS,
        "Take in what dossiers hold, category by category. What is not in the file stays.",
    ),
    Door("information", "information", examples.INFORMED, "Take in which families were told what leaves."),
    Door(
        "talk", "talks", examples.TALKS, "Take in where talks with institutions stand. What is not in the file stays."
    ),
    Door("exam-result", "exam-results", examples.EXAM_RESULTS, "Take in exam results. What is not in the file stays."),
    Door(
        "route",
        "routes",
        examples.ROUTES,
        "Take in which pupils go another way than the mbo. What is not in the file stays.",
    ),
)


async def _take(request: Request, actor: Actor, kind: str, data: bytes) -> ImportResult:
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(request.app.state.transport, actor, kind, data)


open_doors(router, DOORS, _take, ImportResult)
