"""Tables whose rows hold from a date: reading them, and finding the row of a day."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Generic, TypeVar

from shared.core.errors import Fault
from shared.core.reference.tables import TABLES, Column, Table

T = TypeVar("T")
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a table, with its place for error messages."""

    file: str
    number: int
    cells: Mapping[str, str]
    sound: bool = True
    """Whether every cell is what its column asks for."""

    def __getitem__(self, column: str) -> str:
        return self.cells.get(column, "")

    def day(self, column: str) -> date:
        """The day in a cell of a sound line."""
        return date.fromisoformat(self[column])

    def fault(self, column: str, expected: str) -> Fault:
        return Fault(f"{self.file} line {self.number}, {column}", expected, "reference")


@dataclass(frozen=True, slots=True)
class Spell(Generic[T]):
    """A value and the days on which it holds, `until` included."""

    since: date
    until: date
    value: T


Spells = Mapping[str, tuple[Spell[T], ...]]


def lines(folder: Path, file: str, faults: list[Fault]) -> list[Line]:
    """All lines of a table. A missing or empty file, a column too many or too few, and every cell that is not what
    its column asks for are faults."""
    path, table = folder / file, TABLES[file]
    if not path.is_file():
        faults.append(Fault(file, "this table", "reference"))
        return []
    with path.open(encoding="utf-8", newline="") as opened:
        reader = csv.reader(opened)
        heads = [head.strip() for head in next(reader, [])]
        rows = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    faults += _heads(file, heads, table)
    found = [_line(file, number, heads, row, faults) for number, row in rows]
    if not found:
        faults.append(Fault(file, "at least one line", "reference"))
    return found


def _heads(file: str, heads: Sequence[str], table: Table) -> Iterator[Fault]:
    wanted = [column.name for column in table.columns]
    for name in wanted:
        if heads.count(name) != 1:
            yield Fault(f"{file} line 1, {name}", "this column, once", "reference")
    for name in heads:
        if name not in wanted:
            yield Fault(f"{file} line 1, {name}", f"no other columns than {', '.join(wanted)}", "reference")


def _line(file: str, number: int, heads: Sequence[str], row: Sequence[str], faults: list[Fault]) -> Line:
    if len(row) != len(heads):
        faults.append(Fault(f"{file} line {number}", f"{len(heads)} cells, not {len(row)}", "reference"))
        return Line(file, number, dict(zip(heads, row, strict=False)), sound=False)
    line = Line(file, number, dict(zip(heads, row, strict=True)))
    wrong = [column for column in TABLES[file].columns if column.name in heads and not _fits(line[column.name], column)]
    faults += [line.fault(column.name, column.kind.expected) for column in wrong]
    missing = any(column.name not in heads for column in TABLES[file].columns)
    return Line(file, number, line.cells, sound=not wrong and not missing)


def _fits(cell: str, column: Column) -> bool:
    if not cell:
        return column.optional
    try:
        return bool(column.kind.fits(cell))
    except ValueError:
        return False


def spells(
    table: Iterable[Line], key: str | None, value: Callable[[Line], T], faults: list[Fault]
) -> dict[str, tuple[Spell[T], ...]]:
    """Group sound lines by their key column (None: one series) and turn each into the days on which it holds.

    Per key the lines stand in order of `valid_from`; after a `valid_until` the next begins the day after.
    """
    groups: dict[str, list[tuple[Line, Spell[T]]]] = defaultdict(list)
    for line in table:
        if line.sound:
            until = line.day("valid_until") if line["valid_until"] else date.max
            groups[line[key] if key else ""].append((line, Spell(line.day("valid_from"), until, value(line))))
    return {code: _chain(group, faults) for code, group in groups.items()}


def _chain(group: list[tuple[Line, Spell[T]]], faults: list[Fault]) -> tuple[Spell[T], ...]:
    chained = []
    for line, spell in group:
        if spell.until < spell.since:
            faults.append(line.fault("valid_until", f"a day from {spell.since} on"))
    for (_, earlier), (line, later) in pairwise(group):
        if later.since <= earlier.since or (earlier.until != date.max and later.since <= earlier.until):
            faults.append(line.fault("valid_from", f"a day after {_end(earlier)}: it overlaps the line before it"))
        elif earlier.until != date.max and later.since > earlier.until + ONE_DAY:
            expected = f"{earlier.until + ONE_DAY}: there is a gap after the line before it"
            faults.append(line.fault("valid_from", expected))
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
