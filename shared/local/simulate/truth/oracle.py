"""Which rules must fire for a pupil and when, written from the text of the protocol (8) and from the plan alone.

Nothing here asks the engine: two readings of one text that agree are worth more than one that agrees with itself. When
and how seriously a rule speaks, both read in the agreement.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta

from shared.core.clock import civil_date, local_instant
from shared.core.reference import load
from shared.core.reference.calendar import SchoolCalendar, age_on
from shared.local.simulate.deeds import Signal
from shared.local.simulate.truth.agreed import Agreed, Stage
from shared.local.simulate.truth.course import ENROLLED, LOST, SCHOOL_YEAR, STARTED, Course, last_closed
from shared.local.simulate.truth.known import Known, Path
from shared.local.simulate.truth.spans import END, Sight, Stages, told_after_a_minute, told_at_once, told_in_stages

Told = Iterable[tuple[Hashable, datetime, str]]
"""What it is about, when, and how serious."""
Rule = Callable[[Course, Agreed], Told]
ONE_DAY = timedelta(days=1)
WHOLE = ("",)
ADULT = 18


def _severity(agreed: Agreed, rule: str) -> str:
    return agreed.rules[rule][-1].severity


def _stages(course: Course, agreed: Agreed, rule: str) -> Stages:
    return [(agreed.instant(stage, course.story.cohort), stage.severity) for stage in agreed.rules[rule]]


def no_application(course: Course, agreed: Agreed) -> Told:
    """Expected, no live application on the days of the agreement, and not on another way."""
    stages = _stages(course, agreed, "no-application")
    return told_in_stages(
        course,
        lambda seen: WHOLE if seen.known.expected else (),
        lambda _: stages,
        holds=lambda seen: not seen.standing.at_least("applied") and not seen.standing.elsewhere,
    )


def last_path_lost(course: Course, agreed: Agreed) -> Told:
    """The last live application was rejected or withdrawn, or ended in another way than an early exit."""

    def lost(seen: Sight) -> Iterable[str]:
        gone = seen.standing.position == LOST and not seen.known.live and seen.known.paths
        return WHOLE if gone and not last_closed(seen.known).left_early else ()

    severity = _severity(agreed, "last-path-lost")
    return ((about, at, severity) for about, at in told_at_once(course, lost))


def dossier_incomplete(course: Course, agreed: Agreed) -> Told:
    """Expected, and the dossier is not complete."""
    stages = _stages(course, agreed, "dossier-incomplete")
    return told_in_stages(
        course,
        lambda seen: WHOLE if seen.known.expected and not seen.known.complete else (),
        lambda _: stages,
        holds=lambda seen: not seen.standing.elsewhere,
    )


def handover_unanswered(course: Course, agreed: Agreed) -> Told:
    """Offered, not opened in time or not answered in time, at the latest before the holiday."""
    offers = course.story.known(course.story.instants[-1]).offers
    ends = {
        to: [
            (_before_holiday(course.story.calendar, offer.offered, stage, agreed), stage.severity)
            for stage in agreed.rules["handover-unanswered"]
        ]
        for to, offer in offers.items()
    }

    def stages(to: Hashable) -> Stages:
        return ends[str(to)]

    def waits(seen: Sight) -> Iterable[str]:
        return [to for to, offer in seen.known.offers.items() if offer.answered is None]

    told = told_in_stages(course, waits, stages, holds=lambda _: True)
    # What was opened in time has nothing left of the first stage.
    return (
        (to, at, severity)
        for to, at, severity in told
        if severity != stages(to)[0][1] or (offers[str(to)].opened or END) > at or stages(to)[0] == stages(to)[-1]
    )


def _before_holiday(calendar: SchoolCalendar, since: datetime, stage: Stage, agreed: Agreed) -> datetime:
    """The end of the working day so many school days later, or of the last school day before a holiday."""
    day = civil_date(since)
    end = calendar.add_school_days(day, stage.school_days)
    last = calendar.add_school_days(day, 1)
    while agreed.before_holiday and last < end and not calendar.in_holiday(last + ONE_DAY):
        last += ONE_DAY
    if agreed.before_holiday:
        end = calendar.add_school_days(last + ONE_DAY, -1)
    return local_instant(calendar.add_school_days(end, agreed.grace), agreed.due_hour)


def _after(calendar: SchoolCalendar, since: date, stages: Iterable[Stage], agreed: Agreed) -> Stages:
    """The ends of the working days so many school days after a day."""
    return [
        (local_instant(calendar.add_school_days(since, max(one.school_days, 1)), agreed.due_hour), one.severity)
        for one in stages
    ]


def warm_handover_open(course: Course, agreed: Agreed) -> Told:
    """A talk was asked for and not held by the day of the norm."""
    by = load().talk_by(course.story.cohort)
    stages = _after(course.story.calendar, by, agreed.rules["warm-handover-open"], agreed)
    return told_in_stages(course, lambda seen: seen.known.talks, lambda _: stages, holds=lambda _: True)


def not_placed(course: Course, agreed: Agreed) -> Told:
    """A live application that was there on the day, and no place."""
    stages = _stages(course, agreed, "not-placed")

    def there(seen: Sight) -> Iterable[str]:
        first = min((path.first_told for path in seen.known.live), default=None)
        return WHOLE if first and first <= civil_date(stages[0][0]) else ()

    return told_in_stages(course, there, lambda _: stages, holds=lambda seen: seen.standing.position == "applied")


def exam_changed_the_plan(course: Course, agreed: Agreed) -> Told:
    """Failed, or passed in a track that does not admit to a level that was chosen."""

    def changed(seen: Sight) -> bool:
        exam, levels = seen.known.exam, seen.known.levels
        assert exam
        result, track, on = exam
        if seen.standing.elsewhere or seen.standing.at_least(STARTED):
            return False
        if not levels:
            return result == "failed"
        wrong = ("no",) if result == "passed" else ("no", "institution")
        return any(load().admits(track or seen.known.track, result, level, on) in wrong for level in levels)

    severity = _severity(agreed, "exam-changed-the-plan")
    told = told_after_a_minute(course, lambda seen: WHOLE if seen.known.exam else (), changed)
    return ((about, at, severity) for about, at in told)


def not_enrolled(course: Course, agreed: Agreed) -> Told:
    """No enrolment on the days of the agreement, and not on another way."""
    stages = _stages(course, agreed, "not-enrolled")
    return told_in_stages(
        course,
        lambda _: WHOLE,
        lambda _: stages,
        holds=lambda seen: not seen.standing.at_least(ENROLLED) and not seen.standing.elsewhere,
    )


def not_started(course: Course, agreed: Agreed) -> Told:
    """Enrolled and not seen in class: school days from the first day, else from 1 August. Seen at one institution is
    not missed at another."""

    def awaited(seen: Sight) -> Iterable[tuple[str, str, date]]:
        started = any(path.position == STARTED for path in seen.known.live)
        return [
            (path.institution, path.id, path.first_day)
            for path in seen.known.live
            if path.position == ENROLLED and not started
        ]

    def stages(about: Hashable) -> Stages:
        return _after(course.story.calendar, about[2], agreed.rules["not-started"], agreed)  # type: ignore[index]

    told = told_in_stages(course, awaited, stages, holds=lambda _: True)
    return ((about[0], at, severity) for about, at, severity in told)  # type: ignore[index]


def absence_threshold(course: Course, agreed: Agreed) -> Told:
    """The statutory report was made, and is not closed."""
    severity = _severity(agreed, "absence-threshold")
    return ((about, at, severity) for about, at in told_at_once(course, lambda seen: seen.known.absences))


def early_exit(course: Course, agreed: Agreed) -> Told:
    """The enrolment ended within 100 days of the first day without diploma, and there is no other."""

    def gone(seen: Sight) -> Iterable[Path]:
        left = [path for path in seen.known.paths if path.left_early]
        nowhere = not seen.standing.at_least(ENROLLED) and not seen.standing.elsewhere
        return [max(left, key=lambda path: (path.since, path.id))] if left and nowhere else []

    severity = _severity(agreed, "early-exit")
    return ((path.institution, at, severity) for path, at in told_at_once(course, gone))  # type: ignore[attr-defined]


def switch_considered(course: Course, agreed: Agreed) -> Told:
    """A switch was registered within 100 days of the first day, and has not begun."""
    severity = _severity(agreed, "switch-considered")
    told = told_at_once(course, lambda seen: seen.known.switches)
    return ((about[1], at, severity) for about, at in told)  # type: ignore[index]


def concern(course: Course, agreed: Agreed) -> Told:
    """A member of staff asked for attention, and nobody resolved it."""
    severity = _severity(agreed, "concern")
    return ((about, at, severity) for about, at in told_at_once(course, lambda seen: seen.known.concerns))


def double_enrolment(course: Course, agreed: Agreed) -> Told:
    """Enrolled at two institutions."""
    stages = _stages(course, agreed, "double-enrolment")

    def twice(seen: Sight) -> Iterable[str]:
        at = {path.institution for path in seen.known.enrolments}
        return [":".join(sorted(at))] if len(at) > 1 else []

    return told_in_stages(course, twice, lambda _: stages, holds=lambda _: True, patient=True)


def not_listed(course: Course, agreed: Agreed) -> Told:
    """Missing from the newest full list, and no other way was told."""
    severity = _severity(agreed, "not-listed")
    told = told_after_a_minute(
        course, lambda seen: () if seen.known.listed else WHOLE, lambda seen: seen.known.route is None
    )
    return ((about, at, severity) for about, at in told)


ORACLE: Mapping[str, Rule] = {
    "no-application": no_application,
    "last-path-lost": last_path_lost,
    "dossier-incomplete": dossier_incomplete,
    "handover-unanswered": handover_unanswered,
    "warm-handover-open": warm_handover_open,
    "not-placed": not_placed,
    "exam-changed-the-plan": exam_changed_the_plan,
    "not-enrolled": not_enrolled,
    "not-started": not_started,
    "absence-threshold": absence_threshold,
    "early-exit": early_exit,
    "switch-considered": switch_considered,
    "concern": concern,
    "double-enrolment": double_enrolment,
    "not-listed": not_listed,
}
"""Rule (protocol 8) to what must fire."""


def expected(course: Course, agreed: Agreed) -> Iterator[Signal]:
    """Everything that must fire for one pupil, and nothing else may."""
    for rule, told in ORACLE.items():
        if rule in agreed.rules:
            for about, at, severity in told(course, agreed):
                route = next(stage.route for stage in agreed.rules[rule] if stage.severity == severity)
                hears = {"officer", "duty"}.intersection(route)
                who = officer(course.story.known(at), civil_date(at), course.story.cohort, agreed) if hears else ""
                yield Signal(course.story.pupil, rule, str(about), severity, at, who)


def officer(known: Known, day: date, cohort: int, agreed: Agreed) -> str:
    """Leerplicht under 18, Doorstroompunt from 18, by residence: from the day on which municipalities hear of pupils,
    and of the legal population alone (Leerplichtwet; WEB 8.0.3 and 8.3.2)."""
    if day < load().municipal_signal_from(cohort) or known.born is None or known.qualified:
        return ""
    if day < date(cohort, *SCHOOL_YEAR) and known.track not in agreed.tracks:
        return ""
    age = age_on(known.born, day)
    if age >= load().doorstroompunt_age_limit(day):
        return ""
    return known.home if age < ADULT else load().region_of(known.home, day) or ""
