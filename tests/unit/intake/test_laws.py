"""Whatever the order, the repetition and the split of what the chain tells, the applications are the same."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from services.intake.domain import application as applying
from services.intake.domain.application import Fact, merge
from shared.schemas.intakes import ApplicationStatus
from tests.unit.intake.facts import FIRST, STARTS, Told, facts, told, ways

ROW = Fact("sis", "r1", 0, "25655", "bol", ApplicationStatus.SUBMITTED, FIRST, FIRST, STARTS[0])
Standing = dict[int, tuple[Fact, int]]


def taken_in(files: Iterable[Sequence[Told]]) -> dict[int, list[Fact]]:
    """The facts of each application after these files, taken in one by one."""
    kept: dict[int, list[Fact]] = defaultdict(list)
    for file in files:
        by_application: dict[int, list[Fact]] = defaultdict(list)
        for one in file:
            by_application[one.application].append(one.fact)
        for application, of_one in by_application.items():
            kept[application] = list(merge(kept[application], of_one).facts)
    return kept


def standing(kept: dict[int, list[Fact]]) -> Standing:
    """What now decides, and the cohort."""
    return {application: (applying.present(f), applying.cohort(f)) for application, f in kept.items()}


@given(told().flatmap(lambda items: st.tuples(st.just(items), ways(items))))
def test_any_order_repetition_and_split_gives_the_same_applications_and_counts(
    drawn: tuple[list[Told], list[list[Told]]],
) -> None:
    items, files = drawn
    one, other = standing(taken_in([items])), standing(taken_in(files))
    assert one == other
    assert Counter(now.status for now, _ in one.values()) == Counter(now.status for now, _ in other.values())


@given(told())
def test_what_was_taken_in_says_nothing_new_the_second_time(items: list[Told]) -> None:
    kept = taken_in([items])
    for one in items:
        again = merge(kept[one.application], [one.fact])
        assert (again.applied, list(again.fresh)) == (0, [])


@given(st.lists(facts(), min_size=1, max_size=10))
@example([replace(ROW, arrived=FIRST + timedelta(hours=7)), ROW])
def test_every_row_says_something_new_or_is_unchanged_and_one_at_least_is_new(items: list[Fact]) -> None:
    merged = merge([], items)
    assert 1 <= merged.applied <= len({fact.says for fact in items})
    assert {fact.key for fact in merged.fresh} == {fact.key for fact in items}


@given(st.lists(facts(("sis",)), min_size=1, max_size=10))
def test_the_cohort_is_that_of_the_start_which_the_last_fact_tells(items: list[Fact]) -> None:
    start = applying.present(items).start
    assert start
    assert applying.cohort(items) == start.year - (start.month < 8)
