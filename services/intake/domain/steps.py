"""What was told of one intake, enrolment, switch or report of absence: steps, of which nothing is ever taken out.

Where it stands follows from its steps by the moment since which each counts, in whatever order they were told.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar, Literal, Protocol

Channel = Literal["api", "csv", "page"]


class Says(Protocol):
    """What a step tells. Of steps since one moment, the higher rank comes later."""

    @property
    def rank(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Undone:
    """An earlier step was a mistake: everything is as if it had never been told."""

    step: int
    """Its number."""
    rank: ClassVar[int] = 0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was told."""

    n: int
    """Counts what was told of one entity, from 1."""
    at: datetime
    """Since when it counts, in the real world."""
    arrived: datetime
    """When it was told here."""
    channel: Channel
    role: str
    """Of who told it."""
    says: Says

    @property
    def key(self) -> tuple[datetime, Says]:
        """A second row of a file with the same key is a repetition."""
        return self.at, self.says


def standing(steps: Iterable[Step]) -> list[Step]:
    """The steps that count, in the order in which they happened. Of one moment and rank, what was told last is last:
    that is how a file puts a row of an earlier file right."""
    told = list(steps)
    undone = {step.says.step for step in told if isinstance(step.says, Undone)}
    kept = (step for step in told if step.n not in undone and not isinstance(step.says, Undone))
    return sorted(kept, key=lambda step: (step.at, step.says.rank, step.arrived, step.n))


def commanded(steps: Sequence[Step], says: Says, now: datetime, channel: Channel, role: str) -> Step:
    """The step of a command. It comes after everything that is known, whatever that says of its moment."""
    counting = standing(steps)
    at = max(now, counting[-1].at + timedelta(microseconds=1)) if counting else now
    return Step(len(steps) + 1, at, now, channel, role, says)


def last_one(steps: Iterable[Step]) -> Undone | None:
    """What undoes the last step that counts; None: there is none."""
    counting = standing(steps)
    return Undone(counting[-1].n) if counting else None
