"""Which cells of a set of tables stay hidden, so that no figure about five people or fewer can be read or computed.

A row counts pupils per column; the columns divide all pupils, and their total is a cell too. Two rows may be *nested*
(who is placed is expected), so that their difference is a group of people as well. A cell is hidden when it, or such a
difference, is small; when it moved by a small number since an earlier publication; and when it would let another hidden
cell be computed. Why this is no library: docs/decisions/0006-own-protection.md.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto

TOTAL = "all"
LIMIT = 5
"""Largest group about which nothing is told."""

Cell = tuple[str, str]
"""Name of a row, and of a column or `TOTAL`."""
Shown = Mapping[Cell, int]
"""The numbers that a publication showed; what is missing was hidden."""


@dataclass(frozen=True, slots=True)
class Row:
    """Pupils per column, without the total."""

    name: str
    counts: dict[str, int]
    """In the order in which columns are kept; the last is the first that keeps another hidden one company."""
    nested: tuple[str, ...] = ()
    """Rows before this one of which it is a part, or which are a part of it."""


class Why(Enum):
    """Why a cell is hidden."""

    SMALL = auto()
    MOVED = auto()
    COMPANY = auto()
    """For the sake of another cell."""


def hide(rows: Sequence[Row], earlier: Sequence[Shown] = (), limit: int = LIMIT) -> set[Cell]:
    """The cells to hide. The first row counts everybody."""
    table = _Table({row.name: row for row in rows}, earlier, limit)
    for row in rows:
        table.hide(row)
    return set(table.hidden)


@dataclass(slots=True)
class _Table:
    """Rows that are protected one after another."""

    rows: Mapping[str, Row]
    earlier: Sequence[Shown]
    limit: int
    hidden: dict[Cell, Why] = field(default_factory=dict)

    def hide(self, row: Row) -> None:
        """Hide what needs it, with company, so that nobody can tell which of them needed it."""
        columns = [column for column in reversed(row.counts) if not self._known_empty(row, column)]
        needed = {column: why for column in columns if (why := self._why(row, [column], column))}
        total = self._why(row, row.counts, TOTAL)
        company = None if total else self._company(row, needed, columns)
        if company is None:
            # All of them: if one were left, it would tell how many share a small number.
            company, total = columns, total or Why.COMPANY
        why = Why.MOVED if total is Why.MOVED else Why.COMPANY
        hidden = dict.fromkeys(company, why) | needed | ({TOTAL: total} if total else {})
        self.hidden |= {(row.name, column): why for column, why in hidden.items()}

    def _company(self, row: Row, needed: Mapping[str, Why], columns: Sequence[str]) -> Sequence[str] | None:
        """The columns to hide besides, or None when that can not be done while the total is shown. A fixed order
        chooses: a choice by size would tell of sizes."""
        others = [column for column in columns if column not in needed]
        # Whose earlier number is known is less of a riddle, so after an earlier publication one is not enough.
        fewest = 1 + bool(self.earlier) if needed and Why.COMPANY not in needed.values() else 0
        for size in range(fewest, len(others) + 1):
            if self._holds(row, frozenset([*needed, *others[:size]])):
                return others[:size]
        return None

    def _known_empty(self, row: Row, column: str) -> bool:
        """Anybody sees that nobody can be counted here, as nobody is in the first row."""
        first = next(iter(self.rows.values()))
        return row is not first and not first.counts[column] and (first.name, column) not in self.hidden

    def _holds(self, row: Row, chosen: frozenset[str]) -> bool:
        """Is what can be computed of the hidden columns together nobody, or so many that a small number in it, beside a
        large one, can be any small number?"""
        return len(chosen) != 1 and all(n == 0 or n > 2 * self.limit for n in self._computable(row, chosen))

    def _computable(self, row: Row, chosen: frozenset[str]) -> Iterator[int]:
        """Sums that follow from totals and the columns shown: now, and beside each earlier publication."""
        yield self._sum(row, chosen)
        for other in self._nested(row, TOTAL):
            columns = chosen | {column for column in other.counts if (other.name, column) in self.hidden}
            yield abs(self._sum(other, columns) - self._sum(row, columns))
        for shown in self.earlier:
            if (row.name, TOTAL) in shown:
                columns = chosen | {column for column in row.counts if (row.name, column) not in shown}
                yield abs(self._sum(row, columns) - _sum_shown(row, columns, shown))

    def _why(self, row: Row, columns: Collection[str], place: str) -> Why | None:
        """Why the cell at this place, the sum of these columns, is hidden for its own sake."""
        n = self._sum(row, columns)
        gaps = {other.name: abs(self._sum(other, columns) - n) for other in self._nested(row, place)}
        if any(map(self._small, (n, *gaps.values()))):
            return Why.SMALL
        if any(self._leans(n, (name, place)) for name in row.nested):
            return Why.COMPANY
        return Why.MOVED if any(self._moved(row.name, n, gaps, place, shown) for shown in self.earlier) else None

    def _leans(self, n: int, cell: Cell) -> bool:
        """Would this number say too much about a hidden cell of a nested row?"""
        match self.hidden.get(cell):
            case Why.SMALL:
                return n == 0
            case Why.MOVED:
                return any(abs(n - shown[cell]) <= self.limit for shown in self.earlier if cell in shown)
            case why:
                return why is Why.COMPANY

    def _moved(self, name: str, n: int, gaps: Mapping[str, int], place: str, shown: Shown) -> bool:
        before = shown.get((name, place))
        if before is None:
            return False
        gaps_before = {other: abs(shown[other, place] - before) for other in gaps if (other, place) in shown}
        moves = [n - before, *(gaps[other] - gap for other, gap in gaps_before.items())]
        return any(self._small(abs(move)) for move in moves)

    def _nested(self, row: Row, place: str) -> list[Row]:
        """Nested rows that are shown at this place."""
        return [self.rows[name] for name in row.nested if (name, place) not in self.hidden]

    def _small(self, n: int) -> bool:
        return 1 <= n <= self.limit

    def _sum(self, row: Row, columns: Collection[str]) -> int:
        return sum(row.counts[column] for column in columns)


def _sum_shown(row: Row, columns: Collection[str], shown: Shown) -> int:
    """What these columns came to in an earlier publication: its total less its other columns."""
    return shown[row.name, TOTAL] - sum(shown[row.name, column] for column in row.counts if column not in columns)
