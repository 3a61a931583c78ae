"""All SQL of notifications, through the named queries in `sql/queries.sql`."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from shared.storage import queries

SQL = queries.load(Path(__file__).parents[1] / "sql" / "queries.sql")


def columns(rows: Iterable[Sequence[Any]], width: int) -> list[list[Any]]:
    """Rows turned into columns, for `unnest`."""
    turned = [list(column) for column in zip(*rows, strict=True)]
    return turned or [[] for _ in range(width)]
