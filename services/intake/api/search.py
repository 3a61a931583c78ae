"""Searching by POST: who is sought is a person, and addresses stay behind in histories and logs."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from services.intake.api.models import ApplicationShown
from services.intake.domain.access import READERS, check_access
from services.intake.store import search
from shared.core.actor import Actor
from shared.schemas.intakes import ApplicationStatus
from shared.web.api import fields
from shared.web.api.router import PageAsked, Part
from shared.web.auth import api_actor

part = Part()
Sender = Annotated[Actor, Depends(api_actor)]


class ApplicationSearch(PageAsked):
    """What is known of an application. All of it must fit; what is left out does not count."""

    own_id: fields.Line | None = Field(None, max_length=64, description="The own key", examples=["A200396"])
    pgn: fields.PersonalNumber | None = Field(None, description="BSN or onderwijsnummer; is not kept")
    name: fields.Line = Field("", max_length=100, description="A part of the name", examples=["van der Voor"])
    cohort: fields.Cohort | None = Field(None, description="Only applications of this cohort")
    programme: fields.Programme | None = Field(None, description="Only applications for this programme")
    status: ApplicationStatus | None = Field(None, description="Only applications of this status")


class ApplicationFound(ApplicationShown):
    """An application that fits."""

    name: str | None = Field(description="Who applied; null: not known here", examples=["Noor van der Voorbeeld"])


class ApplicationsFound(fields.Page):
    """Applications that fit, by key."""

    items: list[ApplicationFound] = Field(description="The applications of this page")


@part.post("/application-searches", tags=["applications"])
async def post_application_search(request: Request, actor: Sender, asked: ApplicationSearch) -> ApplicationsFound:
    """Search the applications at the own institution. Nothing is kept of what was asked."""
    check_access(actor, READERS)
    ref = request.app.state.keys.pupil_ref(asked.pgn) if asked.pgn else None
    given = asked.model_dump(include={"own_id", "cohort", "programme", "status"})
    sought = search.Sought(**given, pupil_ref=ref, name=asked.name.strip())
    async with request.app.state.database.as_actor(actor) as conn:
        found = await search.search(conn, actor.organisation, sought, asked.after, asked.limit)
    following = found[-1]["application_id"] if len(found) == asked.limit else None
    return ApplicationsFound(items=[ApplicationFound.model_validate(one) for one in found], next=following)
