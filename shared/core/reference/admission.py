"""The admission matrix (WEB 8.2.1): to which levels the exam of a track admits, passed or failed."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from itertools import product

from shared.core.errors import Fault
from shared.core.reference.dated import Line, Spell, spells

LEVELS = ("1", "2", "3", "4")
EXAMS = ("passed", "failed")


def key(track: str, exam: str, level: int | str) -> str:
    """What a verdict is kept under."""
    return f"{track} {exam} {level}"


def load(table: Iterable[Line], faults: list[Fault]) -> dict[str, tuple[Spell[str], ...]]:
    """The verdicts by track, exam and level. A track must have all eight of them, or it has gaps."""
    keyed, had = [], defaultdict(set)
    for line in table:
        if not line.sound:
            continue
        had[line["track"]].add((line["exam"], line["level"]))
        place = key(line["track"], line["exam"], line["level"])
        keyed.append(replace(line, cells={**line.cells, "key": place}))
    for track, known in had.items():
        for exam, level in sorted(set(product(EXAMS, LEVELS)) - known):
            faults.append(Fault("admission.csv", f"a row for {track}, {exam}, level {level}", "reference"))
    return spells(keyed, "key", lambda line: line["admits"], faults)
