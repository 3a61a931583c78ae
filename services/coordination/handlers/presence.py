"""Who is not present holds nothing: decided in the transaction that tells it, or as the day begins."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta

from services.coordination import store
from services.coordination.domain.telling import PRESENCE
from services.coordination.domain.world.organisations import Listing, changed_people, staffed
from services.coordination.domain.world.staff import Organisation, Turn, turned
from services.coordination.handlers.events import outcome
from services.coordination.handlers.partners import news, noted
from services.coordination.handlers.world import almanac, world
from services.coordination.store import presence
from shared.core.errors import Unavailable
from shared.schemas.envelope import Outcome, Timer
from shared.storage.pool import Connection

NEW_DAY, DIRECTORY = "presence-day", "directory"
ONE_DAY = timedelta(days=1)


class Unlocked(Unavailable):
    """Pupils are touched whose streams were not locked: the command is to be carried out again, with them."""

    def __init__(self, pupils: Sequence[str]):
        self.pupils = tuple(pupils)
        super().__init__(f"{len(pupils)} pupils are touched")


async def settle(
    conn: Connection, before: Mapping[str, Listing], changed: Sequence[Listing], locked: Iterable[str], now: datetime
) -> Outcome:
    """Hand over what people hold who by these lists are not present today, and give back to who is.

    `locked`: pupils whose streams were locked first. Raises `Unlocked` when more are touched; then nothing may stay.
    """
    await store.hold_directory(conn)
    found = await store.directory(conn)
    today = max(almanac().day(now), found.present_on)
    await store.looked_on(conn, today)
    later = [_new_day(today + ONE_DAY), *await news(conn, [listing.code for listing in changed], now)]
    turn = Turn()
    for after in changed:
        old = before.get(after.code) or Listing(after.code, after.kind, after.name, after.region)
        turn |= turned(staffed(old), today, staffed(after), today, changed_people(old, after))
    if not turn.organisations:
        return Outcome(timers=later)
    async with presence.as_service(conn):
        cases, refs = await _touched(conn, turn, found.organisations)
        if missed := set(refs).difference(locked):
            raise Unlocked(sorted(missed.union(locked)))
        book, where = await store.load(conn, refs, may_be_new=False), await world(conn)
        for ref, cohort in cases:
            book.man(ref, cohort, where, now)
        await store.save(conn, book)
        book.timers += await noted(conn, (), book)
    told = outcome(book)
    return Outcome(told.events, [*told.timers, *later])


async def new_day(conn: Connection, timers: Sequence[Timer]) -> Outcome:
    """A day begins: the cases of pupils whom somebody has who is away, gone or back from today on are looked at."""
    await store.hold_directory(conn)
    found, asked = await store.directory(conn), []
    for timer in timers:
        day, turn = date.fromisoformat(timer.key), Turn()
        for at in found.organisations.values():
            if people := at.turning(day):
                turn |= turned(at, day - ONE_DAY, at, day, people)
        await store.looked_on(conn, day)
        cases, _ = await _touched(conn, turn, found.organisations)
        asked += [Timer(PRESENCE, ref, str(cohort), timer.due_at) for ref, cohort in cases]
        asked += [_new_day(day + ONE_DAY), *await news(conn, turn.organisations, timer.due_at)]
    return Outcome(timers=asked)


def _new_day(day: date) -> Timer:
    return Timer(NEW_DAY, DIRECTORY, day.isoformat(), almanac().instant(day, 0))


async def _touched(
    conn: Connection, turn: Turn, organisations: Mapping[str, Organisation]
) -> tuple[list[presence.Key], list[str]]:
    """Open cases in which somebody may have to stand in or is back, and every reference to those pupils. What the
    coordinator of the region holds may come back too."""
    regions = {region for code in turn.organisations if (region := organisations[code].region)}
    return await presence.touched(conn, turn, regions)
