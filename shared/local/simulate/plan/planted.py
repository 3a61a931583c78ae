"""Pupils whose life is written down instead of drawn: every rule at least twice, once exactly at its boundary."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from shared.core.clock import local_instant
from shared.core.tabular.transfer import CATEGORIES
from shared.local.sample.people import Pupil
from shared.local.simulate.deeds import CONCERN, OWN, RESOLVE, Signal
from shared.local.simulate.plan import rows
from shared.local.simulate.plan.diary import HOUR, Diary
from shared.local.simulate.plan.places import Place
from shared.local.simulate.plan.rows import Application

LEVEL = 2
MINUTE = timedelta(seconds=60)
JUST_BEFORE, JUST_AFTER = timedelta(seconds=45), timedelta(seconds=75)
"""Within the minute of quiet, and after it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a case is played, with words to write it in."""

    diary: Diary
    place: Place
    pupil: Pupil
    mails: Mapping[str, str]
    """Organisation to the mail address of somebody who takes part in talks."""
    listed: datetime
    """When the full list came in that some pupils are missing from."""
    made: dict[int, Application] = field(default_factory=dict)

    def on(self, month: int, day: int, hour: int = HOUR, minute: int = 0) -> datetime:
        """An instant before the start of the cohort."""
        return local_instant(self.diary.year.day(month, day), hour, minute)

    def after(self, month: int, day: int, hour: int = HOUR, minute: int = 0) -> datetime:
        """An instant from August of the cohort on."""
        return local_instant(self.diary.year.after(month, day), hour, minute)

    def school_tells(self, kind: str, at: datetime, row: dict[str, str]) -> None:
        whole = rows.school(self.pupil, self.diary.year.cohort) | row
        self.diary.at(at, self.pupil.site, kind, self.pupil.pgn, whole)

    def institution_tells(self, kind: str, at: datetime, row: dict[str, str], number: int = 1) -> None:
        made = self.made[number]
        self.diary.at(at, made.institution, kind, self.pupil.pgn, rows.of_application(made) | row)

    def application(self, number: int, *told: tuple[str, datetime], at: int = 0) -> None:
        """An application at one of the institutions, its statuses coming in at exactly these instants."""
        taught = (p for p in self.place.programmes if p.institution == self.place.institutions[at])
        programme = next(p for p in taught if p.level == LEVEL)
        made = self.made.get(number) or Application(
            f"{self.pupil.site}-P{self.pupil.number}-{number}", self.pupil, programme, "BOL"
        )
        self.made[number] = made
        for status, instant in told:
            made.status, made.version = status, made.version + 1
            row = rows.status(made, (instant - timedelta(hours=2)).date())
            self.diary.at(instant, made.institution, "aanmeldingen", self.pupil.pgn, row)

    def enrolled(self, number: int = 1, at: int = 0, told: datetime | None = None) -> None:
        """Applied in January and enrolled in June, or later."""
        self.application(number, ("SUBMITTED", self.on(1, 12)), ("ENROLLED", told or self.on(6, 22)), at=at)

    def started(self, number: int = 1) -> datetime:
        """Seen in class on 30 August; returns that day."""
        first = self.after(8, 30)
        self.institution_tells("starters", self.after(8, 31), rows.start(first.date(), first.date(), seen=True), number)
        return first

    def choice(self, at: datetime, level: int) -> None:
        programme = next(p for p in self.place.programmes if p.level == LEVEL)
        row = rows.choice(self.pupil, self.diary.year.cohort, programme, "BOL", 1)
        self.school_tells("keuzes", at, row | {"niveau": str(level)})

    def dossier(self, at: datetime) -> None:
        """The last category of the dossier at this instant; everything else was there."""
        before = at - timedelta(days=7)
        for category in CATEGORIES:
            row = {"onderdeel": category, "aanwezig": "N", "tekst": ""}
            self.school_tells("dossiers", at if category == CATEGORIES[-1] else before, row)
        self.diary.at(before, self.pupil.site, OWN, self.pupil.pgn, {})

    def offered(self, kind: str = "koud") -> datetime:
        """A dossier offered on 12 January, with no holiday within twenty school days."""
        at = self.on(1, 12)
        self.application(1, ("SUBMITTED", self.on(12, 1)), ("RECEIVED", self.on(12, 4)))
        self.school_tells("overdrachten", at, {"mbo_brin": self.place.institutions[0], "soort": kind})
        return at

    def answers(self, kind: str, school_days: int, hour: int) -> None:
        """The institution opens or takes on, so many school days after the offer."""
        day = self.diary.calendar.add_school_days(self.diary.year.day(1, 12), school_days)
        institution = self.place.institutions[0]
        self.diary.at(local_instant(day, hour), institution, kind, self.pupil.pgn, {"mbo_brin": institution})

    def concern(self, at: datetime, reason: str) -> None:
        self.diary.at(at, self.pupil.site, CONCERN, self.pupil.pgn, {"reason": reason, "route": "decaan"})

    def resolved(self, at: datetime, reason: str) -> None:
        self.diary.at(at, self.pupil.site, RESOLVE, self.pupil.pgn, {"reason": reason, "resolution": "talked"})

    def signal(self, rule: str, severity: str, at: datetime, about: str = "") -> Signal:
        return Signal(self.pupil.pgn, rule, about, severity, at)


Case = Callable[[Stage], Iterable[Signal]]


@dataclass(frozen=True, slots=True)
class Planted:
    """A life that was written down, and exactly what one rule must say of it."""

    pupil: str
    case: str
    rule: str
    signals: tuple[Signal, ...]


def plant(stages: Iterable[Stage], cases: Iterable[tuple[str, Case]]) -> list[Planted]:
    """Write the lives of these pupils, a case each."""
    return [
        Planted(stage.pupil.pgn, case.__name__, rule, tuple(case(stage)))
        for stage, (rule, case) in zip(stages, cases, strict=False)
    ]
