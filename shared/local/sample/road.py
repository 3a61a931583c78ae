"""What happens to the pupils from November 2026 to March 2027: choices, applications, intakes, handovers."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta

from shared.local.sample.catalogue import LEVELS, PROGRAMMES, Programme
from shared.local.sample.dice import Dice
from shared.local.sample.people import Pupil

FIRST_DAY, LAST_DAY = date(2026, 11, 2), date(2027, 3, 31)
HANDOVER_KNOWN = {
    "99AA00": date(2027, 2, 12),
    "99AB00": date(2027, 2, 26),
    "99AC00": date(2027, 2, 12),
    "99AD00": date(2027, 2, 26),
}
"""Day up to which a site looks at received applications before it hands over."""

WITHOUT_CHOICE = 0.03
WITHOUT_APPLICATION = 0.06
CHANGED_MIND = 0.12
"""Share that applies for something other than the registered choice."""
PARALLEL = {1: 68, 2: 22, 3: 10}
COUNT_FROM = 200001
"""Number of the first application."""
MONTHS = {(2026, 11): 15, (2026, 12): 21, (2027, 1): 40, (2027, 2): 15, (2027, 3): 9}
"""Month in which pupils first apply. Of all pupils about 71 % have applied by 1 February, 94 % by 1 April."""

OUTCOMES = {"placed": 46, "provisional": 36, "other_advice": 7, "further_study": 6, "rejected": 5}
REASONS = {
    "rejected": ("prior_education", "capacity", "wrong_level"),
    "other_advice": ("wrong_level", "other_programme"),
    "further_study": ("more_information",),
}
STATUS_AFTER = {"placed": "OFFERED", "provisional": "OFFERED", "rejected": "REJECTED"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What a pupil intends, by preference from 1."""

    pupil: Pupil
    programme: Programme
    pathway: str
    preference: int


@dataclass(frozen=True, slots=True)
class Intake:
    """An intake that was held."""

    day: date
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True)
class Application:
    """An application at one institution with its statuses in order of time."""

    id: str
    pupil: Pupil
    programme: Programme
    pathway: str
    statuses: tuple[tuple[str, date], ...]
    intake: Intake | None = None


@dataclass(frozen=True, slots=True)
class Handover:
    """A dossier that the school hands over."""

    pupil: Pupil
    institution: str
    kind: str


def choices(dice: Dice, pupils: list[Pupil]) -> list[Choice]:
    """The registered choices of each pupil; a few have none yet."""
    return [choice for pupil in pupils if not dice.chance(WITHOUT_CHOICE) for choice in _choices(dice, pupil)]


def _choices(dice: Dice, pupil: Pupil) -> Iterator[Choice]:
    taken: set[str] = set()
    for preference in range(1, dice.weighted(PARALLEL) + 1):
        programme = _programme(dice, pupil.track, taken)
        taken.add(programme.crebo)
        yield Choice(pupil, programme, dice.pick(programme.pathways), preference)


def _programme(dice: Dice, track: str, taken: set[str]) -> Programme:
    level = dice.weighted(LEVELS[track])
    open_ = [programme for programme in PROGRAMMES if programme.crebo not in taken and programme.level == level]
    return dice.pick(open_)


def applications(dice: Dice, pupils: list[Pupil], chosen: list[Choice]) -> list[Application]:
    """What the institutions received, one application for each choice that was acted on."""
    of_pupil: dict[str, list[Choice]] = {}
    for choice in chosen:
        of_pupil.setdefault(choice.pupil.pgn, []).append(choice)
    made: list[Application] = []
    for pupil in pupils:
        intended = of_pupil.get(pupil.pgn, [])
        if pupil.site and (not intended or dice.chance(WITHOUT_APPLICATION - WITHOUT_CHOICE)):
            continue
        wanted = intended or list(_choices(dice, pupil))
        made += _course(dice, _changed(dice, pupil, wanted), len(made))
    return made


def _changed(dice: Dice, pupil: Pupil, wanted: list[Choice]) -> list[Choice]:
    if not dice.chance(CHANGED_MIND):
        return wanted
    other = _programme(dice, pupil.track, {choice.programme.crebo for choice in wanted})
    return [replace(wanted[0], programme=other, pathway=dice.pick(other.pathways)), *wanted[1:]]


def _course(dice: Dice, wanted: list[Choice], made: int) -> Iterator[Application]:
    """The applications of one pupil; after an offer on the first, some of the others are withdrawn."""
    year, month = dice.weighted(MONTHS)
    latest = (date(year, month, 28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)
    start = dice.day(max(date(year, month, 1), FIRST_DAY), latest)
    offered: date | None = None
    for n, choice in enumerate(wanted):
        day = min(start + timedelta(days=dice.number(0, 14) * n), LAST_DAY)
        application = _application(dice, f"A{COUNT_FROM + made + n}", choice, day)
        if n == 0:
            offered = next((at for status, at in application.statuses if status == "OFFERED"), None)
        elif offered and dice.chance(0.5):
            application = _withdraw(application, offered + timedelta(days=dice.number(2, 10)))
        yield application


def _application(dice: Dice, id: str, choice: Choice, day: date) -> Application:
    steps = [("SUBMITTED", day), ("RECEIVED", day + timedelta(days=dice.number(1, 5)))]
    intake = None
    if dice.chance(0.7):
        intake = _intake(dice, steps[-1][1] + timedelta(days=dice.number(14, 50)))
        after = STATUS_AFTER.get(intake.outcome)
        if after:
            steps.append((after, intake.day + timedelta(days=dice.number(1, 12))))
        if after == "OFFERED" and dice.chance(0.1):
            steps.append(("ENROLLED", steps[-1][1] + timedelta(days=dice.number(5, 20))))
    elif dice.chance(0.05):
        steps.append(("WITHDRAWN", steps[-1][1] + timedelta(days=dice.number(10, 60))))
    if intake and intake.day > LAST_DAY:
        intake = None
    known = tuple((status, at) for status, at in steps if at <= LAST_DAY)
    return Application(id, choice.pupil, choice.programme, choice.pathway, known, intake)


def _intake(dice: Dice, day: date) -> Intake:
    while day.weekday() > 4:
        day += timedelta(days=1)
    outcome = dice.weighted(OUTCOMES)
    reasons = REASONS.get(outcome)
    return Intake(day, outcome, dice.pick(reasons) if reasons else "")


def _withdraw(application: Application, day: date) -> Application:
    """The same application, withdrawn on this day, with nothing known of later."""
    day = max(day, application.statuses[0][1])
    before = tuple(step for step in application.statuses if step[1] <= day)
    if day > LAST_DAY or before[-1][0] in ("REJECTED", "WITHDRAWN", "ENROLLED"):
        return application
    intake = application.intake if application.intake and application.intake.day <= day else None
    return replace(application, statuses=(*before, ("WITHDRAWN", day)), intake=intake)


def handovers(dice: Dice, applied: list[Application]) -> list[Handover]:
    """Dossiers handed over to institutions that have received an application. All of pro and vso go warm."""
    made: dict[tuple[str, str], Handover] = {}
    for application in applied:
        pupil, institution = application.pupil, application.programme.institution
        if not pupil.site or not _received(application, HANDOVER_KNOWN[pupil.site]):
            continue
        vulnerable = pupil.track in ("pro", "vso", "isk")
        if dice.chance(0.85 if vulnerable else 0.5):
            kind = "warm" if vulnerable or dice.chance(0.12) else "koud"
            made.setdefault((pupil.pgn, institution), Handover(pupil, institution, kind))
    return list(made.values())


def _received(application: Application, day: date) -> bool:
    """Whether the institution had received it by this day, and it was not over by the end."""
    over = application.statuses[-1][0] in ("REJECTED", "WITHDRAWN")
    return not over and any(status == "RECEIVED" and at <= day for status, at in application.statuses)
