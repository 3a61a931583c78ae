"""What is asked of the API about other routes and exam results, and what it answers."""

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from services.dossier.domain.exams import Result
from services.dossier.domain.routes import Status
from shared.schemas.dossiers import Track
from shared.schemas.vocabulary import codes
from shared.web.api import fields
from shared.web.api.router import Asked

DAY = "2027-06-17"
TRACKS: tuple[Track, ...] = get_args(Track)
Version = Annotated[int, fields.said("Counts the changes; the ETag", 1)]
ResultCode = Annotated[Result, fields.said("passed, failed, resit, or retracted: recorded by mistake", "passed")]


class RouteAsked(Asked):
    """Another route than the mbo."""

    route: Literal[tuple(codes.OTHER_ROUTES.codes)] = Field(  # type: ignore[valid-type]
        description="Where the pupil goes", examples=["havo"]
    )
    since: fields.CivilDate = Field(description="First day", examples=["2027-08-30"])
    until: fields.CivilDate | None = Field(
        None, description="First day on which it no longer holds; null: not known", examples=["2028-08-01"]
    )
    note: Annotated[fields.Prose, Field(min_length=1, max_length=2000)] | None = Field(
        None, description="For the school alone", examples=["Heeft een plek op het Voorbeeldcollege"]
    )


class ConfirmationAsked(Asked):
    """What shows that it is so."""

    evidence: Literal[tuple(codes.ROUTE_EVIDENCE.codes)] | None = Field(  # type: ignore[valid-type]
        None, description="Code of the evidence; not asked of a pupil who died", examples=["enrolment"]
    )


class RouteShown(fields.Shown):
    """The other route of a pupil as it stands."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    route: str = Field(description="Where the pupil goes", examples=["havo"])
    since: date = Field(description="First day", examples=["2027-08-30"])
    until: date | None = Field(description="First day on which it no longer holds; null: not known", examples=[None])
    status: Status = Field(description="registered, confirmed or withdrawn", examples=["registered"])
    evidence: str | None = Field(description="Code of the evidence; null: not confirmed", examples=[None])
    note: str | None = Field(description="For the school alone", examples=[None])
    version: Version


class ExamAsked(Asked):
    """The result of the final exam."""

    result: ResultCode
    track: Literal[TRACKS] | None = Field(  # type: ignore[valid-type]
        None, description="Track of the diploma; with passed only", examples=["vmbo-tl"]
    )
    sitting: int = Field(1, ge=1, le=3, description="Sitting of the national exam", examples=[1])
    decided_on: fields.CivilDate = Field(description="Day of the result", examples=[DAY])


class ExamShown(fields.Shown):
    """The result of a pupil as it stands."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    result: ResultCode
    track: Track | None = Field(description="Track of the diploma; null: no diploma", examples=["vmbo-tl"])
    sitting: int = Field(description="Sitting of the national exam", examples=[1])
    decided_on: date = Field(description="Day of the result", examples=[DAY])
    version: Version
