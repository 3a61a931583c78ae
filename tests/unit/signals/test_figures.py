"""How a count is written once it is protected."""

import pytest

from services.signals.domain.figures import ALL, FIGURES, NAMES, Cell, by_group, not_heard, publish, shown

REGION = {
    ("expected", "vmbo-bb"): 60,
    ("expected", "vmbo-kb"): 40,
    ("expected", "havo"): 20,
    ("known", "vmbo-bb"): 50,
    ("known", "havo"): 20,
    ("applied", "vmbo-bb"): 46,
}


def cells(*hidden: tuple[str, str], unheard: tuple[str, ...] = ()) -> dict[tuple[str, str], Cell]:
    return {(cell.figure, cell.group): cell for cell in publish(by_group(REGION), hidden, unheard)}


def told(cell: Cell) -> tuple[str, str]:
    return cell.value, cell.percentage


def test_every_figure_of_every_group_is_written() -> None:
    assert len(cells()) == len(NAMES) * 6


def test_tracks_are_counted_in_their_group_and_in_all() -> None:
    found = cells()
    assert told(found["expected", "vmbo-bb-kb"]) == ("100", "z")
    assert told(found["applied", "vmbo-bb-kb"]) == ("46", "46")
    assert told(found["applied", ALL]) == ("46", "38")


def test_not_known_is_what_is_left_of_the_expected_and_hidden_with_either() -> None:
    assert told(cells()["not-known", ALL]) == ("50", "42")
    assert told(cells(("known", ALL))["not-known", ALL]) == ("c", "c")
    assert told(cells(("expected", ALL))["not-known", ALL]) == ("c", "c")


def test_a_hidden_number_has_no_percentage_and_neither_has_a_part_of_a_hidden_whole() -> None:
    assert told(cells(("applied", ALL))["applied", ALL]) == ("c", "c")
    assert told(cells(("expected", ALL))["applied", ALL]) == ("46", "c")


def test_nobody_expected_makes_the_rest_not_applicable_unless_that_is_hidden() -> None:
    assert told(cells()["expected", "vavo"]) == ("0", "z")
    assert told(cells()["applied", "vavo"]) == ("z", "z")
    hidden = cells(("expected", "vavo"), ("applied", "vavo"))
    assert told(hidden["applied", "vavo"]) == ("c", "c")


def test_none_is_a_true_zero_and_what_nobody_told_is_not_known() -> None:
    assert told(cells()["placed", "havo-vwo"]) == ("0", "0")
    assert told(cells(unheard=("placed",))["placed", "havo-vwo"]) == ("x", "x")


@pytest.mark.parametrize(("n", "share"), [(9, "<5"), (10, "5"), (190, "95"), (191, ">95"), (200, ">95"), (0, "0")])
def test_a_percentage_near_none_or_all_is_only_a_bound(n: int, share: str) -> None:
    counts = by_group({("expected", "vwo"): 200, ("applied", "vwo"): n})
    found = {(cell.figure, cell.group): cell.percentage for cell in publish(counts, (), ())}
    assert found["applied", "havo-vwo"] == share


def test_figures_are_not_known_when_nobody_told_any_fact_of_their_kinds() -> None:
    assert not_heard(()) == {"applied", "placed", "intake-done", "started"}
    assert not_heard({"intake"}) == {"applied", "started"}
    assert not_heard({"application", "intake", "enrolment"}) == set()


def test_what_was_shown_is_read_back_as_numbers() -> None:
    found = shown(list(cells(("applied", ALL), unheard=("placed",)).values()))
    assert ("applied", ALL) not in found
    assert (found["expected", ALL], found["placed", ALL], found["applied", "vavo"]) == (120, 0, 0)


def test_nested_figures_stand_after_those_they_are_nested_with() -> None:
    seen: set[str] = set()
    for figure in FIGURES:
        assert set(figure.nested) <= seen
        seen.add(figure.name)
