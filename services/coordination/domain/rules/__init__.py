"""The rules that say when a pupil is at risk: process facts with evidence, never a score on a person."""

from collections.abc import Mapping

from services.coordination.domain.rules import applications, dossiers, enrolments, handovers, people
from services.coordination.domain.rules.rule import Rule

RULES: Mapping[str, Rule] = {
    "no-application": applications.NO_APPLICATION,
    "last-path-lost": applications.LAST_PATH_LOST,
    "dossier-incomplete": dossiers.DOSSIER_INCOMPLETE,
    "handover-unanswered": handovers.UNANSWERED,
    "warm-handover-open": handovers.WARM_HANDOVER_OPEN,
    "not-placed": applications.NOT_PLACED,
    "exam-changed-the-plan": dossiers.EXAM_CHANGED_THE_PLAN,
    "not-enrolled": enrolments.NOT_ENROLLED,
    "not-started": enrolments.NOT_STARTED,
    "absence-threshold": people.ABSENCE_THRESHOLD,
    "early-exit": enrolments.EARLY_EXIT,
    "switch-considered": enrolments.SWITCH_CONSIDERED,
    "concern": people.CONCERN,
    "double-enrolment": enrolments.DOUBLE_ENROLMENT,
    "not-listed": people.NOT_LISTED,
}
"""Id (protocol 8) → rule. Its stages, route and action are data of the agreement, under the same id."""
