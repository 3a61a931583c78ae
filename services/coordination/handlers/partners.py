"""What is heard of organisations, and what must be done about them. Everything is decided by timers of the organisation
itself: who tells news of it only sets one, so that no stream of an organisation is locked behind those of pupils. Who
looks holds the organisation before anything of it is read, and who tells news shares it until that is written: no news
falls between the two. Each piece of news has a timer of its own, so that nobody waits for one that is being fired."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from services.coordination.domain.book import Book
from services.coordination.domain.case import Case
from services.coordination.domain.partners import looking, telling
from services.coordination.domain.partners.partner import Part
from services.coordination.handlers.world import world
from services.coordination.store import partners, presence
from shared.core.actor import Role
from shared.core.ids import new_id
from shared.schemas.envelope import Event, Outcome, Timer
from shared.storage.pool import Connection

LOOK, LOOK_NOW = "organisation", "organisation-now"
"""Kinds of timer: at the next instant that matters, and because there is news."""
SPEAK_OF_PUPILS = ("dossier", "intake")
NO_PARTNERS = (Role.OPERATOR, Role.SYSTEM, Role.PUPIL)
CODE = re.compile(r"[0-9A-Z]{2,6}")


async def noted(conn: Connection, events: Sequence[Event], book: Book) -> list[Timer]:
    """Keep who was heard and who has to do with a pupil now; returns when to look at whom because of it.

    To the hour, and only what is new: not every message of a pupil writes a row of its organisation.
    """
    heard, involved, telling = _heard(events), _involved(book), _telling(book)
    known = await partners.standing(conn, {*heard, *involved, *telling})
    seen, timers = {}, []
    for code in sorted({*heard, *involved, *telling}):
        before, at = known.get(code), heard.get(code)
        moment = min(one for one in (involved.get(code), at, telling.get(code)) if one)
        later = at is not None and (not before or not before.heard_at or at > before.heard_at)
        if later or not before or moment < before.known_at:
            seen[code] = moment, at
        if not before or (later and before.silent) or (code in involved and not before.active):
            timers.append(_look_now(code, moment))
        elif code in telling and not before.awaited:
            timers.append(_look_now(code, telling[code]))
    await partners.note(conn, seen)
    return timers


def _look_now(code: str, at: datetime) -> Timer:
    return Timer(LOOK_NOW, code, str(new_id()), at)


def _telling(book: Book) -> dict[str, datetime]:
    """Organisations that tell from now on of a pupil of whom they did not, and since when: they may have been silent
    for long, while nobody waited for them."""
    found: dict[str, datetime] = {}
    for before, after in book.changed_cases():
        teller = _teller(after)
        if teller and after.transition and teller != _teller(before):
            at = after.transition.weighed_at
            found[teller] = max(found.get(teller, at), at)
    return found


def _teller(case: Case) -> str | None:
    """Who knows how a pupil is doing: the institution that has come furthest, else the school."""
    at = case.transition
    return next(iter(at.live), at.origin) if at and case.open else None


def _heard(events: Iterable[Event]) -> dict[str, datetime]:
    """When each organisation last told anything of a pupil."""
    found: dict[str, datetime] = {}
    for event in events:
        by = event.data.recorded_by if event.source in SPEAK_OF_PUPILS else None
        if by and by.role not in NO_PARTNERS and CODE.fullmatch(by.organisation):
            hour = event.time.replace(minute=0, second=0, microsecond=0)
            found[by.organisation] = max(found.get(by.organisation, hour), hour)
    return found


def _involved(book: Book) -> dict[str, datetime]:
    """Organisations that have to do with a pupil for whom they had not, and since when."""
    found: dict[str, datetime] = {}
    for before, after in book.changed_cases():
        if after.transition and after.open:
            for code in {*_codes(after)} - {*_codes(before)}:
                opened = after.transition.opened_at
                found[code] = min(found.get(code, opened), opened)
    return found


def _codes(case: Case) -> Iterator[str]:
    if not case.transition or not case.open:
        return
    yield from case.transition.live
    at = case.transition
    yield from (code for code in (at.origin, at.residence, at.region, case.holder.organisation) if code)


async def news(conn: Connection, codes: Iterable[str], now: datetime) -> list[Timer]:
    """Somebody may be present at these organisations by now, or nobody any more: when to look at them, and at those of
    which they have a task."""
    return [_look_now(code, now) for code in await partners.touched(conn, codes)]


async def agreed_anew(conn: Connection, region: str, instants: Iterable[datetime], now: datetime) -> list[Timer]:
    """A region agreed on something else: when to look at the organisations there, and at those of which it is not
    known where they are. What is vacant and what is silent may be another matter."""
    async with presence.as_service(conn):
        around, codes = await world(conn), await partners.known(conn)
    day = around.almanac.day(now)
    there = [code for code in codes if around.region_of(code, day) in (region, None)]
    return [Timer(LOOK_NOW, code, str(new_id()), at, date_rule=at > now) for at in sorted(instants) for code in there]


async def look(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """Look at organisations: what is asked of whom now, and when to look again. A look too many changes nothing."""
    around, due = await world(conn), {timer.subject: timer.due_at for timer in timers}
    found = await partners.load(conn, due)
    parts = await partners.parts(conn, found)
    drafts, later, saved = [], [], []
    for before in found.values():
        part = parts.get(before.code, Part())
        after = looking.looked(before, part, around, due[before.code])
        now = after.looked_at or due[before.code]
        spoken_to = looking.coordinator(after, part, looking.world_of(after, part, around, now))
        drafts += telling.told(before, after, spoken_to, now)
        if again := looking.next_look(after, part, around):
            later.append(Timer(LOOK, after.code, "", again, date_rule=True))
        saved.append(after)
    await partners.save(conn, saved)
    return Outcome(drafts, later)
