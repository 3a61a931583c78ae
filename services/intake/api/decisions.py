"""Decisions on an application over the API. A decision is a fact like any other, with Overstap as its source."""

from typing import Literal

from fastapi import Request
from pydantic import Field

from services.intake.api.intakes import BOTH, in_body, known
from services.intake.api.models import ApplicationInPath, ApplicationMeant, Sender
from services.intake.domain.access import WRITERS, check_access
from services.intake.handlers.decisions import Decide, Decision, decide
from shared.core.actor import Actor
from shared.core.errors import Invalid
from shared.messaging.outbox import perform
from shared.schemas.envelope import Code
from shared.web.api.router import Asked, Part
from shared.web.api.versions import Expected

part = Part()


class DecisionIn(Asked):
    """What the institution decides."""

    decision: Decision = Field(
        description="receive, offer, enrol, reject, withdraw (at the applicant's request), reopen or undo (the last "
        "decision was a mistake)",
        examples=["offer"],
    )
    reason: Code | None = Field(
        None,
        description="Needed with `reject`: capacity, prior_education, wrong_level, not_reachable or other; and with "
        "`withdraw`: other_institution, other_programme, other_route, not_reachable or other",
        examples=[None],
    )


@part.post("/applications/{application_id}/decisions", status_code=202, tags=["applications"], responses=BOTH)
async def post_decision(
    application_id: ApplicationInPath, body: DecisionIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Decide on an application. If-Match takes the ETag of the application."""
    try:
        await make_decision(request, actor, application_id, (body.decision, body.reason, version), "api")
    except Invalid as error:
        raise in_body(error) from None
    return ApplicationMeant(application_id=application_id)


async def make_decision(
    request: Request,
    actor: Actor,
    application_id: str,
    what: tuple[Decision, str | None, int | None],
    door: Literal["api", "page"],
) -> int:
    """Decide (with the reason, and the version that was read) on an application of this institution, whichever door
    it came through; returns the version there is then."""
    check_access(actor, WRITERS)
    async with request.app.state.database.as_actor(actor) as conn:
        pupil_ref = (await known(conn, actor, application_id)).pupil_ref
    move, reason, version = what
    command = Decide(application_id, pupil_ref, move, reason, door, version)
    made: int = await perform(request.app.state.transport, actor, decide, command)
    return made
