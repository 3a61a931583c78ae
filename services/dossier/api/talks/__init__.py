"""Talks between a school and an institution: asking for one, every move, and its calendar file, for both sides."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, Path, Query, Request
from starlette.responses import Response

from services.dossier import store
from services.dossier.api.talks import models
from services.dossier.api.talks.calendar import MEDIA_TYPE, calendar_file
from services.dossier.domain.talks import FOLLOW_UPS, Hold, Miss, Plan, Talk, Tick, owner_of
from services.dossier.handlers.sides import side_of
from services.dossier.handlers.talks.moves import MoveTalk, move_talk
from services.dossier.handlers.talks.requests import RequestTalk, request_talk
from services.dossier.store import talks as kept
from shared.core.actor import Actor
from shared.core.errors import Forbidden, NotFound
from shared.messaging.outbox import perform
from shared.schemas.dossiers import FollowUp
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import MOVES, PageAsked, Part
from shared.web.api.versions import STALE, Expected, tag
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
TalkInPath = Annotated[EntityId, fields.in_path("Key of the talk", fields.KEY)]
NumberInPath = Annotated[int, Path(ge=0, lt=FOLLOW_UPS, description="Which follow-up, from 0", examples=[0])]
ICS: dict[int | str, dict[str, Any]] = {
    200: {"content": {MEDIA_TYPE: {"schema": {"type": "string"}, "example": "BEGIN:VCALENDAR"}}}
}


@router.post("/talks", status_code=202, tags=["talks"], responses={404: {}, **MOVES})
async def post_talk(request: Request, response: Response, actor: Who, asked: models.TalkAsked) -> models.TalkMoved:
    """Ask for a talk about a pupil: a school about its own, an institution about whom it knows by an application or an
    offered dossier."""
    command = RequestTalk(**asked.model_dump())
    return _moved(response, await perform(request.app.state.transport, actor, request_talk, command))


@router.get("/talks", tags=["talks"])
async def get_talks(request: Request, actor: Who, asked: Annotated[PageAsked, Query()]) -> models.TalkPage:
    """List the talks that the own organisation is a side of."""
    _require_a_side(actor)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        found = await kept.page_of_talks(conn, actor.organisation, store.Place(asked.after, asked.limit))
    following = found[-1].talk_id if len(found) == asked.limit else None
    return models.TalkPage(items=[models.TalkShown.model_validate(one) for one in found], next=following)


@router.get("/talks/{talk_id}", tags=["talks"], responses={404: {}})
async def get_talk(request: Request, response: Response, actor: Who, talk_id: TalkInPath) -> models.TalkRead:
    """Show one talk, with the notes of the own organisation."""
    talk = await held(request, actor, talk_id)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        notes = await kept.notes(conn, talk_id, actor.organisation)
    tag(response, talk.version)
    return models.TalkRead.model_validate(asdict(talk) | {"notes": notes})


@router.get("/talks/{talk_id}/calendar", tags=["talks"], response_class=Response, responses={404: {}, **MOVES, **ICS})
async def get_calendar(request: Request, actor: Who, talk_id: TalkInPath) -> Response:
    """The talk as a calendar file (RFC 5545), without the name of the pupil."""
    return calendar_file(await held(request, actor, talk_id), request.app.state.settings)


@router.post("/talks/{talk_id}/plan", status_code=202, tags=["talks"], responses=MOVES | STALE)
async def post_plan(
    request: Request, response: Response, actor: Who, version: Expected, talk_id: TalkInPath, asked: models.PlanAsked
) -> models.TalkMoved:
    """Plan a talk, or plan it again for another moment."""
    talk = await held(request, actor, talk_id)
    plan = Plan(asked.planned_at, asked.form, tuple(asked.roles), asked.vo_person, asked.mbo_person)
    return await _move(request, response, actor, MoveTalk(talk.pupil_ref, talk_id, plan, version, asked.note))


@router.post("/talks/{talk_id}/report", status_code=202, tags=["talks"], responses=MOVES | STALE)
async def post_report(
    request: Request, response: Response, actor: Who, version: Expected, talk_id: TalkInPath, asked: models.HeldAsked
) -> models.TalkMoved:
    """Record that a talk was held: who talked, whether pupil or parents know, and what was agreed."""
    talk = await held(request, actor, talk_id)
    agreed = tuple(FollowUp(organisation=owner_of(talk, one.role) or "", **dict(one)) for one in asked.follow_ups)
    move = Hold(asked.held_at, asked.informed, asked.vo_person, asked.mbo_person, agreed)
    return await _move(request, response, actor, MoveTalk(talk.pupil_ref, talk_id, move, version, asked.note))


@router.post("/talks/{talk_id}/miss", status_code=202, tags=["talks"], responses=MOVES | STALE)
async def post_miss(
    request: Request, response: Response, actor: Who, version: Expected, talk_id: TalkInPath, asked: models.MissedAsked
) -> models.TalkMoved:
    """Record that a talk did not take place; it can be planned again."""
    talk = await held(request, actor, talk_id)
    command = MoveTalk(talk.pupil_ref, talk_id, Miss(asked.reason), version, asked.note)
    return await _move(request, response, actor, command)


@router.post(
    "/talks/{talk_id}/follow-ups/{number}/completion", status_code=202, tags=["talks"], responses=MOVES | STALE
)
async def post_completion(
    request: Request,
    response: Response,
    actor: Who,
    version: Expected,
    talk_id: TalkInPath,
    number: NumberInPath,
    asked: models.CompletionAsked,
) -> models.TalkMoved:
    """Tick off what was agreed, or open it again: for the side that would do it."""
    talk = await held(request, actor, talk_id)
    command = MoveTalk(talk.pupil_ref, talk_id, Tick(number, asked.done), version)
    return await _move(request, response, actor, command)


async def held(request: Request, actor: Actor, talk_id: str) -> Talk:
    """A talk of the actor's organisation; `NotFound` otherwise."""
    _require_a_side(actor)
    async with request.app.state.transport.db.as_actor(actor) as conn:
        talk = await kept.talk(conn, talk_id, actor.organisation)
    if talk is None:
        raise NotFound("no such talk")
    return talk


def _require_a_side(actor: Actor) -> None:
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")


async def _move(request: Request, response: Response, actor: Actor, command: MoveTalk) -> models.TalkMoved:
    return _moved(response, await perform(request.app.state.transport, actor, move_talk, command))


def _moved(response: Response, talk: Talk) -> models.TalkMoved:
    tag(response, talk.version)
    return models.TalkMoved.model_validate(talk)
