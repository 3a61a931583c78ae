"""Ordinary CSV files of schools and institutions, in and out. Pure functions: bytes in, rows and faults out.

A file is read whole: every fault of the header and of every row at once, with line, column and what was expected,
never the personal value. Rows without fault go on; a row with a fault is kept raw, for quarantine.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from shared.core.errors import Fault
from shared.core.tabular.formats import TEXT, Format
from shared.core.tabular.text import SEPARATOR, decode, has_control, separator_of, shield, unshield

LIMIT_ROWS = 250_000
"""Rows one file may hold; an export of the national application chain has 40,000 and more."""
REMEMBERED = 4096
"""Cells of one column whose value is remembered."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a file kind; `required`: no cell may be empty."""

    name: str
    format: Format = TEXT
    required: bool = True
    always: bool = True
    """False: the header may do without it; then nothing is said about it."""


@dataclass(frozen=True, slots=True)
class Row:
    """A good row: the line it began on, and per column the value written in the one way of its format."""

    line: int
    values: Mapping[str, str]
    raw: str = field(default="", compare=False)
    """As it was received; kept of a file that comes in pieces."""

    def __getitem__(self, column: str) -> str:
        return self.values[column]

    @property
    def place(self) -> str:
        """Where it stands, such as ``regel 4``."""
        return f"regel {self.line}"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row with at least one fault, as it was received. Holds personal data: to quarantine, never to a log."""

    line: int
    raw: str
    faults: tuple[Fault, ...]
    values: Mapping[str, str]
    """The cells without fault; none when the row can not be taken apart."""

    @property
    def place(self) -> str:
        """Where it stands, such as ``regel 4``."""
        return f"regel {self.line}"

    @property
    def reason(self) -> str:
        """Codes of everything wrong with it."""
        return ", ".join(sorted({fault.code for fault in self.faults}))


@dataclass(frozen=True, slots=True)
class Table:
    """What was read. A refused file has no rows, only faults of its own."""

    header: str
    """The header line as received, to make a file again of rows from quarantine."""
    rows: tuple[Row, ...]
    bad_rows: tuple[BadRow, ...]
    file_faults: tuple[Fault, ...]

    @property
    def received(self) -> int:
        """Rows received: good and bad together."""
        return len(self.rows) + len(self.bad_rows)

    @property
    def refused(self) -> bool:
        """Whether nothing of the file can be used."""
        return bool(self.file_faults)

    def again(self, row: BadRow) -> str:
        """A file of this row alone, as it was received: once it can be used, it is handed in again."""
        return f"{self.header}\n{row.raw}\n"

    @property
    def faults(self) -> tuple[Fault, ...]:
        """Every fault, of the file first, then by line."""
        return (*self.file_faults, *(fault for row in self.bad_rows for fault in row.faults))


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a file as it was received, not yet looked at."""

    line: int
    raw: str
    cells: Sequence[str] | None
    """None when the line can not be taken apart into cells."""


def read(
    data: bytes,
    columns: Sequence[Column],
    *,
    unique: Sequence[Sequence[str]] = (),
    limit_rows: int = LIMIT_ROWS,
) -> Table:
    """Read a CSV file. Never raises: whatever is wrong with it becomes a fault.

    UTF-8 with or without BOM; semicolon or comma; blank lines are skipped. `unique` lists combinations of columns
    of which no second row may carry the same values; empty values do not count.
    """
    decoded = decode(data)
    if isinstance(decoded, Fault):
        return _refuse(decoded)
    records = _records(decoded)
    first = next(records, None)
    if first is None:
        return _refuse(Fault("bestand", "een kopregel en ten minste één regel; dit bestand is leeg", "empty_file"))
    header = [name.strip().casefold() for name in first.cells or ()]
    faults = header_faults(header, columns)
    if faults:
        return _refuse(*faults, header=first.raw)
    received = list(records)
    if len(received) > limit_rows:
        return _refuse(Fault("bestand", f"hoogstens {limit_rows} regels", "too_many_rows"), header=first.raw)
    unclosed = next((record for record in received if record.cells is None and "\n" in record.raw), None)
    if unclosed:
        place = f"regel {unclosed.line}"
        return _refuse(Fault(place, "een aanhalingsteken dat ook weer sluit", "open_quote"), header=first.raw)
    return _table(first.raw, header, columns, received, unique)


def write(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> bytes:
    """A CSV file that spreadsheets open without asking: UTF-8 with BOM, semicolons, and no cell that a spreadsheet
    would run as a formula. :func:`read` takes that shield off again."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=SEPARATOR)
    writer.writerow(columns)
    writer.writerows([shield(row[column]) for column in columns] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def again(values: Mapping[str, str]) -> str:
    """A file of one good row, to be handed in again."""
    return write(list(values), [values]).decode("utf-8-sig")


def _refuse(*faults: Fault, header: str = "") -> Table:
    return Table(header, (), (), faults)


def _records(decoded: str) -> Iterator[Record]:
    """The non-blank records of a text, each with its first line number and its raw text."""
    taken: list[str] = []

    def tap() -> Iterator[str]:
        for line in io.StringIO(decoded, newline=""):
            taken.append(line)
            yield line

    reader = csv.reader(tap(), delimiter=separator_of(decoded), strict=True)
    while True:
        line = reader.line_num + 1
        taken.clear()
        cells: list[str] | None
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            cells = None
        if cells is None or any(cell.strip() for cell in cells):
            yield Record(line, "".join(taken).rstrip("\r\n"), cells)


def header_faults(header: Sequence[str], columns: Sequence[Column]) -> list[Fault]:
    """Every column that is missing, unknown or repeated."""
    wanted = [column.name for column in columns]
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    return [
        *(
            Fault("kopregel", f"de kolom {name}; deze ontbreekt", "missing_column")
            for name in (column.name for column in columns if column.always)
            if name not in header
        ),
        *(
            Fault("kopregel", f"alleen bekende kolommen; kolom {n} is dat niet", "unknown_column")
            for n, name in enumerate(header, 1)
            if name not in wanted
        ),
        *(Fault("kopregel", f"de kolom {name} één keer", "duplicate_column") for name in repeated if name in wanted),
    ]


def _table(
    raw_header: str,
    header: Sequence[str],
    columns: Sequence[Column],
    records: Iterable[Record],
    unique: Sequence[Sequence[str]],
) -> Table:
    by_name = {column.name: column for column in columns}
    cells = Cells([by_name[name] for name in header])
    seen: list[dict[tuple[str, ...], int]] = [{} for _ in unique]
    rows: list[Row] = []
    bad: list[BadRow] = []
    for record in records:
        values, faults = cells.read(record)
        faults = faults or _repeats(record.line, values, unique, seen)
        if faults:
            bad.append(BadRow(record.line, record.raw, tuple(faults), values))
        else:
            rows.append(Row(record.line, values))
    return Table(raw_header, tuple(rows), tuple(bad), ())


class Cells:
    """Takes rows apart by the columns of a file. Remembers what it read before: in most columns cells repeat."""

    def __init__(self, columns: Sequence[Column]):
        self._columns: list[tuple[Column, dict[str, str | None]]] = [(column, {}) for column in columns]

    def read(self, record: Record) -> tuple[dict[str, str], list[Fault]]:
        """The values of one row in their one way of writing, or every fault of that row."""
        place = f"regel {record.line}"
        if record.cells is None:
            return {}, [Fault(place, "aanhalingstekens om een hele cel, of geen", "quotes")]
        if len(record.cells) != len(self._columns):
            return {}, [Fault(place, f"{len(self._columns)} cellen, het zijn er {len(record.cells)}", "ragged_row")]
        values, faults = {}, []
        for (column, known), cell in zip(self._columns, record.cells, strict=True):
            if cell not in known:
                if len(known) >= REMEMBERED:
                    known.clear()
                known[cell] = _value(column, unshield(cell.strip()))
            value = known[cell]
            if value is None:
                faults.append(Fault(f"{place}, kolom {column.name}", column.format.expected))
            else:
                values[column.name] = value
        return values, faults


def _value(column: Column, cell: str) -> str | None:
    if not cell and not column.required:
        return ""
    try:
        return None if not cell or has_control(cell) else column.format.parse(cell)
    except ValueError:
        return None


def _repeats(
    line: int,
    values: Mapping[str, str],
    unique: Sequence[Sequence[str]],
    seen: Sequence[dict[tuple[str, ...], int]],
) -> list[Fault]:
    """A fault for each key that an earlier good row already carries."""
    keys = [tuple(values[name] for name in names) for names in unique]
    faults = [
        Fault(f"regel {line}, kolom {' + '.join(names)}", f"geen herhaling van regel {found[key]}", "duplicate_row")
        for names, key, found in zip(unique, keys, seen, strict=True)
        if all(key) and key in found
    ]
    if not faults:
        for key, found in zip(keys, seen, strict=True):
            found[key] = line
    return faults
