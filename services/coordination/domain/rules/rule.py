"""The shape of a rule: small pure functions over what is known. When it fires and who hears it, the agreement says."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from services.coordination.domain.case import Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.world.agreed import Party, Timing
from services.coordination.domain.world.routing import World
from shared.schemas.coordination import Custodian, Evidence, Severity

WEIGHT = {Severity.NOTICE: 1, Severity.WARNING: 2, Severity.RISK: 3}
SEVERITIES = {weight: severity for severity, weight in WEIGHT.items()}


@dataclass(frozen=True, slots=True)
class Seen:
    """What a rule looks at: the facts of one pupil in one cohort, and what their transition was decided to be."""

    known: Known
    transition: Transition
    cohort: int
    world: World


@dataclass(frozen=True, slots=True)
class Began:
    """When that began which a rule watches, and where school days are counted from then on."""

    at: datetime
    organisation: str


def whole(_known: Known) -> Iterable[str]:
    """The transition as a whole is watched."""
    return [""]


def furthest(known: Known, _about: str) -> str | None:
    """Where the pupil has come furthest; None when no application is live."""
    return known.live[0].institution if known.live else None


def _never(_seen: Seen, _about: str) -> bool:
    return False


def _nowhere(_known: Known, _about: str) -> Began | None:
    return None


def _no_institution(_known: Known, _about: str) -> str | None:
    return None


def _nobody(_known: Known, _about: str) -> Mapping[Party, tuple[Custodian, ...]]:
    return {}


def _from_the_first(_known: Known, _about: str) -> int:
    return 0


def _as_agreed(_known: Known, _about: str) -> Severity | None:
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule. `about` is what it watches: a handover, an enrolment, or "" for the transition as a whole."""

    timing: Timing
    """What its stages are counted from: every stage of its terms must say so."""
    fires: str
    """When it fires, for people."""
    clears: str
    """When the reason has gone, for people."""
    watches: Callable[[Known], Iterable[str]]
    """What there is to watch now, by the newest facts alone. What is watched no more has lost its reason."""
    settled: Callable[[Seen, str], bool] = _never
    """Whether there is no reason (any more) for what is watched. What counts of the applications is the position of the
    transition: that one waits until it has been quiet."""
    evidence: Callable[[Seen, str], tuple[Evidence, ...]]
    began: Callable[[Known, str], Began | None] = _nowhere
    """For stages in school days; for stages by day, of what was not there before that day it is not asked."""
    institution: Callable[[Known, str], str | None] = _no_institution
    """Whom the route means by `institution`."""
    named: Callable[[Known, str], Mapping[Party, tuple[Custodian, ...]]] = _nobody
    """Whom the route means by a party that only what is watched can name."""
    names: tuple[Party, ...] = ()
    """Those parties."""
    severity: Callable[[Known, str], Severity | None] = _as_agreed
    """How serious who asked for attention says it is; None: what was agreed."""
    first_stage: Callable[[Known, str], int] = _from_the_first
    """Number of the first stage that still counts: what was opened can no longer be unopened."""
    patient: bool = False
    """Whether it looks only after a minute: what is told then may be put right by what is still on its way."""
    before_holiday: bool = False
    """Whether its stages in school days are pulled forward before a holiday, and have grace, as the agreement says."""
    afterwards: bool = False
    """Whether it tells what became of a pupil at an institution: the sending school hears it as long as it hears of
    single pupils (decision 33)."""
    ahead: bool = False
    """Whether what it asks must be done already before it fires: the action stands from the beginning."""

    @property
    def has_institution(self) -> bool:
        """Whether what it watches is at an institution."""
        return self.institution is not _no_institution
