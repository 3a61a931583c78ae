"""Which norm a figure is laid beside, and whether it reached it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.coordination import agreement
from services.coordination.domain.rules.engine import APPLICATION_DATE
from services.signals.domain.figures import NAMES
from services.signals.domain.norms import DEFAULT, Agreed, Due, beside, due
from shared.schemas.coordination import AgreedNorm

APPLIED_BY = date(2027, 4, 1)
DAYS = st.dates(date(2027, 1, 1), date(2027, 12, 31))


def test_the_default_is_what_the_agreement_that_ships_says_of_figures_that_are_published() -> None:
    shipped = [(n.figure, n.percentage, n.day) for n in agreement.load().norms if n.figure in NAMES]
    assert [(n.figure, n.percentage, n.day or APPLICATION_DATE) for n in DEFAULT.norms] == shipped


def test_a_norm_without_a_day_is_on_the_application_date_of_that_year_and_another_on_its_day_of_it() -> None:
    agreed = Agreed("own", (AgreedNorm(figure="placed", percentage=85, day="06-01"), DEFAULT.norms[0]))
    expected = [Due("applied", 90, APPLIED_BY), Due("placed", 85, date(2027, 6, 1))]
    assert due(agreed, 2027, APPLIED_BY) == expected


def test_a_norm_about_what_is_not_published_stands_beside_nothing() -> None:
    assert due(Agreed("own", (AgreedNorm(figure="dossier-complete", percentage=90),)), 2027, APPLIED_BY) == []


@given(st.lists(st.builds(Due, st.just("applied"), st.integers(0, 100), DAYS), unique_by=lambda one: one.day), DAYS)
def test_of_several_norms_the_last_whose_day_has_come_counts_and_before_the_first_day_the_first(
    norms: list[Due], on: date
) -> None:
    found = beside("applied", norms, on)
    come = [one.day for one in norms if one.day <= on]
    assert (found.day if found else None) == (max(come) if come else min((one.day for one in norms), default=None))
    assert beside("placed", norms, on) is None


@pytest.mark.parametrize(
    ("share", "norm", "reached"),
    [
        ("90", 90, True),
        ("89", 90, False),
        (">95", 95, True),
        (">95", 96, None),
        ("<5", 5, False),
        ("<5", 4, None),
        ("<5", 0, True),
        ("0", 1, False),
    ],
)
def test_a_bound_says_no_more_of_a_norm_than_it_shows(share: str, norm: int, reached: bool | None) -> None:
    assert Due("applied", norm, APPLIED_BY + timedelta(days=1)).reached(share) is reached
