"""Events of the other services, in batches of mixed types: load once, fold one by one, save once."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from services.coordination import store
from services.coordination.domain.book import Book
from services.coordination.domain.fold import (
    come_due,
    erase,
    follow,
    link,
    look_again,
    man,
    take_alert,
    take_fact,
    take_over,
    weigh,
)
from services.coordination.domain.rules import engine
from services.coordination.domain.telling import ACTION_DUE, AGREEMENT, CUSTODY, POSITION, PRESENCE
from services.coordination.domain.world.routing import World
from services.coordination.handlers.partners import noted
from services.coordination.handlers.world import world
from shared.schemas import alerts, dossiers, intakes, pupils
from shared.schemas.envelope import Event, Outcome, Timer
from shared.storage.pool import Connection

Fold = Callable[[Book, Event, World], None]


async def handle(conn: Connection, events: Sequence[Event]) -> Outcome:
    """Apply a batch of events."""
    book = await store.load(conn, {ref for event in events for ref in _refs(event)})
    fold(book, events, await world(conn))
    await store.save(conn, book)
    book.timers += await noted(conn, events, book)
    return outcome(book)


def fold(book: Book, events: Iterable[Event], around: World) -> None:
    """Apply events to the working set; of one that asks nothing of coordination, nothing changes."""
    for event in events:
        handler = HANDLERS.get(event.type)
        if handler and event.about_pupil:
            handler(book, event, around)
        else:
            book.unchanged += 1


async def on_timers(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """Rules that look again and actions that come due; `now` is the due instant."""
    book, around = await store.load(conn, {timer.subject for timer in timers}), await world(conn)
    for timer in timers:
        TIMERS[timer.kind](book, timer, around)
    await store.save(conn, book)
    book.timers += await noted(conn, (), book)
    return outcome(book)


def outcome(book: Book) -> Outcome:
    """What the working set asks to be published, set and forgotten."""
    return Outcome(
        events=[*book.drafts, *book.confirmed],
        timers=book.timers,
        unchanged=book.unchanged,
        erase=sorted(book.erased),
    )


def _refs(event: Event) -> Iterable[str]:
    if isinstance(event.data, pupils.PupilLinked):
        return event.data.survivor, event.data.absorbed
    return [event.subject] if event.type in HANDLERS and event.about_pupil else []


HANDLERS: Mapping[str, Fold] = {
    pupils.PupilRecorded.TYPE: take_fact,
    pupils.PupilLinked.TYPE: link,
    pupils.PupilErased.TYPE: erase,
    dossiers.PupilExpected.TYPE: take_fact,
    dossiers.ChoiceRegistered.TYPE: take_fact,
    dossiers.ChoiceWithdrawn.TYPE: take_fact,
    dossiers.DossierHandedOver.TYPE: take_fact,
    dossiers.HandoverOpened.TYPE: take_fact,
    dossiers.HandoverAccepted.TYPE: take_fact,
    dossiers.HandoverRefused.TYPE: take_fact,
    dossiers.HandoverWithdrawn.TYPE: take_fact,
    dossiers.OtherRouteRegistered.TYPE: take_fact,
    dossiers.DossierCompleted.TYPE: take_fact,
    dossiers.ExamResultRecorded.TYPE: take_fact,
    dossiers.PupilNotListed.TYPE: take_fact,
    dossiers.ConcernRaised.TYPE: take_fact,
    dossiers.ConcernResolved.TYPE: take_fact,
    dossiers.WarmHandoverRequested.TYPE: take_fact,
    dossiers.WarmHandoverPlanned.TYPE: take_fact,
    dossiers.WarmHandoverHeld.TYPE: take_fact,
    dossiers.WarmHandoverMissed.TYPE: take_fact,
    intakes.ApplicationStatusChanged.TYPE: take_fact,
    intakes.IntakeInvited.TYPE: take_fact,
    intakes.IntakePlanned.TYPE: take_fact,
    intakes.IntakeMissed.TYPE: take_fact,
    intakes.IntakeDone.TYPE: take_fact,
    intakes.StudentStarted.TYPE: take_fact,
    intakes.StudentNotStarted.TYPE: take_fact,
    intakes.AbsenceReported.TYPE: take_fact,
    intakes.ProgrammeSwitched.TYPE: take_fact,
    intakes.EnrolmentEnded.TYPE: take_fact,
    alerts.AlertAcknowledged.TYPE: take_alert,
    alerts.AlertResolved.TYPE: take_alert,
}

FACTS = tuple(kind for kind, fold in HANDLERS.items() if fold is take_fact)
"""Events of which the newest state per entity is remembered."""

TIMERS: Mapping[str, Callable[[Book, Timer, World], None]] = {
    ACTION_DUE: come_due,
    CUSTODY: follow,
    POSITION: weigh,
    AGREEMENT: take_over,
    PRESENCE: man,
    **dict.fromkeys(engine.LOOKING, look_again),
}
