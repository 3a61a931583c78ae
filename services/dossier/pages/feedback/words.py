"""Feedback in words; English message ids, Dutch in the catalogue."""

from services.dossier.domain.feedback import Feedback, Figure, Kind
from shared.web.texts import gettext as _
from shared.web.texts import marked
from shared.web.words import APPLICATIONS, OUTCOMES

KINDS: dict[Kind, tuple[str, str]] = {
    Kind.NOT_STARTED: (
        marked("Did not start"),
        marked("The institution expected these pupils and has not seen them. Offer to help find them."),
    ),
    Kind.EARLY_EXIT: (
        marked("Stopped within 100 days"),
        marked("The institution looks for another place. What you know of the pupil can help."),
    ),
    Kind.SWITCH: (
        marked("Another programme"),
        marked("The pupil considers another programme, or has begun one. Offer to think along."),
    ),
    Kind.FURTHER_STUDY: (
        marked("The institution wants to know more"),
        marked("It can not decide yet. Call the institution, or see whether the dossier is complete."),
    ),
    Kind.PLACEMENT: (
        marked("Decision about a place"),
        marked("What institutions decided. Has a pupil been rejected? Then look for another place together."),
    ),
}
SWITCHES = {"registered": marked("Another programme is considered"), "started": marked("Began another programme")}
ALONE = {Kind.NOT_STARTED: marked("Not seen in class"), Kind.EARLY_EXIT: marked("Enrolment ended")}

FIGURES: dict[str, tuple[str, str]] = {
    Figure.EXPECTED: (
        marked("Pupils to the mbo"),
        marked("Pupils whom a school put on its list for this year, also if they are missing from a later list."),
    ),
    Figure.PLACED: (marked("Got a place"), marked("Offered a place, enrolled, or placed at an intake.")),
    Figure.STARTED: (marked("Began in the mbo"), marked("Seen in class, also when they left afterwards.")),
    "not-started": (marked("Not seen in the mbo"), marked("Enrolled, and not seen in class.")),
    "not-told": (
        marked("Start not known"),
        marked(
            "Nobody has told whether they started. Who goes another way, or no longer belongs here, counts here too."
        ),
    ),
    Figure.EARLY_EXIT: (marked("Left early"), marked("Enrolment ended without a diploma within 100 days.")),
    Figure.SWITCH: (marked("Other programme"), marked("Considered another programme, or began one.")),
    Figure.FURTHER_STUDY: (marked("To be looked into"), marked("The institution could not decide at the intake.")),
}
"""Rows of the figures → name and what it counts."""


def said(one: Feedback) -> str:
    """What was told, in words; a code we do not know is shown as it was told."""
    if one.kind in ALONE:
        return _(ALONE[one.kind])
    if one.kind is Kind.SWITCH:
        return _(SWITCHES.get(one.said, one.said))
    return _(APPLICATIONS[one.said][0] if one.said in APPLICATIONS else OUTCOMES.get(one.said, one.said))
