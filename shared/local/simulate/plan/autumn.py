"""Planted cases of the start and of the first hundred days."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from shared.local.simulate.deeds import Signal
from shared.local.simulate.plan import rows
from shared.local.simulate.plan.handing import COLUMNS
from shared.local.simulate.plan.planted import JUST_AFTER, JUST_BEFORE, LEVEL, MINUTE, Case, Stage

NOT_STARTED, TALK, TWICE = "not-started", "warm-handover-open", "double-enrolment"
LAST_DAY = timedelta(days=99)
"""From the first day to the last of the first hundred."""


def _fifth_day(stage: Stage, hour: int) -> datetime:
    """The fifth school day from 1 August."""
    day = stage.diary.calendar.add_school_days(stage.diary.year.after(8, 1), 5)
    return stage.after(day.month, day.day, hour)


def seen_in_time(stage: Stage) -> Iterator[Signal]:
    """Seen in class, told on the fifth school day before the end of the working day: nothing fires."""
    stage.enrolled()
    told = _fifth_day(stage, 16)
    stage.institution_tells("starters", told, rows.start(told.date(), told.date(), seen=True))
    yield from ()


def seen_late(stage: Stage) -> Iterator[Signal]:
    """The same, told after it."""
    stage.enrolled()
    told = _fifth_day(stage, 18)
    stage.institution_tells("starters", told, rows.start(told.date(), told.date(), seen=True))
    yield stage.signal(NOT_STARTED, "warning", _fifth_day(stage, 17), stage.place.institutions[0])


def never_seen(stage: Stage) -> Iterator[Signal]:
    """Enrolled, and nobody tells anything: both stages."""
    stage.enrolled()
    for days, severity in ((5, "warning"), (10, "risk")):
        day = stage.diary.calendar.add_school_days(stage.diary.year.after(8, 1), days)
        yield stage.signal(NOT_STARTED, severity, stage.after(day.month, day.day, 17), stage.place.institutions[0])


def reported(stage: Stage) -> Iterator[Signal]:
    """Two reports of absence with their numbers; the first is closed in between."""
    stage.enrolled()
    stage.started()
    for number, day in enumerate((14, 28), 1):
        at, key = stage.after(9, day, 11), f"V{number}-{stage.made[1].id}"
        stage.institution_tells("verzuim", at, rows.report(stage.made[1], at.date(), number=number))
        over = at + timedelta(days=3)
        stage.institution_tells("verzuim", over, rows.report(stage.made[1], over.date(), "afgesloten", number))
        yield stage.signal("absence-threshold", "risk", at, key)


def noted(stage: Stage) -> Iterator[Signal]:
    """A report that was made for information alone: nothing fires."""
    stage.enrolled()
    stage.started()
    at = stage.after(9, 14, 11)
    stage.institution_tells("verzuim", at, rows.report(stage.made[1], at.date(), "ter_kennisgeving"))
    yield from ()


def talked_in_time(stage: Stage) -> Iterator[Signal]:
    """The talk was held, told on the school day after the norm before the end of the working day: nothing fires."""
    stage.offered("warm")
    _talked(stage, _talk_day(stage, 1, 16))
    yield from ()


def talked_late(stage: Stage) -> Iterator[Signal]:
    """The same, told after it."""
    stage.offered("warm")
    _talked(stage, _talk_day(stage, 1, 18))
    yield stage.signal(TALK, "warning", _talk_day(stage, 1, 17), stage.place.institutions[0])


def never_talked(stage: Stage) -> Iterator[Signal]:
    """No talk at all: both stages."""
    stage.offered("warm")
    for days, severity in ((1, "warning"), (10, "risk")):
        yield stage.signal(TALK, severity, _talk_day(stage, days, 17), stage.place.institutions[0])


def _talk_day(stage: Stage, days: int, hour: int) -> datetime:
    day = stage.diary.calendar.add_school_days(stage.diary.year.after(10, 1), days)
    return stage.after(day.month, day.day, hour)


def _talked(stage: Stage, told: datetime) -> None:
    meeting = {"gespreksmoment": f"{told:%Y-%m-%d} 11:00", "gespreksvorm": "telefoon", "deelnemers": "mentor intaker"}
    row = dict.fromkeys(COLUMNS, "") | {"mbo_brin": stage.place.institutions[0]} | meeting
    there = {"vo_email": stage.mails[stage.pupil.site], "mbo_email": stage.mails[stage.place.institutions[0]]}
    stage.school_tells("gesprekken", told, row | {"gespreksstand": "gehouden", "leerling_weet_ervan": "J"} | there)


def once_again(stage: Stage) -> Iterator[Signal]:
    """Enrolled at two institutions until a minute before the rule looks: nothing fires."""
    _twice(stage)
    _ends(stage, stage.after(9, 1, 7, 59))
    yield from ()


def twice(stage: Stage) -> Iterator[Signal]:
    """Enrolled at two institutions until a minute after the rule looked."""
    _twice(stage)
    _ends(stage, stage.after(9, 1, 8, 1))
    yield stage.signal(TWICE, "warning", stage.after(9, 1, 8), ":".join(sorted(stage.place.institutions)))


def twice_in_passing(stage: Stage) -> Iterator[Signal]:
    """Enrolled elsewhere in September, and within the minute the first one ended: nothing fires."""
    at = _moved(stage)
    _ends(stage, at + JUST_BEFORE, number=1)
    yield from ()


def twice_for_a_while(stage: Stage) -> Iterator[Signal]:
    """The same after the minute."""
    at = _moved(stage)
    _ends(stage, at + JUST_AFTER, number=1)
    yield stage.signal(TWICE, "warning", at + MINUTE, ":".join(sorted(stage.place.institutions)))


def _twice(stage: Stage) -> None:
    stage.enrolled()
    stage.started()
    stage.enrolled(2, at=1)


def _moved(stage: Stage) -> datetime:
    stage.enrolled()
    stage.started()
    at = stage.after(9, 14, 11)
    stage.application(2, ("SUBMITTED", at), ("ENROLLED", at), at=1)
    return at


def _ends(stage: Stage, at: datetime, number: int = 2, day: date | None = None) -> None:
    stage.institution_tells("uitschrijvingen", at, rows.end(day or at.date(), "unknown"), number)


def left_on_the_last_day(stage: Stage) -> Iterator[Signal]:
    """Gone on the hundredth day of the first hundred."""
    stage.enrolled()
    gone = stage.started() + LAST_DAY
    at = stage.after(gone.month, gone.day, 12)
    _ends(stage, at, 1)
    yield stage.signal("early-exit", "risk", at + MINUTE, stage.place.institutions[0])


def left_a_day_later(stage: Stage) -> Iterator[Signal]:
    """Gone a day later: a lost way, and no early exit."""
    stage.enrolled()
    gone = stage.started() + LAST_DAY + timedelta(days=1)
    _ends(stage, stage.after(gone.month, gone.day, 12), 1)
    yield from ()


def left_for_another(stage: Stage) -> Iterator[Signal]:
    """Gone, and within the minute enrolled at the other institution: nothing fires."""
    at = _left(stage)
    stage.application(2, ("ENROLLED", at + JUST_BEFORE), at=1)
    yield from ()


def left_and_found_another(stage: Stage) -> Iterator[Signal]:
    """The same after the minute."""
    at = _left(stage)
    stage.application(2, ("ENROLLED", at + JUST_AFTER), at=1)
    yield stage.signal("early-exit", "risk", at + MINUTE, stage.place.institutions[0])


def _left(stage: Stage) -> datetime:
    stage.enrolled()
    stage.started()
    at = stage.after(9, 21, 11)
    _ends(stage, at, 1)
    return at


def doubted_on_the_last_day(stage: Stage) -> Iterator[Signal]:
    """A switch is registered on the hundredth day of the first hundred."""
    stage.enrolled()
    day = stage.started() + LAST_DAY
    at = stage.after(day.month, day.day, 11)
    stage.institution_tells("wissels", at, rows.switch(stage.made[1], at.date()))
    yield stage.signal("switch-considered", "notice", at, stage.place.institutions[0])


def doubted_a_day_later(stage: Stage) -> Iterator[Signal]:
    """A day later: nothing fires."""
    stage.enrolled()
    day = stage.started() + LAST_DAY + timedelta(days=1)
    at = stage.after(day.month, day.day, 11)
    stage.institution_tells("wissels", at, rows.switch(stage.made[1], at.date()))
    yield from ()


def doubted(stage: Stage) -> Iterator[Signal]:
    """A switch is registered, and begins a fortnight later."""
    stage.enrolled()
    stage.started()
    at = stage.after(10, 5, 11)
    stage.institution_tells("wissels", at, rows.switch(stage.made[1], at.date()))
    begins = at + timedelta(days=14)
    to = next(p for p in stage.place.programmes if p.level == LEVEL and p != stage.made[1].programme)
    stage.institution_tells("wissels", begins, rows.switch(stage.made[1], begins.date(), to))
    yield stage.signal("switch-considered", "notice", at, stage.place.institutions[0])


AUTUMN: tuple[tuple[str, Case], ...] = (
    (NOT_STARTED, seen_in_time),
    (NOT_STARTED, seen_late),
    (NOT_STARTED, never_seen),
    ("absence-threshold", reported),
    ("absence-threshold", noted),
    (TWICE, once_again),
    (TWICE, twice),
    (TWICE, twice_in_passing),
    (TWICE, twice_for_a_while),
)
FIRST_DAYS: tuple[tuple[str, Case], ...] = (
    (TALK, talked_in_time),
    (TALK, talked_late),
    (TALK, never_talked),
    ("early-exit", left_on_the_last_day),
    ("early-exit", left_a_day_later),
    ("early-exit", left_for_another),
    ("early-exit", left_and_found_another),
    ("switch-considered", doubted_on_the_last_day),
    ("switch-considered", doubted_a_day_later),
    ("switch-considered", doubted),
)
