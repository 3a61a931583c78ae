"""What is shown never tells of five people or fewer, whatever the region looks like."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.signals.domain import figures
from shared.core.protection import LIMIT, TOTAL, Cell, Row, hide

GROUPS = tuple(figures.GROUPS)
Counts = dict[str, dict[str, int]]


NESTED = {
    "known": ("expected",),
    "alerted": ("expected",),
    "applied": ("known",),
    "placed": ("known",),
    "intake-done": ("known",),
    "started": ("known",),
    "handed-over": ("known",),
    "accepted": ("handed-over",),
    "answered": ("alerted",),
    "risk-no-application": ("expected",),
    "risk-handover-unanswered": ("expected",),
}
COLUMN = st.tuples(
    st.one_of(st.integers(0, 12), st.integers(0, 300)),
    st.lists(st.tuples(st.booleans(), st.integers(0, 300)), min_size=len(NESTED), max_size=len(NESTED)),
)
"""Expected pupils, and per other figure: does it count all but a few of its whole, or any number of them?"""


def column(size: int, parts: list[tuple[bool, int]]) -> dict[str, int]:
    """One column in which every nested figure is a part of its whole."""
    counts = {"expected": size}
    for (name, (whole,)), (nearly_all, n) in zip(NESTED.items(), parts, strict=True):
        counts[name] = max(0, counts[whole] - n % 9) if nearly_all else n % (counts[whole] + 1)
    return counts


def region(columns: list[tuple[int, list[tuple[bool, int]]]]) -> Counts:
    made = {group: column(*drawn) for group, drawn in zip(GROUPS, columns, strict=True)}
    return {name: {group: made[group][name] for group in GROUPS} for name in ("expected", *NESTED)}


REGIONS = st.lists(COLUMN, min_size=len(GROUPS), max_size=len(GROUPS)).map(region)


def rows(counts: Counts) -> list[Row]:
    return [Row(figure.name, counts[figure.name], figure.nested) for figure in figures.FIGURES]


def shown(counts: Counts, *earlier: dict[Cell, int]) -> dict[Cell, int]:
    hidden = hide(rows(counts), earlier)
    every = {(name, TOTAL): sum(row.values()) for name, row in counts.items()}
    every |= {(name, group): n for name, row in counts.items() for group, n in row.items()}
    return {cell: n for cell, n in every.items() if cell not in hidden}


def small(n: int) -> bool:
    return 1 <= abs(n) <= LIMIT


@settings(suppress_health_check=[HealthCheck.too_slow])  # Of a busy machine it says nothing about the strategy.
@given(REGIONS)
def test_no_small_number_is_shown_and_none_is_left_between_nested_figures(counts: Counts) -> None:
    seen = shown(counts)
    assert not [cell for cell, n in seen.items() if small(n)]
    for figure in figures.FIGURES:
        for other in figure.nested:
            for group in (TOTAL, *GROUPS):
                if (figure.name, group) in seen and (other, group) in seen:
                    assert not small(seen[figure.name, group] - seen[other, group])


@given(REGIONS)
def test_the_hidden_columns_of_a_row_are_never_one_and_never_few_people_together(counts: Counts) -> None:
    seen = shown(counts)
    for name in counts:
        hidden = [group for group in GROUPS if (name, group) not in seen]
        if (name, TOTAL) in seen:
            assert len(hidden) != 1
            assert not small(seen[name, TOTAL] - sum(seen[name, g] for g in GROUPS if g not in hidden))
        else:
            assert hidden


@given(REGIONS, REGIONS)
def test_no_number_shown_moved_by_a_small_number_since_any_earlier_publication(one: Counts, two: Counts) -> None:
    first = shown(one)
    second = shown(two, first)
    assert not [cell for cell in second if cell in first and small(second[cell] - first[cell])]


def test_a_large_region_with_no_small_group_shows_everything() -> None:
    sizes = dict(zip(GROUPS, (60, 120, 130, 60, 50), strict=True))
    fewer = {
        "known": 6,
        "applied": 12,
        "placed": 18,
        "intake-done": 24,
        "handed-over": 30,
        "accepted": 36,
        "answered": 6,
    }
    counts = {f.name: {g: n - fewer.get(f.name, 0) for g, n in sizes.items()} for f in figures.FIGURES}
    assert not hide(rows(counts))
    assert not hide(rows(counts), [shown(counts)]), "and again when nothing changed"


def test_a_group_of_five_takes_company_with_it_and_leaves_the_total() -> None:
    counts = {"expected": dict(zip(GROUPS, (40, 5, 130, 60, 20), strict=True))}
    assert hide([Row("expected", counts["expected"])]) == {("expected", "vmbo-bb-kb"), ("expected", "vavo")}


def test_a_region_of_five_shows_nothing() -> None:
    counts = {"expected": dict(zip(GROUPS, (3, 0, 0, 2, 0), strict=True))}
    assert hide([Row("expected", counts["expected"])]) == {("expected", group) for group in (TOTAL, *GROUPS)}
