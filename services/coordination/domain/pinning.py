"""Under which version of the agreement a transition is decided: the one it was opened on, until people decide else."""

from dataclasses import replace
from datetime import datetime

from services.coordination.domain.actions import AGREED
from services.coordination.domain.case import Case
from services.coordination.domain.rules.engine import terms_of
from services.coordination.domain.world.routing import World

ANEW = -1
"""Stage of an action that must be asked anew: whatever the new version asks counts as another matter."""


def pinned(case: Case, world: World) -> World:
    """The world under the agreement on which a transition was opened; it stays on that version."""
    return world.under(case.transition.agreement) if case.transition else world


def moved(case: Case, version: str, world: World, now: datetime) -> Case:
    """The case, taken over to another version: every rule looks anew, every action gets the owner and the date of that
    version, and what it does not watch is no signal any more. What people agreed on themselves stays."""
    assert case.transition
    around = world.under(version)
    off = {key: replace(r, cleared_at=now) for key, r in case.risks.items() if r.open and not terms_of(r.rule, around)}
    anew = {
        key: replace(action, stage=ANEW)
        for key, action in case.actions.items()
        if action.open and not action.about.startswith(AGREED)
    }
    transition = replace(case.transition, agreement=version, checks={})
    return replace(case, transition=transition, risks={**case.risks, **off}, actions={**case.actions, **anew})
