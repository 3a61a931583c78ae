"""A signal: a rule fired. Its reason goes, or whom it is for first says that it needs nobody."""

from dataclasses import replace
from datetime import datetime

from services.coordination.domain.case import Case, Risk
from shared.core.machine import Machine, moves

REASONS = ("known-already", "arranged", "facts-wrong", "does-not-apply")
"""Codes with which a person may dismiss a signal."""
FIRST, RULE, FACTS = frozenset({"first of the route", "owner of the action"}), frozenset({"rule"}), frozenset({"facts"})
SIGNAL = Machine(
    "at-risk signal",
    "open",
    moves(
        [
            ("open", "dismiss", FIRST, "dismissed"),
            ("open", "reason gone", FACTS, "cleared"),
            ("dismissed", "next stage", RULE, "open"),
            ("dismissed", "reason gone", FACTS, "cleared"),
            ("cleared", "fire again", RULE, "open"),
        ]
    ),
)


def state_of(risk: Risk) -> str:
    """Where a signal stands in the table."""
    if risk.open:
        return "open"
    return "dismissed" if risk.dismissed else "cleared"


def sides(case: Case, risk: Risk, organisation: str) -> frozenset[str]:
    """What an organisation is to a signal: the first who hears it, the owner of its action, or neither."""
    first = {"first of the route"} if risk.route and risk.route[0].organisation == organisation else set()
    actions = (a for a in case.actions.values() if a.open and a.about == risk.risk_id)
    owns = any(action.owner.organisation == organisation for action in actions)
    return frozenset(first | ({"owner of the action"} if owns else set()))


def dismissed(case: Case, risk_id: str, reason: str, organisation: str, now: datetime) -> Case:
    """The case in which a signal is dismissed: it fires no more at this severity, unless its reason goes and comes
    back. Raises `Forbidden` for who is neither, `IllegalMove` when it does not stand."""
    risk = case.risks[risk_id]
    SIGNAL.after(state_of(risk), "dismiss", sides(case, risk, organisation))
    after = replace(risk, cleared_at=now, dismissed=risk.severity, dismissed_reason=reason)
    return replace(case, risks={**case.risks, risk_id: after})
