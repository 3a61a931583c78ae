"""The cases that are planted: per school of a plan, which rule is meant and what happens."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from shared.local.simulate.deeds import ACCEPT, OPEN, Signal
from shared.local.simulate.plan import rows
from shared.local.simulate.plan.autumn import AUTUMN, FIRST_DAYS
from shared.local.simulate.plan.planted import JUST_AFTER, JUST_BEFORE, MINUTE, Case, Stage

HANDOVER = "handover-unanswered"


def in_time(stage: Stage) -> Iterator[Signal]:
    """Applied at 23:59 on 31 January: nothing fires."""
    stage.application(1, ("SUBMITTED", stage.on(1, 31, 23, 59)))
    yield from ()


def too_late(stage: Stage) -> Iterator[Signal]:
    """Applied on 1 February, a minute after the rule looked."""
    stage.application(1, ("SUBMITTED", stage.on(2, 1, 8, 1)))
    yield stage.signal("no-application", "notice", stage.on(2, 1, 8))


def never(stage: Stage) -> Iterator[Signal]:
    """No application at all: all three stages."""
    for month, severity in ((2, "notice"), (3, "warning"), (4, "risk")):
        yield stage.signal("no-application", severity, stage.on(month, 1, 8))


def lost(stage: Stage) -> Iterator[Signal]:
    """The only path is rejected, and the next application comes just after the minute of quiet."""
    gone = stage.on(1, 19)
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("REJECTED", gone))
    stage.application(2, ("SUBMITTED", gone + JUST_AFTER))
    yield stage.signal("last-path-lost", "risk", gone + MINUTE)


def not_lost(stage: Stage) -> Iterator[Signal]:
    """The only path is rejected, and another application comes within the minute: nothing fires."""
    gone = stage.on(1, 19)
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("REJECTED", gone))
    stage.application(2, ("SUBMITTED", gone + JUST_BEFORE))
    yield from ()


def lost_twice(stage: Stage) -> Iterator[Signal]:
    """Withdrawn, applied again, and withdrawn again: told both times."""
    for number, day in enumerate((8, 22), 1):
        gone = stage.on(1, day)
        stage.application(number, ("SUBMITTED", stage.on(1, day - 3)), ("WITHDRAWN", gone))
        yield stage.signal("last-path-lost", "risk", gone + MINUTE)
    stage.application(3, ("SUBMITTED", stage.on(1, 26)))


def opened_in_time(stage: Stage) -> Iterator[Signal]:
    """Opened on the tenth school day, taken on on the twentieth: nothing fires."""
    stage.offered()
    stage.answers(OPEN, 10, 16)
    stage.answers(ACCEPT, 20, 16)
    yield from ()


def opened_late(stage: Stage) -> Iterator[Signal]:
    """Opened on the eleventh school day, taken on on the twenty-first: both stages."""
    offered = stage.offered()
    stage.answers(OPEN, 11, 9)
    stage.answers(ACCEPT, 21, 9)
    for days, severity in ((10, "warning"), (20, "risk")):
        day = stage.diary.calendar.add_school_days(offered.date(), days)
        at = stage.on(day.month, day.day, 17)
        yield stage.signal(HANDOVER, severity, at, stage.place.institutions[0])


def complete_in_time(stage: Stage) -> Iterator[Signal]:
    """The last part of the dossier a minute before the rule looks: nothing fires."""
    stage.dossier(stage.on(4, 1, 7, 59))
    yield from ()


def complete_late(stage: Stage) -> Iterator[Signal]:
    """The last part of the dossier a minute after the rule looked."""
    stage.dossier(stage.on(4, 1, 8, 1))
    yield stage.signal("dossier-incomplete", "warning", stage.on(4, 1, 8))


def never_complete(stage: Stage) -> Iterator[Signal]:
    """Nothing of the dossier is ever complete."""
    yield stage.signal("dossier-incomplete", "warning", stage.on(4, 1, 8))


def placed_in_time(stage: Stage) -> Iterator[Signal]:
    """A place a minute before the rule looks: nothing fires."""
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("OFFERED", stage.on(6, 1, 7, 59)))
    yield from ()


def placed_late(stage: Stage) -> Iterator[Signal]:
    """A place a minute after the rule looked."""
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("OFFERED", stage.on(6, 1, 8, 1)))
    yield stage.signal("not-placed", "warning", stage.on(6, 1, 8))


def never_placed(stage: Stage) -> Iterator[Signal]:
    """Applied, and never a place."""
    stage.application(1, ("SUBMITTED", stage.on(1, 12)))
    yield stage.signal("not-placed", "warning", stage.on(6, 1, 8))


def adjusted_in_time(stage: Stage) -> Iterator[Signal]:
    """Failed, and within the minute the school puts it right: passed. Nothing fires."""
    at = _exam(stage, "gezakt")
    stage.school_tells("uitslagen", at + JUST_BEFORE, rows.result(at.date(), "geslaagd", 1, stage.pupil.track))
    yield from ()


def adjusted_late(stage: Stage) -> Iterator[Signal]:
    """The same after the minute."""
    at = _exam(stage, "gezakt")
    stage.school_tells("uitslagen", at + JUST_AFTER, rows.result(at.date(), "geslaagd", 1, stage.pupil.track))
    yield stage.signal("exam-changed-the-plan", "risk", at + MINUTE)


def passed_lower(stage: Stage) -> Iterator[Signal]:
    """Passed, in a track that does not admit to the level that was chosen."""
    stage.choice(stage.on(1, 19), 3)
    at = stage.on(6, 18)
    stage.school_tells("uitslagen", at, rows.result(at.date(), "geslaagd", 1, "vmbo-bb"))
    yield stage.signal("exam-changed-the-plan", "risk", at + MINUTE)


def _exam(stage: Stage, outcome: str) -> datetime:
    at = stage.on(6, 18)
    stage.choice(stage.on(1, 19), 2)
    stage.school_tells("uitslagen", at, rows.result(at.date(), outcome, 1))
    return at


def enrolled_in_time(stage: Stage) -> Iterator[Signal]:
    """Enrolled a minute before the rule looks on 1 August: nothing fires."""
    stage.enrolled(told=stage.after(8, 1, 7, 59))
    yield from ()


def enrolled_late(stage: Stage) -> Iterator[Signal]:
    """Enrolled a minute after the rule looked."""
    stage.enrolled(told=stage.after(8, 1, 8, 1))
    yield stage.signal("not-enrolled", "notice", stage.after(8, 1, 8))


def never_enrolled(stage: Stage) -> Iterator[Signal]:
    """Placed, and never enrolled: all three stages."""
    stage.application(1, ("SUBMITTED", stage.on(1, 12)), ("OFFERED", stage.on(3, 2)))
    for month, severity in ((8, "notice"), (9, "warning"), (10, "risk")):
        yield stage.signal("not-enrolled", severity, stage.after(month, 1, 8))


def of_age(stage: Stage) -> Iterator[Signal]:
    """Never enrolled, and 18 on 1 September: from that day the Doorstroompunt hears it."""
    yield from never_enrolled(stage)


def a_day_younger(stage: Stage) -> Iterator[Signal]:
    """Never enrolled, and 18 on 2 September: on 1 September leerplicht hears it."""
    yield from never_enrolled(stage)


def asked_attention(stage: Stage) -> Iterator[Signal]:
    """Attention is asked, and somebody resolves it a minute later: it was told at once."""
    at = stage.on(2, 2, 11)
    stage.concern(at, "contact_lost")
    stage.resolved(at + MINUTE, "contact_lost")
    yield stage.signal("concern", "warning", at, "contact_lost")


def asked_attention_twice(stage: Stage) -> Iterator[Signal]:
    """Attention is asked for one reason and for another."""
    for day, reason in ((2, "progress"), (9, "choice_in_doubt")):
        stage.concern(stage.on(2, day, 11), reason)
        yield stage.signal("concern", "warning", stage.on(2, day, 11), reason)


def back_on_the_list(_stage: Stage) -> Iterator[Signal]:
    """Missing from a full list, and on the list that follows within the minute: nothing fires."""
    yield from ()


def off_the_list(stage: Stage) -> Iterator[Signal]:
    """Missing from a full list, and on it again after the minute, or never again."""
    yield stage.signal("not-listed", "notice", stage.listed + MINUTE)


SPRING: tuple[tuple[str, Case], ...] = (
    ("no-application", in_time),
    ("no-application", too_late),
    ("no-application", never),
    ("last-path-lost", lost),
    ("last-path-lost", not_lost),
    ("last-path-lost", lost_twice),
    (HANDOVER, opened_in_time),
    (HANDOVER, opened_late),
    ("dossier-incomplete", complete_in_time),
    ("dossier-incomplete", complete_late),
    ("dossier-incomplete", never_complete),
    ("concern", asked_attention),
    ("concern", asked_attention_twice),
)
SUMMER: tuple[tuple[str, Case], ...] = (
    ("not-placed", placed_in_time),
    ("not-placed", placed_late),
    ("not-placed", never_placed),
    ("exam-changed-the-plan", adjusted_in_time),
    ("exam-changed-the-plan", adjusted_late),
    ("exam-changed-the-plan", passed_lower),
    ("not-enrolled", enrolled_in_time),
    ("not-enrolled", enrolled_late),
    ("not-enrolled", of_age),
    ("not-enrolled", a_day_younger),
    ("not-listed", back_on_the_list),
    ("not-listed", off_the_list),
    ("not-listed", off_the_list),
)
MISSING = {len(SUMMER) - 3: JUST_BEFORE, len(SUMMER) - 2: JUST_AFTER, len(SUMMER) - 1: None}
"""Pupils of the second school, by place, who are missing from a full list, and when they are on it again."""
TURNS_18: Mapping[Case, tuple[int, int]] = {of_age: (9, 1), a_day_younger: (9, 2)}
"""Birthdays that are planted: month and day."""
BY_SITE = (SPRING, SUMMER, AUTUMN, FIRST_DAYS)
"""Cases of the first, the second and further schools of a plan."""
