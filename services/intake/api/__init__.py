"""The JSON API and the CSV doors of intake. A PGN comes in a body, never in a URL."""

from datetime import date
from typing import Annotated

from fastapi import Query, Request, Response

from services.intake.api import decisions, enrolments, exports, intakes, lists, search, shadows
from services.intake.api.models import (
    ApplicationInPath,
    ApplicationMeant,
    ApplicationPage,
    ApplicationShown,
    ApplicationStatusIn,
    ApplicationWhole,
    PupilMeant,
    Sender,
)
from services.intake.domain.access import READERS, WRITERS, check_access
from services.intake.handlers.applications import RecordStatuses, StatusRow, record_status
from services.intake.handlers.erasure import ErasePupil, erase_pupil
from services.intake.handlers.receipts import Line
from services.intake.store import Person, views
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.reference import load
from shared.core.tabular import formats
from shared.messaging.outbox import perform
from shared.web.api import fields
from shared.web.api.router import MOVES, Api, PageAsked
from shared.web.api.versions import tag

router = Api(
    "What the mbo institution received and decided: applications and intakes.",
    {
        "applications": "Applications at the own institution",
        "intakes": "The intake of an application: invitation, appointment, outcome",
        "students": "What becomes of whom was enrolled: start, switches, absence, end",
        "files": "CSV files of an institution (docs/csv.md)",
        "pupils": "Pupils whom the institution met first, or knows from the national chain alone",
    },
)


@router.post("/applications", status_code=202, tags=["applications"])
async def post_application(body: ApplicationStatusIn, actor: Sender, request: Request) -> ApplicationMeant:
    """Record a status of an application. The same version again changes nothing."""
    check_access(actor, WRITERS)
    state = request.app.state
    if faults := _person_faults(body, civil_date(state.clock.now())):
        raise Invalid(faults)
    row = StatusRow(
        Line(),
        institution=actor.organisation,
        own_id=body.own_id,
        pupil_ref=state.keys.pupil_ref(body.pgn),
        person=Person(body.first_name, body.prefix, body.last_name, body.birth_date, body.municipality),
        programme=body.programme,
        pathway=body.pathway,
        status=body.status,
        at=body.status_at,
        version=body.version,
    )
    command = RecordStatuses("api:applications", "api", [row])
    return ApplicationMeant(application_id=await perform(state.transport, actor, record_status, command))


def _person_faults(body: ApplicationStatusIn, today: date) -> list[Fault]:
    """What the models can not say: the eleven test, and that the municipality exists today."""
    checks = [("pgn", body.pgn, formats.PGN)]
    if body.municipality:
        checks.append(("municipality", body.municipality, formats.municipality(load(), today)))
    faults = []
    for field, value, format in checks:
        try:
            format.parse(value)
        except ValueError:
            faults.append(Fault(f"/body/{field}", format.expected))
    return faults


@router.get("/applications", tags=["applications"])
async def get_applications(actor: Sender, request: Request, asked: Annotated[PageAsked, Query()]) -> ApplicationPage:
    """List the applications at the own institution, with their intakes."""
    check_access(actor, READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.page_of(conn, actor.organisation, asked.after, asked.limit)
    following = found[-1]["application_id"] if len(found) == asked.limit else None
    return ApplicationPage(items=[ApplicationShown.model_validate(one) for one in found], next=following)


@router.get("/applications/{application_id}", tags=["applications"])
async def get_application(
    application_id: ApplicationInPath, actor: Sender, request: Request, answer: Response
) -> ApplicationWhole:
    """Show one application with its history, without anything personal. The ETag is for `decisions`."""
    check_access(actor, READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.case(conn, actor.organisation, application_id)
        results = await views.results(conn, actor.organisation, application_id)
    if found is None:
        raise NotFound(f"application {application_id}")
    tag(answer, len(found.facts))
    return ApplicationWhole.model_validate({**found.application, "facts": found.facts, "results": results})


@router.post("/pupils/{pupil_ref}/erasure", status_code=202, tags=["pupils"], responses=MOVES)
async def post_erasure(pupil_ref: fields.PupilInPath, actor: Sender, request: Request) -> PupilMeant:
    """Erase a pupil whom the institution met first, here and in every service. Whom a school knows, a school erases."""
    check_access(actor, WRITERS)
    await perform(request.app.state.transport, actor, erase_pupil, ErasePupil(pupil_ref))
    return PupilMeant(pupil_ref=pupil_ref)


for one in (decisions.part, exports.part, intakes.part, enrolments.part, lists.part, search.part, shadows.part):
    router.include_router(one)
