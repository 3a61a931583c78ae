"""What people answer when a pupil is offered to their organisation."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from services.coordination import store
from services.coordination.domain import custody, offers
from services.coordination.domain.book import Book, in_line
from services.coordination.domain.case import Case
from services.coordination.domain.pinning import pinned
from services.coordination.domain.world.routing import World
from services.coordination.handlers import partners
from services.coordination.handlers.events import outcome
from services.coordination.handlers.world import world
from services.coordination.store import presence
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, NotFound
from shared.core.ids import opaque_ref
from shared.schemas.envelope import Outcome
from shared.schemas.vocabulary import codes
from shared.storage.pool import Connection


@dataclass(frozen=True)
class AnswerOffer:
    """Yes, or no for a coded reason. None as reason: yes."""

    pupil_ref: str
    offer_id: str
    reason: str | None = None
    note_ref: str | None = None
    note: str | None = None
    """What somebody wrote about giving the pupil back; kept here, for the own organisation."""

    @property
    def subjects(self) -> Sequence[str]:
        return [self.pupil_ref]


async def answer_offer(conn: Connection, command: AnswerOffer, actor: Actor, now: datetime) -> Outcome:
    """Take a pupil on, or give the pupil back; what the facts say by now goes first.

    Raises `NotFound` for another organisation, `Forbidden`, `IllegalMove` when it was answered
    or has lapsed, and `Invalid` for an unknown reason.
    """
    if command.reason is not None and command.reason not in codes.CUSTODY_RETURNS.codes:
        raise Invalid([Fault("reason", "one of: " + ", ".join(codes.CUSTODY_RETURNS.codes), "unknown")])
    book = await store.load(conn, [command.pupil_ref], may_be_new=False)
    case, around = _offered(book, command.offer_id, actor), await world(conn)
    case = _followed(book, case, pinned(case, around), now)
    offer = case.offer
    if not offer or offer.offer_id != command.offer_id:
        raise NotFound
    offers.CUSTODY_OFFER.after(offer.state, "return" if command.reason else "accept", {actor.role})
    if command.reason:
        note_ref = await _noted(conn, command, actor, now)
        case = offers.given_back(case, command.reason, note_ref, now)
    else:
        case = offers.accepted(case, now)
    known = book.known(case.pupil_ref, case.cohort)
    book.put(in_line(case, known, pinned(case, around), now, certain=True), now)
    await store.save(conn, book)
    async with presence.as_service(conn):
        book.timers += await partners.noted(conn, (), book)
    return replace(outcome(book), value=command.offer_id)


async def _noted(conn: Connection, command: AnswerOffer, actor: Actor, now: datetime) -> str | None:
    """The reference of what was written with the answer, here or elsewhere."""
    if not command.note:
        return command.note_ref
    ref = opaque_ref("custody-note", command.offer_id, command.pupil_ref)
    who = (actor.organisation, now, actor.role.value, actor.person_ref)
    await store.add_note(conn, store.Note(ref, command.pupil_ref, command.offer_id, *who, command.note))
    return ref


def _offered(book: Book, offer_id: str, actor: Actor) -> Case:
    for case in book.cases.values():
        offer = case.offer
        if case.open and offer and offer.offer_id == offer_id and offer.target.organisation == actor.organisation:
            return case
    raise NotFound


def _followed(book: Book, case: Case, around: World, now: datetime) -> Case:
    known = book.known(case.pupil_ref, case.cohort)
    return offers.followed(custody.located(case, known, around, now), known, around, now, certain=True)
