"""The rules that say when a pupil is at risk: process facts with evidence, never a score on a person."""

from collections.abc import Mapping

from services.coordination.domain.rules import applications, handovers
from services.coordination.domain.rules.rule import Rule

RULES: Mapping[str, Rule] = {
    "no-application": applications.NO_APPLICATION,
    "last-path-lost": applications.LAST_PATH_LOST,
    "handover-unanswered": handovers.UNANSWERED,
}
"""Id (protocol 8) → rule. Its stages, route and action are data of the agreement, under the same id."""
