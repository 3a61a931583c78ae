"""The tables of coordination in memory, behind the real handlers: what they load is what the tables would give back,
and timers fire as the transport fires them."""

from collections.abc import AsyncIterator, Collection, Coroutine, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from services.coordination import agreement, store
from services.coordination.domain.book import Book, Reference
from services.coordination.domain.case import GIVEN_BACK, Case
from services.coordination.domain.casetable import Table
from services.coordination.domain.facts import Fact
from services.coordination.domain.partners.partner import Partner
from services.coordination.domain.world.agreed import Agreement
from services.coordination.domain.world.organisations import Listing, staffed
from services.coordination.domain.world.routing import World
from services.coordination.domain.world.staff import Turn
from services.coordination.handlers.events import TIMERS, handle, on_timers
from services.coordination.handlers.partners import LOOK, LOOK_NOW, look
from services.coordination.handlers.presence import NEW_DAY, Unlocked, new_day
from services.coordination.handlers.world import world
from services.coordination.store import agreements, casetables, presence
from services.coordination.store import partners as partner_rows
from services.coordination.store.directory import Directory
from shared.core.actor import Actor
from shared.schemas.envelope import Draft, Event, Outcome, Timer
from tests.stateful import partners
from tests.unit.coordination.made import MBO, MUNICIPALITY, OTHER_MBO, OTHER_SITE, REGION, SITE

Key = tuple[str, int]
SEATS = (SITE, OTHER_SITE, MBO, OTHER_MBO, MUNICIPALITY, REGION)
HANDLERS = {**dict.fromkeys(TIMERS, on_timers), NEW_DAY: new_day, LOOK: look, LOOK_NOW: look}
PARTNERS = ("standing", "note", "load", "parts", "save", "touched", "known")
BATCH = 500
"""Timers that are looked for at a time, as in the transport."""


class Memory:
    """Stands where a handler expects a connection. Cases are kept whole; what is loaded of them is what is in hand.

    Nothing is changed in place but in `_keep`, so that what a handler wrote before it failed can be forgotten.
    """

    def __init__(self) -> None:
        self.references: dict[str, Reference] = {}
        self.links: set[tuple[str, str]] = set()
        self.facts: dict[str, dict[str, Fact]] = {}
        self.cases: dict[Key, Case] = {}
        self.timers: dict[tuple[str, str, str], Timer] = {}
        self.history: list[Draft] = []
        self.listings: dict[str, Listing] = {}
        self.texts: list[tuple[agreements.Adoption, Agreement]] = []
        self.partners: dict[str, Partner] = {}
        self.present_on = date.min
        self.fired: list[Timer] = []
        """Every timer that was fired."""

    def handle(self, events: Sequence[Event]) -> None:
        """Take in a batch of events."""
        self._keep(_done(handle(self, events)), events[0].time)  # type: ignore[arg-type]

    def perform(self, handler: Any, command: Any, actor: Actor, now: datetime) -> Any:
        """Carry out a command, wholly or not at all; again with the pupils whose streams were not locked."""
        before = dict(vars(self))
        try:
            outcome = _done(handler(self, command, actor, now))
        except Unlocked as more:
            vars(self).update(before)
            return self.perform(handler, replace(command, pupils=more.pupils), actor, now)
        except Exception:
            vars(self).update(before)
            raise
        self._keep(outcome, now)
        return outcome.value

    def fire(self, until: datetime) -> None:
        """Fire everything that is due, as the transport does: what is found due, of one kind and instant at a time."""
        while due := sorted((t for t in self.timers.values() if t.due_at <= until), key=_in_order)[:BATCH]:
            while due:
                same = [t for t in due if _instant(t) == _instant(due[0])]
                due = due[len(same) :]
                if taken := [t for t in same if self.is_set(t)]:
                    self._fire(taken)

    def late(self, timer: Timer) -> None:
        """Fire a timer that was fired before, or that was moved since."""
        self._keep(_done(_handler(timer)(self, [timer])), timer.due_at)

    def is_set(self, timer: Timer) -> bool:
        """Whether a timer waits for this instant."""
        waits = self.timers.get((timer.kind, timer.subject, timer.key))
        return waits is not None and waits.due_at == timer.due_at

    def world(self) -> World:
        """What decisions need beside the facts, as it is now."""
        found: World = _done(world(self))  # type: ignore[arg-type]
        return found

    def _fire(self, timers: Sequence[Timer]) -> None:
        for timer in timers:
            del self.timers[timer.kind, timer.subject, timer.key]
        self.fired += timers
        timers = sorted(timers, key=lambda t: (t.subject, t.key))
        self._keep(_done(_handler(timers[0])(self, timers)), timers[0].due_at)

    def _keep(self, outcome: Outcome, now: datetime) -> None:
        gone = set(outcome.erase)
        self.history = [draft for draft in self.history if draft.subject not in gone]
        self.timers = {key: timer for key, timer in self.timers.items() if timer.subject not in gone}
        self.history += [replace(draft, at=draft.at or now) for draft in outcome.events]
        self.timers |= {(timer.kind, timer.subject, timer.key): timer for timer in outcome.timers}


def _in_order(timer: Timer) -> tuple[Any, ...]:
    return timer.due_at, timer.kind, timer.subject, timer.key


def _instant(timer: Timer) -> tuple[datetime, str]:
    return timer.due_at, timer.kind


def _handler(timer: Timer) -> Any:
    return HANDLERS[timer.kind]


def _done(work: Coroutine[Any, Any, Any]) -> Any:
    """The answer of a handler that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("a handler waited for something that is not in memory")


async def load(memory: Memory, refs: Collection[str], *, may_be_new: bool = True) -> Book:
    for ref in refs if may_be_new else ():
        memory.references = {ref: Reference(ref, ref), **memory.references}
    wanted = set(refs)
    roots = {found.root for ref, found in memory.references.items() if ref in wanted} | wanted
    own = {ref: found for ref, found in memory.references.items() if ref in roots or found.root in roots}
    return Book(
        dict(own),
        {link for link in memory.links if own.keys() & set(link)},
        _facts(memory, own),
        {key: in_hand(case) for key, case in memory.cases.items() if key[0] in own},
    )


def _facts(memory: Memory, own: Collection[str]) -> Any:
    book = Book()
    for ref in own:
        if ref in memory.facts:
            book.facts[ref] = dict(memory.facts[ref])
    return book.facts


def in_hand(case: Case) -> Case:
    """The case as a handler gets it: what is over of it is in the tables alone."""
    open_ones = {key: replace(a, done_at=None, reason=None) for key, a in case.actions.items() if a.open}
    offers = tuple(one for one in case.offers if one.state in GIVEN_BACK or one == case.offer)
    return replace(case, custody=case.custody[-1:], offers=offers, actions=open_ones)


async def save(memory: Memory, book: Book) -> None:
    memory.facts = {ref: {**facts} for ref, facts in memory.facts.items() if ref not in book.erased}
    memory.cases = {key: case for key, case in memory.cases.items() if key[0] not in book.erased}
    changed = {reference.pupil_ref: reference for reference in book.changed_references()}
    memory.references = {**memory.references, **changed}
    memory.links = memory.links | book.links
    for fact in book.changed_facts():
        memory.facts.setdefault(fact.subject, {})[fact.entity] = fact
    for _, case in book.changed_cases():
        key = case.pupil_ref, case.cohort
        memory.cases = {**memory.cases, key: _whole(memory.cases.get(key), case)}


def _whole(before: Case | None, after: Case) -> Case:
    """The case with everything that it ever had."""
    if before is None:
        return after
    custody = {start.number: start for start in (*after.custody, *before.custody)}
    offers = {offer.number: offer for offer in (*before.offers, *after.offers)}
    return replace(
        after,
        custody=tuple(custody[n] for n in sorted(custody)),
        offers=tuple(offers[n] for n in sorted(offers)),
        actions={**before.actions, **after.actions},
        risks={**before.risks, **after.risks},
    )


async def _directory(memory: Memory) -> Directory:
    found = {code: replace(staffed(one), municipality=one.municipality) for code, one in memory.listings.items()}
    return Directory(found, memory.present_on)


async def _looked_on(memory: Memory, day: date) -> None:
    memory.present_on = max(memory.present_on, day)


async def _listings(memory: Memory, codes: Sequence[str]) -> dict[str, Listing]:
    return {code: memory.listings[code] for code in codes if code in memory.listings}


async def _save_listings(memory: Memory, _before: Any, changed: Sequence[Listing]) -> None:
    memory.listings = memory.listings | {listing.code: listing for listing in changed}


async def _touched(memory: Memory, turn: Turn, regions: Collection[str]) -> tuple[list[Key], list[str]]:
    """As the query of that name says it."""
    found = sorted(key for key, case in memory.cases.items() if case.open and _is_touched(case, turn, regions))
    roots = {ref for ref, _ in found}
    return found, sorted(ref for ref, one in memory.references.items() if one.root in roots)


def _is_touched(case: Case, turn: Turn, regions: Collection[str]) -> bool:
    owners = [action.owner for action in case.actions.values() if action.open]
    held = [who for who in (case.holder, *owners) if who.organisation in turn.organisations]
    if any(who.role == "region_coordinator" and who.organisation in regions for who in owners):
        return True
    people = turn.people | {None}
    return any(who.contact in people or who.deputy in turn.people or who.role in turn.roles for who in held)


@asynccontextmanager
async def _as_service(_memory: Memory) -> AsyncIterator[None]:
    yield


async def _adopted(memory: Memory) -> Mapping[str | None, Sequence[Agreement]]:
    newest = sorted(memory.texts, key=lambda one: (one[0].valid_from, one[0].adopted_at), reverse=True)
    found: dict[str | None, list[Agreement]] = {None: [*agreement.shipped()]}
    for _, agreed in newest:
        found.setdefault(agreed.region, []).append(agreed)
    return found


async def _adopt(memory: Memory, agreed: Agreement, text: str, actor: Actor, now: datetime) -> None:
    assert agreed.region
    fingerprint, by = agreement.digest(text), (actor.organisation, actor.person_ref)
    one = agreements.Adoption(agreed.version, agreed.region, agreed.valid_from, fingerprint, now, *by)
    memory.texts = [*memory.texts, (one, agreed)]


async def _adoptions(memory: Memory, _region: str | None = None) -> list[agreements.Adoption]:
    return [one for one, _ in reversed(memory.texts)]


async def _move(memory: Memory, region: str, old: str, new: str, now: datetime) -> int:
    on_it = [
        Timer("agreement", ref, f"{cohort}:{new}", now)
        for (ref, cohort), case in memory.cases.items()
        if case.open and case.transition and (case.transition.region, case.transition.agreement) == (region, old)
    ]
    memory.timers = memory.timers | {(timer.kind, timer.subject, timer.key): timer for timer in on_it}
    return len(on_it)


async def _nothing(*_: Any) -> None:
    return None


async def _table(_conn: Any, table_id: str, organisation: str) -> Table:
    return Table(table_id, REGION, date(2026, 11, 2), organisation, SEATS)


async def _on_agenda(*_: Any) -> bool:
    return True


def with_a_table(patch: pytest.MonkeyPatch) -> None:
    """One Overstaptafel, at which everybody sits and at which every pupil is talked about."""
    patch.setattr(casetables, "locked", _table)
    patch.setattr(casetables, "on_agenda", _on_agenda)
    patch.setattr(casetables, "add_decision", _nothing)


def installed(patch: pytest.MonkeyPatch) -> None:
    """Let the handlers of coordination work on memory instead of on tables."""
    for module, functions in (
        (store, {"load": load, "save": save, "directory": _directory, "looked_on": _looked_on}),
        (store, {"listings": _listings, "save_listings": _save_listings}),
        (store, {"next_rosters": _nothing, "hold_directory": _nothing}),
        (presence, {"as_service": _as_service, "touched": _touched}),
        (agreements, {"adopted": _adopted, "adopt": _adopt, "adoptions": _adoptions}),
        (agreements, {"lock": _nothing, "move": _move}),
        (partner_rows, {name: getattr(partners, name) for name in PARTNERS}),
    ):
        for name, function in functions.items():
            patch.setattr(module, name, function)
    with_a_table(patch)
