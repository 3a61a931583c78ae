"""How often things happen in a simulated year: a table, each figure with where it comes from."""

import csv
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("magnitudes.csv")


@cache
def _values() -> dict[str, float]:
    with TABLE.open(encoding="utf-8", newline="") as lines:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(lines)}


def share(name: str) -> float:
    """A figure of the table: a share from 0 to 1, or a number. KeyError when the table has it not."""
    return _values()[name]
