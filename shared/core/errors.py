"""Every error the product can answer with, and the three words a consumer knows.

A consumer treats :class:`Rejected` as *never retry*, :class:`Unavailable` as *retry later*, and anything else
as our own bug. Doors (HTTP, CSV, pages) turn the others into a status and a text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


class Said(str):
    """A sentence in English with the message and the values it was made from, so that a page can say it in another
    language."""

    message: str
    values: dict[str, object]

    def __new__(cls, message: str, **values: object) -> "Said":
        found = super().__new__(cls, message % values if values else message)
        found.message, found.values = message, values
        return found


def marked(message: str, **values: object) -> Said:
    """A message for the catalogue, filled in. A value may be such a sentence itself."""
    return Said(message, **values)


def translated(text: str, translate: Callable[..., str]) -> str:
    """The sentence in the language of `translate`; what was not made from a message stays as it is."""
    if not isinstance(text, Said):
        return text
    values = {
        name: translated(value, translate) if isinstance(value, str) else value for name, value in text.values.items()
    }
    return translate(text.message, **values)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with an input: where, and what was expected. Never the personal value itself."""

    where: str
    """Place in the input: a JSON pointer, or ``regel 4, geboortedatum``."""
    expected: str
    """What should have stood there, in words for the sender."""
    code: str = "invalid"
    """Stable code for machines, snake_case."""


class OverstapError(Exception):
    """Base of all expected errors."""


class Invalid(OverstapError):
    """The input is wrong. Carries every fault at once. HTTP 400 (forms: 422)."""

    def __init__(self, faults: Sequence[Fault]):
        self.faults = tuple(faults)
        super().__init__("; ".join(f"{f.where}: {f.expected}" for f in self.faults))


class Forbidden(OverstapError):
    """The actor may not do this. HTTP 403."""


class NotFound(OverstapError):
    """It does not exist, or the actor may not know that it does. HTTP 404."""


class IllegalMove(OverstapError):
    """The state machine does not allow this move now. HTTP 409; names the state and the open moves."""

    def __init__(self, entity: str, state: str, move: str, open_moves: Sequence[str]):
        self.entity, self.state, self.move, self.open_moves = entity, state, move, tuple(open_moves)
        super().__init__(f"{entity} is '{state}': '{move}' is not possible, open: {', '.join(open_moves) or 'none'}")


class Stale(OverstapError):
    """Somebody else changed it first. HTTP 412; says which version there is now, since when and by whom."""

    def __init__(self, entity: str, version: int, changed_at: datetime | None = None, changed_by: str | None = None):
        self.entity, self.version, self.changed_at, self.changed_by = entity, version, changed_at, changed_by
        super().__init__(f"{entity} has version {version} now")


def check_version(entity: str, version: int, expected: int | None, changed: tuple[datetime, str] | None = None) -> None:
    """Raise `Stale` unless this is the version that somebody read before changing it. None: they did not say.

    `changed`: since when it is so, and the role or organisation that did it.
    """
    if expected is not None and expected != version:
        raise Stale(entity, version, *(changed or ()))


class Rejected(OverstapError):
    """Never retry: this one event can not be applied. It goes to quarantine, the next ones go on."""

    def __init__(self, reason: str, faults: Sequence[Fault] = ()):
        self.reason, self.faults = reason, tuple(faults)
        super().__init__(reason)


class Unavailable(OverstapError):
    """Retry later: a dependency does not answer."""
