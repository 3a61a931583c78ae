"""The words that the APIs share: codes and keys with what they mean and an example, for bodies, answers and paths."""

import re
from datetime import date
from typing import Annotated, Any

from fastapi import Path
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints
from pydantic_core import PydanticCustomError

from shared.schemas import envelope
from shared.schemas.coordination import Severity

PUPIL, KEY = "mfzgcy3dmvtgk4tfnzrwk3lfm4", "p2j5oa7xk3v6wq4tz5ru2bhe7m"


def said(description: str, example: Any) -> Any:
    """What a field of a body or an answer means."""
    return Field(description=description, examples=[example])


def in_path(description: str, example: Any) -> Any:
    """What a part of a path means."""
    return Path(description=description, examples=[example])


PUPIL_REF = "Reference of the pupil, the same in every service; holds no personal number"
PupilRef = Annotated[envelope.PupilRef, said(PUPIL_REF, PUPIL)]
PupilInPath = Annotated[envelope.PupilRef, in_path(PUPIL_REF, PUPIL)]
Cohort = Annotated[envelope.Cohort, said("School year of the intended start; 2027 begins on 1 August 2027", 2027)]
VoSite = Annotated[envelope.VoSite, said("Vo site: BRIN and two digits", "99AA00")]
MboInstitution = Annotated[envelope.MboInstitution, said("Mbo institution: BRIN", "99MA")]
Organisation = Annotated[envelope.Organisation, said("Vo site, mbo institution, municipality or region", "99AA00")]
Region = Annotated[envelope.Region, said("Region of the Doorstroompunt, 01 to 40", "15")]
Municipality = Annotated[envelope.Municipality, said("Municipality (CBS code)", "0344")]
PersonalNumber = Annotated[
    str,
    Field(
        pattern="^[0-9]{9}$",
        description="BSN or onderwijsnummer (eleven test); stays inside this service",
        examples=["999990007"],
        json_schema_extra={"format": "pgn"},
    ),
]
Programme = Annotated[envelope.Crebo, said("Programme (crebo)", "25655")]
Pathway = Annotated[str, Field(pattern="^(bol|bbl)$", description="Pathway: bol or bbl", examples=["bol"])]
Role = Annotated[str, said("Role at that organisation", "mentor")]
PersonRef = Annotated[str | None, said("Reference of a member of staff, never a name; null: not known", KEY)]
Rule = Annotated[envelope.Code, said("Rule or action that this is about", "no-application")]
SeverityCode = Annotated[Severity, said("How grave it is: notice, warning or risk", "warning")]

PRINTABLE = r"^[^\x00-\x1f\x7f]*$"
WRITTEN = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f]*$"
Line = Annotated[str, StringConstraints(pattern=PRINTABLE)]
"""One line of text, without control characters: a database can not keep them all."""
Prose = Annotated[str, StringConstraints(pattern=WRITTEN)]
"""Text that may have line breaks."""


def _written(form: str, kind: str) -> BeforeValidator:
    """Only this way of writing: a number would be read as seconds since 1970."""

    def check(value: Any) -> Any:
        if not isinstance(value, str) or not re.match(form, value):
            raise PydanticCustomError(kind, "not written as it should be")
        return value

    return BeforeValidator(check)


Flag = Annotated[bool, Strict()]
"""Yes or no; a number or a word is neither."""
CivilDate = Annotated[date, _written(r"(19|20)\d\d-\d\d-\d\d$", "date_parsing")]
Moment = Annotated[AwareDatetime, _written(r"20\d\d-\d\d-\d\d[Tt]", "datetime_parsing")]
"""Of this century, with any offset (/core/date-time/timezone)."""


class Shown(BaseModel):
    """Base of what is answered, made from whatever has these attributes."""

    model_config = ConfigDict(from_attributes=True)


class Page(Shown):
    """One page of a list."""

    next: str | None = Field(description="`after` of the following page; null on the last one", examples=[None])
