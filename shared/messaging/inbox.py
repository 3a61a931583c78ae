"""The way in: exactly once in effect, and no hole in a stream unnoticed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from shared.schemas.envelope import Event
from shared.schemas.pupils import ErasureConfirmed, PupilErased
from shared.storage import queries
from shared.storage.pool import Connection

SQL = queries.load(Path(__file__).parent / "queries.sql")
Stream = tuple[str, str]


async def claim(conn: Connection, events: Sequence[Event]) -> list[Event]:
    """Of these events, in order, the ones that were never handled before; each once."""
    unique = {event.id: event for event in events}
    rows = await conn.fetch(SQL["claim"], sorted(unique))
    fresh = {row["event_id"] for row in rows}
    return [event for event in unique.values() if event.id in fresh]


@dataclass(slots=True)
class Heard:
    """What has arrived of one stream."""

    contiguous: int = 0
    """Everything up to here has arrived."""
    ahead: set[int] = field(default_factory=set)
    """Arrived before their turn."""
    head: int = 0
    """What the publisher says it has reached."""

    def settle(self, sequence: int) -> None:
        """Nothing before this number will ever come again: the pupil was erased at its source."""
        self.contiguous = max(self.contiguous, sequence - 1)
        self.add(self.ahead)

    def add(self, sequences: Iterable[int]) -> None:
        """Note arrivals, in any order and as often as they come."""
        self.ahead = {s for s in self.ahead if s > self.contiguous}
        self.ahead.update(s for s in sequences if s > self.contiguous)
        while self.contiguous + 1 in self.ahead:
            self.contiguous += 1
            self.ahead.discard(self.contiguous)

    @property
    def gap(self) -> bool:
        """Something is missing."""
        return bool(self.ahead) or self.contiguous < self.head

    def missing(self) -> tuple[int, int]:
        """First and last number of the first hole."""
        last = min(self.ahead) - 1 if self.ahead else self.head
        return self.contiguous + 1, last


async def note_heard(conn: Connection, events: Sequence[Event]) -> int:
    """Note which numbers of which streams have arrived, duplicates included; returns how many holes closed."""
    arrived: dict[Stream, set[int]] = defaultdict(set)
    erased = {(e.source, e.subject): e.sequence for e in events if isinstance(e.data, PupilErased | ErasureConfirmed)}
    for event in events:
        if event.sequence:
            arrived[event.source, event.subject].add(event.sequence)
    if not arrived:
        return 0
    streams = sorted(arrived)
    sources, subjects = [s for s, _ in streams], [s for _, s in streams]
    known = {
        (row["source"], row["subject"]): Heard(row["contiguous"], set(row["ahead"]), row["head"])
        for row in await conn.fetch(SQL["heard"], sources, subjects)
    }
    states = [known.get(stream, Heard()) for stream in streams]
    missed = [state.gap for state in states]
    for stream, state in zip(streams, states, strict=True):
        if stream in erased:
            state.settle(erased[stream])
        state.add(arrived[stream])
    await conn.execute(
        SQL["save_heard"],
        sources,
        subjects,
        [s.contiguous for s in states],
        ["{" + ",".join(map(str, sorted(s.ahead))) + "}" for s in states],
        [s.gap for s in states],
    )
    return sum(before and not state.gap for before, state in zip(missed, states, strict=True))
