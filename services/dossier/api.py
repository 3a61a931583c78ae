"""The API of the dossier: files and single facts of the school, and the handover for both sides."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Body, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from services.dossier import store
from services.dossier.domain.handover import READABLE, REFUSALS, Handover, Move
from services.dossier.domain.pupils import Choice
from services.dossier.handlers import choices, handovers, identity
from services.dossier.handlers.files import FILES, File
from services.dossier.handlers.lists import PupilListResult
from services.dossier.handlers.sides import require_side, side_of
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import NotFound
from shared.messaging.outbox import Transport, perform, preview
from shared.schemas.envelope import Code, Cohort, Crebo, MboInstitution, PupilRef
from shared.schemas.imports import ImportResult
from shared.web.auth import api_actor

router = APIRouter(prefix="/api/v1")
Who = Annotated[Actor, Depends(api_actor)]
Csv = Annotated[bytes, Body(media_type="text/csv")]


class Asked(BaseModel):
    """Base of what is asked: unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class ChoiceAsked(Asked):
    """A choice to register, new or changed."""

    cohort: Cohort
    mbo_institution: MboInstitution
    programme: Crebo
    level: int = Field(ge=1, le=4)
    pathway: Literal["bol", "bbl"]
    preference: int = Field(ge=1, le=3)
    start: date | None = None


class OfferAsked(Asked):
    """A dossier to hand over."""

    pupil_ref: PupilRef
    cohort: Cohort
    mbo_institution: MboInstitution
    kind: Literal["cold", "warm"] = "cold"


class RefusalAsked(Asked):
    """Why a dossier is refused. The text stays inside the dossier; the code goes to every service."""

    reason: Literal[REFUSALS]  # type: ignore[valid-type]
    text: str = Field(min_length=1, max_length=2000)


class WithdrawalAsked(Asked):
    """Why an offer is taken back."""

    reason: Literal["error", "objection"] = "error"


class LinkAsked(Asked):
    """The reference that is the same child, and why."""

    absorbed: PupilRef
    evidence: Code = "bsn-received"


def _side(request: Request) -> Transport:
    side: Transport = request.app.state.transport
    return side


# Files


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


@router.post("/pupil-lists", response_model=PupilListResult)
async def post_pupil_list(request: Request, actor: Who, data: Csv, confirm: bool = False) -> ImportResult:
    """The full list of one vo site and cohort. `confirm`: more than one in ten is missing, and that is meant."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "pupil-list", data, confirm=confirm)


@router.post("/choice-lists")
async def post_choice_list(request: Request, actor: Who, data: Csv) -> ImportResult:
    """Choices of pupils; what is not in the file stays."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "choices", data)


@router.post("/handover-lists")
async def post_handover_list(request: Request, actor: Who, data: Csv) -> ImportResult:
    """Dossiers to hand over; what was ever offered is unchanged."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "handovers", data)


# Pupils and choices


@router.get("/pupils")
async def get_pupils(request: Request, actor: Who, cohort: Cohort | None = None) -> dict[str, Any]:
    """The own pupils: the school's number and the reference that every other call asks for."""
    require_side(actor, "vo")
    async with _side(request).db.as_actor(actor) as conn:
        found = await store.pupils(conn, actor.organisation, cohort)
    names = ("pupil_ref", "cohort", "number", "listed")
    return {"pupils": [{name: getattr(pupil, name) for name in names} for pupil in found]}


@router.get("/pupils/{pupil_ref}")
async def get_pupil(request: Request, actor: Who, pupil_ref: PupilRef) -> dict[str, Any]:
    """What is known of an own pupil: choices, applications, handovers."""
    require_side(actor, "vo")
    async with _side(request).db.as_actor(actor) as conn:
        found = await store.pupils(conn, actor.organisation, ref=pupil_ref)
        if not found:
            raise NotFound("no such pupil")
        parts: dict[str, list[Any]] = {
            "choices": (await store.choices(conn, actor.organisation, [pupil_ref]))[pupil_ref],
            "applications": (await store.applications(conn, [pupil_ref]))[pupil_ref],
            "handovers": (await store.handovers(conn, actor.organisation, [pupil_ref]))[pupil_ref],
        }
    pupil = {name: value for name, value in asdict(found[0]).items() if name != "pgn"}
    return pupil | {name: [asdict(one) for one in part] for name, part in parts.items()}


@router.post("/pupils/{pupil_ref}/choices", status_code=202)
async def post_choice(request: Request, actor: Who, pupil_ref: PupilRef, asked: ChoiceAsked) -> dict[str, str]:
    """Register a choice, or change it."""
    key = choices.choice_id(pupil_ref, asked.cohort, asked.mbo_institution, asked.programme)
    choice = Choice(choice_id=key, pupil_ref=pupil_ref, vo_site=actor.organisation, **asked.model_dump())
    command = choices.RegisterChoice(choice)
    return {"choice_id": await perform(_side(request), actor, choices.register_choice, command)}


@router.post("/pupils/{pupil_ref}/choices/{choice_id}/withdrawal", status_code=202)
async def post_choice_withdrawal(request: Request, actor: Who, pupil_ref: PupilRef, choice_id: str) -> dict[str, str]:
    """The pupil no longer intends this."""
    await perform(_side(request), actor, choices.withdraw_choice, choices.WithdrawChoice(pupil_ref, choice_id))
    return {"choice_id": choice_id}


# Identity


@router.post("/pupils/{pupil_ref}/links", status_code=202)
async def post_link(request: Request, actor: Who, pupil_ref: PupilRef, asked: LinkAsked) -> dict[str, str]:
    """Join another reference to this pupil: they are one child."""
    command = identity.LinkPupils(pupil_ref, asked.absorbed, asked.evidence)
    return {"pupil_ref": await perform(_side(request), actor, identity.link_pupils, command)}


@router.post("/pupils/{pupil_ref}/erasure", status_code=202)
async def post_erasure(request: Request, actor: Who, pupil_ref: PupilRef) -> dict[str, str]:
    """Erase a pupil, here and in every service."""
    await perform(_side(request), actor, identity.erase_pupil, identity.ErasePupil(pupil_ref))
    return {"pupil_ref": pupil_ref}


@router.get("/pupils/{pupil_ref}/erasure")
async def get_erasure(request: Request, actor: Who, pupil_ref: PupilRef) -> dict[str, Any]:
    """When the pupil was erased, and which services have confirmed it."""
    require_side(actor, "vo")
    async with _side(request).db.as_actor(actor) as conn:
        found = await store.erasure(conn, actor.organisation, pupil_ref)
    if found is None:
        raise NotFound("not erased")
    return {"pupil_ref": pupil_ref, "erased_at": found[0], "confirmed": found[1]}


# Handovers


@router.post("/handovers", status_code=202)
async def post_handover(request: Request, actor: Who, asked: OfferAsked) -> dict[str, str]:
    """Offer a dossier to an institution that has received an application."""
    command = handovers.Offer(**asked.model_dump())
    return {"handover_id": await perform(_side(request), actor, handovers.offer, command), "status": "offered"}


@router.get("/handovers")
async def get_handovers(request: Request, actor: Who) -> dict[str, Any]:
    """For a school: what it handed over. For an institution: what was offered to it."""
    async with _side(request).db.as_actor(actor) as conn:
        if side_of(actor) == "mbo":
            found = await store.addressed(conn, actor.organisation)
        else:
            require_side(actor, "vo")
            refs = {pupil.pupil_ref for pupil in await store.pupils(conn, actor.organisation)}
            found = [h for made in (await store.handovers(conn, actor.organisation, refs)).values() for h in made]
    return {"handovers": [asdict(handover) for handover in found]}


@router.get("/handovers/{handover_id}")
async def get_handover(request: Request, actor: Who, handover_id: str) -> dict[str, Any]:
    """One handover. An institution that has opened it gets the dossier too, and that reading is written down."""
    held = await _held(request, actor, handover_id)
    dossier = None
    if side_of(actor) == "mbo" and held.status in READABLE:
        dossier = await perform(_side(request), actor, handovers.read, handovers.Read(handover_id))
    return asdict(held) | {"dossier": dossier}


@router.post("/handovers/{handover_id}/opening", status_code=202)
async def post_opening(request: Request, actor: Who, handover_id: str) -> dict[str, str]:
    """The institution reads the dossier for the first time."""
    return await _step(request, actor, handover_id, "open")


@router.post("/handovers/{handover_id}/acceptance", status_code=202)
async def post_acceptance(request: Request, actor: Who, handover_id: str) -> dict[str, str]:
    """The institution takes the dossier on."""
    return await _step(request, actor, handover_id, "accept")


@router.post("/handovers/{handover_id}/refusal", status_code=202)
async def post_refusal(request: Request, actor: Who, handover_id: str, asked: RefusalAsked) -> dict[str, str]:
    """The institution refuses the dossier; its access ends."""
    return await _step(request, actor, handover_id, "refuse", (asked.reason, asked.text))


@router.post("/handovers/{handover_id}/withdrawal", status_code=202)
async def post_withdrawal(
    request: Request, actor: Who, handover_id: str, asked: Annotated[WithdrawalAsked, Body()] = WithdrawalAsked()
) -> dict[str, str]:
    """The school takes the offer back; the access of the institution ends."""
    return await _step(request, actor, handover_id, "withdraw", (asked.reason, None))


async def _held(request: Request, actor: Actor, handover_id: str) -> Handover:
    async with _side(request).db.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
    if held is None or side_of(actor) is None:
        raise NotFound("no such handover")
    return held


async def _step(
    request: Request, actor: Actor, handover_id: str, move: Move, why: tuple[str | None, str | None] = (None, None)
) -> dict[str, str]:
    held = await _held(request, actor, handover_id)
    command = handovers.Step(held.pupil_ref, handover_id, move, *why)
    moved: Handover = await perform(_side(request), actor, handovers.step, command)
    return {"handover_id": handover_id, "status": moved.status.value}
