"""Pupils whose life is written down instead of drawn: every rule at least twice, once exactly at its boundary."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from shared.core.clock import local_instant
from shared.local.sample.people import Pupil
from shared.local.simulate.deeds import ACCEPT, OPEN, Signal
from shared.local.simulate.plan import rows
from shared.local.simulate.plan.diary import HOUR, Diary
from shared.local.simulate.plan.places import Place
from shared.local.simulate.plan.rows import Application

CASES = 8
"""Pupils whose life is planted: the first ones of the first school."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a case is played."""

    diary: Diary
    place: Place
    pupil: Pupil

    def application(self, number: int, *told: tuple[str, datetime]) -> None:
        """An application with its statuses, each coming in at exactly this instant."""
        programme = next(
            p for p in self.place.programmes if p.institution == self.place.institutions[0] and p.level == 2
        )
        made = Application(f"{self.pupil.site}-P{self.pupil.number}-{number}", self.pupil, programme, "BOL")
        for version, (status, at) in enumerate(told, 1):
            made.status, made.version = status, version
            row = rows.status(made, (at - timedelta(hours=2)).date())
            self.diary.at(at, made.institution, "aanmeldingen", self.pupil.pgn, row)

    def signal(self, rule: str, severity: str, at: datetime) -> Signal:
        about = self.place.institutions[0] if rule == "handover-unanswered" else ""
        return Signal(self.pupil.pgn, rule, about, severity, at)

    def on(self, month: int, day: int, hour: int = HOUR, minute: int = 0) -> datetime:
        return local_instant(self.diary.year.day(month, day), hour, minute)


def plant(diary: Diary, place: Place, pupils: list[Pupil]) -> list[Signal]:
    """Write the lives of the first pupils; returns exactly what must fire for them until 1 June."""
    cases = (_in_time, _too_late, _never, _lost, _not_lost, _opened_in_time, _opened_late, _lost_twice)
    return [s for case, pupil in zip(cases, pupils, strict=False) for s in case(Stage(diary, place, pupil))]


def _in_time(stage: Stage) -> Iterator[Signal]:
    """Applied at 23:59 on 31 January: nothing fires."""
    stage.application(1, ("SUBMITTED", stage.on(1, 31, 23, 59)))
    yield from ()


def _too_late(stage: Stage) -> Iterator[Signal]:
    """Applied on 1 February, a minute after the rule looked."""
    stage.application(1, ("SUBMITTED", stage.on(2, 1, 8, 1)))
    yield stage.signal("no-application", "notice", stage.on(2, 1, 8))


def _never(stage: Stage) -> Iterator[Signal]:
    """No application at all: all three stages."""
    for month, severity in ((2, "notice"), (3, "warning"), (4, "risk")):
        yield stage.signal("no-application", severity, stage.on(month, 1, 8))


def _lost(stage: Stage) -> Iterator[Signal]:
    """The only path is rejected, and the next application comes just after the minute of quiet."""
    gone = stage.on(1, 19)
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("REJECTED", gone))
    stage.application(2, ("SUBMITTED", gone + timedelta(seconds=75)))
    yield stage.signal("last-path-lost", "risk", gone + timedelta(seconds=60))


def _not_lost(stage: Stage) -> Iterator[Signal]:
    """The only path is rejected, and another application comes within the minute: nothing fires."""
    gone = stage.on(1, 19)
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("REJECTED", gone))
    stage.application(2, ("SUBMITTED", gone + timedelta(seconds=45)))
    yield from ()


def _lost_twice(stage: Stage) -> Iterator[Signal]:
    """Withdrawn, applied again, and withdrawn again: told both times."""
    for number, day in enumerate((8, 22), 1):
        gone = stage.on(1, day)
        stage.application(number, ("SUBMITTED", stage.on(1, day - 3)), ("WITHDRAWN", gone))
        yield stage.signal("last-path-lost", "risk", gone + timedelta(seconds=60))
    stage.application(3, ("SUBMITTED", stage.on(1, 26)))


def _offered(stage: Stage) -> datetime:
    """A dossier offered on 12 January, with no holiday within twenty school days."""
    stage.application(1, ("SUBMITTED", stage.on(12, 1)), ("RECEIVED", stage.on(12, 4)))
    row = rows.school(stage.pupil, stage.diary.year.cohort)
    row |= {"mbo_brin": stage.place.institutions[0], "soort": "koud"}
    stage.diary.at(stage.on(1, 12), stage.pupil.site, "overdrachten", stage.pupil.pgn, row)
    return stage.on(1, 12)


def _step(stage: Stage, kind: str, school_days: int, hour: int) -> datetime:
    day = stage.diary.calendar.add_school_days(stage.diary.year.day(1, 12), school_days)
    at, institution = local_instant(day, hour), stage.place.institutions[0]
    stage.diary.at(at, institution, kind, stage.pupil.pgn, {"mbo_brin": institution})
    return at


def _opened_in_time(stage: Stage) -> Iterator[Signal]:
    """Opened on the tenth school day, taken on on the twentieth: nothing fires."""
    _offered(stage)
    _step(stage, OPEN, 10, 16)
    _step(stage, ACCEPT, 20, 16)
    yield from ()


def _opened_late(stage: Stage) -> Iterator[Signal]:
    """Opened on the eleventh school day, taken on on the twenty-first: both stages."""
    _offered(stage)
    _step(stage, OPEN, 11, 9)
    _step(stage, ACCEPT, 21, 9)
    add = stage.diary.calendar.add_school_days
    first = stage.diary.year.day(1, 12)
    yield stage.signal("handover-unanswered", "warning", local_instant(add(first, 10), 17))
    yield stage.signal("handover-unanswered", "risk", local_instant(add(first, 20), 17))
