"""Students over the API: the start, a switch of programme, the end of an enrolment, and reports of absence."""

from datetime import date
from typing import Annotated

from fastapi import Depends, Request, Response
from pydantic import Field

from services.intake.api.intakes import BOTH, in_body, known
from services.intake.api.models import ApplicationInPath, ApplicationKey, ApplicationMeant, Sender
from services.intake.domain import absence as absences
from services.intake.domain import switch as switching
from services.intake.domain.absence import Absence
from services.intake.domain.access import FOLLOWERS, READERS, check_access
from services.intake.domain.enrolment import Ended, EndReason, NotStarted, Started
from services.intake.domain.steps import Channel, Says
from services.intake.domain.switch import Switch
from services.intake.handlers.enrolments import Follow, Followed, follow
from services.intake.store import views
from services.intake.store.steps import Place
from shared.core.actor import Actor
from shared.core.errors import Invalid, NotFound
from shared.messaging.outbox import perform
from shared.schemas.envelope import Code, Crebo, EntityId, MboInstitution
from shared.web.api import fields
from shared.web.api.router import Asked, Part
from shared.web.api.versions import Expected, tag

part = Part()
Level = Annotated[int | None, Field(None, ge=1, le=4, description="Level 1 to 4; null: not known", examples=[2])]
SwitchInPath = Annotated[EntityId, fields.in_path("Key of the switch", fields.KEY)]
NumberInPath = Annotated[EntityId, fields.in_path("Number of the report in the national register", "V2027-001234")]


def _switch_place(application_id: ApplicationInPath, switch_id: SwitchInPath) -> Place:
    return application_id, switch_id


def _absence_place(application_id: ApplicationInPath, report_number: NumberInPath) -> Place:
    return application_id, report_number


SwitchPlace = Annotated[Place, Depends(_switch_place)]
AbsencePlace = Annotated[Place, Depends(_absence_place)]


class StartIn(Asked):
    """The student was seen in class."""

    first_day: fields.CivilDate = Field(description="First day in class, not in the future", examples=["2027-08-30"])


class NonStartIn(Asked):
    """The student was expected in class and has not been seen."""

    first_day: fields.CivilDate = Field(description="First day on which they should have come", examples=["2027-08-30"])
    checked_on: fields.CivilDate = Field(description="Day on which this was established", examples=["2027-09-06"])
    reason: Code | None = Field(
        None,
        description="not_reachable, ill, elsewhere, work, changed_mind or unknown; null: not known",
        examples=["not_reachable"],
    )
    contact_attempts: int | None = Field(
        None, ge=0, le=99, description="How often the institution tried to reach them", examples=[2]
    )


class EndIn(Asked):
    """The end of an enrolment, also with retroactive effect."""

    ended_on: fields.CivilDate = Field(description="First day without enrolment", examples=["2027-10-12"])
    reason: EndReason = Field(description="Reason of leaving (BRON), 1 to 7", examples=[4])
    destination: Code = Field(
        "unknown",
        description="other_mbo, same_mbo, secondary, higher, work, care_or_detention, abroad, no_day_activity, "
        "not_traceable, deceased or unknown",
        examples=["other_mbo"],
    )
    to_institution: MboInstitution | None = Field(
        None, description="BRIN of the new institution, where that is known", examples=["99MB"]
    )
    diploma: fields.Flag = Field(
        False, description="Whether the student has the diploma of this programme", examples=[False]
    )
    basic_qualification: fields.Flag | None = Field(
        None, description="Whether the student now has a basic qualification; null: not known", examples=[False]
    )


class SwitchState(Asked):
    """A change of programme, whole."""

    status: switching.Status = Field(description="registered, started or cancelled", examples=["registered"])
    switched_on: fields.CivilDate = Field(description="Day on which it begins or was told", examples=["2027-10-01"])
    to_institution: MboInstitution | None = Field(
        None, description="BRIN of the new institution; null: the same, or not known yet", examples=[None]
    )
    to_programme: Crebo | None = Field(
        None, description="New programme (crebo); needed when it is started", examples=["25607"]
    )
    to_level: Level
    to_application_id: EntityId | None = Field(
        None, description="Key of the application for the new programme", examples=[None]
    )


class SwitchIn(SwitchState):
    """A change of programme, with the institution's own key of it."""

    own_id: EntityId = Field(description="The institution's own key of the switch", examples=["W2027-17"])


class SwitchMeant(fields.Shown):
    """Which switch it was about."""

    switch_id: str = Field(description="Key of the switch", examples=[fields.KEY])


class AbsenceIn(Asked):
    """A report of absence as the national register has it, whole."""

    kind: Code = Field(
        description="hours_16_in_4_weeks, hours_16_in_4_weeks_18_plus, long_term, holiday, doorstroompunt_18_plus or "
        "other",
        examples=["hours_16_in_4_weeks"],
    )
    status: absences.Status = Field(
        description="registered, in_progress, noted, closed or withdrawn", examples=["registered"]
    )
    reported_on: fields.CivilDate = Field(description="Day of the report", examples=["2027-10-04"])
    absent_from: fields.CivilDate | None = Field(None, description="First day of absence", examples=["2027-09-13"])
    absent_until: fields.CivilDate | None = Field(
        None, description="Last day that the report is about", examples=["2027-10-01"]
    )
    action_wanted: fields.Flag = Field(True, description="Whether the institution asks for action", examples=[True])
    closed_on: fields.CivilDate | None = Field(None, description="Day of closing", examples=[None])
    closed_reason: Code | None = Field(
        None,
        description="back_to_school, left_for_education, left_for_work, long_term_ill, legitimate, deceased or other",
        examples=[None],
    )


class EnrolmentShown(fields.Shown):
    """An enrolment as it stands."""

    application_id: ApplicationKey
    state: str = Field(
        description="enrolled: nothing told of the start yet; started, not_started, ended", examples=["started"]
    )
    first_day: date | None = Field(description="First day in class, or on which they should have come", examples=[None])
    checked_on: date | None = Field(description="Day on which it was established that they did not", examples=[None])
    reason: Code | None = Field(description="Why they did not", examples=[None])
    contact_attempts: int | None = Field(description="How often they were tried to be reached", examples=[None])
    ended_on: date | None = Field(description="First day without enrolment", examples=[None])
    end_reason: int | None = Field(description="Reason of leaving, 1 to 7", examples=[None])
    destination: Code | None = Field(description="Where they went", examples=[None])
    to_institution: str | None = Field(description="BRIN of the new institution", examples=[None])
    diploma: bool | None = Field(description="Whether they have the diploma", examples=[None])
    basic_qualification: bool | None = Field(description="Whether they have a basic qualification", examples=[None])


@part.get("/applications/{application_id}/enrolment", tags=["students"])
async def get_enrolment(
    application_id: ApplicationInPath, actor: Sender, request: Request, answer: Response
) -> EnrolmentShown:
    """Show what became of an enrolment. Its version is the ETag. 404 while nothing was told."""
    check_access(actor, READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.enrolment_of(conn, actor.organisation, application_id)
    if found is None:
        raise NotFound(f"enrolment {application_id}")
    tag(answer, found["version"])
    return EnrolmentShown.model_validate(found)


@part.put("/applications/{application_id}/start", status_code=202, tags=["students"], responses=BOTH)
async def put_start(
    application_id: ApplicationInPath, body: StartIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Tell that the student was seen in class, or put the first day right."""
    return await _enrolment(request, actor, application_id, ("start", Started(body.first_day), version))


@part.put("/applications/{application_id}/non-start", status_code=202, tags=["students"], responses=BOTH)
async def put_non_start(
    application_id: ApplicationInPath, body: NonStartIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Tell that the student was enrolled and has not been seen."""
    return await _enrolment(request, actor, application_id, ("not_start", NotStarted(**body.model_dump()), version))


@part.put("/applications/{application_id}/end", status_code=202, tags=["students"], responses=BOTH)
async def put_end(
    application_id: ApplicationInPath, body: EndIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Tell that the enrolment ended, or put that right."""
    return await _enrolment(request, actor, application_id, ("end", Ended(**body.model_dump()), version))


@part.post("/applications/{application_id}/enrolment-reversals", status_code=202, tags=["students"], responses=BOTH)
async def post_enrolment_reversal(
    application_id: ApplicationInPath, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Take back the last thing that was told of the enrolment. The first can only be put right."""
    return await _enrolment(request, actor, application_id, ("undo", None, version))


@part.post("/applications/{application_id}/switches", status_code=202, tags=["students"], responses=BOTH)
async def post_switch(
    application_id: ApplicationInPath, body: SwitchIn, actor: Sender, request: Request
) -> SwitchMeant:
    """Tell of a change of programme. The same own key again tells of the same switch."""
    switch_id = switching.key_of(application_id, body.own_id)
    said = Switch(**body.model_dump(exclude={"own_id"}))
    await _told(request, actor, ("switch", (application_id, switch_id)), (switching.MOVES[said.status], said, None))
    return SwitchMeant(switch_id=switch_id)


@part.put("/applications/{application_id}/switches/{switch_id}", status_code=202, tags=["students"], responses=BOTH)
async def put_switch(
    place: SwitchPlace, body: SwitchState, actor: Sender, request: Request, version: Expected
) -> SwitchMeant:
    """Tell how a change of programme goes on: begun, or called off after all."""
    async with request.app.state.database.as_actor(actor) as conn:
        told = await views.switches_of(conn, actor.organisation, place[0])
        if place[1] not in {one["switch_id"] for one in told}:
            raise NotFound(f"switch {place[1]}")
    said = Switch(**body.model_dump())
    await _told(request, actor, ("switch", place), (switching.MOVES[said.status], said, version))
    return SwitchMeant(switch_id=place[1])


@part.put("/applications/{application_id}/absences/{report_number}", status_code=202, tags=["students"], responses=BOTH)
async def put_absence(
    place: AbsencePlace, body: AbsenceIn, actor: Sender, request: Request, version: Expected
) -> ApplicationMeant:
    """Tell of a statutory report of absence, by its number in the national register. No other absence is kept."""
    said = Absence(**body.model_dump())
    await _told(request, actor, ("absence", place), (absences.MOVES[said.status], said, version))
    return ApplicationMeant(application_id=place[0])


@part.post(
    "/applications/{application_id}/switches/{switch_id}/reversals", status_code=202, tags=["students"], responses=BOTH
)
async def post_switch_reversal(place: SwitchPlace, actor: Sender, request: Request, version: Expected) -> SwitchMeant:
    """Take back the last thing that was told of a switch. The first can only be put right or cancelled."""
    await _told(request, actor, ("switch", place), ("undo", None, version))
    return SwitchMeant(switch_id=place[1])


async def _enrolment(
    request: Request, actor: Actor, application_id: str, what: tuple[str, Says | None, int | None]
) -> ApplicationMeant:
    await _told(request, actor, ("enrolment", (application_id, "")), what)
    return ApplicationMeant(application_id=application_id)


async def _told(
    request: Request, actor: Actor, of: tuple[Followed, Place], what: tuple[str, Says | None, int | None]
) -> None:
    try:
        await tell_of(request, actor, of, what, "api")
    except Invalid as error:
        raise in_body(error) from None


async def tell_of(
    request: Request,
    actor: Actor,
    of: tuple[Followed, Place],
    what: tuple[str, Says | None, int | None],
    channel: Channel,
) -> int:
    """Make a move (with what is told, and the version that was read) of a student of this institution, whichever door
    it came through; returns the version there is then."""
    check_access(actor, FOLLOWERS)
    (entity, place), (move, said, version) = of, what
    async with request.app.state.database.as_actor(actor) as conn:
        pupil_ref = (await known(conn, actor, place[0])).pupil_ref
    command = Follow(entity, place, pupil_ref, move, said, channel, version)
    made: int = await perform(request.app.state.transport, actor, follow, command)
    return made
