"""Words and colours for concerns: message ids, translated in the templates."""

from services.dossier.domain.concerns import AT_INSTITUTION, AT_SCHOOL, OFFICERS
from shared.web.texts import marked
from shared.web.words import ROLES

GROUPS = {
    "hear": (marked("For us"), marked("Somebody asks your organisation to look at these pupils.")),
    "asked": (marked("Raised by us, for others"), marked("You asked others to look at these pupils.")),
    "done": (marked("Ended"), marked("Somebody wrote down how these concerns ended.")),
}
"""Group of the list → its heading and what it is; most urgent first."""
STATUSES = {"open": (marked("Concern open"), "escalated"), "resolved": (marked("Concern ended"), "done")}
REASONS = {
    "choice_in_doubt": marked("Is in doubt about the choice"),
    "contact_lost": marked("Cannot be reached"),
    "often_absent": marked("Is often absent"),
    "progress": marked("Does not get any further"),
    "support_needed": marked("Needs guidance with the transition"),
    "start_uncertain": marked("It is not certain that the pupil will start"),
    "wants_to_stop": marked("Wants to stop with the programme"),
    "other": marked("Something else that asks for attention"),
}
RESOLUTIONS = {
    "talked": marked("Somebody talked with the pupil"),
    "support_arranged": marked("Guidance is arranged"),
    "choice_adjusted": marked("The choice was adjusted"),
    "no_ground": marked("There was no reason for concern"),
    "entered_in_error": marked("It was raised by mistake"),
    "other": marked("It ended in another way"),
}
OFFICER = "officer"
"""On the form: whichever officer it is by age and residence."""
ROUTE = {role: ROLES[role] for role in (*AT_SCHOOL, *AT_INSTITUTION, *OFFICERS)}
EVERYTHING = {
    "groups": GROUPS,
    "statuses": STATUSES,
    "reasons": REASONS,
    "resolutions": RESOLUTIONS,
    "route": ROUTE,
}
"""For the templates."""
