"""What the API tells of the pupil's own side, and what an institution reads of it."""

from datetime import date, datetime
from typing import Literal

from pydantic import Field

from shared.schemas.dossiers import Competence
from shared.web.api import fields

NOW = "2027-03-01T09:00:00Z"


class Invited(fields.Shown):
    """A new code for one pupil. It is answered this once: what is kept is a digest."""

    code: str = Field(description="What the pupil types to sign in, once", examples=["ABCD-EFGH-JKMN"])
    expires_at: datetime = Field(description="Until when it can be used", examples=[NOW])


class InvitationShown(fields.Shown):
    """The code that a pupil has, without the code."""

    made_at: datetime = Field(description="When it was made", examples=[NOW])
    expires_at: datetime = Field(description="Until when it can be used", examples=[NOW])
    used_at: datetime | None = Field(description="When the pupil signed in with it; null: not yet", examples=[None])


class InvitationPage(fields.Page):
    """The newest invitation of a pupil, or none: an older one ended when it was made."""

    items: list[InvitationShown] = Field(description="At most one")


class Written(fields.Shown):
    """An activity, a talk or an achievement, as the pupil wrote it."""

    title: str = Field(description="What it was", examples=["Open day"])
    day: date | None = Field(description="When it was; null: not said", examples=["2027-02-10"])
    competences: list[Competence] = Field(description="Career competences it is about", examples=[["motives"]])
    texts: dict[str, str] = Field(description="Step → what the pupil wrote", examples=[{"goal": "To see the school"}])


class CareerShared(fields.Shown):
    """The loopbaandossier."""

    link: str | None = Field(description="Where the pupil keeps it; null: here", examples=[None])
    activities: list[Written] = Field(description="What the pupil did")
    talks: list[Written] = Field(description="Career talks, in four steps")


class PlusShared(fields.Shown):
    """The plusdocument."""

    achievements: list[Written] = Field(description="What the pupil did besides")


class FileShared(fields.Shown):
    """A file, to be fetched apart."""

    file_id: str = Field(description="Key of the file", examples=[fields.KEY])
    title: str = Field(description="What the pupil says it is", examples=["First aid certificate"])
    kind: Literal["pdf", "png", "jpeg"] = Field(description="Told by its content", examples=["pdf"])
    size: int = Field(description="Bytes", examples=[48211])
