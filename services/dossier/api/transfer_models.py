"""What is asked and answered about transfer data: categories, informing, objections."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from services.dossier.domain.transfer import CATEGORIES, WRITTEN
from services.dossier.handlers.handovers import Purpose
from shared.schemas.envelope import EntityId
from shared.web.api import fields
from shared.web.api.router import Asked

NOW = "2027-03-01T09:00:00Z"
CATEGORY = "Category of the closed list (Besluit BWBR0031619)"
Category = Literal[CATEGORIES]  # type: ignore[valid-type]
Written = Literal[WRITTEN]  # type: ignore[valid-type]
CategoryInPath = Annotated[Written, fields.in_path(CATEGORY, "results")]
ObjectionKey = Annotated[EntityId, fields.said("Key of the objection", fields.KEY)]
ObjectionInPath = Annotated[EntityId, fields.in_path("Key of the objection", fields.KEY)]
Version = Annotated[int, fields.said("Rises with every change; 0: nobody has begun", 3)]
SavedRole = Annotated[str | None, fields.said("Role of who saved it; null: nobody has begun", "mentor")]


class CohortAsked(Asked):
    """Which cohort is meant."""

    cohort: fields.Cohort | None = Field(None, description="Left out: the newest of the pupil")


class ReadAsked(Asked):
    """Why somebody reads."""

    purpose: Purpose | None = Field(None, description="Left out: what state and role make likely")


class SectionAsked(Asked):
    """What the school has about one category."""

    state: Literal["in_progress", "complete", "not_present"] = Field(
        description="Only what is complete leaves; not_present: the school has nothing", examples=["complete"]
    )
    text: fields.Prose = Field(
        "", max_length=4000, description="What the school tells; empty when not present", examples=["Works with care"]
    )


class InformationAsked(Asked):
    """That the family was told what leaves."""

    informed_on: fields.CivilDate = Field(description="Day on which they were told", examples=["2027-02-15"])
    whom: Literal["parents", "pupil"] = Field(
        description="The parents of a pupil under 16, from 16 the pupil", examples=["parents"]
    )
    how: Literal["talk", "letter", "mail", "portal", "other"] = Field(description="In which way", examples=["talk"])


class ObjectionAsked(Asked):
    """What may not leave, and why. The reason stays inside the dossier."""

    category: Category | None = Field(None, description=f"{CATEGORY}; null: the whole dossier", examples=["support"])
    raised_by: Literal["pupil", "parent"] = Field(description="Who objects", examples=["parent"])
    reason: fields.Prose = Field(min_length=1, max_length=2000, description="Why", examples=["It is of years ago"])


class SectionStanding(fields.Shown):
    """How far one category is, without what it says."""

    category: Category = Field(description=CATEGORY, examples=["results"])
    state: Literal["listed", "open", "in_progress", "complete", "not_present"] = Field(
        description="How far it is; listed: comes from the pupil list", examples=["complete"]
    )
    version: Version = 0
    saved_at: datetime | None = Field(None, description="When it was last saved", examples=[NOW])
    saved_role: SavedRole = None


class SectionShown(SectionStanding):
    """One category with its text."""

    text: str = Field("", description="What the school tells", examples=["Works with care"])


class InformationShown(fields.Shown):
    """That the family was told what leaves."""

    informed_on: date = Field(description="Day on which they were told", examples=["2027-02-15"])
    whom: str = Field(description="parents or pupil", examples=["parents"])
    how: str = Field(description="In which way", examples=["talk"])
    version: Version


class ObjectionShown(fields.Shown):
    """An objection, with its reason for the school itself."""

    objection_id: ObjectionKey
    category: Category | None = Field(description=f"{CATEGORY}; null: the whole dossier", examples=["support"])
    raised_by: str = Field(description="pupil or parent", examples=["parent"])
    reason: str = Field(description="Why", examples=["It is of years ago"])
    raised_at: datetime = Field(description="When it was raised", examples=[NOW])
    recorded_role: str = Field(description="Role of who recorded it; pupil: by their own hand", examples=["decaan"])
    withdrawn_at: datetime | None = Field(description="When it was withdrawn; null: it stands", examples=[None])


class ObjectionsShown(fields.Shown):
    """Every objection about one dossier."""

    items: list[ObjectionShown] = Field(description="Oldest first, withdrawn ones included")


class PartShown(fields.Shown):
    """How far a part of a dossier is."""

    part: Literal["pupil", "mentor", "care", "plus"] = Field(description="Part", examples=["mentor"])
    state: Literal["open", "in_progress", "complete", "not_applicable"] = Field(
        description="How far it is", examples=["complete"]
    )


class TransferShown(fields.Shown):
    """How far the transfer data of a pupil is, what would leave now, and what is in the way. No texts."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    sections: list[SectionStanding] = Field(description="Every category of the closed list")
    parts: list[PartShown] = Field(description="The four parts of the dossier")
    information: InformationShown | None = Field(description="Whether the family was told; null: not yet")
    included: tuple[str, ...] = Field(description="Categories that would leave", examples=[["administrative"]])
    withheld: tuple[str, ...] = Field(description="Categories that an objection holds back", examples=[[]])
    not_present: tuple[str, ...] = Field(description="Categories that are not there", examples=[["advice"]])
    obstacles: tuple[str, ...] = Field(
        description="What keeps the dossier from being offered: objection, not_informed", examples=[[]]
    )
