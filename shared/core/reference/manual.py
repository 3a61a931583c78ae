"""The dated tables as a document: what each is for, its columns, its sources and how far it reaches."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from shared.core.reference import FOLDER
from shared.core.reference.tables import TABLES, Table

MOST_SOURCES = 12
Row = Mapping[str, str]


def manual(folder: Path = FOLDER) -> str:
    """Every table as Markdown."""
    head = [
        "# Reference tables",
        "",
        "Made from `shared/core/reference/tables.py` and `deploy/reference` by `make docs`; do not edit.",
        "",
        "Rules and dates are data. A row holds from its `valid_from` until the next row of the same kind, or until its",
        "`valid_until`; it says where it is written. Add a row when something changes, and leave the old one: a case",
        "of last year is explained by the row of last year. Every process reads the tables when it starts, and refuses",
        "them with every fault at once, by file, line and column. `overstap doctor` says a year ahead what ends.",
        "",
        "A source that says *not confirmed* or *check* is to be looked up before production.",
    ]
    return "\n".join([*head, *(line for file in TABLES for line in _table(file, folder))]) + "\n"


def _table(file: str, folder: Path) -> Iterator[str]:
    with (folder / file).open(encoding="utf-8", newline="") as opened:
        rows = list(csv.DictReader(opened))
    yield from ("", f"## {file}", "", TABLES[file].meaning, "", "| column | a cell is | meaning |", "|---|---|---|")
    for column in TABLES[file].columns:
        cell = f"{column.kind.expected}, or empty" if column.optional else column.kind.expected
        yield f"| `{column.name}` | {cell} | {column.meaning} |"
    yield from ("", f"{len(rows)} rows, {_span(TABLES[file], rows)}. Sources:", "")
    sources = list(dict.fromkeys(row["source"] for row in rows))
    yield from (f"- {source}" for source in sources[:MOST_SOURCES])
    if len(sources) > MOST_SOURCES:
        yield f"- and {len(sources) - MOST_SOURCES} more in the file"


def _span(table: Table, rows: Sequence[Row]) -> str:
    """From the first to the last day, year or school year that the rows name."""
    has = {column.name for column in table.columns}
    if "valid_from" in has:
        days = [row["valid_from"] for row in rows]
        return f"from {min(days)}" + (f", last changed {max(days)}" if len(set(days)) > 1 else "")
    years = [row.get("school_year") or row["year"] for row in rows]
    return f"from {min(years)} to {max(years)}"
