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
REJECTIONS = ("capacity", "prior_education", "wrong_level", "not_reachable", "other")
WITHDRAWALS = {
    "other_institution": marked("Goes to another institution"),
    "other_programme": marked("Another programme fits better"),
    "other_route": marked("Goes another way: vo, work, abroad"),
    "not_reachable": marked("The pupil can not be reached"),
    "other": marked("Another reason"),
}
DECISIONS = {
    "receive": marked("Receive the application"),
    "offer": marked("Offer a place"),
    "enrol": marked("Enrol"),
    "reopen": marked("Reopen the application"),
    "undo": marked("Undo the last decision"),
}
"""Decision without a reason → what its button says."""
CHANNELS = {
    "csv": marked("by file"),
    "api": marked("by the institution's own system"),
    "page": marked("on a page of Overstap"),
    "overstap": marked("decided in Overstap"),
    "sis": marked("by the national chain, from the student administration"),
    "cambo": marked("by the national chain, from Centraal Aanmelden"),
}
FORMS = {"on_site": marked("On site"), "online": marked("Online"), "phone": marked("By phone")}
INTAKES = {
    "expected": (marked("Not invited yet"), "new"),
    "invited": (marked("Invited"), "received"),
    "planned": (marked("Intake planned"), "busy"),
    "missed": (marked("Intake missed"), "escalated"),
    "done": (marked("Intake held"), "done"),
    "closed": (marked("Application ended"), "neutral"),
}
"""Where an intake stands → its name and the kind of its tag."""
ENROLMENTS = {
    "enrolled": (marked("Start not known yet"), "new"),
    "not_started": (marked("Not started"), "escalated"),
    "started": (marked("Started"), "done"),
    "ended": (marked("Enrolment ended"), "neutral"),
}
SWITCHES = {
    "registered": marked("It is considered"),
    "started": marked("Begun at the new programme"),
    "cancelled": marked("It does not go on"),
}
ABSENCES = {
    "registered": marked("Registered"),
    "in_progress": marked("In progress"),
    "noted": marked("Taken note of"),
    "closed": marked("Closed"),
    "withdrawn": marked("Withdrawn"),
}
END_REASONS = {
    1: marked("1 – Personal, the institution had no influence"),
    2: marked("2 – Personal, support was possible"),
    3: marked("3 – Has to do with the institution"),
    4: marked("4 – Choice of study or occupation"),
    5: marked("5 – Labour market or surroundings"),
    6: marked("6 – Without diploma, and yet successful"),
    7: marked("7 – Not known"),
}
"""Reason of leaving as in BRON."""
EVERYTHING = {
    "statuses": APPLICATIONS,
    "outcomes": OUTCOMES,
    "reasons": REASONS,
    "handover_states": HANDOVERS,
    "channels": CHANNELS,
    "roles": ROLES,
    "intakes": INTAKES,
    "enrolments": ENROLMENTS,
    "forms": FORMS,
    "decisions": DECISIONS,
    "withdrawals": WITHDRAWALS,
    "switches": SWITCHES,
    "absences": ABSENCES,
    "end_reasons": END_REASONS,
    "rule": rule,
    "programme": programme,
}
"""For the templates."""
