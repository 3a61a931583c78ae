"""The transition of a pupil in a cohort, and who has the pupil: starts only, appended, never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from services.coordination.domain.facts import Known
from services.coordination.domain.position import Position
from services.coordination.domain.world.routing import Subject, World, of_residence
from shared.schemas.coordination import Custodian, Evidence, Severity

LINKED = "linked"


@dataclass(frozen=True, slots=True)
class Custody:
    """Custodian number n, from `since` until number n + 1."""

    number: int
    since: datetime
    holder: Custodian
    previous: datetime | None
    """Start of number n - 1."""
    basis: str = "agreed"


@dataclass(frozen=True, slots=True)
class Action:
    """Something that somebody must do before an instant."""

    action_id: str
    number: int
    kind: str
    about: str
    """What it is about within its kind: an organisation, a handover or a signal."""
    owner: Custodian
    due_at: datetime
    severity: int
    opened_at: datetime
    stage: int = 0
    """Rises when what is asked becomes another matter: a new owner and a new due instant."""
    step: int = 0
    """Number of times it was escalated."""
    escalated_at: datetime | None = None
    done_at: datetime | None = None
    reason: str | None = None
    acknowledged_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.done_at is None


@dataclass(frozen=True, slots=True)
class Risk:
    """A firing of a rule, with the facts it used."""

    risk_id: str
    rule: str
    about: str
    severity: Severity
    evidence: tuple[Evidence, ...]
    route: tuple[Custodian, ...]
    agreement: str
    fired_at: datetime
    known_until: datetime
    cleared_at: datetime | None = None
    handled: Severity | None = None
    """Severity up to which somebody has acted on it."""
    acknowledged_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.cleared_at is None


@dataclass(frozen=True, slots=True)
class Waiting:
    """Facts that took something away, and may be put right by what is still on its way."""

    since: datetime
    """Of the first of them."""
    last: datetime
    """Of the newest fact."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A pupil in a cohort; while open there is a custodian and a next action."""

    opened_at: datetime
    agreement: str
    weighed_at: datetime
    """Up to when time was counted in for the position."""
    origin: str | None = None
    region: str | None = None
    residence: str | None = None
    """Leerplicht or Doorstroompunt where the pupil lives; None: not in the legal population, or not known."""
    heard_from: date | None = None
    """From which day it may hear of a pupil that it has nothing to do for."""
    position: Position = Position.NONE
    live: tuple[str, ...] = ()
    """Institutions where an application lives, the furthest first."""
    outcome: str | None = None
    closed_at: datetime | None = None
    evidence: tuple[Evidence, ...] = ()
    """The facts by which it was closed."""
    reopened: str | None = None
    """Why it went on after it was closed (codes.REOPENINGS)."""
    weigh_at: datetime | None = None
    """When the position must be decided again."""
    waiting: Waiting | None = None
    """Not None: the facts say worse than `position`, and it has not been quiet for long enough."""
    next_action: str | None = None
    actions: int = 0
    """Number of actions ever opened."""
    handled: frozenset[str] = frozenset()
    """What people agreed on in talks and have done with: `Action.about`."""
    checks: Mapping[str, datetime | None] = field(default_factory=dict)
    """When each rule looks again; None: it has looked for the last time."""


@dataclass(frozen=True, slots=True)
class Case:
    """One transition with its present custodian, its open actions and its signals."""

    pupil_ref: str
    cohort: int
    transition: Transition | None = None
    custody: tuple[Custody, ...] = ()
    """The present custodian last; earlier ones need not be present."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    risks: Mapping[str, Risk] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.transition is not None and self.transition.closed_at is None

    @property
    def holder(self) -> Custodian:
        return self.custody[-1].holder


def opened(case: Case, known: Known, world: World, now: datetime, inherited: Custodian | None = None) -> Case:
    """The case, opened when something is known that asks for it, or when it takes over from an absorbed reference."""
    before = case.transition
    if before and before.outcome != LINKED:
        return case
    holder = _target(known, world, now) or inherited
    if not holder:
        return case
    transition = Transition(now, world.agreement.version, now, actions=before.actions if before else 0)
    return held_by(replace(case, transition=transition), holder, now)


def in_custody(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with the holder that the facts ask for, and with its origin and region."""
    before = case.transition
    assert before
    case = held_by(case, _target(known, world, now) or case.holder, now)
    origin = known.expected.vo_site if known.expected else before.origin
    region = world.region_of(origin or case.holder.organisation) or before.region
    if (origin, region) != (before.origin, before.region):
        case = replace(case, transition=replace(before, origin=origin, region=region))
    return at_home(case, known, world, now)


def at_home(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with who of the residence may hear of it at an Overstaptafel, and from which day."""
    before = case.transition
    assert before
    subject = Subject(known, case.cohort, before.region, now, world.almanac.day(now))
    officer = of_residence(subject, world)
    residence = officer.organisation if officer else None
    if residence == before.residence:
        return case
    heard_from = world.almanac.municipal_signal_from(case.cohort) if residence else None
    return replace(case, transition=replace(before, residence=residence, heard_from=heard_from))


def held_by(case: Case, holder: Custodian, now: datetime, *, anew: bool = False) -> Case:
    """The case with this holder; the same holder again changes nothing, unless `anew`. `since` never goes back."""
    if case.custody and case.holder == holder and not anew:
        return case
    last = case.custody[-1] if case.custody else None
    since = max(now, last.since) if last else now
    start = Custody((last.number if last else 0) + 1, since, holder, last.since if last else None)
    return replace(case, custody=(*case.custody, start))


def closed(case: Case, outcome: str, now: datetime, evidence: tuple[Evidence, ...] = ()) -> Case:
    """The case, closed: its actions are done with and its signals are cleared."""
    assert case.transition
    ended: dict[str, Any] = {"outcome": outcome, "closed_at": now, "evidence": evidence, "waiting": None}
    return replace(
        case,
        transition=replace(case.transition, next_action=None, weigh_at=None, **ended),
        actions={k: replace(a, done_at=now, reason=outcome) if a.open else a for k, a in case.actions.items()},
        risks={k: replace(r, cleared_at=now) if r.open else r for k, r in case.risks.items()},
    )


def reopened(case: Case, known: Known, world: World, reason: str, now: datetime) -> Case:
    """The case, open again: who should have the pupil takes the next number, and every rule looks anew."""
    assert case.transition
    fresh: dict[str, Any] = {"outcome": None, "closed_at": None, "evidence": (), "reopened": reason, "checks": {}}
    holder = _target(known, world, now) or case.holder
    return held_by(replace(case, transition=replace(case.transition, **fresh)), holder, now, anew=True)


def _target(known: Known, world: World, now: datetime) -> Custodian | None:
    """Who should have the pupil (default agreement): the vo site that expects them, else the first institution."""
    if known.expected:
        return world.mentor(known.expected, world.almanac.day(now))
    if known.first_institution:
        return world.of_role(known.first_institution, "intake_coordinator", world.almanac.day(now))
    return None
