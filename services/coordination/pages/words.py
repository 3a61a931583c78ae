"""Words and colours for codes: message ids, translated in the templates."""

from shared.web.texts import marked
from shared.web.words import ROLES, action, rule

REASONS = {
    "done": marked("It is done"),
    "spoken": marked("I have spoken to the pupil"),
    "arranged": marked("It is arranged with somebody else"),
    "not-reached": marked("I could not reach the pupil"),
    "not-needed": marked("It is not needed"),
}
"""Why a person closes an action."""

CLOSED = {
    **REASONS,
    "fulfilled": marked("No longer needed"),
    "linked": marked("Goes on under another number"),
    "arrived": marked("The student has arrived"),
    "other_route": marked("The pupil goes another way"),
    "out_of_scope": marked("The pupil no longer belongs here"),
}
POSITIONS = {
    "lost": (marked("No application left"), "escalated"),
    "none": (marked("No choice yet"), "escalated"),
    "chosen": (marked("Choice made, not applied"), "new"),
    "applied": (marked("Applied"), "received"),
    "placed": (marked("Placed"), "busy"),
    "enrolled": (marked("Enrolled"), "done"),
    "started": (marked("Started"), "done"),
    "settled": (marked("Arrived"), "done"),
    "other_route": (marked("Another route"), "neutral"),
}
SEVERITIES = {
    "notice": (marked("Notice"), "received"),
    "warning": (marked("Warning"), "new"),
    "risk": (marked("Risk"), "escalated"),
}
NOT_KNOWN = {
    "identity": marked("No school has told who it is"),
}
"""Why it is not known how a pupil is doing."""
FACTS = {
    "application-date": marked("Last day to apply with a right to a place"),
    "choices": marked("Number of choices the school registered"),
    "live-applications": marked("Number of applications that still run"),
    "application-closed": marked("An application was turned down or withdrawn"),
    "closed-applications": marked("Number of applications that were closed"),
    "application-rejected": marked("The last application was turned down"),
    "application-withdrawn": marked("The last application was withdrawn"),
    "handover": marked("Number of the handover"),
    "institution": marked("Institution"),
    "offered": marked("The dossier was offered"),
    "opened": marked("The dossier was opened"),
    "not-opened": marked("The dossier was not opened"),
    "not-accepted": marked("The dossier was not accepted"),
    "basic-qualification": marked("The pupil has a basic qualification"),
    "age-limit": marked("The pupil is not younger than the age limit of the Doorstroompunt"),
    "no-dutch-residence": marked("The pupil does not live in the Netherlands"),
}
KINDS = {
    "organisations": marked("Organisations (organisaties)"),
    "contacts": marked("Contacts (contactpersonen)"),
}
EVERYTHING = {
    "action": action,
    "closed": CLOSED,
    "positions": POSITIONS,
    "rule": rule,
    "severities": SEVERITIES,
    "facts": FACTS,
    "roles": ROLES,
    "reasons": REASONS,
}
