"""What must be right in an agreement beyond each field alone."""

import re
from collections.abc import Iterator

from services.coordination.agreement import holidays, numbers, people, terms
from services.coordination.agreement.dates import A_DAY, is_day
from services.coordination.agreement.text import Found, not_one_of
from services.coordination.domain.rules.engine import APPLICATION_DATE
from services.coordination.domain.world.agreed import FIGURES, Agreement, Step
from shared.core.errors import marked

NAMES = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""What a version may be called: it stands in addresses and events."""
FEEDBACK_FROM = "08-01"
"""Until the school year has begun a school hears of its own pupils, whatever was agreed."""
STEPS: tuple[Step, ...] = ("deputy", "coordinator", "region_coordinator")
"""In the order in which they stand on a ladder."""


def found(agreement: Agreement) -> Iterator[Found]:
    """Everything that is wrong."""
    if not NAMES.fullmatch(agreement.version):
        yield Found(("version",), marked("a name of at most 64 letters, digits, dots, hyphens and underscores"))
    yield from terms.found(agreement)
    yield from people.found(agreement)
    yield from numbers.found(agreement)
    yield from _of_norms(agreement)
    yield from _of_days(agreement)
    yield from _of_ladder(agreement)
    yield from holidays.found(agreement)


def _of_norms(agreement: Agreement) -> Iterator[Found]:
    seen: set[tuple[str, str]] = set()
    for n, norm in enumerate(agreement.norms):
        if norm.figure not in FIGURES:
            yield not_one_of(("norms", n, "figure"), FIGURES)
        if not is_day(norm.day) and norm.day != APPLICATION_DATE:
            or_date = marked("%(day)s, or %(choices)s", day=A_DAY, choices=APPLICATION_DATE)
            yield Found(("norms", n, "day"), or_date, choices=(APPLICATION_DATE,))
        if (norm.figure, norm.day) in seen:
            yield Found(("norms", n), marked("one norm for this figure on this day"), "twice")
        seen.add((norm.figure, norm.day))


def _of_days(agreement: Agreement) -> Iterator[Found]:
    for name in ("enrolled_from", "decided_from"):
        if not is_day(getattr(agreement.custody, name)):
            yield Found(("custody", name), A_DAY)
    if not (is_day(agreement.feedback_until) and agreement.feedback_until >= FEEDBACK_FROM):
        until = marked("%(day)s, from %(first)s to the end of the year of the start", day=A_DAY, first=FEEDBACK_FROM)
        yield Found(("feedback_until",), until)


def _of_ladder(agreement: Agreement) -> Iterator[Found]:
    where, ladder = ("escalation", "ladder"), [STEPS.index(rung.to) for rung in agreement.escalation.ladder]
    if not ladder or STEPS[ladder[-1]] != "region_coordinator":
        yield Found(where, marked("a ladder that ends at the region coordinator"), "end")
    elif ladder != sorted(set(ladder)):
        upwards = marked("each step once, in this order: %(choices)s", choices=", ".join(STEPS))
        yield Found(where, upwards, "order")
