"""Who may read what of a dossier: one table, for the API, the pages and, mirrored, the policies of the database."""

from dataclasses import dataclass
from typing import Literal

from services.dossier.domain.transfer import PART_OF
from shared.core.actor import Role
from shared.schemas.dossiers import HandoverStatus

S = HandoverStatus
ANSWERING = frozenset({Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SCHOOL_SYSTEM})
"""Who opens, accepts and refuses on the side of the institution."""
WITH_CARE = frozenset({Role.DECAAN, Role.CARE_COORDINATOR, Role.SCHOOL_SYSTEM})
"""Who reads and writes the care part of every pupil of the school; the pupil's own mentor does that of the pupil."""

# Part, state of the handover: which roles of the institution may read it, and why. What is not here, none of them may.
INSTITUTION: dict[tuple[str, HandoverStatus], dict[Role, str]] = {
    ("list", S.OPENED): dict.fromkeys(ANSWERING, "handover"),
    ("mentor", S.OPENED): dict.fromkeys(ANSWERING, "handover"),
    ("list", S.ACCEPTED): dict.fromkeys(ANSWERING, "intake") | {Role.SLBER: "guidance"},
    ("mentor", S.ACCEPTED): dict.fromkeys(ANSWERING, "intake") | {Role.SLBER: "guidance"},
    ("care", S.ACCEPTED): dict.fromkeys(ANSWERING, "intake") | {Role.SLBER: "guidance"},
}
PURPOSES = ("handover", "intake", "guidance")
"""Why an institution reads: to answer the offer, for the intake, or to guide the student."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who wants to read, by how they stand to the pupil."""

    relation: Literal["school", "institution", "pupil"]
    role: Role
    mentor: bool = False
    """The pupil's own mentor, or the deputy."""
    inspects: bool = False
    """The pupil has the age to inspect the dossier without the parents."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether it may be read: the purpose by default, or the code of the refusal."""

    allowed: bool
    code: str


def may_read(reader: Reader, status: HandoverStatus | None, category: str) -> Verdict:
    """The one decision on reading. `status`: of the handover to the reader's institution; None: there is none.

    That a category is withheld is no part of it: what is withheld is not there to be read.
    """
    part = PART_OF[category]
    if reader.relation == "pupil":
        return Verdict(True, "inspection") if reader.inspects else Verdict(False, "parents_inspect")
    if reader.relation == "school":
        if part != "care" or reader.role in WITH_CARE or reader.mentor:
            return Verdict(True, "own_pupil")
        return Verdict(False, "care_role")
    readers = INSTITUTION.get((part, status)) if status else None
    if not readers:
        return Verdict(
            False, "not_accepted" if status is S.OPENED else "not_opened" if status is S.OFFERED else "ended"
        )
    if reader.role not in readers:
        return Verdict(False, "role")
    return Verdict(True, readers[reader.role])
