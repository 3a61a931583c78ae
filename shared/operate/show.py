"""How the command line tells things: readable on a terminal, one JSON document for machines."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.status import Status
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells progress on standard error, and the result on standard output."""

    console: Console
    as_json: bool

    def note(self, text: str) -> None:
        """A line of progress; not part of the result."""
        if not self.as_json:
            self.console.print(text, highlight=False, markup=False)

    def busy(self, text: str) -> AbstractContextManager[Status]:
        """A moving sign for anything that lasts over a second."""
        return self.console.status(text)

    def table(self, title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        """A small table for people; none when there are no rows."""
        cells = [[escape(str(cell)) for cell in row] for row in rows]
        if self.as_json or not cells:
            return
        table = Table(title=title, title_justify="left", show_edge=False, pad_edge=False)
        for number, column in enumerate(columns):
            table.add_column(column, justify="left" if number == 0 else "right", no_wrap=True)
        for row in cells:
            table.add_row(*row)
        _page().print(table)

    def result(self, value: Mapping[str, Any], *lines: str) -> None:
        """The result: JSON for machines, else these lines for people."""
        if self.as_json:
            json.dump(value, sys.stdout, default=str, ensure_ascii=False)
            sys.stdout.write("\n")
        else:
            for line in lines:
                _page().print(line, highlight=False, markup=False, soft_wrap=True)


def _page() -> Console:
    """Standard output; wide enough for a table when it is not a terminal."""
    return Console() if sys.stdout.isatty() else Console(width=140)
