"""Feedback to the sending school: its pupils as long as it hears of them, and figures."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Depends, Query, Request
from pydantic import Field

from services.dossier import store
from services.dossier.domain.feedback import ALL, Kind
from services.dossier.handlers.feedback import heard, published, readable
from services.dossier.handlers.sides import require_side
from services.dossier.store import feedback as kept
from shared.core.actor import Actor
from shared.web.api import fields
from shared.web.api.router import Asked, PageAsked, Part
from shared.web.auth import api_actor

router = Part()
Who = Annotated[Actor, Depends(api_actor)]


class FollowedAsked(PageAsked):
    """Which pupils are asked for."""

    cohort: fields.Cohort | None = Field(None, description="Only pupils of this cohort")


class FeedbackMessage(fields.Shown):
    """What is last known of one application, enrolment or change of programme."""

    kind: Kind = Field(description="What it is about", examples=["not-started"])
    at: datetime = Field(description="When it happened", examples=["2027-09-06T08:00:00Z"])
    mbo_institution: fields.MboInstitution
    programme: str = Field(description="Programme (crebo), or a vavo code", examples=["25655"])
    said: str = Field(
        description="Status of the application, outcome of the intake, or where a change of programme stands; empty:"
        " why a pupil is not there is not for the school that they left",
        examples=["offered"],
    )


class FollowedPupil(fields.Shown):
    """An own pupil of whom the school still hears."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    messages: list[FeedbackMessage] = Field(description="What institutions told, newest first")


class FollowedPage(fields.Page):
    """Pupils of whom the school still hears, by reference; a page may hold fewer than were asked for."""

    items: list[FollowedPupil] = Field(description="The pupils of this page")


class FiguresAsked(Asked):
    """Of which cohort."""

    cohort: fields.Cohort


class FeedbackFigure(fields.Shown):
    """One figure, or ``c``: protected."""

    figure: str = Field(description="What is counted", examples=["started"])
    vo_site: str | None = Field(description="Vo site; null: all schools of the region together", examples=["99AA00"])
    value: str = Field(description="Number of pupils, or c", examples=["87"])


class FeedbackDay(fields.Shown):
    """The figures of a region as they were known when a day began."""

    region: str = Field(
        description="Region of the Doorstroompunt, or a school of which no region is known", examples=["15"]
    )
    reference_date: date = Field(description="The day", examples=["2027-11-01"])
    figures: list[FeedbackFigure] = Field(description="What it shows to who asks")


class FeedbackFigures(fields.Shown):
    """Every day on which figures of a cohort were made, the newest first."""

    items: list[FeedbackDay] = Field(description="The days")


@router.get("/followed-pupils", tags=["feedback"])
async def get_followed_pupils(request: Request, actor: Who, asked: Annotated[FollowedAsked, Query()]) -> FollowedPage:
    """List the own pupils of whom the school still hears, with what institutions told about them."""
    require_side(actor, "vo")
    async with request.app.state.database.as_actor(actor) as conn:
        place = store.Place(asked.after, asked.limit)
        pupils = await store.page_of_pupils(conn, actor.organisation, asked.cohort, place)
        found = await heard(conn, pupils, request.app.state.settings.clock.now())
    following = f"{pupils[-1].pupil_ref}-{pupils[-1].cohort}" if len(pupils) == asked.limit else None
    items = [
        FollowedPupil(
            pupil_ref=pupil.pupil_ref,
            cohort=pupil.cohort,
            messages=[FeedbackMessage.model_validate(one) for one in told],
        )
        for pupil, told in found.pupils
    ]
    return FollowedPage(items=items, next=following)


@router.get("/feedback-figures", tags=["feedback"])
async def get_feedback_figures(
    request: Request, actor: Who, asked: Annotated[FiguresAsked, Query()]
) -> FeedbackFigures:
    """Show the figures about former pupils of a cohort: to a school its own and those of its region together, to who
    coordinates the region and to its LOB contact those of every school."""
    async with request.app.state.database.as_actor(actor) as conn:
        made = await kept.figures(conn, asked.cohort, *readable(actor))
    return FeedbackFigures(
        items=[
            FeedbackDay(
                region=region,
                reference_date=day,
                figures=[
                    FeedbackFigure(figure=c.figure, vo_site=None if c.vo_site == ALL else c.vo_site, value=c.value)
                    for c in published(cells)
                ],
            )
            for (region, day), cells in made.items()
        ]
    )
