"""Words and colours for other routes and exam results: message ids, translated in the templates."""

from services.dossier.domain.exams import Caution
from shared.web.texts import gettext as _
from shared.web.texts import marked

ROUTES = {
    "repeats_year": marked("Repeats the year"),
    "havo": marked("Goes to havo"),
    "vavo": marked("Goes to vavo"),
    "mbo_elsewhere": marked("Goes to an mbo that does not take part here"),
    "stays_in_vso_or_pro": marked("Stays in vso or pro, as planned"),
    "work": marked("Goes to work"),
    "private_education": marked("Goes to private education"),
    "abroad": marked("Goes abroad"),
    "exempt": marked("Is exempt from compulsory education"),
    "closed_institution": marked("Stays in a closed institution"),
    "deceased": marked("Has died"),
}
STATUSES = {
    "registered": (marked("Registered, not confirmed yet"), "busy"),
    "confirmed": (marked("Confirmed"), "done"),
    "withdrawn": (marked("Withdrawn"), "neutral"),
}
EVIDENCE = {
    "school_statement": marked("Statement of the school"),
    "parent_statement": marked("Statement of a parent or the pupil"),
    "enrolment": marked("Proof of enrolment"),
    "contract": marked("Contract of employment"),
    "municipality": marked("Message of the municipality"),
}
RESULTS = {
    "passed": (marked("Passed"), "done"),
    "failed": (marked("Failed"), "escalated"),
    "resit": (marked("Resit"), "busy"),
    "retracted": (marked("No result yet"), "neutral"),
}
EVERYTHING = {"routes": ROUTES, "statuses": STATUSES, "evidence": EVIDENCE, "results": RESULTS}
"""For the templates."""


def caution(found: Caution) -> str:
    """Why a choice may not fit."""
    if found.code == "programme":
        return _("Please note: this programme is level %(level)s.", level=found.level)
    if found.code == "entry":
        return _("Please note: entry level is for pupils without a diploma that gives admission to a higher level.")
    told = {"track": found.track, "level": found.level}
    if found.code == "exam":
        return _(
            "Please note: with this exam result %(track)s does not give admission to level %(level)s any more.", **told
        )
    if found.code == "institution":
        return _("Please note: with %(track)s the institution decides on admission to level %(level)s.", **told)
    return _("Please note: %(track)s does not give admission to level %(level)s.", **told)
