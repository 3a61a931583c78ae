"""Facts in any order, the machine of an intake, and who stands for whom."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain import application as applying
from services.intake.domain.application import Fact
from services.intake.domain.intake import INTAKE, Intake, Result, intake_state, result_faults
from shared.core.actor import Role
from shared.core.errors import Forbidden, IllegalMove
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome

START = datetime(2026, 11, 2, tzinfo=UTC)
days = st.integers(0, 20).map(lambda n: START + timedelta(days=n))
facts = st.builds(
    Fact,
    source_system=st.sampled_from(["csv", "api"]),
    row_id=st.sampled_from(["A1", "A2"]),
    version=st.integers(0, 4),
    programme=st.sampled_from(["25655", "25607"]),
    pathway=st.sampled_from(["bol", "bbl"]),
    status=st.sampled_from(ApplicationStatus),
    at=days,
    arrived=days,
)


def fact(status: str, day: int, version: int, source: str = "csv", arrived: int | None = None) -> Fact:
    at = START + timedelta(days=day)
    told = START + timedelta(days=day if arrived is None else arrived)
    return Fact(source, "A1", version, "25655", "bol", ApplicationStatus(status), at, told)  # type: ignore[arg-type]


@given(st.lists(facts, min_size=1, max_size=12).flatmap(lambda f: st.tuples(st.just(f), st.permutations(f + f))))
def test_any_order_and_repetition_of_facts_gives_the_same_present(given: tuple[list[Fact], list[Fact]]) -> None:
    told, shuffled = given
    assert applying.present(told) == applying.present(shuffled)


@given(st.lists(facts, min_size=1, max_size=12), st.integers(0, 12))
def test_taking_facts_in_by_pieces_gives_the_same_present(told: list[Fact], cut: int) -> None:
    first = list(applying.distinct(told[cut:]).values())
    assert applying.present(told) == applying.present([*applying.distinct([*first, *told[:cut]]).values()])


def test_of_one_row_only_the_highest_version_counts() -> None:
    assert applying.present([fact("rejected", 9, 1), fact("offered", 3, 2)]).status == "offered"


def test_between_sources_the_last_in_time_counts_and_at_one_time_the_furthest() -> None:
    assert applying.present([fact("offered", 5, 1), fact("received", 3, 7, "api")]).status == "offered"
    assert applying.present([fact("received", 5, 1), fact("submitted", 5, 1, "api")]).status == "received"


def test_a_later_submission_reopens_an_application() -> None:
    assert applying.present([fact("withdrawn", 5, 1), fact("submitted", 8, 1, "api")]).status == "submitted"


def test_a_date_in_the_future_counts_from_when_it_was_told() -> None:
    assert applying.present([fact("offered", 15, 1, arrived=2), fact("withdrawn", 3, 1, "api")]).status == "withdrawn"


@pytest.mark.parametrize(("day", "cohort"), [("2026-10-01", 2027), ("2027-09-30", 2027), ("2027-10-01", 2028)])
def test_the_cohort_is_the_school_year_after_the_first_status(day: str, cohort: int) -> None:
    assert applying.cohort_of(date.fromisoformat(day)) == cohort


def test_an_intake_can_be_recorded_and_corrected_until_the_application_ends() -> None:
    done = Intake("done", result=Result(date(2027, 2, 1), IntakeOutcome.PLACED))
    received, rejected = ApplicationStatus.RECEIVED, ApplicationStatus.REJECTED
    assert intake_state(received, Intake()) == "expected"
    assert intake_state(received, done) == "done"
    for state in ("expected", "done"):
        INTAKE.after(state, "record", [Role.INTAKER])
    with pytest.raises(IllegalMove) as refused:
        INTAKE.after(intake_state(rejected, done), "record", [Role.INTAKER])
    assert refused.value.open_moves == ()


def test_a_role_that_is_not_in_the_table_may_not_record() -> None:
    with pytest.raises(Forbidden):
        INTAKE.after("expected", "record", [Role.SLBER])


@pytest.mark.parametrize("outcome", IntakeOutcome)
def test_every_fault_of_a_result_is_told_at_once(outcome: IntakeOutcome) -> None:
    faults = result_faults(Result(date(2027, 2, 2), outcome), today=date(2027, 2, 1))
    with_reason = outcome in ("rejected", "other_advice")
    assert [fault.where for fault in faults] == (["held_on", "reason"] if with_reason else ["held_on"])
