"""What the published history says must be stored: the events of one reference, folded again from the first to the last.

Nothing here decides anything: what was told is put in place as the tables have it. What no event tells (how far a case
was weighed, what a screen remembers) has no column here.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from services.coordination.domain.case import LINKED
from services.coordination.domain.rules.signal import REASONS as DISMISSALS
from shared.core.ids import opaque_ref
from shared.schemas.coordination import (
    ActionDone,
    ActionOpened,
    ActionOverdue,
    ActionState,
    AtRiskState,
    Custodian,
    CustodyAccepted,
    CustodyChanged,
    CustodyOffered,
    CustodyReturned,
    CustodyState,
    StudentAtRisk,
    StudentAtRiskCleared,
    TransitionClosed,
    TransitionOpened,
    TransitionReopened,
    TransitionState,
)
from shared.schemas.envelope import EventData

Place = tuple[str, int, str]
"""Table, cohort and key in it."""
Columns = dict[str, object]
ENDED = {"settled": ("lapsed",), "lapsed": ()}
"""States in which an offer asks nothing of anybody any more, and what may still become of it."""


class _Unsaid:
    """An event of before this was told says nothing of it, so whatever is stored is right."""

    def __repr__(self) -> str:
        return "nothing"


UNSAID = _Unsaid()


@dataclass(frozen=True, slots=True)
class Told:
    """One event of the history, with the instant at which it was recorded."""

    at: datetime
    data: EventData


@dataclass
class Ledger:
    """One transition, as far as its events have told."""

    pupil_ref: str
    cohort: int
    transition: Columns | None = None
    custody: list[Columns] = field(default_factory=list)
    offers: dict[str, Columns] = field(default_factory=dict)
    """By key, in the order in which they were made."""
    actions: dict[str, Columns] = field(default_factory=dict)
    open: dict[str, tuple[datetime, int, str]] = field(default_factory=dict)
    """Open actions, with what decides which of them is next."""
    next: set[str] = field(default_factory=set)
    """Actions that were told to be the next, and not yet to be so no longer."""
    risks: dict[str, Columns] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def fault(self, at: datetime, what: str) -> None:
        self.faults.append(f"{at.isoformat()}: {what}, cohort {self.cohort}")

    def rows(self) -> Iterator[tuple[Place, Columns]]:
        """What must be stored of it."""
        if self.transition is not None:
            told = {"custody_n": len(self.custody), "next_action": self._next(), "actions": len(self.actions)}
            yield ("transition", self.cohort, ""), self.transition | told
        for n, start in enumerate(self.custody, start=1):
            yield ("custody", self.cohort, str(n)), start
        yield from ((("offer", self.cohort, key), offer) for key, offer in self.offers.items())
        yield from ((("action", self.cohort, key), action) for key, action in self.actions.items())
        yield from ((("risk", self.cohort, key), risk) for key, risk in self.risks.items())

    def check(self, at: datetime) -> None:
        """What must be so after every transaction: open with one custodian and one next action, the first of the open
        ones; closed with none."""
        if self.transition is None:
            return self.fault(at, "something was told of a transition that was never opened")
        if self.transition["closed_at"] is None and not self.custody:
            self.fault(at, "open without custodian")
        first = {min(self.open, key=lambda key: self.open[key])} if self.open else set()
        if (self.transition["closed_at"] is None) != bool(self.open):
            self.fault(at, f"{len(self.open)} open actions, outcome {self.transition['outcome']}")
        elif self.next != first:
            self.fault(
                at, f"told to be next: {', '.join(sorted(self.next)) or 'nothing'}, the first: {', '.join(first)}"
            )
        return None

    def _next(self) -> object:
        return UNSAID if len(self.next) > 1 else next(iter(self.next), None)


@dataclass(frozen=True, slots=True)
class History:
    """What the events of one reference say: the rows that must be stored, and what was told wrongly."""

    rows: Mapping[Place, Columns]
    faults: tuple[str, ...]


def folded(pupil_ref: str, told: Iterable[Told]) -> History:
    """Fold the events of one reference, in order of their sequence. Events of one instant are one transaction."""
    ledgers: dict[int, Ledger] = {}
    for at, together in groupby(told, key=lambda one: one.at):
        touched: set[int] = set()
        for one in together:
            if fold := FOLDS.get(one.data.TYPE):
                cohort: int = one.data.cohort  # type: ignore[attr-defined]  # all of FOLDS have it
                fold(ledgers.setdefault(cohort, Ledger(pupil_ref, cohort)), one)
                touched.add(cohort)
        for cohort in sorted(touched):
            ledgers[cohort].check(at)
    rows = {place: columns for ledger in ledgers.values() for place, columns in ledger.rows()}
    return History(rows, tuple(fault for ledger in ledgers.values() for fault in ledger.faults))


def differences(said: Mapping[Place, Columns], stored: Mapping[Place, Columns]) -> Iterator[str]:
    """Every difference between what history says and what is stored, one line each."""
    for place in sorted({*said, *stored}):
        if place not in stored:
            yield f"{_name(place)} is not stored, and history has it"
        elif place not in said:
            yield f"{_name(place)} is stored, and history does not have it"
        else:
            has = stored[place]
            for column, value in said[place].items():
                if value is not UNSAID and has[column] != value:
                    yield f"{_name(place)}: {column} is {_shown(has[column])}, and history says {_shown(value)}"


def _name(place: Place) -> str:
    table, cohort, key = place
    return f"{table} {cohort} {key}".strip()


def _shown(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _party(who: Custodian) -> Columns:
    return {"organisation": who.organisation, "role": who.role, "contact": who.contact, "deputy": who.deputy}


def _opened(ledger: Ledger, told: Told) -> None:
    data, before = told.data, ledger.transition
    assert isinstance(data, TransitionState)
    if before is None or before["outcome"] == LINKED:
        before = {"opened_at": told.at, "reopened": None}
    elif before["closed_at"] is not None:
        ledger.fault(told.at, "opened, and it was closed")
    ledger.transition = {**before, **_standing(data), "closed_at": None}


def _closed(ledger: Ledger, told: Told) -> None:
    data, before = told.data, ledger.transition
    assert isinstance(data, TransitionState)
    if before is None:
        ledger.fault(told.at, "closed, and it was never opened")
    elif before["closed_at"] is not None and before["outcome"] == data.outcome:
        ledger.fault(told.at, f"closed as {data.outcome}, and it was so already")
    ledger.transition = {**(before or {}), **_standing(data), "closed_at": data.occurred_at}


def _reopened(ledger: Ledger, told: Told) -> None:
    data, before = told.data, ledger.transition
    assert isinstance(data, TransitionReopened)
    if before is None or before["closed_at"] is None:
        ledger.fault(told.at, "reopened, and it was not closed")
    ledger.transition = {**(before or {}), **_standing(data), "closed_at": None, "reopened": data.reason}


def _standing(data: TransitionState) -> Columns:
    return {
        "agreement": data.agreement_version,
        "origin": data.origin,
        "region": data.region,
        "outcome": data.outcome,
        "evidence": data.evidence,
    }


def _custody(ledger: Ledger, told: Told) -> None:
    data, last = told.data, ledger.custody[-1]["since"] if ledger.custody else None
    assert isinstance(data, CustodyChanged)
    if data.number != len(ledger.custody) + 1:
        ledger.fault(told.at, f"custodian {data.number} after {len(ledger.custody)}")
    if isinstance(last, datetime) and data.since < last:
        ledger.fault(told.at, f"custodian {data.number} begins before the one before it")
    start = {"since": data.since, "prev_since": last, "basis": data.basis, "situation": data.situation}
    ledger.custody.append({**start, **_party(data.holder)})


def _offer(ledger: Ledger, told: Told) -> None:
    data = told.data
    assert isinstance(data, CustodyState)
    if not data.offer_id:
        return
    known, said = ledger.offers, data.state is not None
    before = known.get(data.offer_id)
    if said and before and data.state not in ENDED.get(str(before["state"]), (data.state,)):
        ledger.fault(told.at, f"offer {before['n']} is {data.state}, and it was {before['state']}")
    known[data.offer_id] = {
        "n": before["n"] if before else _numbered(ledger, "custody-offer", data.offer_id, len(known) + 1),
        **_party(data.target),
        "holder": data.holder or UNSAID,
        "situation": data.situation or UNSAID,
        "basis": data.basis,
        "offered_at": data.offered_at or UNSAID,
        "answer_by": data.answer_by,
        "starts_on": data.starts_on if said else UNSAID,
        "state": data.state if said else UNSAID,
        "ended_at": data.ended_at if said else UNSAID,
        "reason": data.reason if isinstance(data, CustodyReturned) else None,
        "note_ref": data.note_ref if isinstance(data, CustodyReturned) else None,
    }


def _action(ledger: Ledger, told: Told) -> None:
    data = told.data
    assert isinstance(data, ActionState)
    key, done = data.action_id, isinstance(data, ActionDone)
    before = ledger.actions.get(key) or _first(ledger, key)
    ledger.actions[key] = {
        **before,
        **_party(data.owner),
        "kind": data.kind,
        "due_at": data.due_at,
        "window_from": data.window_from,
        "window_until": data.window_until,
        "severity": data.severity,
        "opened_at": data.opened_at or UNSAID,
        "step": UNSAID if data.escalations is None else data.escalations,
        "escalated_at": told.at if isinstance(data, ActionOverdue) else before["escalated_at"],
        "done_at": (data.done_at or told.at) if done else None,
        "reason": (data.result or UNSAID) if done else None,
    }
    if done:
        ledger.open.pop(key, None)
    else:
        ledger.open[key] = data.due_at, -data.severity, key
    (ledger.next.add if data.next else ledger.next.discard)(key)


def named(pupil_ref: str, cohort: int, rule: str, about: str) -> str:
    """The key of a signal, by what it is about: nothing else tells what that was."""
    return opaque_ref("risk", pupil_ref, str(cohort), f"{rule}:{about}" if about else rule)


def _first(ledger: Ledger, key: str) -> Columns:
    return {"number": _numbered(ledger, "action", key, len(ledger.actions) + 1), "escalated_at": None}


def _numbered(ledger: Ledger, kind: str, key: str, number: int) -> object:
    """The number that belongs to a key."""
    fits = key == opaque_ref(kind, ledger.pupil_ref, str(ledger.cohort), str(number))
    return number if fits else f"another than {number}"


def _risk(ledger: Ledger, told: Told) -> None:
    data = told.data
    assert isinstance(data, AtRiskState)
    ledger.risks[data.risk_id] = {
        "risk_id": data.risk_id,
        "rule": data.rule,
        "severity": data.severity.value,
        "evidence": data.evidence,
        "route": data.route,
        "agreement": data.agreement_version,
        "fired_at": data.fired_at or UNSAID,
        "known_until": data.known_until,
        "cleared_at": data.occurred_at if isinstance(data, StudentAtRiskCleared) else None,
        "dismissed_reason": data.cleared_reason if data.cleared_reason in DISMISSALS else None,
    }


FOLDS: Mapping[str, Callable[[Ledger, Told], None]] = {
    TransitionOpened.TYPE: _opened,
    TransitionClosed.TYPE: _closed,
    TransitionReopened.TYPE: _reopened,
    CustodyChanged.TYPE: _custody,
    CustodyOffered.TYPE: _offer,
    CustodyAccepted.TYPE: _offer,
    CustodyReturned.TYPE: _offer,
    ActionOpened.TYPE: _action,
    ActionOverdue.TYPE: _action,
    ActionDone.TYPE: _action,
    StudentAtRisk.TYPE: _risk,
    StudentAtRiskCleared.TYPE: _risk,
}
"""Event → what it says must be stored; an event that is not named here tells of nothing in these tables."""
