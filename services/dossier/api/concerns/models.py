"""What is asked of the API about concerns, and what it answers."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from services.dossier.domain.concerns import ROUTE, Status
from shared.schemas.envelope import EntityId, MboInstitution
from shared.schemas.vocabulary import codes
from shared.web.api import fields
from shared.web.api.router import Asked, PageAsked

NOW = "2027-03-01T09:00:00Z"
ConcernKey = Annotated[EntityId, fields.said("Key of the concern", fields.KEY)]
Note = Annotated[
    Annotated[fields.Prose, Field(min_length=1, max_length=2000)] | None,
    fields.said("For your own organisation alone; no other organisation reads it", "Call at home after six"),
]
Institution = Annotated[
    MboInstitution | None,
    fields.said("Where the roles of the mbo on the route are; null: none is, or an institution asks itself", "99MA"),
]


class ConcernsAsked(PageAsked):
    """Which concerns are asked for."""

    status: Status | None = Field(None, description="Only those that stand so", examples=["open"])


class ConcernAsked(Asked):
    """A concern that somebody raises about a pupil."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    reason: Literal[tuple(codes.CONCERN_REASONS.codes)] = Field(  # type: ignore[valid-type]
        description="Why attention is needed: a fact about the transition, never what the matter is",
        examples=["contact_lost"],
    )
    route: list[Literal[ROUTE]] = Field(  # type: ignore[valid-type]
        min_length=1, max_length=5, description="Roles that must hear this, in order", examples=[["decaan"]]
    )
    mbo_institution: Institution = None
    note: Note = None


class ResolutionAsked(Asked):
    """How a concern ended."""

    resolution: Literal[tuple(codes.CONCERN_RESOLUTIONS.codes)] = Field(  # type: ignore[valid-type]
        description="Code of how it ended", examples=["talked"]
    )
    note: Note = None


class ConcernShown(fields.Shown):
    """A concern as it stands, for whoever raised it and for whom it is meant."""

    concern_id: ConcernKey
    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    vo_site: str | None = Field(description="School of the pupil; null: none is known", examples=["99AA00"])
    organisation: fields.Organisation
    raised_by: fields.Role
    raised_at: datetime = Field(description="When it was raised", examples=[NOW])
    reason: str = Field(description="Why attention is needed", examples=["contact_lost"])
    route: list[str] = Field(description="Roles that must hear this, in order", examples=[["decaan"]])
    mbo_institution: Institution
    status: Status = Field(description="Where it stands", examples=["open"])
    resolved_at: datetime | None = Field(description="When it ended; null: it is open", examples=[None])
    resolution: str | None = Field(description="How it ended; null: it is open", examples=[None])
    version: int = Field(description="Counts the changes; the ETag", examples=[1])


class ConcernPage(fields.Page):
    """Concerns, by key."""

    items: list[ConcernShown] = Field(description="The concerns of this page")


class ConcernNote(fields.Shown):
    """A note of the reader's own organisation."""

    at: datetime = Field(description="When it was written", examples=[NOW])
    role: fields.Role
    person_ref: fields.PersonRef
    text: str = Field(description="The note", examples=["Call at home after six"])


class ConcernRead(ConcernShown):
    """A concern with the notes of the reader's own organisation."""

    notes: list[ConcernNote] = Field(description="Notes, oldest first")


class ConcernMoved(fields.Shown):
    """Where the concern stands after the move."""

    concern_id: ConcernKey
    status: Status = Field(description="Where it stands now", examples=["open"])
    version: int = Field(description="Version after the move; the ETag", examples=[1])
