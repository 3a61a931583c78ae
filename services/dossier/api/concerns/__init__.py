"""Concerns: raising one, reading what one's organisation raised or is to hear, and saying how it ended."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.api.concerns import models
from services.dossier.domain.concerns import Concern
from services.dossier.handlers.concerns import RaiseConcern, ResolveConcern, raise_concern, resolve_concern
from services.dossier.handlers.sides import side_of
from services.dossier.store import concerns as kept
from shared.core.actor import Actor
from shared.core.errors import Forbidden, NotFound
from shared.messaging.outbox import perform
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, Part
from shared.web.api.versions import STALE, Expected, tag
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
ConcernInPath = Annotated[EntityId, fields.in_path("Key of the concern", fields.KEY)]


@router.post("/concerns", status_code=202, tags=["concerns"], responses={404: {}, **MOVES})
async def post_concern(
    request: Request, response: Response, actor: Who, asked: models.ConcernAsked
) -> models.ConcernMoved:
    """Raise a concern about a pupil: a person of the school about its own, a person of an institution about whom it
    knows by an application or an offered dossier."""
    command = RaiseConcern(**asked.model_dump() | {"route": tuple(asked.route)})
    return _moved(response, await perform(request.app.state.transport, actor, raise_concern, command))


@router.get("/concerns", tags=["concerns"])
async def get_concerns(
    request: Request, actor: Who, asked: Annotated[models.ConcernsAsked, Query()]
) -> models.ConcernPage:
    """List what the own organisation raised, and what is meant for somebody there."""
    require_a_side(actor)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        found = await kept.page_of_concerns(
            conn, actor.organisation, store.Place(asked.after, asked.limit), asked.status
        )
    following = found[-1].concern_id if len(found) == asked.limit else None
    return models.ConcernPage(items=[models.ConcernShown.model_validate(one) for one in found], next=following)


@router.get("/concerns/{concern_id}", tags=["concerns"], responses={404: {}})
async def get_concern(
    request: Request, response: Response, actor: Who, concern_id: ConcernInPath
) -> models.ConcernRead:
    """Show one concern, with the notes of the own organisation."""
    concern = await held(request, actor, concern_id)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        notes = await kept.notes(conn, concern_id, actor.organisation)
    tag(response, concern.version)
    return models.ConcernRead.model_validate(asdict(concern) | {"notes": notes})


@router.post("/concerns/{concern_id}/resolution", status_code=202, tags=["concerns"], responses=MOVES | STALE)
async def post_resolution(
    request: Request,
    response: Response,
    actor: Who,
    version: Expected,
    concern_id: ConcernInPath,
    asked: models.ResolutionAsked,
) -> models.ConcernMoved:
    """Say how a concern ended: a person of the organisation that raised it, or of one for which it is meant."""
    concern = await held(request, actor, concern_id)
    command = ResolveConcern(concern.pupil_ref, concern_id, asked.resolution, version, asked.note)
    return _moved(response, await perform(request.app.state.transport, actor, resolve_concern, command))


async def held(request: Request, actor: Actor, concern_id: str) -> Concern:
    """A concern that the actor's organisation may know of; `NotFound` otherwise."""
    require_a_side(actor)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        concern = await kept.concern(conn, concern_id, actor.organisation)
    if concern is None:
        raise NotFound("no such concern")
    return concern


def require_a_side(actor: Actor) -> None:
    """Raise `Forbidden` unless the actor is of a school or of an institution."""
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")


def _moved(response: Response, concern: Concern) -> models.ConcernMoved:
    tag(response, concern.version)
    return models.ConcernMoved.model_validate(concern)
