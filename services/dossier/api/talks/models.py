"""What is asked of the API about talks, and what it answers."""

from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import Field

from services.dossier.domain.talks import FOLLOW_UPS, MBO_OWNERS, VO_OWNERS, Form, Status
from shared.schemas.envelope import EntityId, PersonRef
from shared.schemas.vocabulary import codes
from shared.web.api import fields
from shared.web.api.router import Asked

NOW, DAY, PERSON = "2027-06-14T12:00:00Z", "2027-06-28", fields.KEY
TalkKey = Annotated[EntityId, fields.said("Key of the talk", fields.KEY)]
Text = Annotated[fields.Prose, Field(min_length=1, max_length=2000)]
FormCode = Annotated[Form, fields.said("How: phone, on_site, three_way or speed_date", "phone")]
Note = Annotated[
    Text | None,
    fields.said("For your own organisation alone; no other organisation reads it", "Hear about travel time"),
]
Person = Annotated[PersonRef | None, fields.said("A contact of that organisation; null: not known yet", PERSON)]


class TalkAsked(Asked):
    """A talk that somebody wants about a pupil."""

    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    mbo_institution: fields.MboInstitution
    hold_by: fields.CivilDate | None = Field(
        None, description="Last day on which it may be held; null: the norm, 1 October", examples=[DAY]
    )
    note: Note = None


class PlanAsked(Asked):
    """When and how the talk will be, and who will be in it."""

    planned_at: fields.Moment = Field(description="Beginning of the talk", examples=[NOW])
    form: FormCode
    roles: list[Literal[tuple(codes.ROLES.codes)]] = Field(  # type: ignore[valid-type]
        min_length=1, max_length=10, description="Roles that take part", examples=[["mentor", "slber"]]
    )
    vo_person: Person = None
    mbo_person: Person = None
    note: Note = None


class FollowUpAsked(Asked):
    """Something that somebody will do after the talk. The organisation follows from the role."""

    action: Literal[tuple(codes.FOLLOW_UPS.codes)] = Field(  # type: ignore[valid-type]
        description="What must be done", examples=["call_parents"]
    )
    role: Literal[VO_OWNERS + MBO_OWNERS] = Field(description="Who does it", examples=["slber"])  # type: ignore[valid-type]
    person_ref: Person = None
    due: fields.CivilDate = Field(description="Last day", examples=[DAY])


class HeldAsked(Asked):
    """What came of the talk."""

    held_at: fields.Moment = Field(description="When it was", examples=[NOW])
    informed: fields.Flag = Field(description="Whether the pupil or the parents know of it", examples=[True])
    vo_person: Person = None
    mbo_person: Person = None
    follow_ups: list[FollowUpAsked] = Field(
        default_factory=list, max_length=FOLLOW_UPS, description="What was agreed, with owner and date"
    )
    note: Note = None


class MissedAsked(Asked):
    """Why the talk did not take place."""

    reason: Literal[tuple(codes.TALK_MISSED.codes)] = Field(  # type: ignore[valid-type]
        description="Code of the reason", examples=["pupil_absent"]
    )
    note: Note = None


class CompletionAsked(Asked):
    """Whether something that was agreed is done."""

    done: fields.Flag = Field(True, description="False: it turned out not to be done", examples=[True])


class FollowUpShown(fields.Shown):
    """Something that was agreed in a talk."""

    action: str = Field(description="What must be done", examples=["call_parents"])
    organisation: fields.Organisation
    role: fields.Role
    person_ref: fields.PersonRef
    due: date = Field(description="Last day", examples=[DAY])
    done_on: date | None = Field(description="Day on which it was done; null: not yet", examples=[None])


class TalkShown(fields.Shown):
    """A talk as it stands. Notes are on it for the reader's own organisation only."""

    talk_id: TalkKey
    pupil_ref: fields.PupilRef
    cohort: fields.Cohort
    vo_site: fields.VoSite
    mbo_institution: fields.MboInstitution
    handover_id: EntityId | None = Field(description="The handover it came with; null: none", examples=[None])
    status: Status = Field(description="Where it stands", examples=["planned"])
    requested_by: Literal["vo", "mbo"] = Field(description="Side that asked for it", examples=["vo"])
    requested_at: datetime = Field(description="When it was asked for", examples=[NOW])
    hold_by: date = Field(description="Last day on which it may be held", examples=["2027-10-01"])
    form: Form | None = Field(description="How; null: not planned yet", examples=["phone"])
    roles: list[str] = Field(description="Roles that take part", examples=[["mentor", "slber"]])
    vo_person: fields.PersonRef
    mbo_person: fields.PersonRef
    planned_at: datetime | None = Field(description="Beginning of the talk; null: not planned yet", examples=[NOW])
    held_at: datetime | None = Field(description="When it was held; null: not held", examples=[None])
    missed: int = Field(description="How often it did not take place", examples=[0])
    missed_reason: str | None = Field(description="Why not, the last time; null: it is planned", examples=[None])
    informed: bool = Field(description="Whether the pupil or the parents know of it", examples=[False])
    follow_ups: list[FollowUpShown] = Field(description="What was agreed")
    version: int = Field(description="Counts the changes; the ETag", examples=[2])


class TalkPage(fields.Page):
    """Talks, by key."""

    items: list[TalkShown] = Field(description="The talks of this page")


class NoteShown(fields.Shown):
    """A note of the reader's own organisation."""

    at: datetime = Field(description="When it was written", examples=[NOW])
    role: fields.Role
    person_ref: fields.PersonRef
    text: str = Field(description="The note", examples=["Hear about travel time"])


class TalkRead(TalkShown):
    """A talk with the notes of the reader's own organisation."""

    notes: list[NoteShown] = Field(description="Notes, oldest first")


class TalkMoved(fields.Shown):
    """Where the talk stands after the move."""

    talk_id: TalkKey
    status: Status = Field(description="Where it stands now", examples=["planned"])
    version: int = Field(description="Version after the move; the ETag", examples=[2])
