"""What an application is: facts of many sources, in any order, give one present state."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from services.intake.domain.access import WRITERS
from shared.core.clock import civil_date
from shared.core.errors import Fault
from shared.core.machine import Machine, moves
from shared.schemas.intakes import ApplicationStatus, Pathway

Channel = Literal["api", "csv"]
HERE = "overstap"
"""Source of what somebody decides with a command; the row is the door it came by."""
CHAIN = ("sis", "cambo")
"""Sources whose facts come by the national chain."""

ENDED = frozenset({ApplicationStatus.REJECTED, ApplicationStatus.WITHDRAWN})
_RANK = {status: n for n, status in enumerate(ApplicationStatus)}


@dataclass(frozen=True, slots=True)
class Fact:
    """What one version of one row of one source said about an application."""

    source_system: str
    """How it was told here (`Channel`), or a source of the chain."""
    row_id: str
    version: int
    programme: str
    pathway: Pathway
    status: ApplicationStatus
    at: datetime
    """When this began, in the real world."""
    arrived: datetime
    """When it was told here; of the chain: when it was told there."""
    start: date | None = None
    """Intended first day, where the source tells it."""
    reason: str | None = None
    """Code of the reason, of a decision that was made here."""

    @property
    def key(self) -> tuple[str, str, int]:
        """A second fact with the same key is a repetition."""
        return self.source_system, self.row_id, self.version

    @property
    def says(self) -> tuple[object, ...]:
        """What it tells, however it came."""
        return self.programme, self.pathway, self.status, self.at, self.start, self.reason

    @property
    def order(self) -> tuple[object, ...]:
        """Of the facts that count, the last in this order is the present: `at`, but never after it was told."""
        said = self.programme, self.pathway, str(self.start or ""), self.reason or ""
        return min(self.at, self.arrived), _RANK[self.status], self.at, *self.key, *said


def distinct(facts: Iterable[Fact]) -> dict[tuple[str, str, int], Fact]:
    """Each key once: the fact that was told first."""
    first: dict[tuple[str, str, int], Fact] = {}
    for fact in facts:
        known = first.get(fact.key)
        if known is None or (fact.arrived, fact.order) < (known.arrived, known.order):
            first[fact.key] = fact
    return first


def counting(facts: Iterable[Fact]) -> list[Fact]:
    """Of each row of each source the highest version."""
    newest: dict[tuple[str, str], Fact] = {}
    for fact in distinct(facts).values():
        row = fact.source_system, fact.row_id
        if row not in newest or newest[row].version < fact.version:
            newest[row] = fact
    return list(newest.values())


def present(facts: Iterable[Fact]) -> Fact:
    """The fact that now decides; there must be at least one."""
    return max(counting(facts), key=lambda fact: fact.order)


def known_since(facts: Iterable[Fact]) -> datetime:
    """When the present status was first known, in whatever order that was told."""
    told = list(facts)
    now = present(told)
    return min(fact.arrived for fact in told if (fact.status, fact.at) == (now.status, now.at))


def start_of(facts: Iterable[Fact]) -> date | None:
    """Intended first day: as the last fact says that tells it."""
    told = [fact for fact in counting(facts) if fact.start]
    return max(told, key=lambda fact: fact.order).start if told else None


def cohort(facts: Collection[Fact]) -> int:
    """School year of the intended start: of the first day where that was told, else from the first status."""
    if start := start_of(facts):
        return start.year - (start.month < 8)
    return cohort_of(civil_date(min(fact.at for fact in facts)))


def cohort_of(first_day: date) -> int:
    """School year of the intended start, for a source that does not tell it: the one after the first status date.

    Applying runs from 1 October to 30 September, so 1-10-2026 up to and including 30-9-2027 is cohort 2027. The first
    date decides, because a later status (withdrawn in October) does not move the start.
    """
    return first_day.year + (first_day.month >= 10)


def is_mbo(programme: str, pathway: str) -> bool:
    """Whether it is a programme of the mbo: intakes and students of vavo and other education are not kept here."""
    return len(programme) == 5 and programme.isdecimal() and pathway in ("bol", "bbl")


@dataclass(frozen=True, slots=True)
class Merged:
    """What is known of an application once more was told."""

    facts: Sequence[Fact]
    fresh: Sequence[Fact]
    """Those that must be kept: new, or told earlier than what is kept under their key."""
    applied: int
    """How many of what was told said something new."""


def merge(known: Sequence[Fact], told: Sequence[Fact]) -> Merged:
    """Take facts in. What says the same under a new key says nothing new, and is kept: its version may decide later."""
    before, says, applied = {fact.key: fact for fact in known}, {fact.says for fact in known}, 0
    kept = distinct([*known, *told])
    for fact in told:
        if fact.says not in says and kept[fact.key] == fact:
            applied += 1
            says.add(fact.says)
    return Merged(list(kept.values()), [fact for key, fact in kept.items() if before.get(key) != fact], applied)


APPLICATION = Machine(
    "application",
    "submitted",
    moves(
        [
            ("submitted", "receive", WRITERS, "received"),
            ("submitted", "reject", WRITERS, "rejected"),
            ("submitted", "withdraw", WRITERS, "withdrawn"),
            ("received", "offer", WRITERS, "offered"),
            ("received", "reject", WRITERS, "rejected"),
            ("received", "withdraw", WRITERS, "withdrawn"),
            ("offered", "enrol", WRITERS, "enrolled"),
            ("offered", "reject", WRITERS, "rejected"),
            ("offered", "withdraw", WRITERS, "withdrawn"),
            ("enrolled", "withdraw", WRITERS, "withdrawn"),  # Before the start; after it the enrolment is ended.
            ("rejected", "reopen", WRITERS, "submitted"),
            ("withdrawn", "reopen", WRITERS, "submitted"),
            # The last command was a mistake; where it was before.
            ("submitted", "undo", WRITERS, "rejected"),
            ("submitted", "undo", WRITERS, "withdrawn"),
            ("received", "undo", WRITERS, "submitted"),
            ("offered", "undo", WRITERS, "received"),
            ("enrolled", "undo", WRITERS, "offered"),
            *(("rejected", "undo", WRITERS, status) for status in ("submitted", "received", "offered")),
            *(("withdrawn", "undo", WRITERS, status) for status in ("submitted", "received", "offered", "enrolled")),
        ]
    ),
)
"""Commands alone: what a source tells is never refused, and may bring an application from any status to any other."""
REASONS: Mapping[str, frozenset[str]] = {
    "reject": frozenset({"capacity", "prior_education", "wrong_level", "not_reachable", "other"}),
    "withdraw": frozenset({"other_institution", "other_programme", "other_route", "not_reachable", "other"}),
}
"""Command → the codes of its reasons."""


def decided(facts: Sequence[Fact], status: ApplicationStatus, by: tuple[str, datetime], reason: str | None) -> Fact:
    """The fact that a command makes, at a door and a moment: it comes after everything that is known."""
    now, (door, at) = present(facts), by
    earlier = [fact.version for fact in facts if fact.source_system == HERE]
    last = min(now.at, now.arrived)
    at = max(at, last + timedelta(microseconds=1))
    return Fact(HERE, door, max(earlier, default=0) + 1, now.programme, now.pathway, status, at, at, now.start, reason)


def before(facts: Sequence[Fact]) -> Fact | None:
    """What stood before the command that now decides; None: no command decides, or nothing was told before it."""
    now = present(facts)
    rest = [fact for fact in facts if fact != now]
    return present(rest) if now.source_system == HERE and rest else None


def reason_faults(move: str, reason: str | None) -> list[Fault]:
    """What is wrong with the reason of a command."""
    if move not in REASONS:
        return [Fault("reason", "No reason with this", "not_expected")] if reason else []
    if not reason:
        return [Fault("reason", "A reason", "missing")]
    return [] if reason in REASONS[move] else [Fault("reason", "A reason from the list", "unlisted_code")]
