"""Virtual time of a demo: it stands still, and moves from one due timer to the next, only while all is quiet."""

from collections.abc import Callable
from datetime import datetime

from shared.core.clock import FileClock
from shared.core.settings import Settings
from shared.operate.quiet import next_timer, until_quiet
from shared.storage.pool import Database

Moved = Callable[[datetime], None]


def begin(settings: Settings, instant: datetime) -> None:
    """Set virtual time going at this instant, unless it runs already."""
    path = settings.data_dir / "clock"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        FileClock(path).move(instant)


async def advance(settings: Settings, database: Database, to: datetime, moved: Moved, within: float = 300) -> None:
    """Move business time to `to`, stopping at every instant at which a timer comes due until all is quiet again.

    Time never goes back. `moved` is told of every stop. Raises TimeoutError when it does not get quiet within
    so many seconds.
    """
    clock = settings.clock
    assert isinstance(clock, FileClock)
    await until_quiet(settings, database, within)
    while clock.now() < to:
        async with database.acquire() as conn:
            due = await next_timer(conn, clock.now())
        clock.move(min(due, to) if due else to)
        moved(clock.now())
        await until_quiet(settings, database, within)
