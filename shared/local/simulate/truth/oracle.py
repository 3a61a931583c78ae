"""Which rules must fire for a pupil and when, written from the text of the protocol (8) and from the plan alone.

Nothing here asks the engine: two readings of one text that agree are worth more than one that agrees with itself.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta

from shared.core.clock import civil_date, local_instant
from shared.core.reference import load
from shared.local.simulate.deeds import Signal
from shared.local.simulate.truth.story import QUIET, Handover, Story

RULE_HOUR, DUE_HOUR = 8, 17
"""Rules look in the morning; who must answer may do so until the end of the working day (agreement)."""
NOTICE, WARNING, RISK = "notice", "warning", "risk"
OPENED_WITHIN, ACCEPTED_WITHIN = 10, 20
CLOSING = ("aanmeldingen", "uitschrijvingen", "routes")


def no_application(story: Story) -> Iterator[Signal]:
    """Expected, no live application on 1 February (notice), 1 March (warning), the application date (risk)."""
    cohort = story.around.cohort
    last = load().application_date(cohort)
    days = {date(cohort, 2, 1): NOTICE, date(cohort, 3, 1): WARNING, last: RISK}
    if story.expected is None:
        return
    looks: dict[datetime, str] = {}
    for day, severity in days.items():
        # Who is listed when a day has passed is looked at on being listed, for the severest of those.
        looks[max(local_instant(day, RULE_HOUR), story.expected)] = severity
    for at, severity in looks.items():
        if not story.live(at) and not story.elsewhere(at):
            yield Signal(story.pupil, "no-application", "", severity, at)


def last_path_lost(story: Story) -> Iterator[Signal]:
    """The last live application was rejected or withdrawn, and it stayed so for a minute."""
    lost = False
    for instant in story.instants(CLOSING):
        at = instant + QUIET
        if any(instant < other < at for other in story.instants(CLOSING)):
            continue
        paths = story.paths(at)
        now = bool(paths) and not story.live(at) and not story.elsewhere(at)
        if now and not lost and not any(path.ended for path in paths):
            yield Signal(story.pupil, "last-path-lost", "", RISK, at)
        lost = now


def handover_unanswered(story: Story) -> Iterator[Signal]:
    """Offered, not opened in 10 school days or not accepted in 20, at the latest before the holiday."""
    for handover in story.handovers:
        stages = {_end(story, handover, OPENED_WITHIN): (WARNING, handover.opened)}
        later = _end(story, handover, ACCEPTED_WITHIN)
        stages[later] = (RISK, None)
        for at, (severity, opened) in stages.items():
            answered = handover.answered
            done = (answered and answered <= at) or (opened and opened <= at)
            if not done and not story.closed(at - QUIET):
                yield Signal(story.pupil, "handover-unanswered", handover.institution, severity, at)


def _end(story: Story, handover: Handover, school_days: int) -> datetime:
    """The end of the working day so many school days after the offer, or of the last school day before a holiday."""
    calendar, day = story.around.calendar, civil_date(handover.offered)
    end = calendar.add_school_days(day, school_days)
    since = calendar.add_school_days(day, 1)
    while since < end and not calendar.in_holiday(since + timedelta(days=1)):
        since += timedelta(days=1)
    return local_instant(calendar.add_school_days(since + timedelta(days=1), -1), DUE_HOUR)


ORACLE: Mapping[str, Callable[[Story], Iterator[Signal]]] = {
    "no-application": no_application,
    "last-path-lost": last_path_lost,
    "handover-unanswered": handover_unanswered,
}
"""Rule (protocol 8) to what must fire."""


def expected(story: Story) -> list[Signal]:
    """Everything that must fire for one pupil, and nothing else may."""
    return [signal for rule in ORACLE.values() for signal in rule(story)]
