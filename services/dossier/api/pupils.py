"""Own pupils of a school: who they are, what they intend, joining and erasing."""

from dataclasses import asdict
from typing import Annotated, Any

from fastapi import Depends, Query, Request

from services.dossier import store
from services.dossier.api import models
from services.dossier.domain.pupils import Choice
from services.dossier.handlers import choices, identity
from services.dossier.handlers.sides import require_side
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.messaging.outbox import perform
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import Part
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
PupilInPath = fields.PupilInPath
ChoiceInPath = Annotated[EntityId, fields.in_path("Key of the choice", fields.KEY)]


@router.get("/pupils", tags=["pupils"])
async def get_pupils(request: Request, actor: Who, asked: Annotated[models.PupilsAsked, Query()]) -> models.PupilPage:
    """List the own pupils, with the reference that every other call asks for."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        place = store.Place(asked.after, asked.limit)
        found = await store.page_of_pupils(conn, actor.organisation, asked.cohort, place)
    following = f"{found[-1].pupil_ref}-{found[-1].cohort}" if len(found) == asked.limit else None
    return models.PupilPage(items=[models.PupilListed.model_validate(pupil) for pupil in found], next=following)


@router.get("/pupils/{pupil_ref}", tags=["pupils"])
async def get_pupil(request: Request, actor: Who, pupil_ref: PupilInPath) -> models.PupilShown:
    """Show an own pupil, with choices, applications and handovers."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        found = await store.pupils(conn, actor.organisation, ref=pupil_ref)
        if not found:
            raise NotFound("no such pupil")
        parts: dict[str, list[Any]] = {
            "choices": (await store.choices(conn, actor.organisation, [pupil_ref]))[pupil_ref],
            "applications": (await store.applications(conn, [pupil_ref]))[pupil_ref],
            "handovers": (await store.handovers(conn, actor.organisation, [pupil_ref]))[pupil_ref],
        }
    return models.PupilShown.model_validate(
        asdict(found[0]) | {name: [asdict(one) for one in part] for name, part in parts.items()}
    )


@router.post("/pupils/{pupil_ref}/choices", status_code=202, tags=["pupils"])
async def post_choice(
    request: Request, actor: Who, pupil_ref: PupilInPath, asked: models.ChoiceAsked
) -> models.ChoiceMade:
    """Register a choice, or change it. The same institution and programme is the same choice."""
    key = choices.choice_id(pupil_ref, asked.cohort, asked.mbo_institution, asked.programme)
    choice = Choice(choice_id=key, pupil_ref=pupil_ref, vo_site=actor.organisation, **asked.model_dump())
    command = choices.RegisterChoice(choice)
    return models.ChoiceMade(
        choice_id=await perform(request.app.state.transport, actor, choices.register_choice, command)
    )


@router.post("/pupils/{pupil_ref}/choices/{choice_id}/withdrawal", status_code=202, tags=["pupils"])
async def post_choice_withdrawal(
    request: Request, actor: Who, pupil_ref: PupilInPath, choice_id: ChoiceInPath
) -> models.ChoiceMade:
    """Withdraw a choice: the pupil no longer intends this. Withdrawing twice changes nothing."""
    await perform(
        request.app.state.transport, actor, choices.withdraw_choice, choices.WithdrawChoice(pupil_ref, choice_id)
    )
    return models.ChoiceMade(choice_id=choice_id)


@router.post("/pupils/{pupil_ref}/links", status_code=202, tags=["pupils"])
async def post_link(request: Request, actor: Who, pupil_ref: PupilInPath, asked: models.LinkAsked) -> models.PupilMeant:
    """Join another reference to this pupil: they are one child."""
    command = identity.LinkPupils(pupil_ref, asked.absorbed, asked.evidence)
    return models.PupilMeant(pupil_ref=await perform(request.app.state.transport, actor, identity.link_pupils, command))


@router.post("/pupils/{pupil_ref}/erasure", status_code=202, tags=["pupils"])
async def post_erasure(request: Request, actor: Who, pupil_ref: PupilInPath) -> models.PupilMeant:
    """Erase a pupil, here and in every service. Asking twice changes nothing."""
    await perform(request.app.state.transport, actor, identity.erase_pupil, identity.ErasePupil(pupil_ref))
    return models.PupilMeant(pupil_ref=pupil_ref)


@router.get("/pupils/{pupil_ref}/erasure", tags=["pupils"])
async def get_erasure(request: Request, actor: Who, pupil_ref: PupilInPath) -> models.ErasureShown:
    """Tell when a pupil was erased, and which services have confirmed it."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        found = await store.erasure(conn, actor.organisation, pupil_ref)
    if found is None:
        raise NotFound("not erased")
    return models.ErasureShown(pupil_ref=pupil_ref, erased_at=found[0], confirmed=found[1])
