"""A plan on disk, a file per day: the memory it takes does not grow with the number of schools."""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from shared.core.errors import Fault, Invalid
from shared.local.simulate.deeds import Deed, read_line
from shared.local.simulate.plan import Wanted, plan

WHOLE = "whole"
"""Marks a plan that was written to its end."""


def write(wanted: Wanted, folder: Path) -> int:
    """Write the plan, unless it is there already; returns the number of deeds. Raises `Invalid` when another is."""
    marker = folder / WHOLE
    asked = {"wanted": asdict(wanted)}
    if marker.exists():
        before = json.loads(marker.read_text())
        if before["wanted"] != asked["wanted"]:
            raise Invalid([Fault(str(folder.parent), f"another data directory: here lives {before['wanted']}")])
        return int(before["deeds"])
    folder.mkdir(parents=True, exist_ok=True)
    for left in folder.glob("*.jsonl"):
        left.unlink()
    number = 0
    for part in plan(wanted):
        days: dict[str, list[str]] = defaultdict(list)
        for deed in part.deeds:
            days[f"{deed.at:%Y-%m-%d}"].append(deed.line())
        for day, lines in days.items():
            with (folder / f"{day}.jsonl").open("a", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
        number += len(part.deeds)
    marker.write_text(json.dumps(asked | {"deeds": number}))
    return number


def read(folder: Path) -> Iterator[Deed]:
    """All deeds in order of time; one day is in memory at once."""
    for path in sorted(folder.glob("*.jsonl")):
        with path.open(encoding="utf-8") as lines:
            yield from sorted(map(read_line, lines), key=lambda deed: deed.order)
