"""Words of the pupil's pages: message ids. A pupil is spoken to as "je", in short sentences."""

from services.dossier.domain.career import PartState
from shared.web.texts import marked

COMPETENCES = {
    "capacities": marked("Qualities: what am I good at?"),
    "motives": marked("Motives: what do I want, and why?"),
    "work_exploration": marked("Work: which work fits me?"),
    "career_steering": marked("Steering: how do I get where I want to be?"),
    "networking": marked("Network: who can help me?"),
}
"""The five career competences (Kuijpers), as a question to oneself."""
KINDS = {
    "activity": (marked("Activity"), marked("Add an activity")),
    "talk": (marked("Talk about my future"), marked("Add a talk")),
    "plus": (marked("Extra achievement"), marked("Add something extra")),
}
"""Kind of entry → its name, and the text of the button."""
STEPS = {
    "goal": marked("What did you want to find out?"),
    "result": marked("What did you do, and what came of it?"),
    "evaluation": marked("How did you like it?"),
    "conclusion": marked("What do you know about yourself now?"),
    "follow_up": marked("What will you do next?"),
    "look_back": marked("Look back: what did you experience?"),
    "reflect": marked("Reflect: what does that say about you?"),
    "look_ahead": marked("Look ahead: what do you want?"),
    "act": marked("Act: what is your next step?"),
    "what": marked("What did you do?"),
    "learned": marked("What can you do because of it?"),
}
TITLES = {
    "activity": marked("What was it? For example: open day, internship, assignment"),
    "talk": marked("With whom did you talk?"),
    "plus": marked("What is it? For example: certificate, job, volunteer work, sport"),
}
STATES = {
    PartState.OPEN: (marked("Not started yet"), "new"),
    PartState.IN_PROGRESS: (marked("Busy"), "busy"),
    PartState.COMPLETE: (marked("Done"), "done"),
    PartState.NOT_APPLICABLE: (marked("Not needed"), "neutral"),
}
PARTS = {
    "pupil": marked("Loopbaandossier"),
    "plus": marked("Plusdocument"),
}
CATEGORIES = {
    "administrative": marked("who you are"),
    "education_history": marked("your school and class"),
    "results": marked("how learning goes"),
    "internship_and_work": marked("your internship and work"),
    "advice": marked("the advice of your school"),
    "cognitive": marked("how you learn and think"),
    "social_emotional": marked("how you work together and how you are doing"),
    "support": marked("the support you get"),
    "absence": marked("absence without permission"),
    "career": marked("your loopbaandossier"),
    "pupil": marked("your loopbaandossier"),
    "plus": marked("your plusdocument"),
    "files": marked("your files"),
}
"""Part of a dossier → what it is, said to the pupil."""
NEXT = {
    "register-application": marked("You apply at an mbo"),
    "hold-intake": marked("The mbo talks with you (the intake)"),
    "confirm-enrolment": marked("The mbo enrols you"),
    "confirm-start": marked("The mbo says whether you have started"),
    "answer-handover": marked("The mbo reads your dossier and answers"),
    "talk-to-pupil": marked("Somebody of your school talks with you about your application"),
}
"""Next action → what it means for the pupil."""
FILES = {"pdf": "PDF", "png": "PNG", "jpeg": "JPEG"}
SHARED = {"career": PARTS["pupil"], "plus": PARTS["plus"]}
"""The same parts by the names under which an institution reads them."""
EVERYTHING = {
    "competences": COMPETENCES,
    "kinds": KINDS,
    "steps": STEPS,
    "titles": TITLES,
    "states": STATES,
    "parts": PARTS,
    "shared": SHARED,
    "files": FILES,
}
"""For the templates."""
