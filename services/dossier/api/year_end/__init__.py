"""Other routes and exam results of own pupils, one at a time."""

from typing import Annotated, Any

from fastapi import Depends, Path, Request
from starlette.responses import Response

from services.dossier.api.year_end import models
from services.dossier.handlers.sides import require_side
from services.dossier.handlers.year_end import exams, routes
from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.messaging.outbox import perform
from shared.schemas.envelope import Cohort
from shared.web.api import fields
from shared.web.api.router import MOVES, Part
from shared.web.api.versions import STALE, Expected, tag
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]
PupilInPath = fields.PupilInPath
CohortInPath = Annotated[Cohort, Path(description="School year of the intended start", examples=[2027])]
PLACE = "/pupils/{pupil_ref}/cohorts/{cohort}"


@router.get(f"{PLACE}/route", tags=["pupils"], responses={404: {}})
async def get_route(
    request: Request, response: Response, actor: Who, pupil_ref: PupilInPath, cohort: CohortInPath
) -> models.RouteShown:
    """Show the other route of an own pupil."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        found = (await year_end.routes(conn, actor.organisation, [pupil_ref])).get((pupil_ref, cohort))
    if found is None:
        raise NotFound("no such route")
    return _route(response, found)


@router.put(f"{PLACE}/route", status_code=202, tags=["pupils"], responses={404: {}, **MOVES, **STALE})
async def put_route(
    request: Request,
    response: Response,
    actor: Who,
    version: Expected,
    pupil_ref: PupilInPath,
    cohort: CohortInPath,
    asked: models.RouteAsked,
) -> models.RouteShown:
    """Register that an own pupil goes another way than the mbo, or change that before it is confirmed."""
    command = routes.RegisterRoute(pupil_ref, cohort, **asked.model_dump(), version=version)
    return _route(response, await perform(request.app.state.transport, actor, routes.register_route, command))


@router.post(f"{PLACE}/route/confirmation", status_code=202, tags=["pupils"], responses={404: {}, **MOVES, **STALE})
async def post_route_confirmation(
    request: Request,
    response: Response,
    actor: Who,
    version: Expected,
    pupil_ref: PupilInPath,
    cohort: CohortInPath,
    asked: models.ConfirmationAsked,
) -> models.RouteShown:
    """Confirm another route with what shows it: for the careers adviser."""
    command = routes.ConfirmRoute(pupil_ref, cohort, asked.evidence, version)
    return _route(response, await perform(request.app.state.transport, actor, routes.confirm_route, command))


@router.post(f"{PLACE}/route/withdrawal", status_code=202, tags=["pupils"], responses={404: {}, **MOVES, **STALE})
async def post_route_withdrawal(
    request: Request,
    response: Response,
    actor: Who,
    version: Expected,
    pupil_ref: PupilInPath,
    cohort: CohortInPath,
) -> models.RouteShown:
    """Withdraw another route: it was a mistake, or it stopped."""
    command = routes.WithdrawRoute(pupil_ref, cohort, version)
    return _route(response, await perform(request.app.state.transport, actor, routes.withdraw_route, command))


@router.get(f"{PLACE}/exam", tags=["pupils"], responses={404: {}})
async def get_exam(
    request: Request, response: Response, actor: Who, pupil_ref: PupilInPath, cohort: CohortInPath
) -> models.ExamShown:
    """Show the exam result of an own pupil."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        found = (await year_end.exams(conn, actor.organisation, [pupil_ref])).get((pupil_ref, cohort))
    if found is None:
        raise NotFound("no such result")
    return _exam(response, found)


@router.put(f"{PLACE}/exam", status_code=202, tags=["pupils"], responses={404: {}, **STALE})
async def put_exam(
    request: Request,
    response: Response,
    actor: Who,
    version: Expected,
    pupil_ref: PupilInPath,
    cohort: CohortInPath,
    asked: models.ExamAsked,
) -> models.ExamShown:
    """Record the exam result of an own pupil."""
    one = exams.ExamResult(pupil_ref, cohort, **asked.model_dump(), version=version)
    answer = await perform(request.app.state.transport, actor, exams.record_exam, exams.RecordExams((one,)))
    return _exam(response, answer)


def _route(response: Response, found: Any) -> models.RouteShown:
    tag(response, found.version)
    return models.RouteShown.model_validate(found)


def _exam(response: Response, found: Any) -> models.ExamShown:
    tag(response, found.version)
    return models.ExamShown.model_validate(found)
