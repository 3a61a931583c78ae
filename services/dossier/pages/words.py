"""Words and colours for codes: message ids, translated in the templates."""

from services.dossier.domain.progress import Todo
from services.dossier.domain.transfer import SectionState
from services.dossier.pages.concerns.words import REASONS as CONCERN_REASONS
from services.dossier.pages.talks.words import STATUSES as TALKS
from services.dossier.pages.transfer import words as transfer
from services.dossier.pages.year_end.words import RESULTS, ROUTES
from services.dossier.pages.year_end.words import STATUSES as ROUTE_STATUSES
from shared.web.texts import marked
from shared.web.words import APPLICATIONS, HANDOVERS, OUTCOMES, ROLES, programme, rule

TODOS = {
    Todo.REFUSED: (
        marked("Dossier refused"),
        marked("The institution refused the dossier. Read why, and talk with the pupil or the institution."),
        "escalated",
    ),
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
    Todo.INCOMPLETE: (
        marked("Dossier not complete"),
        marked("An institution has received the application. Complete the dossier, so that it can go."),
        "new",
    ),
    Todo.INFORM: (
        marked("To inform"),
        marked("The dossier is complete. Tell the pupil or the parents what goes before you hand it over."),
        "new",
    ),
    Todo.READY: (
        marked("Ready to hand over"),
        marked("An institution has received the application. You can hand over the dossier."),
        "busy",
    ),
    Todo.TALK: (
        marked("Warm handover to plan"),
        marked("A talk with the institution was asked for and has no date yet."),
        "busy",
    ),
    Todo.EXAM: (
        marked("Exam result missing"),
        marked("The exam results are out. Record what became of these pupils."),
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
    Todo.OTHER_ROUTE: (
        marked("Other route"),
        marked("These pupils do not go to the mbo. There is nothing left to do."),
        "neutral",
    ),
    Todo.DONE: (
        marked("Done"),
        marked("The institution has taken over the dossier, or the pupil has started."),
        "done",
    ),
}
"""Group of the class list → its heading, what it is, and the kind of its tag; most urgent first."""

ACTIONS = {
    Todo.REFUSED: (marked("Read why"), "#handovers"),
    Todo.NO_CHOICE: (marked("Record a choice"), "/choice"),
    Todo.INCOMPLETE: (marked("Complete the dossier"), "/parts"),
    Todo.INFORM: (marked("Record informing"), "/informing"),
    Todo.READY: (marked("Hand over"), "/handover"),
    Todo.TALK: (marked("Plan the talk"), "#year-end"),
    Todo.EXAM: (marked("Record the result"), "/exam"),
}
"""Group → what its button says, and where it leads from the pupil's own page."""
VIEW = (marked("View"), "")
"""The button of any other group."""
STEP_NAMES = {
    "choice": marked("Choice"),
    "dossier": marked("Dossier"),
    "applied": marked("Applied"),
    "handed_over": marked("Handed over"),
    "started": marked("Started"),
}
"""The steps in a row of the class list."""
HANDOVER_KINDS = {
    "cold": marked("Only the dossier"),
    "warm": marked("The dossier and a talk (warm handover)"),
}
GROUPS_OF_PARTS = {
    "list": (marked("From the pupil list"), marked("This comes from the list of pupils and the choices.")),
    "mentor": (marked("Of the mentor"), marked("The mentor or the careers adviser writes this.")),
    "care": (
        marked("Care part"),
        marked("Only the mentor, the careers adviser and the care coordinator can read and write this."),
    ),
}
SECTION_CHOICES = {
    SectionState.IN_PROGRESS: marked("I go on later"),
    SectionState.COMPLETE: marked("This is finished"),
    SectionState.NOT_PRESENT: marked("The school has nothing about this"),
}
MENDED = {
    "no_application": "#applications",
    "not_informed": "/informing?back=handover",
    "objection": "/objections",
}
"""What keeps a dossier from going, and where on the pages of the pupil that is mended."""
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
    "dossiers": marked("What dossiers hold (dossiers)"),
    "information": marked("Who was told what leaves (geinformeerd)"),
    "talks": marked("Talks with institutions (gesprekken)"),
    "exam-results": marked("Exam results (uitslagen)"),
    "routes": marked("Other routes than the mbo (routes)"),
}
SERVICES = {
    "dossier": marked("Dossiers"),
    "intake": marked("Intakes"),
    "coordination": marked("Transitions"),
    "notifications": marked("Alerts"),
    "signals": marked("Regional picture"),
}
EVERYTHING = {
    "transfer": transfer.EVERYTHING,
    "todos": TODOS,
    "steps": STEP_NAMES,
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
    "talk_statuses": TALKS,
    "concern_reasons": CONCERN_REASONS,
    "routes": ROUTES,
    "route_statuses": ROUTE_STATUSES,
    "results": RESULTS,
}
"""For the templates."""
