"""Words and colours for talks: message ids, translated in the templates."""

from shared.schemas.vocabulary import codes
from shared.web.texts import marked
from shared.web.words import ACTIONS, ROLES, TALK_FORMS

GROUPS = {
    "plan": (marked("To plan"), marked("Somebody asked for these talks. Agree on a moment.")),
    "week": (marked("Today and this week"), marked("These talks are planned in the coming seven days.")),
    "record": (marked("To record"), marked("The moment of these talks is past. Say what came of them.")),
    "agreed": (marked("Agreed, not done yet"), marked("These talks were held. Something is still to be done.")),
    "later": (marked("Later"), marked("These talks are planned further ahead.")),
    "done": (marked("Talks done"), marked("These talks were held, and everything that was agreed is done.")),
}
"""Group of the list → its heading and what it is; most urgent first."""
STATUSES = {
    "requested": (marked("Talk asked for"), "new"),
    "planned": (marked("Talk planned"), "received"),
    "held": (marked("Talk held"), "done"),
    "missed": (marked("Talk missed"), "escalated"),
}
SIDES = {"vo": marked("The school"), "mbo": marked("The mbo")}
MISSED = {
    "vo_absent": marked("The school was not there"),
    "mbo_absent": marked("The mbo was not there"),
    "pupil_absent": marked("The pupil was not there"),
    "cancelled": marked("It was called off"),
    "other": marked("Another reason"),
}
FOLLOW_UPS = {code: ACTIONS[code] for code in codes.FOLLOW_UPS.codes} | {"other": marked("Something else")}
PEOPLE = {
    **{
        role: ROLES[role] for role in ("mentor", "decaan", "care_coordinator", "intaker", "intake_coordinator", "slber")
    },
    "team_leader": marked("team leader of the mbo"),
    "transition_coach": marked("transition coach"),
    "pupil": ROLES["pupil"],
    "parent": marked("parent or guardian"),
}
"""Roles that may take part in a talk."""
EVERYTHING = {
    "groups": GROUPS,
    "statuses": STATUSES,
    "sides": SIDES,
    "missed": MISSED,
    "follow_ups": FOLLOW_UPS,
    "people": PEOPLE,
    "forms": TALK_FORMS,
}
"""For the templates."""
