"""The JSON API and the CSV doors of intake. A PGN comes in a body, never in a URL."""

from dataclasses import replace
from datetime import date
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from services.intake import domain, store
from services.intake.domain import Result
from services.intake.handlers import files
from services.intake.handlers.applications import RecordStatuses, StatusRow, record_status
from services.intake.handlers.erasure import ErasePupil, erase_pupil
from services.intake.handlers.intakes import RecordIntake, record_intake
from services.intake.handlers.receipts import Line
from services.intake.store import Person, views
from shared.core.actor import Actor
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.reference import load
from shared.core.tabular import formats
from shared.messaging.outbox import perform
from shared.schemas.envelope import Code, Crebo, EntityId, PupilRef
from shared.schemas.imports import ImportResult
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome
from shared.web.auth import api_actor
from shared.web.texts import gettext as _

router = APIRouter(prefix="/api/v1")
Sender = Annotated[Actor, Depends(api_actor)]
CSV = {"requestBody": {"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}}}


class ApplicationStatusIn(BaseModel):
    """A status that an application got, as the institution's own system knows it."""

    model_config = ConfigDict(extra="forbid")

    own_id: EntityId = Field(description="Eigen sleutel van de aanmelding bij de instelling")
    version: int = Field(ge=0, le=999_999_999, description="Loopt op met elke wijziging van de aanmelding")
    pgn: str = Field(description="BSN of onderwijsnummer; blijft binnen deze dienst")
    first_name: str = Field(min_length=1, max_length=100, description="Roepnaam")
    prefix: str = Field("", max_length=30, description="Tussenvoegsel")
    last_name: str = Field(min_length=1, max_length=100, description="Achternaam")
    birth_date: date = Field(description="Geboortedatum")
    municipality: str | None = Field(None, description="CBS-code van de woongemeente; leeg: niet in Nederland")
    programme: Crebo = Field(description="Erkende opleidingscode (crebo)")
    pathway: Literal["bol", "bbl"] = Field(description="Leerroute")
    status: ApplicationStatus = Field(description="Status van de aanmelding")
    status_at: AwareDatetime = Field(description="Moment waarop deze status inging")


class IntakeIn(BaseModel):
    """The result of an intake, whole: recording it again replaces what was recorded before."""

    model_config = ConfigDict(extra="forbid")

    held_on: date = Field(description="Dag van de intake, niet in de toekomst")
    outcome: IntakeOutcome = Field(description="Uitkomst van de intake")
    reason: Code | None = Field(None, description="Code van de reden; verplicht bij rejected en other_advice")


@router.post("/applications", status_code=202)
async def post_application(body: ApplicationStatusIn, actor: Sender, request: Request) -> dict[str, str]:
    """Leg een status van een aanmelding vast."""
    domain.check_access(actor, domain.WRITERS)
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
    return {"application_id": await perform(state.transport, actor, record_status, command)}


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


@router.get("/applications")
async def get_applications(
    actor: Sender,
    request: Request,
    after: Annotated[str, Query(max_length=64, description="application_id waarna de lijst verder gaat")] = "",
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> dict[str, Any]:
    """De aanmeldingen van de eigen instelling, met hun intake. `next` is leeg op de laatste bladzijde."""
    domain.check_access(actor, domain.READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.page_of(conn, actor.organisation, after, limit)
    return {"items": found, "next": found[-1]["application_id"] if len(found) == limit else None}


@router.get("/applications/{application_id}")
async def get_application(application_id: EntityId, actor: Sender, request: Request) -> dict[str, Any]:
    """Eén aanmelding met haar geschiedenis, zonder persoonsgegevens."""
    domain.check_access(actor, domain.READERS)
    async with request.app.state.database.as_actor(actor) as conn:
        found = await views.case(conn, actor.organisation, application_id)
    if found is None:
        raise NotFound(f"application {application_id}")
    shown = ("application_id", "own_id", "pupil_ref", "cohort", "programme", "pathway", "status", "status_at")
    return {
        **{name: found.application[name] for name in (*shown, "held_on", "outcome", "reason")},
        "facts": found.facts,
        "results": found.results,
    }


@router.put("/applications/{application_id}/intake", status_code=202)
async def put_intake(application_id: EntityId, body: IntakeIn, actor: Sender, request: Request) -> dict[str, str]:
    """Leg de uitkomst van een intake vast, of verbeter die."""
    domain.check_access(actor, domain.WRITERS)
    result = Result(body.held_on, body.outcome, body.reason)
    try:
        await record(request, actor, application_id, result)
    except Invalid as error:
        raise Invalid([replace(fault, where=f"/body/{fault.where}") for fault in error.faults]) from None
    return {"application_id": application_id}


async def record(request: Request, actor: Actor, application_id: str, result: Result) -> None:
    """Record a result at an application of this institution, whichever door it came through."""
    state = request.app.state
    async with state.database.as_actor(actor) as conn:
        known = await store.application(conn, actor.organisation, application_id)
    if known is None:
        raise NotFound(f"application {application_id}")
    await perform(state.transport, actor, record_intake, RecordIntake(application_id, known.pupil_ref, result))


@router.post("/application-lists", openapi_extra=CSV)
async def post_application_list(actor: Sender, request: Request) -> ImportResult:
    """Statussen van aanmeldingen als CSV (docs/csv.md, `aanmeldingen`)."""
    return await _take(request, actor, "applications")


@router.post("/intake-lists", openapi_extra=CSV)
async def post_intake_list(actor: Sender, request: Request) -> ImportResult:
    """Uitkomsten van intakes als CSV (docs/csv.md, `intakes`)."""
    return await _take(request, actor, "intakes")


async def _take(request: Request, actor: Actor, kind: str) -> ImportResult:
    domain.check_access(actor, domain.WRITERS)
    state = request.app.state
    handler, command = files.command(kind, await request.body(), state.keys, state.clock.now())
    result: ImportResult = await perform(state.transport, actor, handler, command)
    return result.said(_)


@router.post("/pupils/{pupil_ref}/erasure", status_code=202, response_class=Response)
async def post_erase(pupil_ref: PupilRef, actor: Sender, request: Request) -> None:
    """Wis een leerling die de instelling als eerste ontmoette; kent een vo-school de leerling, dan wist die."""
    domain.check_access(actor, domain.WRITERS)
    await perform(request.app.state.transport, actor, erase_pupil, ErasePupil(pupil_ref))
