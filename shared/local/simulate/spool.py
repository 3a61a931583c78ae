"""A plan on disk, a file per day: the memory it takes does not grow with the number of schools."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from shared.local.simulate.deeds import Deed, read_line

WHOLE = "whole"
"""Marks a plan that was written to its end."""


def write(parts: Iterable[list[Deed]], folder: Path) -> int:
    """Write the deeds of every part, unless the whole plan is there already; returns how many."""
    marker = folder / WHOLE
    if marker.exists():
        return int(marker.read_text())
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.jsonl"):
        left.unlink()
    number = 0
    for part in parts:
        days: dict[str, list[str]] = defaultdict(list)
        for deed in part:
            days[f"{deed.at:%Y-%m-%d}"].append(deed.line())
        for day, lines in days.items():
            with (folder / f"{day}.jsonl").open("a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        number += len(part)
    marker.write_text(str(number))
    return number


def read(folder: Path) -> Iterator[Deed]:
    """All deeds in order of time; one day is in memory at once."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from sorted(map(read_line, lines), key=lambda deed: deed.order)
