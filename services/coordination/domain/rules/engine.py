"""When the rules look, what they find, and when a signal goes: the same for every rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination.domain.case import Case, Risk
from services.coordination.domain.facts import Known
from services.coordination.domain.rules import RULES
from services.coordination.domain.rules.rule import WEIGHT, Began
from services.coordination.domain.world.agreed import Stage, Terms
from services.coordination.domain.world.deadlines import Window, within
from services.coordination.domain.world.routing import Subject, World, route
from shared.core.ids import opaque_ref

APPLICATION_DATE = "application_date"


@dataclass(frozen=True, slots=True)
class Deadline:
    """From this instant on the stage counts, unless the reason has gone."""

    at: datetime
    stage: Stage
    window: Window | None = None
    """In which it should have been done; `at` is its end with grace."""


def day_of(cohort: int, month_day: str) -> date:
    """``02-01`` in the cohort year."""
    return date.fromisoformat(f"{cohort}-{month_day}")


def name_of(rule: str, about: str) -> str:
    """The key under which a transition remembers when a rule looks again; also the key of the timer."""
    return f"{rule}:{about}" if about else rule


def terms_of(rule: str, world: World) -> Terms | None:
    """What was agreed about a rule; None: it is off."""
    terms = world.agreement.rules.get(rule)
    return terms if terms and terms.on else None


def deadlines(rule: str, known: Known, cohort: int, about: str, world: World) -> Sequence[Deadline]:
    """From when which stage counts, in order of time. None for a rule that fires at once or that is off."""
    terms = terms_of(rule, world)
    if terms is None or RULES[rule].timing == "at_once":
        return []
    if RULES[rule].timing == "day":
        return [Deadline(_on_day(stage, cohort, world), stage) for stage in terms.stages]
    began = RULES[rule].began(known, about)
    if began is None:
        return []
    stages = terms.stages[RULES[rule].first_stage(known, about) :]
    return [_in_time(began, stage, world) for stage in stages]


def _in_time(began: Began, stage: Stage, world: World) -> Deadline:
    window = within(began.organisation, stage.within_school_days or 0, world, began.at)
    return Deadline(window.with_grace, stage, window)


def _on_day(stage: Stage, cohort: int, world: World) -> datetime:
    assert stage.day
    day = world.almanac.application_date(cohort) if stage.day == APPLICATION_DATE else day_of(cohort, stage.day)
    return world.almanac.instant(day, world.agreement.rule_hour)


def next_look(case: Case, known: Known, name: str, world: World, now: datetime) -> datetime | None:
    """The first deadline after `now`."""
    rule, _, about = name.partition(":")
    if about not in RULES[rule].watches(known):
        return None
    return next((d.at for d in deadlines(rule, known, case.cohort, about, world) if d.at > now), None)


def watched(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case, with a first look planned for everything a rule watches. Deadlines already past are looked at as
    soon as all input up to `now` is in."""
    assert case.transition
    checks = dict(case.transition.checks)
    for rule in RULES:
        for about in RULES[rule].watches(known):
            if (name := name_of(rule, about)) not in checks:
                found = deadlines(rule, known, case.cohort, about, world)
                if found:
                    past = any(d.at <= now for d in found)
                    checks[name] = now if past else next_look(case, known, name, world, now)
    if len(checks) == len(case.transition.checks):
        return case
    return replace(case, transition=replace(case.transition, checks=checks))


def checked(case: Case, known: Known, name: str, world: World, now: datetime) -> Case:
    """The case after a rule has looked at `now`: the last deadline that has passed counts."""
    transition = case.transition
    assert transition
    rule, _, about = name.partition(":")
    checks = dict(transition.checks) | {name: next_look(case, known, name, world, now)}
    case = replace(case, transition=replace(transition, checks=checks))
    if RULES[rule].settled(transition, known, about):
        return case
    passed = [d.stage for d in deadlines(rule, known, case.cohort, about, world) if d.at <= now]
    return _fired(case, _subject(case, known, world, now), name, passed[-1], world) if passed else case


def told_at_once(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with the signals that need no day to come: what is known now is reason enough."""
    for rule in RULES:
        if RULES[rule].timing == "at_once" and terms_of(rule, world):
            case = _told(case, _subject(case, known, world, now), rule, world)
    return case


def _told(case: Case, subject: Subject, rule: str, world: World) -> Case:
    stage = world.agreement.rules[rule].stages[-1]
    for about in RULES[rule].watches(subject.known):
        assert case.transition
        if not RULES[rule].settled(case.transition, subject.known, about):
            case = _fired(case, subject, name_of(rule, about), stage, world)
    return case


def _subject(case: Case, known: Known, world: World, now: datetime) -> Subject:
    region = case.transition.region if case.transition else None
    return Subject(known, case.cohort, region, now, world.almanac.day(now))


def _fired(case: Case, subject: Subject, name: str, stage: Stage, world: World) -> Case:
    """The case with the signal, unless it stands already with this severity."""
    rule, _, about = name.partition(":")
    risk_id = opaque_ref("risk", case.pupil_ref, str(case.cohort), name)
    before = case.risks.get(risk_id)
    if before and before.open and WEIGHT[before.severity] >= WEIGHT[stage.severity]:
        return case
    meant = replace(subject, institution=RULES[rule].institution(subject.known, about))
    risk = Risk(
        risk_id,
        rule,
        about,
        stage.severity,
        RULES[rule].evidence(subject.known, case.cohort, about, world),
        route(stage.route, meant, world),
        world.agreement.version,
        fired_at=subject.now,
        known_until=subject.now,
    )
    return replace(case, risks={**case.risks, risk_id: risk})


def cleared(case: Case, known: Known, now: datetime) -> Case:
    """The case without the signals whose reason has gone."""
    assert case.transition
    gone = [r for r in case.risks.values() if r.open and RULES[r.rule].settled(case.transition, known, r.about)]
    if not gone:
        return case
    return replace(case, risks={**case.risks, **{r.risk_id: replace(r, cleared_at=now) for r in gone}})
