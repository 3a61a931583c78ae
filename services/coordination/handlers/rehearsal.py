"""`overstap rehearse`: the events of a year, folded through the real decisions under another agreement. Writes nothing.

People do again what they did: they answer an offer after as long as they took, and close an action of the same kind at
the same moment. Who is where is as it is known today.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path

from services.coordination import agreement
from services.coordination.agreement.dates import keeping
from services.coordination.domain import actions, offers
from services.coordination.domain.book import Book, in_line
from services.coordination.domain.case import OfferState
from services.coordination.domain.history.rehearsal import Comparison, Lived, lived
from services.coordination.domain.pinning import pinned
from services.coordination.domain.world.agreed import Agreement
from services.coordination.domain.world.routing import World
from services.coordination.handlers.events import HANDLERS, TIMERS, fold
from services.coordination.handlers.world import world
from shared.schemas.coordination import ActionDone, CustodyAccepted, CustodyOffered, CustodyReturned
from shared.schemas.envelope import Event, Timer
from shared.storage.pool import Connection

OWN = (ActionDone.TYPE, CustodyAccepted.TYPE, CustodyReturned.TYPE)
"""Of coordination's own events, those by which people did something."""
HEARD = tuple(HANDLERS)
"""Events of other services that decide anything."""
ANSWER, DONE = "answer", "done"
Asked = tuple[int, str | None, str]
"""Cohort, situation and organisation: what makes it the same offer under another agreement."""


@dataclass(frozen=True)
class Rehearsal:
    """The same world under the present agreement and under the changed one."""

    present: World
    changed: World
    until: datetime
    found: Comparison = field(default_factory=Comparison)

    def live(self, events: Sequence[Event]) -> None:
        """The events of one child, under both."""
        self.found.add(*(_lived(events, around, self.until) for around in (self.present, self.changed)))


async def rehearsal(conn: Connection, path: Path, until: datetime) -> Rehearsal:
    """Prepare a rehearsal of the agreement in a file. Raises `Invalid` with every fault of it at once."""
    changed = agreement.load(path)
    return rehearsed(await world(conn), changed, until)


def rehearsed(around: World, changed: Agreement, until: datetime) -> Rehearsal:
    """Both worlds. Each agreement holds from the first day: what is asked is what it would have meant."""
    today = around.almanac.day(until)
    valid = {region: [one for one in found if one.valid_from <= today] for region, found in around.adopted.items()}
    newest = {region: (_always(found[0]),) for region, found in valid.items() if found}
    present = replace(around, agreement=_always(around.agreement), adopted=newest, _worlds={})
    mine = {changed.region: (_always(replace(changed, version="rehearsed")),)}
    dates = keeping({**around.adopted, changed.region: (changed, *around.adopted.get(changed.region, ()))})
    return Rehearsal(present, replace(present, adopted=newest | mine, almanac=dates, _worlds={}), until)


def _always(one: Agreement) -> Agreement:
    return replace(one, valid_from=date.min)


def _lived(events: Sequence[Event], around: World, until: datetime) -> Lived:
    play = _Play(around, events)
    for event in play.told:
        if event.time > until:
            break
        play.run(event.time)
        fold(play.book, [event], around)
        play.take()
    play.run(until)
    return lived(play.book.drafts)


class _Play:
    """One child's year: what was told, and everything that comes due in between, in order of time."""

    def __init__(self, around: World, events: Sequence[Event]):
        self.book, self._around = Book(), around
        self._queue: list[tuple[datetime, str, str, str]] = []
        self._latest: dict[tuple[str, str, str], Timer] = {}
        self._seen = 0
        self._answers: dict[Asked, tuple[timedelta, str | None]] = {}
        self._do: dict[str, Callable[[Book, Timer, World], None]] = {**TIMERS, ANSWER: _answer, DONE: _close}
        self.told = [event for event in events if event.type in HANDLERS]
        for event in events:
            self._remember(event)

    def _remember(self, event: Event) -> None:
        data = event.data
        if isinstance(data, ActionDone) and data.result in actions.REASONS:
            self._set([Timer(DONE, event.subject, f"{data.cohort}:{data.kind}:{data.result}:{event.id}", event.time)])
        elif isinstance(data, CustodyAccepted | CustodyReturned) and data.offered_at and data.answered_at:
            reason = data.reason if isinstance(data, CustodyReturned) else None
            asked = data.cohort, data.situation, data.target.organisation
            self._answers[asked] = data.answered_at - data.offered_at, reason

    def run(self, until: datetime) -> None:
        """Everything that comes due before an instant."""
        while self._queue and self._queue[0][0] < until:
            due, *key = heappop(self._queue)
            timer = self._latest.get((key[0], key[1], key[2]))
            if timer and timer.due_at == due:
                del self._latest[timer.kind, timer.subject, timer.key]
                self._do[timer.kind](self.book, timer, self._around)
                self.take()

    def take(self) -> None:
        """What was just set and offered."""
        self._set(self.book.timers)
        self.book.timers = []
        for draft in self.book.drafts[self._seen :]:
            if isinstance(draft.data, CustodyOffered) and not draft.data.lapsed_at:
                self._ask(draft.subject, draft.data)
        self._seen = len(self.book.drafts)

    def _set(self, timers: Iterable[Timer]) -> None:
        for timer in timers:
            self._latest[timer.kind, timer.subject, timer.key] = timer
            heappush(self._queue, (timer.due_at, timer.kind, timer.subject, timer.key))

    def _ask(self, subject: str, offer: CustodyOffered) -> None:
        answer = self._answers.get((offer.cohort, offer.situation, offer.target.organisation))
        if answer and offer.offered_at:
            took, reason = answer
            key = f"{offer.cohort}:{offer.offer_id}:{reason or ''}"
            self._set([Timer(ANSWER, subject, key, offer.offered_at + took)])


def _answer(book: Book, timer: Timer, around: World) -> None:
    cohort, offer_id, reason = timer.key.split(":")
    case, now = book.case(book.root(timer.subject), int(cohort)), timer.due_at
    offer = case.offer
    if not case.open or not offer or offer.offer_id != offer_id:
        return
    if offer.state not in (OfferState.OFFERED, OfferState.IN_EFFECT):
        return
    known, around = book.known(case.pupil_ref, case.cohort), pinned(case, around)
    case = offers.given_back(case, reason, None, now) if reason else offers.accepted(case, now)
    book.put(in_line(case, known, around, now, certain=True), now)


def _close(book: Book, timer: Timer, around: World) -> None:
    cohort, kind, reason, _ = timer.key.split(":")
    case, now = book.case(book.root(timer.subject), int(cohort)), timer.due_at
    action = next((a for a in case.actions.values() if a.open and a.kind == kind), None)
    if case.open and action:
        known, around = book.known(case.pupil_ref, case.cohort), pinned(case, around)
        book.put(actions.planned(actions.done(case, action.action_id, reason, now), known, around, now), now)
