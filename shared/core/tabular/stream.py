"""A CSV file that comes in pieces: by the rules of :func:`shared.core.tabular.read`, in memory that does not grow."""

import codecs
import csv
import io
from collections import deque
from collections.abc import Iterator, Sequence

from shared.core.errors import Fault, Invalid
from shared.core.tabular import LIMIT_ROWS, BadRow, Cells, Column, Record, Row, header_faults
from shared.core.tabular.text import decode, separator_of

LONGEST_RECORD = 64 * 1024
"""Characters of one row, over all its lines. A quote that never closes would otherwise keep the whole file."""
OPEN_QUOTE = "een aanhalingsteken dat ook weer sluit"


class Stream:
    """Takes a file piece by piece and gives its rows, good and bad, as soon as they are complete.

    Every method raises `Invalid` when the file as a whole can not be used; then none of its rows may be.
    """

    def __init__(self, columns: Sequence[Column], limit_rows: int = LIMIT_ROWS):
        self._columns, self._limit = {column.name: column for column in columns}, limit_rows
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")()
        self._lines, self._text = _Lines(), ""
        self._reader: Iterator[list[str]] | None = None
        self._cells: Cells | None = None
        self._line, self.received, self.header = 1, 0, ""

    def feed(self, piece: bytes) -> list[Row | BadRow]:
        """Take the next piece; gives the rows that it completes."""
        self._take(piece, last=False)
        return list(self._rows())

    def end(self) -> list[Row | BadRow]:
        """There is no more; gives the last rows."""
        self._take(b"", last=True)
        rows = list(self._rows())
        if self._cells is None:
            _refuse("bestand", "een kopregel en ten minste één regel; dit bestand is leeg", "empty_file")
        return rows

    def _take(self, piece: bytes, last: bool) -> None:
        try:
            text = self._text + self._decoder.decode(piece, last)
        except UnicodeDecodeError:
            fault = decode(piece)
            _refuse(f"na regel {self._line}", fault.expected if isinstance(fault, Fault) else "UTF-8", "encoding")
        lines = list(io.StringIO(text, newline=""))
        # A line end may be cut in two: what does not end with \n waits for the next piece.
        self._text = lines.pop() if lines and not last and not lines[-1].endswith("\n") else ""
        if len(self._text) > LONGEST_RECORD:
            _refuse(f"regel {self._line}", f"een regel van hoogstens {LONGEST_RECORD} tekens", "too_long")
        self._lines.add(lines, last)

    def _rows(self) -> Iterator[Row | BadRow]:
        for record in self._records():
            if self._cells is None:
                self._read_header(record)
                continue
            self.received += 1
            if self.received > self._limit:
                _refuse("bestand", f"hoogstens {self._limit} regels", "too_many_rows")
            if record.cells is None and "\n" in record.raw:
                _refuse(f"regel {record.line}", OPEN_QUOTE, "open_quote")
            values, faults = self._cells.read(record)
            if faults:
                yield BadRow(record.line, record.raw, tuple(faults), values)
            else:
                yield Row(record.line, values, record.raw)

    def _read_header(self, record: Record) -> None:
        header = [name.strip().casefold() for name in record.cells or ()]
        if faults := header_faults(header, list(self._columns.values())):
            raise Invalid(faults)
        self.header = record.raw
        self._cells = Cells([self._columns[name] for name in header])

    def _records(self) -> Iterator[Record]:
        """The non-blank records that are complete. One that goes on in the next piece is begun again then."""
        while self._lines.waiting:
            if self._reader is None:
                if not self._lines.waiting[0].strip():
                    self._lines.waiting.popleft()
                    self._line += 1
                    continue
                separator = separator_of(self._lines.waiting[0])
                self._reader = csv.reader(self._lines, delimiter=separator, strict=True)
            self._lines.taken.clear()
            cells: list[str] | None
            try:
                cells = next(self._reader)
            except _Later:
                self._put_back()
                return
            except csv.Error:
                cells = None
            taken = self._lines.taken
            record = Record(self._line, "".join(taken).rstrip("\r\n"), cells)
            self._line += len(taken)
            if cells is None or any(cell.strip() for cell in cells):
                yield record

    def _put_back(self) -> None:
        if sum(map(len, self._lines.taken)) > LONGEST_RECORD:
            _refuse(f"regel {self._line}", OPEN_QUOTE, "open_quote")
        self._lines.waiting.extendleft(reversed(self._lines.taken))


class _Later(Exception):
    """The record goes on in a piece that has not come."""


class _Lines:
    """The lines of a file as far as they have come."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()
        self.taken: list[str] = []
        self._ended = False

    def add(self, lines: Sequence[str], ended: bool) -> None:
        self.waiting.extend(lines)
        self._ended = ended

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        if not self.waiting:
            if self._ended:
                raise StopIteration
            raise _Later
        self.taken.append(self.waiting.popleft())
        return self.taken[-1]


def _refuse(where: str, expected: str, code: str) -> None:
    raise Invalid([Fault(where, expected, code)])
