"""The API of transfer data: what a school writes per category, whom it informed, and objections."""

from dataclasses import asdict
from typing import Annotated

from fastapi import Depends, Query, Request, Response

from services.dossier.api import models
from services.dossier.api import transfer_models as shown
from services.dossier.domain.transfer import CATEGORIES, LISTED, Section, SectionState
from services.dossier.handlers import handovers
from services.dossier.handlers.transfer import informing, objecting, overview, sections
from services.dossier.handlers.transfer.readers import own_pupil
from services.dossier.store import transfer
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.messaging.outbox import perform
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import Part
from shared.web.api.versions import STALE, Expected, fingerprint, tag
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
PupilInPath = fields.PupilInPath
Cohort = Annotated[shown.CohortAsked, Query()]
HandoverInPath = Annotated[EntityId, fields.in_path("Key of the handover", fields.KEY)]


@router.get("/pupils/{pupil_ref}/transfer-data", tags=["transfer data"])
async def get_transfer_data(request: Request, actor: Who, pupil_ref: PupilInPath, asked: Cohort) -> shown.TransferShown:
    """Show how far the transfer data of an own pupil is, and what would leave now. Texts are fetched one by one."""
    today = civil_date(request.app.state.clock.now())
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = await own_pupil(conn, actor, pupil_ref, asked.cohort)
        found = await overview.overview(conn, pupil)
    standing = {code: asdict(one) for code, one in found.standing.items()}
    standing |= {code: {"state": "listed"} for code in LISTED}
    return shown.TransferShown(
        pupil_ref=pupil.pupil_ref,
        cohort=pupil.cohort,
        sections=[
            shown.SectionStanding.model_validate({"state": "open", "category": code} | standing.get(code, {}))
            for code in CATEGORIES
        ],
        parts=[shown.PartShown(part=name, state=state.value) for name, state in found.parts.items()],
        information=found.information and shown.InformationShown.model_validate(found.information),
        included=found.preparation.categories,
        withheld=found.preparation.withheld,
        not_present=found.preparation.not_present,
        obstacles=found.preparation.obstacles(today),
    )


@router.get("/pupils/{pupil_ref}/transfer-data/{category}", tags=["transfer data"])
async def get_section(
    request: Request,
    response: Response,
    actor: Who,
    pupil_ref: PupilInPath,
    category: shown.CategoryInPath,
    asked: Cohort,
) -> shown.SectionShown:
    """Show what the school wrote about one category. Who reads the care part is written down."""
    command = sections.ReadSection(pupil_ref, asked.cohort, category)
    found = await perform(request.app.state.transport, actor, sections.read_section, command)
    tag(response, found.version if found else 0)
    return _section(category, found)


@router.put("/pupils/{pupil_ref}/transfer-data/{category}", status_code=202, tags=["transfer data"], responses=STALE)
async def put_section(
    request: Request,
    response: Response,
    actor: Who,
    pupil_ref: PupilInPath,
    category: shown.CategoryInPath,
    asked: Cohort,
    told: shown.SectionAsked,
    expected: Expected,
) -> shown.SectionStanding:
    """Write what the school has about one category. The same again changes nothing."""
    state = SectionState(told.state)
    command = sections.SaveSection(pupil_ref, asked.cohort, category, state, told.text.strip(), expected)
    saved = await perform(request.app.state.transport, actor, sections.save_section, command)
    tag(response, saved.version)
    return shown.SectionStanding.model_validate(saved)


def _section(category: str, found: Section | None) -> shown.SectionShown:
    if found is None:
        return shown.SectionShown(category=category, state="open")
    return shown.SectionShown.model_validate(found)


@router.put("/pupils/{pupil_ref}/information", status_code=202, tags=["transfer data"], responses=STALE)
async def put_information(
    request: Request,
    response: Response,
    actor: Who,
    pupil_ref: PupilInPath,
    asked: Cohort,
    told: shown.InformationAsked,
    expected: Expected,
) -> shown.InformationShown:
    """Record that the family was told what leaves. Needed before anything beyond who and where from is offered."""
    command = informing.RecordInformation(pupil_ref, asked.cohort, **told.model_dump(), expected=expected)
    saved = await perform(request.app.state.transport, actor, informing.record_information, command)
    tag(response, saved.version)
    return shown.InformationShown.model_validate(saved)


@router.get("/pupils/{pupil_ref}/objections", tags=["transfer data"])
async def get_objections(request: Request, actor: Who, pupil_ref: PupilInPath, asked: Cohort) -> shown.ObjectionsShown:
    """List the objections to handing over the dossier of an own pupil."""
    async with request.app.state.database.as_actor(actor) as conn:
        pupil = await own_pupil(conn, actor, pupil_ref, asked.cohort)
        found = await transfer.objections(conn, pupil.vo_site, pupil.cohort, [pupil_ref])
    return shown.ObjectionsShown(items=[shown.ObjectionShown.model_validate(one) for one in found.get(pupil_ref, ())])


@router.post("/pupils/{pupil_ref}/objections", status_code=202, tags=["transfer data"])
async def post_objection(
    request: Request, actor: Who, pupil_ref: PupilInPath, asked: Cohort, told: shown.ObjectionAsked
) -> shown.ObjectionShown:
    """Record an objection of a pupil or parent. It ends access at once, also after acceptance."""
    command = objecting.RaiseObjection(pupil_ref, asked.cohort, **told.model_dump())
    raised = await perform(request.app.state.transport, actor, objecting.raise_objection, command)
    return shown.ObjectionShown.model_validate(raised)


@router.post("/pupils/{pupil_ref}/objections/{objection_id}/withdrawal", status_code=202, tags=["transfer data"])
async def post_objection_withdrawal(
    request: Request, actor: Who, pupil_ref: PupilInPath, objection_id: shown.ObjectionInPath, asked: Cohort
) -> shown.ObjectionShown:
    """Record that an objection no longer stands. Withdrawing twice changes nothing."""
    command = objecting.WithdrawObjection(pupil_ref, asked.cohort, objection_id)
    gone = await perform(request.app.state.transport, actor, objecting.withdraw_objection, command)
    return shown.ObjectionShown.model_validate(gone)


@router.get("/handovers/{handover_id}/care-part", tags=["handovers"], responses={409: {}})
async def get_care_part(
    request: Request,
    response: Response,
    actor: Who,
    handover_id: HandoverInPath,
    asked: Annotated[shown.ReadAsked, Query()],
) -> models.CarePart:
    """Show the care part of a dossier to an institution that accepted it. Every reading is written down."""
    command = handovers.Read(handover_id, care=True, purpose=asked.purpose)
    found = await perform(request.app.state.transport, actor, handovers.read, command)
    answer = models.CarePart.model_validate(found)
    fingerprint(response, answer)
    return answer
