"""Under which version of the agreement a transition is decided: the one it was opened on, until people decide else."""

from dataclasses import replace
from datetime import datetime

from services.coordination.domain.actions import AGREED, asked
from services.coordination.domain.case import Action, Case
from services.coordination.domain.facts import Known
from services.coordination.domain.rules.engine import terms_of
from services.coordination.domain.world.routing import World

ANEW = -1
"""Stage of an action that must be asked anew: whatever the new version asks counts as another matter."""


def pinned(case: Case, world: World) -> World:
    """The world under the agreement on which a transition was opened; it stays on that version."""
    return world.under(case.transition.agreement) if case.transition else world


def moved(case: Case, known: Known, version: str, world: World, now: datetime) -> Case:
    """The case, taken over to another version: every rule looks anew, an action of which that version asks something
    else gets its owner and its date, and what it does not watch is no signal any more. What people agreed on
    themselves, and what both versions ask alike, stays as it is."""
    assert case.transition
    around = world.under(version)
    before, after = (asked(case, known, under, now) for under in (pinned(case, world), around))
    off = {key: replace(r, cleared_at=now) for key, r in case.risks.items() if r.open and not terms_of(r.rule, around)}
    anew = {
        key: replace(action, stage=ANEW)
        for key, action in case.actions.items()
        if action.open and not action.about.startswith(AGREED) and before.get(of := _of(action)) != after.get(of)
    }
    transition = replace(case.transition, agreement=version, checks={})
    return replace(case, transition=transition, risks={**case.risks, **off}, actions={**case.actions, **anew})


def _of(action: Action) -> tuple[str, str]:
    return action.kind, action.about
