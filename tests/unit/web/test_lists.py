"""A work list: what an address asks, what is found, and how often each filter would match."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import QueryParams

from shared.core.tabular import write
from shared.web.lists import Asked, Column, Facet, Group, View, WorkList
from shared.web.lists.worklist import PER_PAGE, SHOWN, shelves, why_empty


@dataclass(frozen=True)
class Pupil:
    name: str
    year: str
    school: str
    mine: bool = False


FACETS: tuple[Facet[Pupil], ...] = (
    Facet("year", "Leerjaar", lambda row: row.year, order=("5", "4")),
    Facet("school", "School", lambda row: row.school, str.upper, everything="Alle scholen"),
)
ROWS = (
    Pupil("Daan", "4", "aa", mine=True),
    Pupil("Noor", "4", "bb"),
    Pupil("=Sem", "5", "bb"),
    Pupil("Nova", "5", "bb", mine=True),
)


def a_list(rows: Sequence[Pupil] = ROWS) -> WorkList[Pupil]:
    given: dict[str, Any] = {"facets": FACETS, "group": lambda row: row.year, "searched": lambda row: row.name}
    return WorkList(
        "pupils",
        "/x/",
        "Leerlingen",
        "x.html",
        rows,
        groups=(Group("5", "Vijf", ""), Group("4", "Vier", "", tick=True)),
        columns=(Column("naam", lambda row: row.name), Column("school", lambda row: row.school)),
        count=lambda n: f"{n} leerlingen",
        search_label="Zoek",
        views=(View("", "Alles"), View("mine", "Mijn werk", lambda row: row.mine)),
        **given,
    )


def found(query: str, text: str = "") -> set[str]:
    work = a_list()
    return {row.name for row in work.found(work.asked(QueryParams(query), text))}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", {"Daan", "Noor", "=Sem", "Nova"}),
        ("year=4", {"Daan", "Noor"}),
        ("year=4&year=5&school=bb", {"Noor", "=Sem", "Nova"}),
        ("view=mine&school=bb", {"Nova"}),
        ("year=9", set()),
        ("colour=red&view=nowhere&year=", {"Daan", "Noor", "=Sem", "Nova"}),
    ],
)
def test_values_of_one_filter_add_up_and_filters_narrow(query: str, names: set[str]) -> None:
    assert found(query) == names


def test_a_search_narrows_what_the_filters_leave_and_stands_in_no_address() -> None:
    assert found("year=4", "NO") == {"Noor"}
    work = a_list()
    asked = work.asked(QueryParams("year=4&q=Noor"), "Noor")
    pages = [asked.href, asked.query, asked.plain.href, asked.of_group("4", 2), asked.with_ticks("4")]
    assert not [address for address in (*pages, *(chip["href"] for chip in work.chips(asked))) if "Noor" in address]


def test_a_count_says_how_many_rows_would_be_found_beside_the_other_filters() -> None:
    work = a_list()
    years, schools = (work.options(facet, work.asked(QueryParams("school=bb&year=4"))) for facet in FACETS)
    assert years == [("5", "5", 2), ("4", "4", 1)]
    assert schools == [("aa", "AA", 1), ("bb", "BB", 1)]


def test_a_chosen_value_that_no_row_has_can_still_be_taken_off() -> None:
    work = a_list()
    asked = work.asked(QueryParams("school=zz"))
    assert ("zz", "ZZ", 0) in work.options(FACETS[1], asked)
    assert work.chips(asked) == [{"label": "School", "value": "ZZ", "href": "/x/"}]


def test_groups_stand_in_their_order_and_long_ones_in_pages() -> None:
    many = [Pupil(f"P{n:03}", "4", "aa") for n in range(PER_PAGE + 5)]
    work = a_list([*many, ROWS[3]])
    (five, four) = shelves(work, work.rows, work.asked(QueryParams()))
    assert (five.key, four.key, four.n, len(four.lines), four.tick) == ("5", "4", PER_PAGE + 5, SHOWN, True)
    for page, shown in (("1", PER_PAGE), ("2", 5), ("99", 5), ("x", PER_PAGE), ("-1", PER_PAGE)):
        (_, four) = shelves(work, work.rows, work.asked(QueryParams(f"show=4&page={page}")))
        assert (len(four.lines), four.pages) == (shown, 2)


def test_taking_a_filter_off_forgets_ticks_and_pages() -> None:
    asked = a_list().asked(QueryParams("year=4&school=aa&show=4&page=2&tick=4"))
    assert asked.without("year", "4").href == "/x/?school=aa"
    assert asked.with_ticks("5") == "/x/?school=aa&year=4&show=4&tick=4&tick=5&page=2#5"


def test_an_empty_list_says_why_and_what_to_do() -> None:
    work = a_list()
    assert why_empty(work, work.asked(QueryParams("view=mine&year=9")))["href"] == "/x/?view=mine"
    assert why_empty(work, work.asked(QueryParams("view=mine")))["href"] == "/x/"
    assert why_empty(a_list([]), a_list([]).asked(QueryParams()))["href"] == ""


def test_a_file_is_safe_to_open_in_a_spreadsheet() -> None:
    work = a_list()
    made = write(["naam", "school"], work.as_file(work.rows))
    assert made.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(made.decode("utf-8-sig").splitlines(), delimiter=";"))[3] == ["'=Sem", "bb"]


@given(st.sets(st.tuples(st.sampled_from(["year", "school"]), st.text(min_size=1, max_size=100))), st.booleans())
def test_an_address_asks_again_what_it_was_made_of(chosen: set[tuple[str, str]], mine: bool) -> None:
    asked = Asked("/x/", "mine" if mine else "", frozenset(chosen))
    assert a_list().asked(QueryParams(asked.query)) == asked
