"""Handing over: what the school writes, whom it tells, the offer, the answer of the institution, and the talk."""

from datetime import date

from shared.core.clock import local_instant
from shared.core.reference.calendar import age_on
from shared.core.tabular.transfer import CATEGORIES
from shared.core.tabular.year_end import TALK_LIST
from shared.local.sample.writings import TEXTS
from shared.local.simulate.deeds import ACCEPT, OPEN, OWN, REFUSE
from shared.local.simulate.plan.diary import HOUR, ONE_DAY
from shared.local.simulate.plan.life import Life
from shared.local.simulate.plan.magnitudes import share
from shared.local.simulate.plan.rows import Application

WARM_TRACKS = ("pro", "vso", "isk")
WARM_OTHERS, NOT_OFFERED = 0.12, 0.05
PUPIL_FROM = 16
COLUMNS = tuple(column.name for column in TALK_LIST.columns[3:])


def hands_over(life: Life) -> str:
    """The dossier is written in time or later, and offered where the pupil is most likely to go."""
    application = life.best
    if life.route or application is None:
        _written(life, life.diary.year.day(3, 2))
        return "leaving school"
    year, dice = life.diary.year, life.dice
    in_time = life.chance("dossier_complete")
    written = _written(life, dice.day(year.day(2, 1), year.day(3, 28)) if in_time else year.day(5, dice.number(3, 28)))
    if not dice.chance(NOT_OFFERED):
        _offered(life, application, max(written, application.told["RECEIVED"]) + ONE_DAY * dice.number(1, 30))
    return "leaving school"


def _written(life: Life, day: date) -> date:
    """Every category, and whom the school told of it."""
    for category in CATEGORIES:
        text = "" if life.dice.chance(0.3) else life.dice.pick(TEXTS[category])
        row = {"onderdeel": category, "aanwezig": "J" if text else "N", "tekst": text}
        coming = life.school_tells("dossiers", day, row)
    whom = "leerling" if age_on(life.pupil.born, day) >= PUPIL_FROM else "ouders"
    told = {"geinformeerd_op": day.isoformat(), "wie": whom, "hoe": "gesprek"}
    life.school_tells("geinformeerd", day, told)
    if life.chance("own_part"):
        life.school_tells(OWN, day, {})
    return coming


def _offered(life: Life, application: Application, day: date) -> None:
    warm = life.pupil.track in WARM_TRACKS or life.dice.chance(WARM_OTHERS)
    place = {"mbo_brin": application.institution}
    coming = life.school_tells("overdrachten", day, place | {"soort": "warm" if warm else "koud"})
    if coming >= life.diary.year.day(7, 9):
        return
    _answered(life, application.institution, coming)
    if warm:
        _talked(life, application.institution, coming)


def _answered(life: Life, institution: str, offered: date) -> None:
    """Opened and taken on in time, late, or never; a few are refused."""
    dice, calendar = life.dice, life.diary.calendar
    if life.chance("handover_opened_in_time"):
        opened = calendar.add_school_days(offered, dice.number(1, 6))
    elif life.chance("handover_answered_late"):
        opened = calendar.add_school_days(offered, dice.number(11, 25))
    else:
        return
    opened = step(life, OPEN, institution, opened)
    if life.chance("handover_refused"):
        step(life, REFUSE, institution, calendar.add_school_days(opened, 2))
    elif life.chance("handover_accepted_in_time"):
        step(life, ACCEPT, institution, calendar.add_school_days(opened, dice.number(1, 6)))
    elif life.chance("handover_answered_late"):
        step(life, ACCEPT, institution, calendar.add_school_days(offered, dice.number(21, 40)))


def step(life: Life, kind: str, institution: str, day: date) -> date:
    """The institution opens, accepts or refuses the dossier in the application; returns the day on which it does."""
    coming = life.diary.handed_in(institution, day)
    life.diary.at(local_instant(coming, HOUR), institution, kind, life.pupil.pgn, {"mbo_brin": institution})
    return coming


def _talked(life: Life, institution: str, offered: date) -> None:
    """The talk is planned, and held or missed; some never are."""
    dice, year = life.dice, life.diary.year
    planned = max(offered + ONE_DAY * dice.number(3, 20), year.day(3, 1))
    on = life.diary.school_day(planned + ONE_DAY * dice.number(5, 30))
    empty = dict.fromkeys(COLUMNS, "") | {"mbo_brin": institution}
    meeting = {"gespreksmoment": f"{on} 14:00", "gespreksvorm": "telefoon", "deelnemers": "mentor intaker"}
    coming = life.school_tells("gesprekken", planned, empty | meeting | {"gespreksstand": "gepland"})
    after = max(on, coming) + ONE_DAY
    if dice.chance(share("warm_held_pro") if life.pupil.track == "pro" else share("warm_held_other")):
        there = {"vo_email": life.mails[life.pupil.site], "mbo_email": life.mails[institution]}
        held = {"gespreksstand": "gehouden", "leerling_weet_ervan": "J", **there}
        life.school_tells("gesprekken", after, empty | {"gespreksmoment": f"{on} 14:00"} | held)
    else:
        life.school_tells("gesprekken", after, empty | {"gespreksstand": "gemist", "redencode": "mbo_absent"})
