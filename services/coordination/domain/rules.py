"""The rules that say when a pupil is at risk: process facts with evidence, never a score on a person."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.coordination.domain.custody import Case, Risk, Transition
from services.coordination.domain.facts import Known
from services.coordination.domain.position import Path, Position
from services.coordination.domain.world.routing import Subject, World, route
from shared.core.ids import opaque_ref
from shared.schemas.coordination import Custodian, Evidence, Severity
from shared.schemas.dossiers import HandoverState, HandoverStatus
from shared.schemas.intakes import ApplicationStatus

WEIGHT = {Severity.NOTICE: 1, Severity.WARNING: 2, Severity.RISK: 3}
LAST_PATH_LOST = "last-path-lost"
UNANSWERED = (HandoverStatus.OFFERED, HandoverStatus.OPENED)


@dataclass(frozen=True, slots=True)
class Deadline:
    """From this instant on the signal has this severity, unless the reason has gone."""

    at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `about` is what it watches: a handover, or "" for the transition as a whole."""

    watches: Callable[[Known], Iterable[str]]
    settled: Callable[[Transition, Known, str], bool]
    """Whether the reason has gone. What counts of the applications is the position of the transition."""
    deadlines: Callable[[Known, int, str, World], Sequence[Deadline]]
    """In order of time."""
    evidence: Callable[[Known, int, str, World], tuple[Evidence, ...]]
    route: Callable[[Subject, Severity, str, World], tuple[Custodian, ...]]


def day_of(cohort: int, month_day: str) -> date:
    """``02-01`` in the cohort year."""
    return date.fromisoformat(f"{cohort}-{month_day}")


# no-application: expected, and no live application on 1 February, 1 March or 1 April.


def _expected(known: Known) -> Iterable[str]:
    return [""] if known.expected else []


def _applied(transition: Transition, _known: Known, _about: str) -> bool:
    return transition.position.awaits_nothing


def _application_deadlines(_known: Known, cohort: int, _about: str, world: World) -> Sequence[Deadline]:
    agreed = world.agreement
    return [
        Deadline(world.almanac.instant(day_of(cohort, stage.day), agreed.rule_hour), stage.severity)
        for stage in agreed.no_application.stages
    ]


def _application_evidence(known: Known, cohort: int, _about: str, world: World) -> tuple[Evidence, ...]:
    closed = sorted(application.status_at for application in known.applications.values())
    return (
        Evidence(fact="application-date", value=world.almanac.application_date(cohort).isoformat()),
        Evidence(fact="choices", value=str(known.choices)),
        Evidence(fact="live-applications", value="0"),
        *(Evidence(fact="application-closed", at=at) for at in closed[-1:]),
    )


def _application_route(about: Subject, severity: Severity, _about: str, world: World) -> tuple[Custodian, ...]:
    stages = world.agreement.no_application.stages
    return route(next(stage.route for stage in stages if stage.severity == severity), about, world)


# last-path-lost: the last live application was rejected or withdrawn, and it has been quiet since.


def _not_lost(transition: Transition, _known: Known, _about: str) -> bool:
    return transition.position is not Position.LOST


def _lost_evidence(known: Known, _cohort: int, _about: str, _world: World) -> tuple[Evidence, ...]:
    last = _last_closed(known)
    application = known.applications.get(last.application_id)
    withdrawn = application and application.status is ApplicationStatus.WITHDRAWN
    return (
        Evidence(fact="live-applications", value="0"),
        Evidence(fact="closed-applications", value=str(len(known.paths))),
        Evidence(fact="institution", value=last.institution),
        Evidence(fact="application-withdrawn" if withdrawn else "application-rejected", at=last.since),
    )


def _lost_route(about: Subject, _severity: Severity, _about: str, world: World) -> tuple[Custodian, ...]:
    last = _last_closed(about.known)
    return route(world.agreement.last_path_lost.route, replace(about, institution=last.institution), world)


def _last_closed(known: Known) -> Path:
    """The way that closed last."""
    return max(known.paths, key=lambda path: (path.since, path.application_id))


# handover-unanswered: offered, not opened in 10 school days or not accepted in 20.


def _offered(known: Known) -> Iterable[str]:
    return [key for key, handover in known.handovers.items() if handover.status in UNANSWERED and handover.offered_at]


def _answered(_transition: Transition, known: Known, handover_id: str) -> bool:
    handover = known.handovers.get(handover_id)
    return handover is None or handover.status not in UNANSWERED


def within(handover: HandoverState, school_days: int, world: World) -> datetime:
    """The end of the working day, so many school days of the receiver after the offer; pulled forward to its last
    school day before a holiday in between."""
    assert handover.offered_at
    place, offered = world.region_of(handover.mbo_institution), world.almanac.day(handover.offered_at)
    due = world.almanac.after_school_days(place, offered, school_days)
    last = world.almanac.last_school_day(place, offered)
    if last and offered < last < due:
        due = last
    return world.almanac.instant(due, world.agreement.due_hour)


def _handover_deadlines(known: Known, _cohort: int, handover_id: str, world: World) -> Sequence[Deadline]:
    handover, agreed = known.handovers[handover_id], world.agreement.handover_unanswered
    windows = (agreed.accepted,) if handover.opened_at else (agreed.opened, agreed.accepted)
    return [Deadline(within(handover, w.within_school_days, world), w.severity) for w in windows]


def _handover_evidence(known: Known, _cohort: int, handover_id: str, _world: World) -> tuple[Evidence, ...]:
    handover = known.handovers[handover_id]
    return (
        Evidence(fact="handover", value=handover_id),
        Evidence(fact="institution", value=handover.mbo_institution),
        Evidence(fact="offered", at=handover.offered_at),
        Evidence(fact="opened", at=handover.opened_at) if handover.opened_at else Evidence(fact="not-opened"),
        Evidence(fact="not-accepted"),
    )


def _handover_route(about: Subject, _severity: Severity, handover_id: str, world: World) -> tuple[Custodian, ...]:
    institution = about.known.handovers[handover_id].mbo_institution
    return route(world.agreement.handover_unanswered.route, replace(about, institution=institution), world)


def name_of(rule: str, about: str) -> str:
    """The key under which a transition remembers when a rule looks again; also the key of the timer."""
    return f"{rule}:{about}" if about else rule


def next_look(case: Case, known: Known, name: str, world: World, now: datetime) -> datetime | None:
    """The first deadline after `now`."""
    rule, _, about = name.partition(":")
    if about and about not in known.handovers:
        return None
    return next((d.at for d in RULES[rule].deadlines(known, case.cohort, about, world) if d.at > now), None)


def watched(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case, with a first look planned for everything a rule watches. Deadlines already past are looked at as
    soon as all input up to `now` is in."""
    assert case.transition
    checks = dict(case.transition.checks)
    for rule_name, rule in RULES.items():
        for about in rule.watches(known):
            if (name := name_of(rule_name, about)) not in checks:
                past = any(d.at <= now for d in rule.deadlines(known, case.cohort, about, world))
                checks[name] = now if past else next_look(case, known, name, world, now)
    if len(checks) == len(case.transition.checks):
        return case
    return replace(case, transition=replace(case.transition, checks=checks))


def checked(case: Case, known: Known, name: str, world: World, now: datetime) -> Case:
    """The case after a rule has looked at `now`: the severest deadline that has passed counts."""
    transition = case.transition
    assert transition
    rule_name, _, about = name.partition(":")
    rule = RULES[rule_name]
    checks = dict(transition.checks) | {name: next_look(case, known, name, world, now)}
    case = replace(case, transition=replace(transition, checks=checks))
    if rule.settled(transition, known, about):
        return case
    passed = [d.severity for d in rule.deadlines(known, case.cohort, about, world) if d.at <= now]
    return _fired(case, _subject(case, known, world, now), name, passed[-1], world) if passed else case


def told_by_position(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with the signal of a last path that was rejected or withdrawn. What ended after it was enrolled is
    another matter."""
    assert case.transition
    if case.transition.position is not Position.LOST or _last_closed(known).ended:
        return case
    severity = world.agreement.last_path_lost.severity
    return _fired(case, _subject(case, known, world, now), LAST_PATH_LOST, severity, world)


def _subject(case: Case, known: Known, world: World, now: datetime) -> Subject:
    region = case.transition.region if case.transition else None
    return Subject(known, case.cohort, region, now, world.almanac.day(now))


def _fired(case: Case, subject: Subject, name: str, severity: Severity, world: World) -> Case:
    """The case with the signal, unless it stands already with this severity."""
    rule_name, _, about = name.partition(":")
    rule, risk_id = RULES[rule_name], opaque_ref("risk", case.pupil_ref, str(case.cohort), name)
    before = case.risks.get(risk_id)
    if before and before.open and WEIGHT[before.severity] >= WEIGHT[severity]:
        return case
    risk = Risk(
        risk_id,
        rule_name,
        about,
        severity,
        rule.evidence(subject.known, case.cohort, about, world),
        rule.route(subject, severity, about, world),
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


def _nothing(_known: Known) -> Iterable[str]:
    return []


def _no_dates(_known: Known, _cohort: int, _about: str, _world: World) -> Sequence[Deadline]:
    return []


RULES: dict[str, Rule] = {
    "no-application": Rule(_expected, _applied, _application_deadlines, _application_evidence, _application_route),
    LAST_PATH_LOST: Rule(_nothing, _not_lost, _no_dates, _lost_evidence, _lost_route),
    "handover-unanswered": Rule(_offered, _answered, _handover_deadlines, _handover_evidence, _handover_route),
}
