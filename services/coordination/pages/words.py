"""Words and colours for codes: message ids, translated in the templates."""

from shared.schemas.vocabulary import codes
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

DISMISSALS = {
    "known-already": marked("I knew this already"),
    "arranged": marked("It is arranged with somebody else"),
    "facts-wrong": marked("The facts are not right"),
    "does-not-apply": marked("It does not hold for this pupil"),
}
"""Why a person dismisses a signal."""

CLOSED = {
    **DISMISSALS,
    **REASONS,
    "fulfilled": marked("No longer needed"),
    "linked": marked("Goes on under another number"),
    "arrived": marked("The student has arrived"),
    "other_route": marked("The pupil goes another way"),
    "out_of_scope": marked("The pupil no longer belongs here"),
}
CLEARED = {**CLOSED, "fulfilled": marked("The reason for it is gone")}
"""Why a signal has passed."""
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
OFFERS = {
    "offered": (marked("To be answered"), "new"),
    "accepted": (marked("Accepted"), "done"),
    "in_effect": (marked("To be confirmed"), "busy"),
    "returned": (marked("Given back"), "escalated"),
    "settled": (marked("Given back and settled"), "neutral"),
}
BASES = {"statutory": marked("By law"), "agreed": marked("By agreement in the region")}
NOT_KNOWN = {
    "identity": marked("No school has told who it is"),
    "silence": marked("Nothing is heard of who knows"),
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
    "institution": marked("Institution"),
    "offered": marked("The dossier was offered"),
    "opened": marked("The dossier was opened"),
    "not-opened": marked("The dossier was not opened"),
    "not-accepted": marked("The dossier was not accepted"),
    "basic-qualification": marked("The pupil has a basic qualification"),
    "age-limit": marked("The pupil is not younger than the age limit of the Doorstroompunt"),
    "no-dutch-residence": marked("The pupil does not live in the Netherlands"),
    "enrolment-ended": marked("The enrolment ended"),
    "not-placed": marked("No place was decided on"),
    "not-enrolled": marked("Enrolled nowhere"),
    "placed-at": marked("Placed at"),
    "first-day-date": marked("First day in class"),
    "looked-date": marked("The institution looked on"),
    "not-seen": marked("Not seen in class"),
    "ended-date": marked("First day without enrolment"),
    "enrolled-at": marked("Enrolled at"),
    "switch-date": marked("Switch registered for"),
    "from-programme": marked("From programme"),
    "to-programme": marked("To programme"),
    "report-number": marked("Number of the report of absence"),
    "absence-kind": marked("Kind of report"),
    "reported-date": marked("Reported on"),
    "concern-reason": marked("Why attention is asked"),
    "raised-by": marked("Asked by"),
    "raised": marked("Asked on"),
    "site": marked("School site"),
    "not-on-list": marked("Not on the newest list of the school"),
    "dossier-incomplete": marked("The dossier is not complete"),
    "dossier-not-begun": marked("Nothing of the dossier is complete"),
    "part-pupil-open": marked("Part of the pupil is open"),
    "part-mentor-open": marked("Part of the mentor is open"),
    "part-care-open": marked("Part about care is open"),
    "part-plus-open": marked("Plus document is open"),
    "exam-passed": marked("Passed the exam"),
    "exam-failed": marked("Failed the exam"),
    "exam-date": marked("Result of the exam on"),
    "exam-track": marked("Track of the diploma"),
    "chosen-level": marked("Chosen level to which the exam does not admit"),
    "talk-requested": marked("The talk was asked for"),
    "talk-before-date": marked("The talk was to be held before"),
    "talk-planned": marked("The talk was planned for"),
    "talk-not-planned": marked("The talk was not planned"),
    "talk-not-held": marked("The talk was not held"),
    "started-date": marked("Seen in class since"),
    "organisation": marked("Organisation"),
    "vacant-role": marked("Nobody present in the role"),
    "last-heard": marked("Last heard on"),
    "never-heard": marked("Nothing was ever heard"),
    "allowed-school-days": marked("School days of silence that were agreed"),
}
"""Every fact that a rule gives as evidence, but for keys."""
KEYS = frozenset({"handover"})
"""Facts whose value is a key of the wire, which tells a person nothing."""
ORGANISATIONS = ("institution", "placed-at", "enrolled-at", "raised-by", "site")
"""Facts whose value is the code of an organisation."""
CODES = {
    "absence-kind": codes.ABSENCE_KINDS.codes,
    "concern-reason": codes.CONCERN_REASONS.codes,
}
"""Facts whose value is a code of the wire, with its Dutch text."""
KINDS = {
    "organisations": marked("Organisations (organisaties)"),
    "contacts": marked("Contacts (contactpersonen)"),
    "staff-absences": marked("Who is away (afwezigheid)"),
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
    "dismissals": DISMISSALS,
    "offers": OFFERS,
    "bases": BASES,
}
