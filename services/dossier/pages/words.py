"""Words and colours for codes: message ids, translated in the templates."""

from services.dossier.domain.progress import Todo
from shared.web.texts import marked
from shared.web.words import APPLICATIONS, HANDOVERS, OUTCOMES, ROLES, programme, rule

TODOS = {
    Todo.NO_CHOICE: (
        marked("No choice yet"),
        marked("Talk with these pupils and record what they choose."),
        "new",
    ),
    Todo.NO_APPLICATION: (
        marked("No application received yet"),
        marked("The pupil has chosen, but no institution has received an application."),
        "new",
    ),
    Todo.READY: (
        marked("Ready to hand over"),
        marked("An institution has received the application. You can hand over the dossier."),
        "busy",
    ),
    Todo.OFFERED: (
        marked("Handed over, not opened yet"),
        marked("The institution has not looked at the dossier yet."),
        "received",
    ),
    Todo.OPENED: (
        marked("Opened, not taken over yet"),
        marked("The institution has read the dossier, but has not taken it over yet."),
        "received",
    ),
    Todo.DONE: (marked("Done"), marked("The institution has taken over the dossier."), "done"),
}
"""Group of the class list → its heading, what it is, and the kind of its tag; most urgent first."""

STEPS = (
    ("offered_at", marked("Dossier offered to %(name)s")),
    ("opened_at", marked("Dossier opened by %(name)s")),
    ("accepted_at", marked("Dossier taken over by %(name)s")),
)
"""Moment of a handover → what happened then."""
ENDS = {
    "refused": marked("Dossier refused by %(name)s"),
    "withdrawn": marked("Dossier taken back from %(name)s"),
}
HANDOVER_KINDS = {
    "cold": marked("Only the dossier"),
    "warm": marked("The dossier and a talk (warm handover)"),
}
REASONS = {
    "capacity": marked("The programme is full"),
    "prior-education": marked("Prior education does not give admission"),
    "wrong-level": marked("The level does not fit"),
    "not-reachable": marked("The pupil can not be reached"),
    "other": marked("Another reason"),
    "error": marked("Offered by mistake"),
    "objection": marked("The pupil or a parent objects"),
}
RECEIVED = {
    "offered": (marked("New"), marked("Nobody here has opened these dossiers yet.")),
    "opened": (marked("Opened"), marked("Somebody has read these dossiers. Take them over, or refuse with a reason.")),
    "accepted": (marked("Taken over"), marked("These dossiers are yours to read.")),
}
"""Group of the received dossiers → its heading and what it is; most urgent first."""

FILES = {
    "pupil-list": marked("Pupil list (leerlingen): the full list of your site"),
    "choices": marked("Choices (keuzes)"),
    "handovers": marked("Handovers (overdrachten)"),
}
SERVICES = {
    "dossier": marked("Dossiers"),
    "intake": marked("Intakes"),
    "coordination": marked("Transitions"),
    "notifications": marked("Alerts"),
    "signals": marked("Regional picture"),
}
EVERYTHING = {
    "todos": TODOS,
    "applications": APPLICATIONS,
    "outcomes": OUTCOMES,
    "handovers": {"draft": (marked("Draft"), "neutral"), **HANDOVERS},
    "handover_kinds": HANDOVER_KINDS,
    "reasons": REASONS,
    "received": RECEIVED,
    "roles": ROLES,
    "rule": rule,
    "programme": programme,
    "files": FILES,
    "services": SERVICES,
}
"""For the templates."""
