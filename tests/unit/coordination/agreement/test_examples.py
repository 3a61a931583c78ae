"""The two whole examples that ship: valid, and what they say is what happens."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from services.coordination import agreement
from services.coordination.agreement.dates import keeping
from services.coordination.domain.world import deadlines
from services.coordination.domain.world.agreed import Agreement
from services.coordination.domain.world.routing import World
from shared.core.errors import Invalid
from tests.unit.coordination import made
from tests.unit.coordination.made import MUNICIPALITY, REGION, WORLD, ref, told

MANUAL = Path("docs/agreements.md")
EXAMPLES = agreement.FOLDER / "examples"
UTRECHT, RURAL = (agreement.load(EXAMPLES / f"{name}.yaml") for name in ("utrecht", "rural"))
NEXT = made.COHORT + 1
"""The cohort for which both are made."""


def under(one: Agreement) -> World:
    """The world in which a region adopted it, and the pupils of the tests live by it."""
    return replace(WORLD, agreement=one, almanac=keeping({one.region: (one,)}))


def severities(book, rule: str) -> list[str]:
    return [risk.severity.value for risk in case_of(book).risks.values() if risk.rule == rule and risk.open]


def case_of(book):
    return book.cases[ref(1), NEXT]


def expected(world: World):
    """A pupil of the cohort after that of the other tests."""
    events = [made.recorded(born=date(2011, 10, 5)), made.expected(sequence=2)]
    at = made.day(9, 1)
    later = [replace(one, time=at, data=_of_next(one.data, at)) for one in events]
    return told(later, world=world)


def _of_next(data, at):
    known = {"cohort": NEXT} if hasattr(data, "cohort") else {}
    return data.model_copy(update={"occurred_at": at, **known})


def test_both_are_based_on_the_shipped_agreement_and_say_only_what_differs():
    paths: Sequence[Path] = sorted(EXAMPLES.glob("*.yaml"))
    found = [agreement.load(path) for path in paths]
    assert [(one.region, one.based_on) for one in found] == [("01", "default-2026.1"), ("19", "default-2026.1")]
    default = agreement.load()
    for one in found:
        assert one.actions == default.actions
        assert one.rules.keys() == default.rules.keys()


@pytest.mark.parametrize(
    ("month", "day", "told_by"), [(1, 14, []), (1, 15, ["notice"]), (2, 15, ["warning"]), (4, 3, ["risk"])]
)
def test_in_utrecht_who_has_not_applied_is_heard_of_from_the_middle_of_january(month, day, told_by):
    world = under(UTRECHT)
    book = expected(world)
    made.run_until(book, made.day(month, day, 9, NEXT), world)
    assert severities(book, "no-application") == told_by


def test_in_utrecht_the_summer_has_somebody_in_each_week():
    world = under(UTRECHT)
    book = expected(world)
    holders = []
    for month, day in ((7, 7), (7, 24), (8, 7)):
        made.run_until(book, made.day(month, day, 9, NEXT), world)
        holders.append(case_of(book).offer.target.organisation)
    assert holders == [REGION, MUNICIPALITY, REGION]


def test_in_utrecht_a_deadline_has_two_school_days_of_grace():
    world = under(UTRECHT)
    window = deadlines.by(made.SITE, date(2027, 11, 4), world, made.NOVEMBER)
    assert (window.until.date(), window.with_grace.date()) == (date(2027, 11, 4), date(2027, 11, 8))


def test_in_the_rural_region_schools_close_in_weeks_of_their_own():
    calendar = under(RURAL).almanac.calendar("01")
    closed = [calendar.in_holiday(day) for day in (date(2027, 9, 20), date(2027, 10, 12), date(2027, 10, 19))]
    assert closed == [True, True, False]
    assert not under(RURAL).almanac.calendar(REGION).in_holiday(date(2027, 9, 20)), "other regions keep theirs"
    assert calendar.in_holiday(date(2028, 1, 4)), "what it does not name stays"


def test_in_the_rural_region_a_deadline_lies_before_its_own_holiday():
    windows = [
        deadlines.by(code, date(2027, 10, 12), under(RURAL), made.day(9, 1)).until.date() for code in ("01", REGION)
    ]
    assert windows == [date(2027, 10, 8), date(2027, 10, 12)]


def test_in_the_rural_region_the_full_list_is_not_watched_and_the_first_days_sooner():
    assert [name for name, terms in RURAL.rules.items() if not terms.on] == ["not-listed"]
    assert [stage.within_school_days for stage in RURAL.rules["not-started"].stages] == [3, 7]


def test_what_the_manual_shows_is_an_agreement():
    """Of the roster it shows two weeks; nothing but the others is missing."""
    blocks = re.findall(r"```yaml\n(.*?)```", MANUAL.read_text(), re.DOTALL)
    whole, holidays, duty = blocks
    assert agreement.parse(whole).region == REGION
    head = whole.partition("rules:")[0]
    assert agreement.parse(head + holidays).holidays[0].name == "autumn"
    with pytest.raises(Invalid) as caught:
        agreement.parse(head + duty)
    assert {fault.code for fault in caught.value.faults} == {"missing"}
    assert len(caught.value.faults) == len(UTRECHT.roster) - duty.count("2028-")
