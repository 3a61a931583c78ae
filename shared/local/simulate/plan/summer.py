"""From the exams to the first hundred days: results, enrolments, who starts, who does not, and who leaves again."""

from collections.abc import Mapping
from datetime import date

from shared.local.simulate.plan import rows
from shared.local.simulate.plan.diary import ONE_DAY
from shared.local.simulate.plan.handing import hands_over
from shared.local.simulate.plan.life import SPRING, Life, Step
from shared.local.simulate.plan.magnitudes import share
from shared.local.simulate.plan.rows import Application

NO_EXAM = ("pro", "vso", "isk")
LOWER = {"vmbo-kb": "vmbo-bb", "vmbo-gl": "vmbo-tl", "vmbo-tl": "vmbo-gl"}
DESTINATIONS = {"work": 3, "unknown": 5, "no_day_activity": 2}


def leaves_school(life: Life) -> str:
    """The exams of those who have them, in one sitting or two."""
    if life.pupil.track in NO_EXAM or life.route:
        return "summer"
    year = life.diary.year
    if life.chance("exam_failed"):
        life.failed = True
        _result(life, year.day(6, 18), "gezakt", 1)
        return "failed"
    sitting, day = (2, year.day(7, 2)) if life.chance("exam_resit") else (1, year.day(6, 18))
    if sitting == 2:
        _result(life, year.day(6, 18), "herkansing", 1)
    track = life.pupil.track
    _result(life, day, "geslaagd", sitting, LOWER.get(track, track) if life.chance("exam_other_track") else track)
    return "summer"


def _result(life: Life, day: date, result: str, sitting: int, track: str = "") -> None:
    life.school_tells("uitslagen", day, rows.result(day, result, sitting, track))


def failed(life: Life) -> str:
    """Doubles a year, or goes on to the mbo without a diploma."""
    if life.dice.chance(0.5):
        life.elsewhere("repeats_year", life.diary.year.day(6, 29))
    return "summer"


def summer(life: Life) -> str:
    """Most are enrolled before or after the holidays; a few applied and are enrolled nowhere."""
    application, year, dice = life.best, life.diary.year, life.dice
    if life.route or application is None:
        return "end"
    if life.chance("summer_leak_failed" if life.failed else "summer_leak"):
        return "end"
    if application.status != "OFFERED":
        life.status(application, "OFFERED", max(application.told["RECEIVED"], year.day(5, 20)) + ONE_DAY * 3)
    when = {"before": (year.day(6, 22), year.day(7, 12)), "after": (year.after(8, 17), year.after(8, 27))}
    when["late"] = (year.after(9, 1), year.after(9, 28))
    late = share("enrolled_late")
    lot = dice.weighted({"before": 0.8 * (1 - late), "after": 0.2 * (1 - late), "late": late})
    life.status(application, "ENROLLED", max(dice.day(*when[lot]), application.told["OFFERED"] + ONE_DAY))
    return "starting"


def starts(life: Life) -> str:
    """Seen in class, or not; most of those who were not come after all."""
    application = life.best
    assert application
    first = life.diary.school_day(life.diary.year.after(8, 30))
    first = max(first, life.diary.school_day(application.told["ENROLLED"]))
    if life.chance("no_show"):
        found = life.diary.calendar.add_school_days(first, 5)
        _start(life, application, first, found, seen=False)
        if not life.chance("no_show_starts_later"):
            return "end"
        first = life.diary.school_day(found + ONE_DAY * life.dice.number(3, 14))
    _start(life, application, first, first + ONE_DAY, seen=True)
    application.told["started"] = first
    return "first hundred days"


def _start(life: Life, application: Application, first: date, known: date, *, seen: bool) -> None:
    life.institution_tells("starters", application, known, rows.start(first, known, seen=seen))


def first_hundred_days(life: Life) -> str:
    """What happens after the start: enrolled twice, a switch, absence, or gone again."""
    application, dice = life.best, life.dice
    assert application
    started = application.told["started"]
    if life.chance("double_enrolment"):
        _enrolled_twice(life, application, started)
    elif life.chance("early_exit"):
        _exit(life, application, started + ONE_DAY * dice.number(14, 90))
    elif life.chance("switched"):
        _switch(life, application, started + ONE_DAY * dice.number(20, 60))
    if life.chance("absence_reported"):
        _absence(life, application, started + ONE_DAY * dice.number(20, 60))
    return "end"


def _elsewhere(life: Life, application: Application) -> str:
    return next(code for code in life.place.institutions if code != application.institution)


def _another(life: Life, application: Application, day: date) -> Application:
    """Enrolled at the other institution in one go."""
    there = [p for p in life.place.programmes if p.institution == _elsewhere(life, application)]
    level = application.programme.level
    made = life.apply(life.dice.pick([p for p in there if p.level == level] or there), day)
    life.status(made, "ENROLLED", made.told["RECEIVED"] + ONE_DAY)
    return made


def _enrolled_twice(life: Life, application: Application, started: date) -> None:
    made = _another(life, application, started + ONE_DAY * life.dice.number(3, 10))
    if life.chance("double_ends"):
        _ended(life, made, made.told["ENROLLED"] + ONE_DAY * life.dice.number(7, 30), "unknown")


def _exit(life: Life, application: Application, day: date) -> None:
    other = life.chance("exit_to_other_mbo")
    _ended(life, application, day, "other_mbo" if other else life.dice.weighted(DESTINATIONS))
    if other:
        made = _another(life, application, day + ONE_DAY * life.dice.number(2, 12))
        first = life.diary.school_day(made.told["ENROLLED"] + ONE_DAY)
        _start(life, made, first, first + ONE_DAY, seen=True)


def _ended(life: Life, application: Application, day: date, destination: str) -> None:
    application.status = "WITHDRAWN"
    row = rows.end(day, destination, _elsewhere(life, application))
    life.institution_tells("uitschrijvingen", application, day, row)


def _switch(life: Life, application: Application, day: date) -> None:
    life.institution_tells("wissels", application, day, rows.switch(application, day))
    if life.dice.chance(0.8):
        begins = day + ONE_DAY * life.dice.number(7, 21)
        there = [p for p in life.place.programmes if p.institution == application.institution]
        to = life.dice.pick([p for p in there if p.crebo != application.programme.crebo])
        life.institution_tells("wissels", application, begins, rows.switch(application, begins, to))


def _absence(life: Life, application: Application, day: date) -> None:
    row = rows.report(application, day)
    life.institution_tells("verzuim", application, day, row)
    if life.chance("absence_closed"):
        over = day + ONE_DAY * life.dice.number(10, 30)
        closed = rows.report(application, over, "afgesloten") | {"gemeld_op": day.isoformat()}
        life.institution_tells("verzuim", application, over, closed)


STATES: Mapping[str, Step] = {
    **SPRING,
    "handing over": hands_over,
    "leaving school": leaves_school,
    "failed": failed,
    "summer": summer,
    "starting": starts,
    "first hundred days": first_hundred_days,
}
"""What happens in each state; "end" is the last."""


def live(life: Life) -> None:
    """The whole life, from the first list on."""
    state = "expected"
    while state != "end":
        state = STATES[state](life)
