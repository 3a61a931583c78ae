"""Words for codes that the pages of several services show, so that one thing has one name everywhere."""

from urllib.parse import quote

from shared.core.reference import load
from shared.web.pages import ROLE_NAMES
from shared.web.texts import gettext as _
from shared.web.texts import marked

ROLES = {role.value: name for role, name in ROLE_NAMES.items()}
APPLICATIONS = {
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
"""What came out of an intake."""
HANDOVERS = {
    "offered": (marked("Offered, not opened yet"), "new"),
    "opened": (marked("Opened, not taken over yet"), "received"),
    "accepted": (marked("Taken over"), "done"),
    "refused": (marked("Dossier refused"), "escalated"),
    "withdrawn": (marked("Taken back by the school"), "neutral"),
}
"""How far a dossier has come, as both sides see it."""
TALK_FORMS = {
    "phone": marked("By phone"),
    "on_site": marked("On site"),
    "three_way": marked("With the pupil (three-way)"),
    "speed_date": marked("Speed date of two schools"),
}
"""How a talk between two schools is held."""
OVERDUE = "overdue-"
"""A signal about an action that was not done in time is called after it."""
RULES = {
    "no-application": marked("No application for the mbo"),
    "last-path-lost": marked("No application left"),
    "dossier-incomplete": marked("Dossier not complete"),
    "handover-unanswered": marked("Handover not answered"),
    "warm-handover-open": marked("Warm handover not held"),
    "not-placed": marked("Applied, not placed"),
    "exam-changed-the-plan": marked("Exam result changes the plan"),
    "not-enrolled": marked("Not enrolled"),
    "not-started": marked("Enrolled, not started"),
    "absence-threshold": marked("Absence reported"),
    "early-exit": marked("Left in the first 100 days"),
    "switch-considered": marked("Switch in the first 100 days"),
    "concern": marked("Concern of a member of staff"),
    "silent-partner": marked("Nothing heard of an organisation"),
    "vacant-role": marked("Nobody present in a role"),
    "double-enrolment": marked("Enrolled twice"),
    "not-listed": marked("No longer on the list of the school"),
}
ACTIONS = {
    "register-application": marked("See to it that the pupil applies"),
    "hold-intake": marked("Hold the intake"),
    "confirm-enrolment": marked("Confirm the enrolment"),
    "confirm-start": marked("Confirm that the pupil has started"),
    "answer-handover": marked("Answer the dossier that was offered"),
    "talk-to-pupil": marked("Talk to the pupil about the application"),
    "find-another-place": marked("Look for another place with the pupil"),
    "plan-intake-again": marked("Plan the missed intake again"),
    "confirm-other-route": marked("Confirm the other route"),
    "guide-first-days": marked("Guide the student in the first 100 days"),
    "answer-custody-offer": marked("Say whether you take the pupil on"),
    "confirm-custody": marked("Confirm that you have taken the pupil on"),
    "settle-custody": marked("Settle who takes the pupil on"),
    "complete-dossier": marked("Complete the dossier"),
    "hold-talk": marked("Hold the talk between the schools"),
    "decide-on-place": marked("Decide on a place"),
    "adjust-choice": marked("Adjust the choice with the pupil"),
    "find-out-where": marked("Find out where the pupil goes"),
    "reach-student": marked("Find out where the student is"),
    "handle-absence": marked("Handle the report of absence"),
    "talk-about-switch": marked("Talk to the student about the switch"),
    "look-into-concern": marked("Look into the concern"),
    "call-about-enrolments": marked("Call the student: which of the two is it?"),
    "explain-list": marked("Say why the pupil is no longer on the list"),
    "silent-partner": marked("Ask the organisation why nothing is heard"),
    "vacant-role": marked("Find somebody for the role"),
    "call_pupil": marked("Call the pupil"),
    "call_parents": marked("Call the parents"),
    "plan_visit": marked("Plan a visit to get acquainted"),
    "arrange_support": marked("Arrange guidance"),
    "send_information": marked("Send more information"),
    "involve_officer": marked("Involve leerplicht or the Doorstroompunt"),
    "other": marked("Do what was agreed"),
}
NOT_DONE = {
    "register-application": marked("apply for the mbo"),
    "hold-intake": marked("hold the intake"),
    "confirm-enrolment": marked("confirm the enrolment"),
    "confirm-start": marked("confirm the start"),
    "talk-to-pupil": marked("talk to the pupil"),
    "answer-handover": marked("answer the handover"),
    "find-another-place": marked("look for another place"),
    "plan-intake-again": marked("plan the intake again"),
    "confirm-other-route": marked("confirm the other route"),
    "guide-first-days": marked("guide the first 100 days"),
    "complete-dossier": marked("complete the dossier"),
    "hold-talk": marked("hold the talk"),
    "decide-on-place": marked("decide on a place"),
    "adjust-choice": marked("adjust the choice"),
    "find-out-where": marked("find out where the pupil goes"),
    "reach-student": marked("find out where the student is"),
    "handle-absence": marked("handle the report of absence"),
    "talk-about-switch": marked("talk about the switch"),
    "look-into-concern": marked("look into the concern"),
    "call-about-enrolments": marked("call about two enrolments"),
    "explain-list": marked("explain the list"),
    "silent-partner": marked("ask why nothing is heard"),
    "vacant-role": marked("find somebody for the role"),
    "call_pupil": marked("call the pupil"),
    "call_parents": marked("call the parents"),
    "plan_visit": marked("plan a visit"),
    "arrange_support": marked("arrange guidance"),
    "send_information": marked("send information"),
    "involve_officer": marked("involve an officer"),
    "other": marked("what was agreed"),
    "confirm": marked("confirm that you take over the pupil"),
}
"""The same actions behind "not done in time"."""


def rule(code: str) -> str:
    """What a signal is about; a rule we do not know is shown as it was told."""
    if code.startswith(OVERDUE):
        kind = code.removeprefix(OVERDUE)
        return (
            _("Not done in time: %(action)s", action=_(NOT_DONE[kind]))
            if kind in NOT_DONE
            else _("Action not done in time")
        )
    return _(RULES[code]) if code in RULES else code


def action(kind: str) -> str:
    """What must be done; a kind we do not know is shown as it was told."""
    return _(ACTIONS[kind]) if kind in ACTIONS else kind


def programme(crebo: str) -> str:
    """A programme by name, with its code; the code alone when it is in no table."""
    name = load().programme_name(crebo)
    return f"{name} ({crebo})" if name else crebo


def programme_page(template: str, crebo: str) -> str:
    """Address of the public page about a programme and its labour market; empty without a template.

    `template` may hold ``{crebo}`` and ``{name}``: the code and the name of the programme.
    """
    return template.format(crebo=crebo, name=quote(load().programme_name(crebo) or crebo))
