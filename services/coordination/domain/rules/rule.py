"""The shape of a rule: small pure functions over what is known. When it fires and who hears it, the agreement says."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from services.coordination.domain.case import Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.world.agreed import Timing
from services.coordination.domain.world.routing import World
from shared.schemas.coordination import Evidence, Severity

WEIGHT = {Severity.NOTICE: 1, Severity.WARNING: 2, Severity.RISK: 3}


@dataclass(frozen=True, slots=True)
class Began:
    """When that began which a rule watches, and where school days are counted from then on."""

    at: datetime
    organisation: str


def whole(_known: Known) -> Iterable[str]:
    """The transition as a whole is watched."""
    return [""]


def _nowhere(_known: Known, _about: str) -> Began | None:
    return None


def _no_institution(_known: Known, _about: str) -> str | None:
    return None


def _from_the_first(_known: Known, _about: str) -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `about` is what it watches: a handover, an enrolment, or "" for the transition as a whole."""

    timing: Timing
    """What its stages are counted from: every stage of its terms must say so."""
    watches: Callable[[Known], Iterable[str]]
    settled: Callable[[Transition, Known, str], bool]
    """Whether there is no reason (any more). What counts of the applications is the position of the transition."""
    evidence: Callable[[Known, int, str, World], tuple[Evidence, ...]]
    began: Callable[[Known, str], Began | None] = _nowhere
    """For stages in school days."""
    institution: Callable[[Known, str], str | None] = _no_institution
    """Whom the route means by `institution`."""
    first_stage: Callable[[Known, str], int] = _from_the_first
    """Number of the first stage that still counts: what was opened can no longer be unopened."""
    ahead: bool = False
    """Whether what it asks must be done already before it fires: the action stands from the beginning."""
