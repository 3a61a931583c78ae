"""Searching by POST: who is sought is a person, and addresses stay behind in histories and logs."""

from typing import Annotated

from fastapi import Depends, Request
from pydantic import Field

from services.dossier.api.models import PupilListed
from services.dossier.handlers.sides import require_side
from services.dossier.store import Place
from services.dossier.store.search import Sought, search
from shared.core.actor import Actor
from shared.web.api import fields
from shared.web.api.router import PageAsked, Part
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]


class PupilSearch(PageAsked):
    """What is known of a pupil. All of it must fit; what is left out does not count."""

    cohort: fields.Cohort | None = Field(None, description="Only pupils of this cohort")
    number: fields.Line | None = Field(None, max_length=64, description="The school's own number", examples=["10001"])
    pgn: fields.PersonalNumber | None = Field(None, description="BSN or onderwijsnummer; is not kept")
    name: fields.Line = Field("", max_length=100, description="A part of the name", examples=["van der Voor"])


class PupilFound(PupilListed):
    """An own pupil who fits."""

    name: str = Field(description="First name, prefix and last name", examples=["Noor van der Voorbeeld"])
    class_name: str = Field(description="Class; may be empty", examples=["4kb1"])


class PupilsFound(fields.Page):
    """Own pupils who fit, by reference."""

    items: list[PupilFound] = Field(description="The pupils of this page")


@router.post("/pupil-searches", tags=["pupils"])
async def post_pupil_search(request: Request, actor: Who, asked: PupilSearch) -> PupilsFound:
    """Search the own pupils by number, name or personal number. Nothing is kept of what was asked."""
    require_side(actor, "vo")
    ref = request.app.state.keys.pupil_ref(asked.pgn) if asked.pgn else None
    sought = Sought(asked.cohort, asked.number, ref, asked.name.strip())
    async with request.app.state.database.as_actor(actor) as conn:
        found = await search(conn, actor.organisation, sought, Place(asked.after, asked.limit))
    following = f"{found[-1].pupil_ref}-{found[-1].cohort}" if len(found) == asked.limit else None
    return PupilsFound(items=[PupilFound.model_validate(pupil) for pupil in found], next=following)
