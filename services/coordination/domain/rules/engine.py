"""When the rules look, what they find, and when a signal goes: the same for every rule."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination.domain.case import Case, Risk
from services.coordination.domain.facts import Known
from services.coordination.domain.rules import RULES
from services.coordination.domain.rules.rule import WEIGHT, Began, Seen
from services.coordination.domain.standing import QUIET
from services.coordination.domain.world.agreed import Stage, Terms
from services.coordination.domain.world.deadlines import Window, after, within
from services.coordination.domain.world.routing import Subject, World, hearing, route
from shared.core.ids import opaque_ref

APPLICATION_DATE = "application_date"
AT_ONCE = tuple(rule for rule, what in RULES.items() if what.timing == "at_once")
LOOKING = tuple(rule for rule, what in RULES.items() if what.timing != "at_once" or what.patient)
"""Rules that look again at a later instant, by a timer of their name."""


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
    terms, what = terms_of(rule, world), RULES[rule]
    if terms is None or what.timing == "at_once":
        return []
    began = what.began(known, about)
    if what.timing == "day":
        found = [Deadline(_on_day(stage, cohort, world), stage) for stage in terms.stages]
        return [one for one in found if began is None or began.at <= one.at]
    if began is None:
        return []
    stages = terms.stages[what.first_stage(known, about) :]
    return [_in_time(began, stage, what.before_holiday, world) for stage in stages]


def _in_time(began: Began, stage: Stage, before_holiday: bool, world: World) -> Deadline:
    school_days = stage.within_school_days or 0
    if not before_holiday:
        return Deadline(after(began.organisation, school_days, world, began.at), stage)
    window = within(began.organisation, school_days, world, began.at)
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
    """The case, with a first look planned for everything a rule watches, and none for what is watched no more.
    Deadlines already past are looked at as soon as all input up to `now` is in."""
    assert case.transition
    before = case.transition.checks
    checks: dict[str, datetime | None] = {}
    for rule in LOOKING:
        for about in RULES[rule].watches(known):
            name = name_of(rule, about)
            if name in before:
                checks[name] = before[name]
            elif look := _first_look(case, known, name, world, now):
                checks[name] = look
    if checks == before:
        return case
    return replace(case, transition=replace(case.transition, checks=checks))


def _first_look(case: Case, known: Known, name: str, world: World, now: datetime) -> datetime | None:
    rule, _, about = name.partition(":")
    what = RULES[rule]
    past = now + QUIET if what.patient else now
    if what.timing == "at_once":
        return past if terms_of(rule, world) else None
    found = deadlines(rule, known, case.cohort, about, world)
    return past if any(d.at <= now for d in found) else next((d.at for d in found), None)


def checked(case: Case, known: Known, name: str, world: World, now: datetime) -> Case:
    """The case after a rule has looked at `now`: the last deadline that has passed counts."""
    transition = case.transition
    assert transition
    rule, _, about = name.partition(":")
    checks = dict(transition.checks) | {name: next_look(case, known, name, world, now)}
    case = replace(case, transition=replace(transition, checks=checks))
    if _gone(Seen(known, transition, case.cohort, world), rule, about):
        return case
    subject = _subject(case, known, world, now)
    stage = _reached(subject, name, world)
    return _fired(case, subject, name, stage, world) if stage else case


def _reached(subject: Subject, name: str, world: World) -> Stage | None:
    """The stage that counts at an instant; None: not one yet, or the rule is off."""
    rule, _, about = name.partition(":")
    terms = terms_of(rule, world)
    if terms and RULES[rule].timing == "at_once":
        return terms.stages[-1]
    found = deadlines(rule, subject.known, subject.cohort, about, world)
    passed = [d.stage for d in found if d.at <= subject.now]
    return passed[-1] if passed else None


def told_at_once(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with the signals that need no day to come: what is known now is reason enough. A patient rule waits for
    its first look."""
    for rule in AT_ONCE:
        if terms := terms_of(rule, world):
            for about in RULES[rule].watches(known):
                case = _told(case, _subject(case, known, world, now), name_of(rule, about), terms.stages[-1], world)
    return case


def _told(case: Case, subject: Subject, name: str, stage: Stage, world: World) -> Case:
    assert case.transition
    rule, _, about = name.partition(":")
    waits = RULES[rule].patient and case.transition.checks.get(name, subject.now) is not None
    if waits or RULES[rule].settled(Seen(subject.known, case.transition, case.cohort, world), about):
        return case
    return _fired(case, subject, name, stage, world)


def _subject(case: Case, known: Known, world: World, now: datetime) -> Subject:
    region = case.transition.region if case.transition else None
    return Subject(known, case.cohort, region, now, world.almanac.day(now), holder=case.holder)


def _fired(case: Case, subject: Subject, name: str, stage: Stage, world: World) -> Case:
    """The case with the signal, unless it stands already with this severity, or somebody dismissed it at this one. Of
    one that stands at once, the evidence stays what is known."""
    rule, _, about = name.partition(":")
    what, transition = RULES[rule], case.transition
    assert transition
    risk_id = opaque_ref("risk", case.pupil_ref, str(case.cohort), name)
    before, severity = case.risks.get(risk_id), what.severity(subject.known, about) or stage.severity
    if before and before.dismissed and WEIGHT[before.dismissed] >= WEIGHT[severity]:
        return case
    stands = before and before.open and WEIGHT[before.severity] >= WEIGHT[severity]
    if stands and what.timing != "at_once":
        return case
    evidence = what.evidence(Seen(subject.known, transition, case.cohort, world), about)
    if before and stands:
        risk = replace(before, evidence=evidence, known_until=subject.now)
        return case if evidence == before.evidence else replace(case, risks={**case.risks, risk_id: risk})
    meant = replace(subject, institution=what.institution(subject.known, about), named=what.named(subject.known, about))
    parties = hearing(stage.route, meant, world) if what.afterwards else stage.route
    risk = Risk(
        risk_id,
        rule,
        about,
        severity,
        evidence,
        route(parties, meant, world),
        world.agreement.version,
        fired_at=subject.now,
        known_until=subject.now,
    )
    return replace(case, risks={**case.risks, risk_id: risk})


def cleared(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case without the signals whose reason has gone; what was dismissed may fire again from then on."""
    assert case.transition
    seen = Seen(known, case.transition, case.cohort, world)
    kept = [risk for risk in case.risks.values() if risk.open or risk.dismissed]
    gone = [risk for risk in kept if _gone(seen, risk.rule, risk.about)]
    if not gone:
        return case
    after = {r.risk_id: replace(r, cleared_at=now) if r.open else replace(r, dismissed=None) for r in gone}
    return replace(case, risks={**case.risks, **after})


def _gone(seen: Seen, rule: str, about: str) -> bool:
    return about not in RULES[rule].watches(seen.known) or RULES[rule].settled(seen, about)
