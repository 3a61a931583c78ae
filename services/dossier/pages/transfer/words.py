"""Words for transfer data: categories, what a mentor is asked about each, and how far it is. Message ids."""

from shared.web.texts import marked

CATEGORIES = {
    "administrative": marked("Who the pupil is"),
    "education_history": marked("Education so far"),
    "results": marked("Results of learning"),
    "internship_and_work": marked("Internship and work"),
    "advice": marked("Advice of the school"),
    "cognitive": marked("Learning and thinking"),
    "social_emotional": marked("Working together, behaviour and well-being"),
    "support": marked("Support, and what is in the way of learning"),
    "absence": marked("Unauthorised absence of this school year"),
}
"""Category of the closed list → its name, in the order of the list."""
PROMPTS = {
    "results": (
        marked("Which subjects go well, and which do not?"),
        marked("Is the diploma or certificate within reach?"),
    ),
    "internship_and_work": (
        marked("Where did the pupil do an internship or work?"),
        marked("What went well there, and what was learned?"),
    ),
    "advice": (
        marked("Which programme and level does the school advise, and why?"),
        marked("What should the new school pay attention to?"),
    ),
    "cognitive": (
        marked("How does the pupil learn best?"),
        marked("How do reading, language and arithmetic go?"),
    ),
    "social_emotional": (
        marked("How does the pupil work with others?"),
        marked("What motivates the pupil, and what does not?"),
    ),
    "support": (
        marked("What is in the way of learning, and what helps?"),
        marked("Which support did the pupil get, and should it go on?"),
        marked("Only what the new school needs to teach and guide: no diagnosis that does not matter there."),
    ),
    "absence": (
        marked("How much was the pupil absent without permission, and what was behind it?"),
        marked("What was agreed about it?"),
    ),
}
"""Category → questions that help to write."""
STATES = {
    "listed": (marked("From the pupil list"), "neutral"),
    "open": (marked("Not begun yet"), "new"),
    "in_progress": (marked("In progress"), "busy"),
    "complete": (marked("Ready"), "done"),
    "not_present": (marked("Nothing to tell"), "done"),
    "not_applicable": (marked("Does not apply"), "neutral"),
}
"""State of a category or part → its name and the kind of its tag."""
PARTS = {
    "pupil": marked("Part of the pupil"),
    "mentor": marked("Part of the mentor"),
    "care": marked("Care part"),
    "plus": marked("Plus document"),
}
WHOM = {"parents": marked("The parents"), "pupil": marked("The pupil")}
HOW = {
    "talk": marked("In a talk"),
    "letter": marked("By letter"),
    "mail": marked("By e-mail"),
    "portal": marked("In the pupil portal"),
    "other": marked("In another way"),
}
OBJECTORS = {"pupil": marked("The pupil"), "parent": marked("A parent")}
OBSTACLES = {
    "no_application": marked("No institution has received an application of this pupil."),
    "objection": marked("The pupil or a parent objects to handing over the dossier."),
    "not_informed": marked("Parents or pupil do not know yet what goes. Record that they were told."),
}
"""Why a dossier can not be offered yet."""
PURPOSES = {
    "handover": marked("to answer the offer"),
    "intake": marked("for the intake"),
    "guidance": marked("to guide the student"),
}
EVERYTHING = {
    "categories": CATEGORIES,
    "prompts": PROMPTS,
    "states": STATES,
    "parts": PARTS,
    "whom": WHOM,
    "how": HOW,
    "objectors": OBJECTORS,
    "obstacles": OBSTACLES,
    "purposes": PURPOSES,
}
"""For the templates."""
