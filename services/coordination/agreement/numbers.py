"""What must be right about the numbers of an agreement: none is below what means anything, or so large that no school
year has room for it."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.coordination.agreement.text import Found
from services.coordination.domain.world.agreed import Agreement
from shared.core.errors import Said, marked
from shared.core.protection import LIMIT

A_YEAR = 200
"""School days: more than any school year has."""
LONGEST_GRACE = 20
LAST_HOUR = 23


@dataclass(frozen=True, slots=True)
class Number:
    """A number somewhere in an agreement. `least` and `most` may both stand there."""

    place: tuple[object, ...]
    value: int
    least: int = 0
    most: int = A_YEAR
    expected: Said | None = None

    def found(self) -> Iterator[Found]:
        """Whether it is too small or too large."""
        if not self.least <= self.value <= self.most:
            usual = marked("from %(least)s to %(most)s school days", least=self.least, most=self.most)
            yield Found(self.place, self.expected or usual, "out_of_range")


def found(agreement: Agreement) -> Iterator[Found]:
    """Every number that is too small or too large."""
    for number in _numbers(agreement):
        yield from number.found()


def _numbers(agreed: Agreement) -> Iterator[Number]:
    yield from _of_the_whole(agreed)
    yield from _of_rules(agreed)
    yield from _of_escalation(agreed)
    yield from _of_custody(agreed)
    yield from _of_organisations(agreed)


def _of_the_whole(agreed: Agreement) -> Iterator[Number]:
    hour = marked("an hour from 0 to 23")
    yield Number(("rule_hour",), agreed.rule_hour, most=LAST_HOUR, expected=hour)
    yield Number(("due_hour",), agreed.due_hour, most=LAST_HOUR, expected=hour)
    yield Number(("least_school_days",), agreed.least_school_days)
    yield Number(("deadlines", "grace_school_days"), agreed.deadlines.grace_school_days, most=LONGEST_GRACE)
    yield Number(("intake_missed", "within_school_days"), agreed.intake_missed.within_school_days)
    percentage = marked("from 0 to 100")
    for n, norm in enumerate(agreed.norms):
        yield Number(("norms", n, "percentage"), norm.percentage, most=100, expected=percentage)
    only = marked("%(limit)s: all published figures keep to it, and to no other yet", limit=LIMIT)
    yield Number(("small_number",), agreed.small_number, LIMIT, LIMIT, only)


def _of_rules(agreed: Agreement) -> Iterator[Number]:
    for name, terms in agreed.rules.items():
        if terms.action:
            yield Number(("rules", name, "action", "within_school_days"), terms.action.within_school_days)
        for n, stage in enumerate(terms.stages):
            if stage.within_school_days is not None:
                yield Number(("rules", name, "stages", n, "within_school_days"), stage.within_school_days, 1)


def _of_escalation(agreed: Agreement) -> Iterator[Number]:
    for n, rung in enumerate(agreed.escalation.ladder):
        yield Number(("escalation", "ladder", n, "after_school_days"), rung.after_school_days)
    yield Number(("escalation", "again_after_school_days"), agreed.escalation.again_after_school_days, 1)


def _of_custody(agreed: Agreement) -> Iterator[Number]:
    terms = agreed.custody
    for name in ("notice_school_days", "confirm_school_days", "settle_school_days"):
        yield Number(("custody", name), getattr(terms, name), 1)
    days = marked("from %(least)s to %(most)s days", least=1, most=A_YEAR)
    yield Number(("custody", "holiday_answer_days"), terms.holiday_answer_days, 1, expected=days)
    for situation, row in terms.situations.items():
        for name in ("ahead_school_days", "answer_school_days"):
            yield Number(("custody", "situations", situation.value, name), getattr(row, name), 1)


def _of_organisations(agreed: Agreement) -> Iterator[Number]:
    yield Number(("silence", "within_school_days"), agreed.silence.within_school_days, 1)
    yield Number(("vacancies", "within_school_days"), agreed.vacancies.within_school_days, 1)
    for kind, days in agreed.silence.allowed_school_days.items():
        yield Number(("silence", "allowed_school_days", kind), days, 1)
