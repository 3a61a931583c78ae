"""Is this process alive, and is it ready for work? Alive is: every loop of it still turns.

A probe never asks the broker anything: what it needs was noted by the loops themselves, or stands in PostgreSQL.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Check:
    """One thing a probe looked at."""

    name: str
    """Service and what was looked at, such as ``dossier:outbox``."""
    good: bool
    value: float | str
    unit: str = ""
    limit: float | None = None
    """Above this value it is not good."""


Probe = Callable[[], Awaitable[Sequence[Check]]]


def up_to(name: str, value: float, limit: float, unit: str = "s") -> Check:
    """A check that is good as long as the value does not pass the limit."""
    return Check(name, value <= limit, round(value, 3), unit, limit)


def report(checks: Iterable[Check]) -> tuple[bool, dict[str, Any]]:
    """Whether all is good, and the answer as ``application/health+json`` (draft-inadarei-api-health-check-06)."""
    told: dict[str, list[dict[str, Any]]] = {}
    good = True
    for check in checks:
        good = good and check.good
        parts = {"status": _word(check.good), "observedValue": check.value}
        parts |= {"observedUnit": check.unit} if check.unit else {}
        parts |= {"limit": check.limit} if check.limit is not None else {}
        told[check.name] = [parts]
    return good, {"status": _word(good), "checks": told}


def _word(good: bool) -> str:
    return "pass" if good else "fail"


class Beats:
    """When each loop of a side of a service last completed a turn. Waiting for something that is away is a turn too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._last: dict[str, float] = {}

    def beat(self, loop: str, seconds_ago: float = 0) -> None:
        """This loop turned, now or so many seconds ago."""
        self._last[loop] = max(self._clock() - seconds_ago, self._last.get(loop, 0.0))

    def forget(self, start: str) -> None:
        """The loops whose names start so have ended, as they should; nothing more is expected of them."""
        self._last = {loop: last for loop, last in self._last.items() if not loop.startswith(start)}

    def checks(self, limit: float) -> list[Check]:
        """Seconds since the last turn of every loop; not good above the limit."""
        now = self._clock()
        return [up_to(loop, now - last, limit) for loop, last in sorted(self._last.items())]


def asked_to_stop() -> bool:
    """Whether somebody cancelled this task.

    A library may cancel what it awaits, which looks the same. And that we were cancelled can get lost: a connection
    that is cut while a cancelled call cleans up raises its own error instead, and on Python 3.11 `wait_for` returns
    the answer that comes in the same turn of the loop (python/cpython issue 86296). So work that runs for ever asks
    this each time around.
    """
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
