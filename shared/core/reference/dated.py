"""Tables whose rows hold from a date: reading them, and finding the row of a day."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Generic, TypeVar

from shared.core.errors import Fault

T = TypeVar("T")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table, with its place for error messages."""

    file: str
    number: int
    cells: Mapping[str, str]

    def __getitem__(self, column: str) -> str:
        return (self.cells.get(column) or "").strip()

    def fault(self, expected: str) -> Fault:
        return Fault(f"{self.file} line {self.number}", expected, "reference")


@dataclass(frozen=True, slots=True)
class Spell(Generic[T]):
    """A value and the days on which it holds, `until` included."""

    since: date
    until: date
    value: T


Spells = Mapping[str, tuple[Spell[T], ...]]


def lines(path: Path, faults: list[Fault]) -> list[Line]:
    """All lines of a table; a missing or empty file, or a line without source, is a fault."""
    if not path.is_file():
        faults.append(Fault(path.name, "this table", "reference"))
        return []
    with path.open(encoding="utf-8", newline="") as opened:
        reader = csv.DictReader(opened)
        found = [Line(path.name, reader.line_num, cells) for cells in reader]
    if not found:
        faults.append(Fault(path.name, "at least one line", "reference"))
    faults += [line.fault("a source") for line in found if not line["source"]]
    return found


def spells(
    table: Iterable[Line], key: str | None, value: Callable[[Line], T], faults: list[Fault]
) -> dict[str, tuple[Spell[T], ...]]:
    """Group lines by their key column (None: one series) and turn each into the days on which it holds.

    Per key the lines stand in order of `valid_from`; after a `valid_until` the next begins the day after.
    """
    groups: dict[str, list[tuple[Line, Spell[T]]]] = defaultdict(list)
    for line in table:
        try:
            since = date.fromisoformat(line["valid_from"])
            until = date.fromisoformat(line["valid_until"] or date.max.isoformat())
            spell = Spell(since, until, value(line))
        except ValueError:
            faults.append(line.fault("dates as 2027-08-01 and a value of this table's kind"))
        else:
            groups[line[key] if key else ""].append((line, spell))
    return {code: _chain(group, faults) for code, group in groups.items()}


def _chain(group: list[tuple[Line, Spell[T]]], faults: list[Fault]) -> tuple[Spell[T], ...]:
    chained = []
    for (_, earlier), (line, later) in pairwise(group):
        if later.since <= earlier.since or (earlier.until != date.max and later.since <= earlier.until):
            faults.append(line.fault(f"valid_from after {_end(earlier)}: it overlaps the line before it"))
        elif earlier.until != date.max and later.since > earlier.until + ONE_DAY:
            faults.append(line.fault(f"valid_from {earlier.until + ONE_DAY}: there is a gap after the line before it"))
        chained.append(Spell(earlier.since, min(earlier.until, later.since - ONE_DAY), earlier.value))
    return (*chained, group[-1][1])


def _end(spell: Spell[T]) -> date:
    return spell.since if spell.until == date.max else spell.until


def at(table: Spells[T], key: str, on: date) -> T | None:
    """The value that holds for this key on this day, if any."""
    for spell in reversed(table.get(key, ())):
        if spell.since <= on:
            return spell.value if on <= spell.until else None
    return None


def latest(table: Spells[T], key: str) -> T | None:
    """The last value known for this key, whether or not it still holds."""
    found = table.get(key)
    return found[-1].value if found else None


def missing_years(years: Iterable[int]) -> list[int]:
    """The years lacking between the first and the last."""
    known = set(years)
    return [year for year in range(min(known, default=0), max(known, default=0)) if year not in known]
