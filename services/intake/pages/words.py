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
CHANNELS = {
    "csv": marked("by file"),
    "api": marked("by the institution's own system"),
    "sis": marked("by the national chain, from the student administration"),
    "cambo": marked("by the national chain, from Centraal Aanmelden"),
}
EVERYTHING = {
    "statuses": APPLICATIONS,
    "outcomes": OUTCOMES,
    "reasons": REASONS,
    "handover_states": HANDOVERS,
    "channels": CHANNELS,
    "roles": ROLES,
    "rule": rule,
    "programme": programme,
}
"""For the templates."""
