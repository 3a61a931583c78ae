"""The API of the dossier: files and single facts of the school, and the handover for both sides."""

from dataclasses import asdict
from datetime import date
from typing import Annotated, Any

from fastapi import Depends, Query, Request, Response

from services.dossier import store
from services.dossier.api import career, examples, models, search, talks, transfer, transfer_models, year_end
from services.dossier.domain.handover import Handover, Move
from services.dossier.domain.pupils import Choice
from services.dossier.handlers import choices, handovers, identity
from services.dossier.handlers.files import FILES, File
from services.dossier.handlers.lists import PupilListResult
from services.dossier.handlers.sides import require_side, side_of
from shared.core.actor import Actor, Role
from shared.core.clock import civil_date
from shared.core.errors import Forbidden, NotFound
from shared.messaging.outbox import Transport, perform, preview
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.envelope import EntityId
from shared.schemas.imports import ImportResult
from shared.web.api import fields
from shared.web.api.router import MOVES, Api, PageAsked, csv_file
from shared.web.api.versions import fingerprint
from shared.web.auth import api_actor

router = Api(
    "What the vo school knows and hands over: lists of pupils, choices, and the handover of dossiers for both sides.",
    {
        "files": "CSV files of a school (docs/csv.md)",
        "pupils": "Own pupils of a school, their choices, and who they are",
        "transfer data": "What a school writes per category, whom it informed, and objections",
        "handovers": "Handing over dossiers: the moves of the school and of the institution",
        "talks": "Warm handover: talks between the two schools about a pupil",
    },
)
Who = Annotated[Actor, Depends(api_actor)]
PupilInPath = fields.PupilInPath
ChoiceInPath = Annotated[EntityId, fields.in_path("Key of the choice", fields.KEY)]
HandoverInPath = Annotated[EntityId, fields.in_path("Key of the handover", fields.KEY)]


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


@router.post("/pupil-lists", response_model=PupilListResult, tags=["files"])
async def post_pupil_list(
    request: Request,
    actor: Who,
    data: Annotated[bytes, csv_file(examples.PUPILS)],
    asked: Annotated[models.PupilListAsked, Query()],
) -> ImportResult:
    """Take in the full list of one vo site and cohort. Who is missing from it is told to be no longer listed."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "pupil-list", data, confirm=asked.confirm)


@router.post("/choice-lists", tags=["files"])
async def post_choice_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.CHOICES)]
) -> ImportResult:
    """Take in choices of pupils. What is not in the file stays."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "choices", data)


@router.post("/handover-lists", tags=["files"])
async def post_handover_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.HANDOVERS)]
) -> ImportResult:
    """Take in dossiers to hand over. What was ever offered is unchanged."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "handovers", data)


@router.post("/dossier-lists", tags=["files"])
async def post_dossier_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.DOSSIERS)]
) -> ImportResult:
    """Take in what dossiers hold, category by category. What is not in the file stays."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "dossiers", data)


@router.post("/information-lists", tags=["files"])
async def post_information_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.INFORMED)]
) -> ImportResult:
    """Take in which families were told what leaves."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "information", data)


@router.post("/talk-lists", tags=["files"])
async def post_talk_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.TALKS)]
) -> ImportResult:
    """Take in where talks with institutions stand. What is not in the file stays."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "talks", data)


@router.post("/exam-result-lists", tags=["files"])
async def post_exam_result_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.EXAM_RESULTS)]
) -> ImportResult:
    """Take in exam results. What is not in the file stays."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "exam-results", data)


@router.post("/route-lists", tags=["files"])
async def post_route_list(
    request: Request, actor: Who, data: Annotated[bytes, csv_file(examples.ROUTES)]
) -> ImportResult:
    """Take in which pupils go another way than the mbo. What is not in the file stays."""
    require_side(actor, "vo", Role.DECAAN, Role.SCHOOL_SYSTEM)
    return await take_in(_side(request), actor, "routes", data)


# Pupils and choices


@router.get("/pupils", tags=["pupils"])
async def get_pupils(request: Request, actor: Who, asked: Annotated[models.PupilsAsked, Query()]) -> models.PupilPage:
    """List the own pupils, with the reference that every other call asks for."""
    require_side(actor, "vo")
    async with _side(request).db.as_actor(actor) as conn:
        place = store.Place(asked.after, asked.limit)
        found = await store.page_of_pupils(conn, actor.organisation, asked.cohort, place)
    following = f"{found[-1].pupil_ref}-{found[-1].cohort}" if len(found) == asked.limit else None
    return models.PupilPage(items=[models.PupilListed.model_validate(pupil) for pupil in found], next=following)


@router.get("/pupils/{pupil_ref}", tags=["pupils"])
async def get_pupil(request: Request, actor: Who, pupil_ref: PupilInPath) -> models.PupilShown:
    """Show an own pupil, with choices, applications and handovers."""
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
    return models.ChoiceMade(choice_id=await perform(_side(request), actor, choices.register_choice, command))


@router.post("/pupils/{pupil_ref}/choices/{choice_id}/withdrawal", status_code=202, tags=["pupils"])
async def post_choice_withdrawal(
    request: Request, actor: Who, pupil_ref: PupilInPath, choice_id: ChoiceInPath
) -> models.ChoiceMade:
    """Withdraw a choice: the pupil no longer intends this. Withdrawing twice changes nothing."""
    await perform(_side(request), actor, choices.withdraw_choice, choices.WithdrawChoice(pupil_ref, choice_id))
    return models.ChoiceMade(choice_id=choice_id)


# Identity


@router.post("/pupils/{pupil_ref}/links", status_code=202, tags=["pupils"])
async def post_link(request: Request, actor: Who, pupil_ref: PupilInPath, asked: models.LinkAsked) -> models.PupilMeant:
    """Join another reference to this pupil: they are one child."""
    command = identity.LinkPupils(pupil_ref, asked.absorbed, asked.evidence)
    return models.PupilMeant(pupil_ref=await perform(_side(request), actor, identity.link_pupils, command))


@router.post("/pupils/{pupil_ref}/erasure", status_code=202, tags=["pupils"])
async def post_erasure(request: Request, actor: Who, pupil_ref: PupilInPath) -> models.PupilMeant:
    """Erase a pupil, here and in every service. Asking twice changes nothing."""
    await perform(_side(request), actor, identity.erase_pupil, identity.ErasePupil(pupil_ref))
    return models.PupilMeant(pupil_ref=pupil_ref)


@router.get("/pupils/{pupil_ref}/erasure", tags=["pupils"])
async def get_erasure(request: Request, actor: Who, pupil_ref: PupilInPath) -> models.ErasureShown:
    """Tell when a pupil was erased, and which services have confirmed it."""
    require_side(actor, "vo")
    async with _side(request).db.as_actor(actor) as conn:
        found = await store.erasure(conn, actor.organisation, pupil_ref)
    if found is None:
        raise NotFound("not erased")
    return models.ErasureShown(pupil_ref=pupil_ref, erased_at=found[0], confirmed=found[1])


# Handovers


@router.post("/handovers", status_code=202, tags=["handovers"], responses={404: {}, **MOVES})
async def post_handover(request: Request, actor: Who, asked: models.OfferAsked) -> models.HandoverMoved:
    """Offer a dossier to an institution that has received an application."""
    key = await perform(_side(request), actor, handovers.offer, handovers.Offer(**asked.model_dump()))
    return models.HandoverMoved(handover_id=key, status=HandoverStatus.OFFERED)


@router.get("/handovers", tags=["handovers"])
async def get_handovers(request: Request, actor: Who, asked: Annotated[PageAsked, Query()]) -> models.HandoverPage:
    """List handovers: for a school what it handed over, for an institution what was offered to it.

    What an institution has in its list counts as received, not as read.
    """
    if side_of(actor) is None:
        raise Forbidden("neither the school nor the institution")
    async with _side(request).db.as_actor(actor) as conn:
        found = await store.page_of_handovers(conn, actor.organisation, store.Place(asked.after, asked.limit))
    fresh = [handover for handover in found if handover.received_at is None]
    if fresh and side_of(actor) == "mbo":
        await perform(_side(request), actor, handovers.receive, handovers.Receive(fresh))
    following = found[-1].handover_id if len(found) == asked.limit else None
    return models.HandoverPage(items=[models.HandoverShown.model_validate(one) for one in found], next=following)


@router.get("/handovers/{handover_id}", tags=["handovers"])
async def get_handover(
    request: Request,
    response: Response,
    actor: Who,
    handover_id: HandoverInPath,
    asked: Annotated[transfer_models.ReadAsked, Query()],
) -> models.HandoverRead:
    """Show one handover. An institution that has opened it gets the dossier too, and that reading is written down.

    The care part is fetched apart.
    """
    held = await _held(request, actor, handover_id)
    dossier = None
    if side_of(actor) == "mbo" and handovers.verdict(actor, held).allowed:
        command = handovers.Read(handover_id, purpose=asked.purpose)
        dossier = await perform(_side(request), actor, handovers.read, command)
    answer = models.HandoverRead.model_validate(asdict(held) | {"dossier": dossier})
    fingerprint(response, answer)
    return answer


@router.post("/handovers/{handover_id}/opening", status_code=202, tags=["handovers"], responses=MOVES)
async def post_opening(request: Request, actor: Who, handover_id: HandoverInPath) -> models.HandoverMoved:
    """Open a dossier: the institution reads it for the first time."""
    return await _step(request, actor, handover_id, "open")


@router.post("/handovers/{handover_id}/acceptance", status_code=202, tags=["handovers"], responses=MOVES)
async def post_acceptance(request: Request, actor: Who, handover_id: HandoverInPath) -> models.HandoverMoved:
    """Accept a dossier: the institution takes it on."""
    return await _step(request, actor, handover_id, "accept")


@router.post("/handovers/{handover_id}/refusal", status_code=202, tags=["handovers"], responses=MOVES)
async def post_refusal(
    request: Request, actor: Who, handover_id: HandoverInPath, asked: models.RefusalAsked
) -> models.HandoverMoved:
    """Refuse a dossier: the access of the institution ends."""
    return await _step(request, actor, handover_id, "refuse", (asked.reason, asked.text))


@router.post("/handovers/{handover_id}/supplement", status_code=202, tags=["handovers"], responses=MOVES)
async def post_supplement(request: Request, actor: Who, handover_id: HandoverInPath) -> models.HandoverShown:
    """Let what was finished since go with the dossier too, also after acceptance."""
    held = await _held(request, actor, handover_id)
    command = handovers.Supplement(held.pupil_ref, handover_id)
    fresh = await perform(_side(request), actor, handovers.supplement, command)
    return models.HandoverShown.model_validate(fresh)


@router.post("/handovers/{handover_id}/withdrawal", status_code=202, tags=["handovers"], responses=MOVES)
async def post_withdrawal(
    request: Request, actor: Who, handover_id: HandoverInPath, asked: models.WithdrawalAsked
) -> models.HandoverMoved:
    """Take an offer back: the access of the institution ends."""
    return await _step(request, actor, handover_id, "withdraw", (asked.reason, None))


async def _held(request: Request, actor: Actor, handover_id: str) -> Handover:
    async with _side(request).db.as_actor(actor) as conn:
        held = await store.handover(conn, handover_id, actor.organisation)
    if held is None or side_of(actor) is None:
        raise NotFound("no such handover")
    return held


async def _step(
    request: Request, actor: Actor, handover_id: str, move: Move, why: tuple[str | None, str | None] = (None, None)
) -> models.HandoverMoved:
    held = await _held(request, actor, handover_id)
    command = handovers.Step(held.pupil_ref, handover_id, move, *why)
    moved: Handover = await perform(_side(request), actor, handovers.step, command)
    return models.HandoverMoved(handover_id=handover_id, status=moved.status)


for one in (search.part, talks.router, year_end.router, transfer.router, career.router):
    router.include_router(one)
