"""What must be right in an agreement beyond each field alone."""

import re
from collections.abc import Iterator, Mapping
from itertools import pairwise

from services.coordination.agreement import holidays
from services.coordination.agreement.text import Found
from services.coordination.domain.position import Position
from services.coordination.domain.rules import RULES
from services.coordination.domain.rules.engine import APPLICATION_DATE, day_of
from services.coordination.domain.world.agreed import MOMENTS, Agreement, Row, Stage, Terms, Timing
from services.coordination.domain.world.situations import HELD, Situation
from shared.core.protection import LIMIT

COMMON_YEAR = 2027
"""Days of an agreement exist in every year: 29 February is none of them."""
OTHER_DAYS = (APPLICATION_DATE, "settled")
"""What an action may be due on beside a day of the year."""
USUAL_APPLICATION_DATE = "04-01"
EXPECTED: Mapping[Timing, str] = {
    "day": "a `day` of the year (MM-DD) or application_date",
    "school_days": "`within_school_days`",
    "at_once": "neither a `day` nor `within_school_days`: this rule fires at once",
}
STATUTORY: Mapping[Situation, tuple[str, str]] = {
    Situation.LEFT_UNDER_18: ("municipality", "leerplicht"),
    Situation.LEFT_18_PLUS: ("region", "doorstroompunt"),
}
KINDS_OF_ORGANISATION = {"vo", "mbo", "municipality", "region"}
A_DAY = "a day as MM-DD"
LONGEST_GRACE = 20
NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a version may be called: it stands in addresses and events."""
FEEDBACK_FROM = "08-01"
"""Until the school year has begun a school hears of its own pupils, whatever was agreed."""


def found(agreement: Agreement) -> Iterator[Found]:
    """Everything that is wrong."""
    if not NAMES.fullmatch(agreement.version):
        yield ("version",), "a name of at most 64 letters, digits, dots, hyphens and underscores", "invalid"
    yield from _of_actions(agreement)
    yield from _of_rules(agreement)
    yield from _of_moments(agreement)
    yield from _of_custody(agreement)
    yield from _of_norms(agreement)
    yield from _of_times(agreement)
    yield from _of_escalation(agreement)
    yield from holidays.found(agreement)
    yield from _of_organisations(agreement)


def _of_actions(agreement: Agreement) -> Iterator[Found]:
    for position in Position:
        if position not in agreement.actions and position is not Position.SETTLED:
            yield ("actions",), f"an action for the position '{position}'", "missing"
    for position, asked in agreement.actions.items():
        if asked.due not in OTHER_DAYS and not is_day(asked.due):
            yield ("actions", position, "due"), f"{A_DAY}, or one of: {', '.join(OTHER_DAYS)}", "invalid"
        if asked.opens is not None and not is_day(asked.opens):
            yield ("actions", position, "opens"), A_DAY, "invalid"
        if not 1 <= asked.severity <= 3:
            yield ("actions", position, "severity"), "from 1 (notice) to 3 (risk)", "out_of_range"


def _of_rules(agreement: Agreement) -> Iterator[Found]:
    for name in sorted(set(RULES) - set(agreement.rules)):
        yield ("rules",), f"terms of the rule '{name}'; with `on: false` when it is not to be used", "missing"
    for name, terms in agreement.rules.items():
        if name in RULES:
            yield from _of_terms(name, terms)
        else:
            yield ("rules", name), "one of: " + ", ".join(RULES), "unknown"


def _of_terms(name: str, terms: Terms) -> Iterator[Found]:
    where, timing = ("rules", name, "stages"), RULES[name].timing
    if not terms.stages:
        yield where, "at least one stage", "missing"
    wrong = [n for n, stage in enumerate(terms.stages) if stage.timing != timing]
    yield from (((*where, n), f"a stage with {EXPECTED[timing]}", "timing") for n in wrong)
    days = {n: s.day for n, s in enumerate(terms.stages) if s.day and s.day != APPLICATION_DATE}
    bad = [n for n, day in days.items() if not is_day(day)]
    yield from (((*where, n, "day"), f"{A_DAY}, or {APPLICATION_DATE}", "invalid") for n in bad)
    yield from (
        ((*where, n, "route"), "at least one party", "missing") for n, s in enumerate(terms.stages) if not s.route
    )
    if timing == "at_once" and len(terms.stages) > 1:
        yield where, "one stage: this rule fires at once", "order"
    elif not wrong and not bad and any(_moment(a) >= _moment(b) for a, b in pairwise(terms.stages)):
        yield where, "stages in order of time", "order"


def _moment(stage: Stage) -> tuple[str, int]:
    day = USUAL_APPLICATION_DATE if stage.day == APPLICATION_DATE else stage.day or ""
    return day, stage.within_school_days or 0


def _of_moments(agreement: Agreement) -> Iterator[Found]:
    for moment in MOMENTS:
        if moment not in agreement.moments:
            yield ("moments",), f"who monitors, guides and hands over at '{moment}'", "missing"
    for name in sorted(set(agreement.moments) - set(MOMENTS)):
        yield ("moments", name), "one of: " + ", ".join(MOMENTS), "unknown"


def _of_custody(agreement: Agreement) -> Iterator[Found]:
    terms = agreement.custody
    for situation in HELD:
        if situation not in terms.situations:
            yield ("custody", "situations"), f"who should have a pupil in the situation '{situation}'", "missing"
    for situation, row in terms.situations.items():
        yield from _of_situation(situation, row)
    for name in ("enrolled_from", "decided_from"):
        if not is_day(getattr(terms, name)):
            yield ("custody", name), A_DAY, "invalid"
    for name in ("notice_school_days", "holiday_answer_days", "confirm_school_days", "settle_school_days"):
        if getattr(terms, name) < 1:
            yield ("custody", name), "1 or more days", "out_of_range"


def _of_situation(situation: Situation, row: Row) -> Iterator[Found]:
    where = ("custody", "situations", situation)
    if situation not in HELD:
        yield where, "a situation in which somebody has the pupil: " + ", ".join(HELD), "unknown"
    by_law = STATUTORY.get(situation)
    if by_law and (row.organisation, row.role, row.basis, row.asked) != (*by_law, "statutory", True):
        yield where, f"{by_law[1]} of the {by_law[0]} of residence, statutory: the law decides", "statutory"
    if not by_law and row.basis == "statutory":
        yield (*where, "basis"), "agreed: no law decides here", "agreed"
    for name in ("ahead_school_days", "answer_school_days"):
        if getattr(row, name) < 1:
            yield (*where, name), "1 or more school days", "out_of_range"


def _of_norms(agreement: Agreement) -> Iterator[Found]:
    for n, norm in enumerate(agreement.norms):
        if not is_day(norm.day) and norm.day != APPLICATION_DATE:
            yield ("norms", n, "day"), f"{A_DAY}, or {APPLICATION_DATE}", "invalid"
        if not 0 <= norm.percentage <= 100:
            yield ("norms", n, "percentage"), "from 0 to 100", "out_of_range"
    if agreement.small_number != LIMIT:
        yield ("small_number",), f"{LIMIT}: all published figures keep to it, and to no other yet", "out_of_range"


def _of_times(agreement: Agreement) -> Iterator[Found]:
    for name in ("rule_hour", "due_hour"):
        if not 0 <= getattr(agreement, name) <= 23:
            yield (name,), "an hour from 0 to 23", "invalid"
    if not 0 <= agreement.deadlines.grace_school_days <= LONGEST_GRACE:
        where = ("deadlines", "grace_school_days")
        yield where, f"from 0 to {LONGEST_GRACE} school days", "out_of_range"
    if not (is_day(agreement.feedback_until) and agreement.feedback_until >= FEEDBACK_FROM):
        yield ("feedback_until",), f"{A_DAY}, from {FEEDBACK_FROM} to the end of the year of the start", "invalid"
    if agreement.least_school_days < 0:
        yield ("least_school_days",), "0 or more school days", "out_of_range"


def _of_escalation(agreement: Agreement) -> Iterator[Found]:
    agreed = agreement.escalation
    if not agreed.ladder or agreed.ladder[-1].to != "region_coordinator":
        yield ("escalation", "ladder"), "a ladder that ends at the region coordinator", "end"
    for n, rung in enumerate(agreed.ladder):
        if rung.after_school_days < 0:
            yield ("escalation", "ladder", n, "after_school_days"), "0 or more school days", "out_of_range"
    if agreed.again_after_school_days < 1:
        yield ("escalation", "again_after_school_days"), "1 or more school days", "out_of_range"
    for kind in sorted(agreed.coordinators.keys() - KINDS_OF_ORGANISATION):
        yield ("escalation", "coordinators", kind), "one of: " + ", ".join(sorted(KINDS_OF_ORGANISATION)), "unknown"


def _of_organisations(agreement: Agreement) -> Iterator[Found]:
    silence, vacancies = agreement.silence, agreement.vacancies
    named = [("silence", "allowed_school_days", kind) for kind in silence.allowed_school_days]
    named += [("vacancies", "roles", kind) for kind in vacancies.roles]
    for place in named:
        if place[-1] not in KINDS_OF_ORGANISATION:
            yield place, "one of: " + ", ".join(sorted(KINDS_OF_ORGANISATION)), "unknown"
    numbers: dict[tuple[str, ...], int] = {
        ("silence", "within_school_days"): silence.within_school_days,
        ("vacancies", "within_school_days"): vacancies.within_school_days,
        **{("silence", "allowed_school_days", kind): days for kind, days in silence.allowed_school_days.items()},
    }
    yield from ((place, "1 or more school days", "out_of_range") for place, days in numbers.items() if days < 1)


def is_day(month_day: str) -> bool:
    """Whether this is a day of every year, as MM-DD."""
    try:
        return day_of(COMMON_YEAR, month_day).strftime("%m-%d") == month_day
    except ValueError:
        return False
