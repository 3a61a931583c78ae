"""The story of a pupil: for the custodian, the school of origin, and who has something to do."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from pydantic import Field

from services.coordination.domain.story import Happening, Kind, for_reader
from services.coordination.handlers.world import almanac
from services.coordination.store import stories
from services.coordination.store.stories import Story
from shared.core.actor import Actor
from shared.core.errors import NotFound
from shared.schemas.envelope import Code
from shared.web.api import fields
from shared.web.api.router import Asked, Part
from shared.web.auth import api_actor

router = Part()
Caller = Annotated[Actor, Depends(api_actor)]
NOW = "2027-03-01T09:00:00Z"


class TimelineAsked(Asked):
    """Which part of the story is asked for."""

    kind: list[Kind] = Field(default_factory=list, description="Kinds of happenings; none: all", examples=[["custody"]])


class Detail(fields.Shown):
    """A code, number, date or moment of what happened."""

    name: str = Field(description="What it is", examples=["programme"])
    value: str = Field(description="The value, never free text", examples=["25655"])


class FactView(fields.Shown):
    """A fact that a rule used."""

    fact: Code = Field(description="Which fact", examples=["no-live-application"])
    value: str | None = Field(None, description="Code or date, never personal", examples=["2027-02-01"])
    at: datetime | None = Field(None, description="When it held", examples=[NOW])


class RouteView(fields.Shown):
    """Who hears of a risk, in the order of escalation."""

    organisation: fields.Organisation
    role: fields.Role
    contact: fields.PersonRef = None
    deputy: fields.PersonRef = None


class HappeningView(fields.Shown):
    """Something that happened, or became known."""

    at: datetime = Field(description="When it happened or became known", examples=[NOW])
    kind: Kind = Field(description="Kind of happening", examples=["custody"])
    what: Code = Field(description="What happened", examples=["custody-changed"])
    by: str | None = Field(description="Organisation that did or told it; null: it followed", examples=["99AA00"])
    who: RouteView | None = Field(description="Who has the pupil from then on, or must act")
    details: list[Detail] = Field(description="Codes, numbers and dates")
    evidence: list[FactView] = Field(description="Facts that a rule used")
    route: list[RouteView] = Field(description="Who heard of it, in order")


class TimelineOfTransition(fields.Shown):
    """One transition with everything that happened, the oldest first."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    agreement: str = Field(description="Version of the regional agreement", examples=["default-2026.1"])
    happenings: list[HappeningView] = Field(description="What happened, the oldest first")


class Timeline(fields.Shown):
    """The story of a pupil, one part for each open transition."""

    items: list[TimelineOfTransition] = Field(description="The transitions")


@router.get("/pupils/{pupil_ref}/timeline", tags=["transitions"])
async def get_timeline(
    pupil_ref: fields.PupilInPath, request: Request, actor: Caller, asked: Annotated[TimelineAsked, Query()]
) -> Timeline:
    """Tell what happened to a pupil across organisations, in order, as far as the own organisation may read it."""
    return Timeline(
        items=[
            TimelineOfTransition(
                pupil_ref=one.pupil_ref,
                cohort=one.cohort,
                agreement=one.agreement,
                happenings=[_view(h) for h in one.happenings if not asked.kind or h.kind in asked.kind],
            )
            for one in await readable(request, actor, pupil_ref)
        ]
    )


async def readable(request: Request, actor: Actor, ref: str) -> list[Story]:
    """The stories of a pupil as far as the actor may read them; shared by the API and the pages. Raises `NotFound`.

    Who has the pupil, the school of origin, and an officer who must act read everything. A school or institution that
    only has something to do reads who has the pupil and what concerns itself.
    """
    async with request.app.state.database.as_actor(actor) as conn:
        found = await stories.stories(conn, ref, actor.organisation)
    if not found:
        raise NotFound
    own, dates = actor.organisation, almanac()
    officer = dates.is_municipality(own) or dates.is_region(own)
    return [
        replace(one, happenings=for_reader(one.happenings, own, everything=officer or own in (one.holder, one.origin)))
        for one in found
    ]


def _view(happening: Happening) -> HappeningView:
    return HappeningView(
        at=happening.at,
        kind=happening.kind,
        what=happening.what,
        by=happening.by,
        who=happening.who and RouteView.model_validate(happening.who.model_dump()),
        details=[Detail(name=name, value=_value(value)) for name, value in happening.details.items()],
        evidence=[FactView.model_validate(fact.model_dump()) for fact in happening.evidence],
        route=[RouteView.model_validate(who.model_dump()) for who in happening.route],
    )


def _value(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | datetime) else str(value)
