"""Words and colours for codes: message ids, translated in the templates."""

from shared.web.texts import marked
from shared.web.words import APPLICATIONS, HANDOVERS, OUTCOMES, ROLES, programme, rule

REASONS = {
    "capacity": marked("The programme is full"),
    "prior_education": marked("Prior education does not give admission"),
    "wrong_level": marked("The level does not fit"),
    "other_programme": marked("Another programme fits better"),
    "more_information": marked("More information is needed"),
    "not_reachable": marked("The pupil can not be reached"),
    "other": marked("Another reason"),
}
TASKS = {
    "outcome": (
        marked("Record the outcome"),
        marked("The application is here, the outcome of the intake is not. The oldest first."),
    ),
    "unopened": (
        marked("Dossier offered, not opened yet"),
        marked("A school handed over a dossier. Nobody here has looked at it."),
    ),
    "expected": (
        marked("Expected: chose us, no application yet"),
        marked("The school registered a choice for your institution. There is no application yet."),
    ),
    "done": (marked("Finished"), marked("The outcome is recorded, or the application has ended. The newest first.")),
}
"""Group of the work list → its heading and what it is."""

CHANNELS = {"csv": marked("by file"), "api": marked("by the institution's own system")}
EVERYTHING = {
    "statuses": APPLICATIONS,
    "outcomes": OUTCOMES,
    "reasons": REASONS,
    "handover_states": HANDOVERS,
    "tasks": TASKS,
    "channels": CHANNELS,
    "roles": ROLES,
    "rule": rule,
    "programme": programme,
}
"""For the templates."""
