"""What comes before an intake: the invitation, the appointment, and the times that it did not go through."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from shared.local.sample.dice import Dice
from shared.local.sample.road import LAST_DAY, Application

MISSED, INVITED_ALREADY, PLANNED_ALREADY = 0.08, 0.7, 0.5
"""Share of intakes that first did not go through; of those not held yet: invited, and of these with an appointment."""
FORMS = {"locatie": 82, "online": 12, "telefoon": 6}
REASONS = {"no_show": 5, "pupil_cancelled": 3, "not_reachable": 1}
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Step:
    """A step on the way to an intake, and when the institution recorded it."""

    application: Application
    step: str
    recorded: datetime
    answer_by: date | None = None
    planned: datetime | None = None
    form: str = ""
    reason: str = ""


def steps(dice: Dice, applied: list[Application]) -> list[Step]:
    """Every step that was recorded before the last day of the sample, in order of time."""
    found = (step for application in applied for step in _of(dice, application))
    return sorted((s for s in found if s.recorded.date() < LAST_DAY), key=lambda s: (s.recorded, s.application.id))


def _of(dice: Dice, application: Application) -> Iterator[Step]:
    received = next((day for status, day in application.statuses if status == "RECEIVED"), None)
    if received is None:
        return
    if application.intake:
        yield from _held(dice, application, received, application.intake.day)
    elif application.statuses[-1][0] == "RECEIVED" and dice.chance(INVITED_ALREADY):
        yield from _to_come(dice, application, received)


def _held(dice: Dice, application: Application, received: date, held: date) -> Iterator[Step]:
    """Invited soon after the application came; what was missed was planned again."""
    invited = min(received + ONE_DAY * dice.number(1, 5), held - ONE_DAY)
    yield _invited(dice, application, invited)
    first = min(invited + ONE_DAY * dice.number(1, 4), held)
    if (held - first).days > 8 and dice.chance(MISSED):
        missed = _weekday(first + ONE_DAY * dice.number(2, 5))
        yield _planned(dice, application, first, missed)
        yield Step(application, "gemist", _at(dice, missed, 16), reason=dice.weighted(REASONS))
        first = missed + ONE_DAY
    yield _planned(dice, application, first, held)


def _to_come(dice: Dice, application: Application, received: date) -> Iterator[Step]:
    invited = received + ONE_DAY * dice.number(1, 10)
    yield _invited(dice, application, invited)
    if dice.chance(PLANNED_ALREADY):
        day = invited + ONE_DAY * dice.number(1, 4)
        yield _planned(dice, application, day, _weekday(day + ONE_DAY * dice.number(7, 30)))


def _invited(dice: Dice, application: Application, day: date) -> Step:
    return Step(application, "uitgenodigd", _at(dice, day, 9), answer_by=day + timedelta(days=14))


def _planned(dice: Dice, application: Application, day: date, on: date) -> Step:
    begins = datetime.combine(on, time(dice.number(9, 15), 30 * dice.number(0, 1)))
    recorded = min(_at(dice, day, 10), begins - timedelta(minutes=1))
    return Step(application, "gepland", recorded, planned=begins, form=dice.weighted(FORMS))


def _at(dice: Dice, day: date, hour: int) -> datetime:
    """A moment within the hour: no two steps of an application are recorded at once."""
    return datetime.combine(day, time(hour, dice.number(0, 59)))


def _weekday(day: date) -> date:
    return day + ONE_DAY * max(0, 7 - day.weekday()) if day.weekday() > 4 else day
