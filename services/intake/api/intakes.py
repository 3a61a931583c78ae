"""The intake of an application over the API: its invitation, its appointment, and what came out."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any, Literal

from fastapi import Request, Response
from pydantic import Field

from services.intake import store
from services.intake.api.models import NOW, ApplicationInPath, ApplicationKey, ApplicationMeant, Outcome, Reason, Sender
from services.intake.domain.access import READERS, WRITERS, check_access
from services.intake.domain.intake import Form, Invited, Missed, Planned, Result, Said, intake_state, present
from services.intake.domain.steps import Channel
from services.intake.handlers.duties import LayDown, lay_down
from services.intake.handlers.intakes import Fate, InviteAll, Move, MoveIntake, invite_all, move_intake
from services.intake.store import Application, steps
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Invalid, NotFound
from shared.messaging.outbox import perform, preview
from shared.schemas.envelope import Code, Crebo, EntityId
from shared.schemas.intakes import IntakeOutcome
from shared.storage.pool import Connection
from shared.web.api import fields
from shared.web.api.router import MOVES, Asked, Part
from shared.web.api.versions import STALE, Expected, tag

part = Part()
AT_ONCE = 500
"""Applicants that one request invites at most."""
BOTH: dict[int | str, dict[str, Any]] = {**MOVES, **STALE}


class InvitationIn(Asked):
    """An invitation to the intake."""

    answer_by: fields.CivilDate | None = Field(
        None, description="Last day to react, from today on; null: none", examples=["2027-03-15"]
    )


class AppointmentIn(Asked):
    """When and how the intake will be."""

    planned_at: fields.Moment = Field(description="When it begins, in the future", examples=["2027-03-10T13:30:00Z"])
    form: Form = Field(description="on_site, online or phone", examples=["on_site"])


class NonAttendanceIn(Asked):
    """The intake did not take place."""

    reason: Code = Field(
        description="no_show, pupil_cancelled, institution_cancelled, not_reachable or other", examples=["no_show"]
    )


class IntakeIn(Asked):
    """The result of an intake, whole."""

    held_on: fields.CivilDate = Field(description="Day of the intake, not in the future", examples=["2027-03-01"])
    outcome: IntakeOutcome = Field(description="Outcome of the intake", examples=["placed"])
    reason: Code | None = Field(
        None, description="Code of the reason; needed for `rejected` and `other_advice`", examples=[None]
    )
    advised_programme: Crebo | None = Field(
        None, description="Programme that does fit, with `other_advice`", examples=[None]
    )


class InvitationsIn(InvitationIn):
    """Many invitations at once."""

    application_ids: list[EntityId] = Field(
        min_length=1, max_length=AT_ONCE, description="Keys of the applications", examples=[[fields.KEY]]
    )


class FateShown(fields.Shown):
    """What became of one invitation."""

    application_id: ApplicationKey
    fate: Literal["invited", "unchanged", "refused", "not_found"] = Field(
        description="invited; unchanged: was invited already; refused: not possible in this state; not_found",
        examples=["invited"],
    )
    state: str = Field(description="Where the intake stood; empty: not found", examples=["expected"])


class InvitationsMade(fields.Shown):
    """What became of each invitation, in the order in which they were asked for."""

    items: list[FateShown] = Field(description="One for each application")


class IntakeShown(fields.Shown):
    """An intake as it stands."""

    application_id: ApplicationKey
    state: str = Field(
        description="expected, invited, planned, missed, done; closed: the application has ended", examples=["planned"]
    )
    mandatory: fields.Flag = Field(description="Whether it is a condition for admission", examples=[False])
    invited_at: datetime | None = Field(description="Since when the applicant is invited", examples=[NOW])
    answer_by: date | None = Field(description="Last day to react", examples=["2027-03-15"])
    planned_at: datetime | None = Field(description="When it is planned", examples=["2027-03-10T13:30:00Z"])
    form: Form | None = Field(description="on_site, online or phone", examples=["on_site"])
    missed: int = Field(description="How often it did not take place", examples=[0])
    missed_reason: Code | None = Field(description="Why not, the last time", examples=[None])
    held_on: date | None = Field(description="Day of the intake; null: not held", examples=[None])
    outcome: Outcome
    reason: Reason
    advised_programme: Crebo | None = Field(description="Programme that does fit", examples=[None])


class DutyIn(Asked):
    """Whether an intake is a condition for admission, from a day on."""

    valid_from: fields.CivilDate = Field(description="First day on which this holds", examples=["2027-10-01"])
    mandatory: bool = Field(description="Whether the intake is mandatory", examples=[True])
    source: fields.Line = Field(
        min_length=1,
        max_length=200,
        description="Where the institution laid this down",
        examples=["Toelatingsbeleid 2027, artikel 4"],
    )


class DutyShown(fields.Shown):
    """Of which programme it was."""

    programme: str = Field(description="Programme (crebo), or `all`", examples=["25655"])


@part.get("/applications/{application_id}/intake", tags=["intakes"])
async def get_intake(
    application_id: ApplicationInPath, actor: Sender, request: Request, answer: Response
) -> IntakeShown:
    """Show the intake of an application. Its version is the ETag."""
    check_access(actor, READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        application = await known(conn, actor, application_id)
        told = await steps.steps(conn, actor.organisation, "intake", [application_id])
        versions = await steps.versions(conn, actor.organisation, "intake", [application_id])
        duties = await steps.duties(conn, actor.organisation, civil_date(request.app.state.clock.now()))
    tag(answer, versions.get((application_id, ""), steps.Version()).version)
    found = present(told[application_id][""])
    mandatory = duties.get(application.programme, duties.get("", False))
    names = ("invited_at", "answer_by", "planned_at", "form", "missed", "missed_reason")
    result = ("held_on", "outcome", "reason", "advised_programme")
    return IntakeShown(
        application_id=application_id,
        state=intake_state(application.status, found),
        mandatory=mandatory,
        **{name: getattr(found, name) for name in names},
        **{name: getattr(found.result, name, None) for name in result},
    )


@part.put("/applications/{application_id}/invitation", status_code=202, tags=["intakes"], responses=BOTH)
async def put_invitation(
    application_id: ApplicationInPath, body: InvitationIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Invite the applicant to the intake, also again after one that was missed."""
    return await _moved(request, actor, application_id, ("invite", Invited(body.answer_by), version))


@part.put("/applications/{application_id}/appointment", status_code=202, tags=["intakes"], responses=BOTH)
async def put_appointment(
    application_id: ApplicationInPath, body: AppointmentIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Plan the intake, or move it to another time; also without an invitation."""
    return await _moved(request, actor, application_id, ("plan", Planned(body.planned_at, body.form), version))


@part.post("/applications/{application_id}/non-attendances", status_code=202, tags=["intakes"], responses=BOTH)
async def post_non_attendance(
    application_id: ApplicationInPath, body: NonAttendanceIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Tell that the planned intake did not take place. It is not the end: invite or plan again."""
    return await _moved(request, actor, application_id, ("miss", Missed(body.reason), version))


@part.put("/applications/{application_id}/intake", status_code=202, tags=["intakes"], responses=BOTH)
async def put_intake(
    application_id: ApplicationInPath, body: IntakeIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Record the outcome of an intake, or put it right. It replaces what was recorded before."""
    result = Result(body.held_on, body.outcome, body.reason, body.advised_programme)
    return await _moved(request, actor, application_id, ("record", result, version))


@part.post("/applications/{application_id}/placements", status_code=202, tags=["intakes"], responses=BOTH)
async def post_placement(
    application_id: ApplicationInPath, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Place for good who was placed for the time being."""
    return await _moved(request, actor, application_id, ("place", None, version))


@part.post("/applications/{application_id}/intake-reversals", status_code=202, tags=["intakes"], responses=BOTH)
async def post_intake_reversal(
    application_id: ApplicationInPath, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Take back the last thing that was told of the intake. It then stands where it stood before."""
    return await _moved(request, actor, application_id, ("undo", None, version))


@part.post("/invitations", status_code=202, tags=["intakes"])
async def post_invitations(body: InvitationsIn, actor: Sender, request: Request) -> InvitationsMade:
    """Invite many applicants. Each has a fate of its own: who can not be invited does not stop the others."""
    check_access(actor, WRITERS)
    said = Invited(body.answer_by)
    try:
        fates = await invite(request, actor, body.application_ids, said, "api")
    except Invalid as error:
        raise in_body(error) from None
    return InvitationsMade(items=[FateShown.model_validate(fate) for fate in fates])


@part.put("/intake-duties/{programme}", status_code=202, tags=["intakes"])
async def put_intake_duty(
    programme: Annotated[str, fields.in_path("Programme (crebo), or `all` for those not named", "25655")],
    body: DutyIn,
    actor: Sender,
    request: Request,
) -> DutyShown:
    """Lay down whether the intake of a programme is mandatory, from a day on."""
    check_access(actor, WRITERS)
    command = LayDown(programme, body.valid_from, body.mandatory, body.source)
    await perform(request.app.state.transport, actor, lay_down, command)
    return DutyShown(programme=programme)


async def _moved(
    request: Request, actor: Actor, application_id: str, what: tuple[Move, Said | None, int | None]
) -> ApplicationMeant:
    try:
        await move(request, actor, application_id, what, "api")
    except Invalid as error:
        raise in_body(error) from None
    return ApplicationMeant(application_id=application_id)


def in_body(error: Invalid) -> Invalid:
    """The same faults, at the fields of a body."""
    return Invalid([replace(fault, where=f"/body/{fault.where}") for fault in error.faults])


async def move(
    request: Request, actor: Actor, application_id: str, what: tuple[Move, Said | None, int | None], channel: Channel
) -> int:
    """Make a move (with what is told, and the version that was read) of an intake of this institution, whichever door
    it came through; returns the version there is then."""
    check_access(actor, WRITERS)
    state = request.app.state
    async with state.database.as_actor(actor) as conn:
        pupil_ref = (await known(conn, actor, application_id)).pupil_ref
    name, said, version = what
    command = MoveIntake(application_id, pupil_ref, name, said, channel, version)
    made: int = await perform(state.transport, actor, move_intake, command)
    return made


async def invite(
    request: Request, actor: Actor, ids: list[str], said: Invited, channel: Channel, *, really: bool = True
) -> list[Fate]:
    """Invite many applicants of this institution, whichever door it came through; not `really`: what would become."""
    state = request.app.state
    async with state.database.as_actor(actor) as conn:
        found = await store.applications_of(conn, actor.organisation, ids)
    owners = {application.application_id: application.pupil_ref for application in found}
    command = InviteAll([(of, owners[of]) for of in ids if of in owners], said, channel)
    carry = perform if really else preview
    fates = {fate.application_id: fate for fate in await carry(state.transport, actor, invite_all, command)}
    return [fates.get(of) or Fate(of, "not_found") for of in dict.fromkeys(ids)]


async def known(conn: Connection, actor: Actor, application_id: str) -> Application:
    """An application of the actor's institution. Raises `NotFound`."""
    found = await store.application(conn, actor.organisation, application_id)
    if found is None:
        raise NotFound(f"application {application_id}")
    return found
