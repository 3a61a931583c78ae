"""What must be right about what is asked of people: actions, and the rules that give a signal."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from services.coordination.agreement.dates import A_DAY, is_day
from services.coordination.agreement.text import Found, not_one_of
from services.coordination.domain.position import Position
from services.coordination.domain.rules import RULES
from services.coordination.domain.rules.engine import APPLICATION_DATE
from services.coordination.domain.rules.rule import WEIGHT, Rule
from services.coordination.domain.world.agreed import KINDS, Agreement, Party, Stage, Terms, Timing
from shared.core.errors import Said, marked

OTHER_DAYS = (APPLICATION_DATE, "settled")
"""What an action may be due on beside a day of the year."""
USUAL_APPLICATION_DATE = "04-01"
EXPECTED: Mapping[Timing, Said] = {
    "day": marked("a stage with a `day` of the year (MM-DD) or application_date"),
    "school_days": marked("a stage with `within_school_days`"),
    "at_once": marked("a stage with neither a `day` nor `within_school_days`: this rule fires at once"),
}
OF_EVERY_RULE: tuple[Party, ...] = ("mentor", "decaan", "officer", "duty", "custodian")
OF_AN_INSTITUTION: tuple[Party, ...] = ("institution", "slber")


def found(agreement: Agreement) -> Iterator[Found]:
    """Everything that is wrong with actions and rules."""
    yield from _of_actions(agreement)
    if agreement.intake_missed.kind not in KINDS:
        yield not_one_of(("intake_missed", "kind"), KINDS)
    for name in sorted(set(RULES) - set(agreement.rules)):
        missing = marked("terms of the rule '%(rule)s'; with `on: false` when it is not to be used", rule=name)
        yield Found(("rules",), missing, "missing")
    for name, terms in agreement.rules.items():
        if name in RULES:
            yield from _of_terms(("rules", name), RULES[name], terms)
        else:
            yield not_one_of(("rules", name), RULES, named=True)


def parties(rule: Rule) -> tuple[Party, ...]:
    """Who can hear a signal of this rule."""
    return (*OF_EVERY_RULE, *(OF_AN_INSTITUTION if rule.has_institution else ()), *rule.names)


def _of_actions(agreement: Agreement) -> Iterator[Found]:
    for position in Position:
        if position not in agreement.actions and position is not Position.SETTLED:
            missing = marked("an action for the position '%(position)s'", position=position.value)
            yield Found(("actions",), missing, "missing")
    for position, asked in agreement.actions.items():
        where = ("actions", position.value)
        if asked.kind not in KINDS:
            yield not_one_of((*where, "kind"), KINDS)
        if asked.due not in OTHER_DAYS and not is_day(asked.due):
            other = marked("%(day)s, or %(choices)s", day=A_DAY, choices=", ".join(OTHER_DAYS))
            yield Found((*where, "due"), other, choices=OTHER_DAYS)
        if asked.opens is not None and not is_day(asked.opens):
            yield Found((*where, "opens"), A_DAY)
        if not 1 <= asked.severity <= 3:
            yield Found((*where, "severity"), marked("from 1 (notice) to 3 (risk)"), "out_of_range")


def _of_terms(where: tuple[str, str], rule: Rule, terms: Terms) -> Iterator[Found]:
    stages = (*where, "stages")
    if not terms.stages:
        yield Found(stages, marked("at least one stage"), "missing")
    if terms.action and terms.action.kind not in KINDS:
        yield not_one_of((*where, "action", "kind"), KINDS)
    for n, stage in enumerate(terms.stages):
        yield from _of_route((*stages, n, "route"), stage.route, parties(rule))
    for n, (earlier, later) in enumerate(pairwise(terms.stages), 1):
        if WEIGHT[later.severity] < WEIGHT[earlier.severity]:
            at_least = marked("%(severity)s or more, as the stage before it", severity=earlier.severity.value)
            yield Found((*stages, n, "severity"), at_least, "falling")
    yield from _of_time(stages, rule.timing, terms)


def _of_route(where: tuple[object, ...], route: tuple[Party, ...], known: tuple[Party, ...]) -> Iterator[Found]:
    if not route:
        yield Found(where, marked("at least one party"), "missing")
    for n, party in enumerate(route):
        if party not in known:
            of_rule = marked("somebody this rule knows of: %(choices)s", choices=", ".join(known))
            yield Found((*where, n), of_rule, "unknown", known)
        elif party in route[:n]:
            yield Found((*where, n), marked("this party only once"), "twice")


def _of_time(where: tuple[object, ...], timing: Timing, terms: Terms) -> Iterator[Found]:
    wrong = [n for n, stage in enumerate(terms.stages) if stage.timing != timing]
    yield from (Found((*where, n), EXPECTED[timing], "timing") for n in wrong)
    days = {n: s.day for n, s in enumerate(terms.stages) if s.day and s.day != APPLICATION_DATE}
    bad = [n for n, day in days.items() if not is_day(day)]
    or_date = marked("%(day)s, or %(choices)s", day=A_DAY, choices=APPLICATION_DATE)
    yield from (Found((*where, n, "day"), or_date, choices=(APPLICATION_DATE,)) for n in bad)
    if timing == "at_once" and len(terms.stages) > 1:
        yield Found(where, marked("one stage: this rule fires at once"), "order")
    elif not wrong and not bad and any(_moment(a) >= _moment(b) for a, b in pairwise(terms.stages)):
        yield Found(where, marked("stages in order of time"), "order")


def _moment(stage: Stage) -> tuple[str, int]:
    day = USUAL_APPLICATION_DATE if stage.day == APPLICATION_DATE else stage.day or ""
    return day, stage.within_school_days or 0
