"""Words and colours for codes: message ids, translated in the templates."""

from shared.web.texts import marked
from shared.web.words import programme, rule

STATUSES = {
    "submitted": (marked("Application sent"), "new"),
    "received": (marked("Application received"), "received"),
    "offered": (marked("Place offered"), "busy"),
    "enrolled": (marked("Enrolled"), "done"),
    "rejected": (marked("Application rejected"), "escalated"),
    "withdrawn": (marked("Application withdrawn"), "neutral"),
}
"""Status of an application → its name and the kind of its tag."""

OUTCOMES = {
    "placed": marked("Placed"),
    "provisional": marked("Placed for the time being"),
    "rejected": marked("Turned down"),
    "other_advice": marked("Other advice"),
    "further_study": marked("Further investigation"),
}
REASONS = {
    "capacity": marked("The programme is full"),
    "prior_education": marked("Prior education does not give admission"),
    "wrong_level": marked("The level does not fit"),
    "other_programme": marked("Another programme fits better"),
    "more_information": marked("More information is needed"),
    "not_reachable": marked("The pupil can not be reached"),
    "other": marked("Another reason"),
}
HANDOVERS = {
    "offered": (marked("Offered, not opened yet"), "new"),
    "opened": (marked("Opened, not taken over yet"), "received"),
    "accepted": (marked("Taken over"), "done"),
    "refused": (marked("Dossier refused"), "escalated"),
    "withdrawn": (marked("Taken back by the school"), "neutral"),
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
ROLES = {
    "mentor": marked("mentor"),
    "decaan": marked("careers adviser"),
    "intaker": marked("intaker"),
    "intake_coordinator": marked("intake coordinator"),
    "slber": marked("study career adviser"),
    "leerplicht": marked("school attendance officer"),
    "doorstroompunt": marked("Doorstroompunt officer"),
    "region_coordinator": marked("regional coordinator"),
}
EVERYTHING = {
    "statuses": STATUSES,
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
