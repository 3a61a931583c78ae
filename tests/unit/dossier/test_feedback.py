"""What a school hears of a former pupil, and in which figures a pupil counts: pure rules."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossier.domain.feedback import ALL, HIDDEN, NESTED, Figure, Kind, counted, feedback
from services.dossier.domain.told import Happening
from services.dossier.handlers.feedback import protected, published

NOW = datetime(2027, 9, 1, 9, tzinfo=UTC)
F, K = Figure, Kind


def said(kind: str, key: str, day: int = 0, **detail: Any) -> Happening:
    whose = {"application_id": key.split()[-1], "mbo_institution": "99XM", "programme": "25655"}
    return Happening(kind, key, NOW + timedelta(days=day), "99XM", "intaker", None, whose | detail)


def applied(status: str, day: int = 0) -> Happening:
    return said("application-status-changed", "application a", day, status=status)


def intake(outcome: str, day: int = 0) -> Happening:
    return said("intake-done", "intake a", day, outcome=outcome)


def started(day: int = 0, key: str = "a") -> Happening:
    return said("student-started", f"enrolment {key}", day, first_day="2027-09-01")


def absent(day: int = 0, key: str = "a") -> Happening:
    return said("student-not-started", f"enrolment {key}", day, first_day="2027-09-01", reason="ill")


def ended(on: str, day: int = 0, **more: Any) -> Happening:
    return said(
        "enrolment-ended", "enrolment a", day, **{"first_day": "2027-09-01", "ended_on": on, "reason": 2} | more
    )


def switched(status: str, day: int = 0) -> Happening:
    return said("programme-switched", "switch s", day, status=status, programme="", to_programme="25604")


CASES: list[tuple[list[Happening], set[tuple[Kind, str]], set[Figure]]] = [
    ([], set(), {F.EXPECTED}),
    ([applied("submitted"), applied("received", 1)], set(), {F.EXPECTED}),
    ([applied("offered")], {(K.PLACEMENT, "offered")}, {F.EXPECTED, F.PLACED}),
    ([applied("offered"), applied("rejected", 1)], {(K.PLACEMENT, "rejected")}, {F.EXPECTED}),
    ([applied("offered"), applied("withdrawn", 1)], set(), {F.EXPECTED}),
    ([applied("received"), intake("placed", 1)], {(K.PLACEMENT, "placed")}, {F.EXPECTED, F.PLACED}),
    ([applied("received"), intake("rejected", 1)], {(K.PLACEMENT, "rejected")}, {F.EXPECTED}),
    (
        [applied("received"), intake("further_study", 1)],
        {(K.FURTHER_STUDY, "further_study")},
        {F.EXPECTED, F.FURTHER_STUDY},
    ),
    ([intake("further_study"), applied("offered", 1)], {(K.PLACEMENT, "offered")}, {F.EXPECTED, F.PLACED}),
    ([intake("further_study"), applied("withdrawn", 1)], set(), {F.EXPECTED}),
    ([absent()], {(K.NOT_STARTED, "")}, {F.EXPECTED, F.HEARD}),
    ([absent(), started(1)], set(), {F.EXPECTED, F.HEARD, F.STARTED}),
    ([started(), absent(1)], {(K.NOT_STARTED, "")}, {F.EXPECTED, F.HEARD}),
    (
        [started(), ended("2027-12-09", 1)],
        {(K.EARLY_EXIT, "")},
        {F.EXPECTED, F.HEARD, F.STARTED, F.EARLY_EXIT},
    ),
    ([started(), ended("2027-12-10", 1)], set(), {F.EXPECTED, F.HEARD, F.STARTED}),
    ([started(), ended("2027-10-01", 1, diploma=True)], set(), {F.EXPECTED, F.HEARD, F.STARTED}),
    ([ended("2027-10-01", first_day=None)], set(), {F.EXPECTED, F.HEARD}),
    ([switched("registered")], {(K.SWITCH, "registered")}, {F.EXPECTED, F.SWITCH}),
    ([switched("registered"), switched("started", 1)], {(K.SWITCH, "started")}, {F.EXPECTED, F.SWITCH}),
    ([switched("registered"), switched("cancelled", 1)], set(), {F.EXPECTED}),
]


@pytest.mark.parametrize(("told", "heard", "figures"), CASES)
def test_of_each_thing_the_last_word_counts_and_never_why_somebody_is_not_there(
    told: list[Happening], heard: set[tuple[Kind, str]], figures: set[Figure]
) -> None:
    assert {(one.kind, one.said) for one in feedback(told)} == heard
    assert counted(told) == figures


def test_the_newest_comes_first_with_its_programme() -> None:
    found = feedback([applied("offered"), absent(3), switched("registered", 5)])
    assert [one.kind for one in found] == [K.SWITCH, K.NOT_STARTED, K.PLACEMENT]
    assert [one.programme for one in found] == ["25604", "25655", "25655"]


HAPPENED = st.sampled_from([one for told, _heard, _figures in CASES for one in told])


@given(st.lists(HAPPENED, max_size=12))
def test_who_counts_in_a_figure_counts_in_those_it_is_a_part_of(told: Sequence[Happening]) -> None:
    figures = counted(told)
    assert all(other in figures for figure in figures for other in NESTED[figure])


def test_what_is_left_between_two_figures_is_hidden_when_either_is() -> None:
    counts = {figure: {"99XA00": 30, "99XB00": 40} for figure in Figure}
    counts |= {F.STARTED: {"99XA00": 20, "99XB00": 40}, F.EARLY_EXIT: {"99XA00": 3, "99XB00": 20}}
    cells = {(cell.figure, cell.vo_site): cell.value for cell in published(protected(counts, []))}
    assert (cells["started", "99XA00"], cells["not-started", "99XA00"], cells["not-told", ALL]) == ("20", "10", "0")
    assert cells["early-exit", "99XA00"] == HIDDEN
    assert cells["early-exit", "99XB00"] == HIDDEN, "else the total would tell the other"
    assert "heard" not in {figure for figure, _site in cells}
    moved = {("early-exit", "99XA00"): 3, ("started", "99XA00"): 18}
    later = {(cell.figure, cell.vo_site): cell.value for cell in protected(counts, [moved])}
    assert later["started", "99XA00"] == HIDDEN, "the school knew of 18 by name: two more would be recognised"
