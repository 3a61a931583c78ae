"""Compares what came out with what had to: every planted signal found, no signal without a cause."""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from shared.core.keys import Keys
from shared.local.simulate.deeds import Deed, Signal
from shared.local.simulate.truth.agreed import agreed
from shared.local.simulate.truth.course import Course
from shared.local.simulate.truth.oracle import ORACLE, expected
from shared.local.simulate.truth.silence import SILENT, Voices
from shared.local.simulate.truth.story import Around, stories
from shared.storage.pool import Connection

Key = tuple[str, ...]
OFFICERS = ("leerplicht", "doorstroompunt")
LATE = timedelta(minutes=15)
"""How much later than its day a rule may speak (protocol 8)."""
FIRED = "SELECT subject, payload FROM coordination.event_log WHERE type = 'student-at-risk' ORDER BY subject, sequence"
FELL_SILENT = "SELECT payload FROM coordination.event_log WHERE type = 'organisation-silent' ORDER BY subject, sequence"
ABOUT = {
    "handover-unanswered": "institution",
    "warm-handover-open": "institution",
    "not-started": "institution",
    "absence-threshold": "report-number",
    "early-exit": "institution",
    "switch-considered": "institution",
    "concern": "concern-reason",
    "double-enrolment": "enrolled-at",
}
"""Rule to the fact of its evidence that says what it is about, where it watches several things."""
RULES = (
    "no-application", "last-path-lost", "dossier-incomplete", "handover-unanswered", "warm-handover-open",
    "not-placed", "exam-changed-the-plan", "not-enrolled", "not-started", "absence-threshold", "early-exit",
    "switch-considered", "concern", "silent-partner", "double-enrolment", "not-listed",
)  # fmt: skip
"""All rules of the protocol (8)."""


@dataclass(frozen=True, slots=True)
class Line:
    """What came of one rule."""

    rule: str
    expected: int
    found: int
    missed: tuple[Signal, ...]
    """Planted, and did not come out."""
    without_cause: tuple[Signal, ...]
    """Came out, and had no cause in the plan."""

    @property
    def good(self) -> bool:
        return not self.missed and not self.without_cause


def truth(deeds: Sequence[Deed], around: Around, until: datetime, voices: Voices | None = None) -> Iterator[Signal]:
    """What must come out of these deeds by an instant; `voices` hear who tells of whom."""
    past = [deed for deed in deeds if deed.at <= until]
    if voices:
        voices.listen(past)
    for story in stories(past, around):
        course = Course(story)
        if voices:
            voices.follow(course)
        yield from (signal for signal in expected(course, agreed()) if signal.at <= until)


async def fired(conn: Connection, keys: Keys, pupils: Iterable[str]) -> list[Signal]:
    """What coordination told, of pupils by their personal number; of others by their reference. Of a signal that was
    told again with more evidence, the first time."""
    known = {keys.pupil_ref(pupil): pupil for pupil in pupils}
    found: dict[tuple[str, ...], Signal] = {}
    for row in await conn.fetch(FIRED):
        told = json.loads(row["payload"])
        firing = told["risk_id"], told["fired_at"], told["severity"]
        found.setdefault(firing, _signal(known.get(row["subject"], row["subject"]), told))
    silent = [json.loads(row["payload"]) for row in await conn.fetch(FELL_SILENT)]
    return [*found.values(), *(_silence(told) for told in silent if told["status"] == "silent")]


def _silence(told: Mapping[str, Any]) -> Signal:
    return Signal("", SILENT, told["organisation"], "", datetime.fromisoformat(told["occurred_at"]))


def _signal(pupil: str, told: Mapping[str, Any]) -> Signal:
    fact = ABOUT.get(told["rule"])
    about = ":".join(one["value"] for one in told["evidence"] if one["fact"] == fact)
    officer = next((one["organisation"] for one in told["route"] if one["role"] in OFFICERS), "")
    return Signal(pupil, told["rule"], about, told["severity"], datetime.fromisoformat(told["fired_at"]), officer)


def check(must: Iterable[Signal], came: Iterable[Signal], on: Collection[str]) -> list[Line]:
    """One line per rule that is on and that the oracle knows."""
    wanted, told = _by_rule(must), _by_rule(came)
    return [
        _line(rule, wanted.get(rule, []), told.get(rule, []))
        for rule in RULES
        if rule in on and rule in {*ORACLE, SILENT}
    ]


def _by_rule(signals: Iterable[Signal]) -> dict[str, list[Signal]]:
    found: dict[str, list[Signal]] = {}
    for signal in signals:
        found.setdefault(signal.rule, []).append(signal)
    return found


def _line(rule: str, must: list[Signal], came: list[Signal]) -> Line:
    left: dict[Key, list[Signal]] = {}
    for signal in came:
        left.setdefault(_same(signal), []).append(signal)
    missed = []
    for signal in must:
        near = [one for one in left.get(_same(signal), []) if timedelta(0) <= one.at - signal.at <= LATE]
        if near:
            left[_same(signal)].remove(near[0])
        else:
            missed.append(signal)
    over = tuple(signal for signals in left.values() for signal in signals)
    return Line(rule, len(must), len(came), tuple(missed), over)


def _same(signal: Signal) -> Key:
    """The signal without its instant."""
    return signal.pupil, signal.rule, signal.about, signal.severity, signal.officer
