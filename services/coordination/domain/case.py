"""What is stored of a transition: who has the pupil, what must be done, and which signals were given. Plain data."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.coordination.domain.position import Position
from shared.schemas.coordination import Custodian, Evidence, Severity

LINKED = "linked"
"""Outcome of a transition that goes on under another reference of the same child."""


@dataclass(frozen=True, slots=True)
class Custody:
    """Custodian number n, from `since` until number n + 1."""

    number: int
    since: datetime
    holder: Custodian
    previous: datetime | None
    """Start of number n - 1."""
    basis: str = "agreed"
    situation: str | None = None
    """What asked for this custodian; None: it began before situations were written down."""


class OfferState(StrEnum):
    """How far an offer of custody has come."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    IN_EFFECT = "in_effect"
    """A statutory one took effect without an answer."""
    RETURNED = "returned"
    SETTLED = "settled"
    """Given back, and a coordinator has seen to it: everybody stays who they are."""
    LAPSED = "lapsed"
    """The situation is another one by now."""


GIVEN_BACK = frozenset({OfferState.RETURNED, OfferState.SETTLED})
"""Who gave a pupil back is not asked for the same again, settled or not, until the offer lapses."""


@dataclass(frozen=True, slots=True)
class Offer:
    """Offer of custody number n of a transition."""

    offer_id: str
    number: int
    target: Custodian
    holder: Custodian
    """Who had the pupil when it was made."""
    situation: str
    basis: str
    offered_at: datetime
    answer_by: datetime
    starts_on: date | None = None
    """Day on which the target has the pupil: without an answer when it is statutory, else once it is accepted. None: as
    soon as it is accepted."""
    state: OfferState = OfferState.OFFERED
    ended_at: datetime | None = None
    """When it was answered, or lapsed."""
    reason: str | None = None
    """Why it was given back (codes.CUSTODY_RETURNS)."""
    note_ref: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What makes it another offer."""
        return self.situation, self.target.organisation

    @property
    def statutory(self) -> bool:
        return self.basis == "statutory"


@dataclass(frozen=True, slots=True, kw_only=True)
class Obligation:
    """Something that somebody must do before an instant."""

    number: int
    kind: str
    about: str
    """What it is about within its kind: an organisation, a role, a handover or a signal."""
    owner: Custodian
    due_at: datetime
    window_until: datetime | None = None
    """Until when nobody else is told: the due instant with the grace agreed on."""
    severity: int
    opened_at: datetime
    step: int = 0
    """Number of times it was escalated."""
    escalated_at: datetime | None = None
    done_at: datetime | None = None

    @property
    def open(self) -> bool:
        return self.done_at is None

    @property
    def late_at(self) -> datetime:
        """When it escalates."""
        return self.window_until or self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Action(Obligation):
    """Something that somebody must do about a pupil."""

    action_id: str
    stage: int = 0
    """Rises when what is asked becomes another matter: a new owner and a new due instant."""
    window_from: datetime | None = None
    """Before which nobody needs to begin."""
    reason: str | None = None
    acknowledged_at: datetime | None = None


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
    dismissed: Severity | None = None
    """Severity at which somebody dismissed it; None also when the reason has gone since."""
    dismissed_reason: str | None = None
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
    follow_at: datetime | None = None
    """When it must be decided again who should have the pupil."""
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
    offers: tuple[Offer, ...] = ()
    """The last offer of custody last; of the earlier ones at least what was given back and did not lapse."""
    actions: Mapping[str, Action] = field(default_factory=dict)
    risks: Mapping[str, Risk] = field(default_factory=dict)

    @property
    def open(self) -> bool:
        return self.transition is not None and self.transition.closed_at is None

    @property
    def holder(self) -> Custodian:
        return self.custody[-1].holder

    @property
    def offer(self) -> Offer | None:
        """The last offer of custody, whatever became of it."""
        return self.offers[-1] if self.offers else None

    @property
    def awaited(self) -> Offer | None:
        """The offer that may still make somebody else the custodian: not answered, or accepted for a day to come."""
        offer = self.offer
        waits = offer and offer.state is OfferState.ACCEPTED and offer.target.organisation != self.holder.organisation
        return offer if offer and (waits or offer.state is OfferState.OFFERED) else None
