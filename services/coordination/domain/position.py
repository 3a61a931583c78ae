"""How far a pupil has come, net over all applications: what each state means, and what leads there."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from shared.core.clock import civil_date, local_instant
from shared.core.machine import Machine, moves
from shared.schemas.dossiers import OtherRouteRegistered
from shared.schemas.intakes import (
    ApplicationStatus,
    ApplicationStatusChanged,
    EnrolmentEnded,
    EnrolmentState,
    IntakeDone,
    IntakeOutcome,
    IntakeState,
    StudentNotStarted,
    StudentStarted,
)


class Position(StrEnum):
    """Net position over all applications, worst first; losing one of three is nothing."""

    LOST = "lost"
    NONE = "none"
    CHOSEN = "chosen"
    OTHER_ROUTE = "other_route"
    APPLIED = "applied"
    PLACED = "placed"
    ENROLLED = "enrolled"
    STARTED = "started"
    SETTLED = "settled"

    @property
    def rank(self) -> int:
        """Higher is better news."""
        return _RANK[self]

    @property
    def live(self) -> bool:
        """Whether an application may still lead to a place, or has done so."""
        return self.rank >= Position.APPLIED.rank

    @property
    def awaits_nothing(self) -> bool:
        """Whether nobody need wonder why there is no application: there is one, or the pupil goes elsewhere."""
        return self.live or self is Position.OTHER_ROUTE


_RANK = {position: n for n, position in enumerate(Position)}
FACTS, TIME = frozenset({"facts"}), frozenset({"time"})
"""Nobody moves a pupil: what schools and institutions tell does, and time."""
POSITION = Machine(
    "position",
    Position.NONE,
    moves(
        [
            (Position.NONE, "choice registered", FACTS, Position.CHOSEN),
            (Position.CHOSEN, "last choice withdrawn", FACTS, Position.NONE),
            *(
                (position, "application received", FACTS, Position.APPLIED)
                for position in (Position.NONE, Position.CHOSEN, Position.LOST, Position.OTHER_ROUTE)
            ),
            (Position.APPLIED, "place offered", FACTS, Position.PLACED),
            (Position.PLACED, "enrolled", FACTS, Position.ENROLLED),
            (Position.ENROLLED, "seen in class", FACTS, Position.STARTED),
            (Position.STARTED, "100 days after the start", TIME, Position.SETTLED),
            (Position.SETTLED, "start taken back", FACTS, Position.STARTED),
            (Position.STARTED, "furthest path closed", FACTS, Position.ENROLLED),
            (Position.ENROLLED, "furthest path closed", FACTS, Position.PLACED),
            (Position.PLACED, "furthest path closed", FACTS, Position.APPLIED),
            (Position.APPLIED, "last path closed", FACTS, Position.LOST),
            *(
                (position, "other route registered", FACTS, Position.OTHER_ROUTE)
                for position in (Position.NONE, Position.CHOSEN, Position.LOST)
            ),
            *(
                (Position.OTHER_ROUTE, "other route ended", FACTS | TIME, position)
                for position in (Position.NONE, Position.CHOSEN, Position.LOST)
            ),
        ]
    ),
)
"""The steps. Facts that come together make several at once: a school that enrols whom nobody knew applied."""

ARRIVED, ELSEWHERE, OUT_OF_SCOPE = "arrived", "other_route", "out_of_scope"
OUTSIDE = frozenset({"abroad", "exempt", "deceased"})
"""Routes of pupils who belong to no figure: no Dutch residence, no duty to attend, no longer alive."""
DECEASED = "deceased"
TRANSITION = Machine(
    "transition",
    "open",
    moves(
        [
            ("open", "settled: arrived", TIME, "closed"),
            ("open", "other route confirmed", FACTS, "closed"),
            ("open", "out of scope", FACTS | TIME, "closed"),
            ("open", "linked to another reference", FACTS, "closed"),
            ("closed", "linked to another reference", FACTS, "closed"),
            ("closed", "new application", FACTS, "open"),
            ("closed", "route ended", FACTS | TIME, "open"),
            ("closed", "enrolment ended", FACTS, "open"),
            ("closed", "closed in error", FACTS, "open"),
        ]
    ),
)

SETTLED_AFTER = timedelta(days=100)
"""After the first day in class: the first 100 days are over."""
SCHOOL_YEAR = 8, 1
"""Month and day on which a school year begins (WEB 1.1.1)."""
_BY_STATUS = {
    ApplicationStatus.SUBMITTED: Position.APPLIED,
    ApplicationStatus.RECEIVED: Position.APPLIED,
    ApplicationStatus.OFFERED: Position.PLACED,
    ApplicationStatus.ENROLLED: Position.ENROLLED,
}
_PLACED = (IntakeOutcome.PLACED, IntakeOutcome.PROVISIONAL)


@dataclass(frozen=True, slots=True)
class Path:
    """One application with its intake and its enrolment: a way into the mbo."""

    application_id: str
    institution: str
    position: Position | None
    """None: closed. Never settled: that takes time as well."""
    since: datetime
    """Of the status of the application, of what else is known of it, or of the end of the enrolment."""
    started_on: date | None = None
    """First day in class of who is there now."""
    ended: bool = False
    """Whether it was closed by the end of an enrolment."""
    first_day: date = date.min
    """First day in class, or on which the student should come; 1 August when nobody told."""
    missed_on: date | None = None
    """When the institution saw that the student had not come."""
    began_on: date | None = None
    """First day in class, also of an enrolment that ended."""
    ended_on: date | None = None
    without_result: bool = True
    """Whether an enrolment that ended left the student without this diploma, and alive."""

    @property
    def left_early(self) -> bool:
        """Whether the enrolment ended within 100 days of the first day, without its diploma."""
        if not self.began_on or not self.ended_on or not self.without_result:
            return False
        return self.ended_on < self.began_on + SETTLED_AFTER


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a pupil has come on a day, and whether the transition is over with it."""

    position: Position
    live: tuple[str, ...] = ()
    """Institutions where an application lives, the furthest first."""
    outcome: str | None = None
    """Why the transition is over; None: it is not."""
    beyond_doubt: bool = field(default=False, compare=False)
    """Whether no other fact can say otherwise: a pupil who has died."""

    def follows_at_once(self, before: "Standing") -> bool:
        """Whether this needs no waiting after `before`: it is better news, takes nothing away, or opens again what was
        closed, so that nobody is without custodian."""
        if self.beyond_doubt or (before.outcome and not self.outcome):
            return True
        if self.position is not before.position:
            return self.position.rank > before.position.rank
        return set(self.live) >= set(before.live)


def path(
    application: ApplicationStatusChanged | None, intake: IntakeState | None, enrolment: EnrolmentState | None
) -> Path:
    """What is known of one application together; any of the three may be the first to be known."""
    told = application or intake or enrolment
    assert told
    since = application.status_at if application else told.occurred_at
    day = (application and application.start) or date(told.cohort, *SCHOOL_YEAR)
    found = Path(told.application_id, told.mbo_institution, _by_application(application, intake), since, first_day=day)
    match enrolment:
        case EnrolmentEnded() if not _applied_again(application, enrolment):
            return _ended(found, enrolment)
        case StudentStarted(first_day=first) if found.position:
            return replace(found, position=Position.STARTED, started_on=first, began_on=first, first_day=first)
        case StudentNotStarted(first_day=first, checked_on=looked) if found.position:
            return replace(found, position=Position.ENROLLED, first_day=first, missed_on=looked)
    return found


def _ended(before: Path, enrolment: EnrolmentEnded) -> Path:
    return replace(
        before,
        position=None,
        since=local_instant(enrolment.ended_on),
        ended=True,
        began_on=enrolment.first_day,
        ended_on=enrolment.ended_on,
        without_result=not enrolment.diploma and enrolment.destination != DECEASED,
    )


def _applied_again(application: ApplicationStatusChanged | None, enrolment: EnrolmentEnded) -> bool:
    """Whether the same application began anew after the enrolment had ended."""
    return bool(
        application
        and _BY_STATUS.get(application.status, Position.ENROLLED).rank < Position.ENROLLED.rank
        and civil_date(application.status_at) > enrolment.ended_on
    )


def _by_application(application: ApplicationStatusChanged | None, intake: IntakeState | None) -> Position | None:
    position = _BY_STATUS.get(application.status if application else ApplicationStatus.RECEIVED)
    if position is Position.APPLIED and isinstance(intake, IntakeDone):
        if intake.outcome in _PLACED:
            return Position.PLACED
        if intake.outcome is IntakeOutcome.REJECTED:
            return None
    return position


def stands(route: OtherRouteRegistered | None, day: date) -> bool:
    """Whether this other route holds on a day."""
    return bool(route and route.status != "withdrawn" and (route.until is None or day < route.until))


def outcome_of(route: OtherRouteRegistered) -> str:
    """How a transition ends by this route."""
    return OUT_OF_SCOPE if route.route in OUTSIDE else ELSEWHERE
