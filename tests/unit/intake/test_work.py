"""Every pupil of an institution stands in exactly one group of its work list, by what must be done first."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.domain.work import (
    GROUPS,
    RESTING,
    Talk,
    Task,
    Work,
    concerns,
    deadline,
    first_cohort,
    task_of,
    tasks_of,
)
from shared.core.actor import Role
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
TODAY = date(2027, 3, 1)
RECEIVED, ENROLLED = ApplicationStatus.RECEIVED, ApplicationStatus.ENROLLED
TALK = Talk("t", None, date(2027, 3, 8))
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def work(status: ApplicationStatus | None = RECEIVED, **more: Any) -> Work:
    return Work(status, NOW - 40 * DAY, 2027, **more)


def done(outcome: IntakeOutcome, days_ago: int = 1) -> dict[str, Any]:
    return {"intake": "done", "outcome": outcome, "held_on": TODAY - days_ago * DAY}


@pytest.mark.parametrize(
    ("known", "task"),
    [
        (work(None), Task.EXPECTED),
        (work(), Task.INVITE),
        (work(ApplicationStatus.SUBMITTED), Task.INVITE),
        (work(ApplicationStatus.OFFERED), Task.WAITING),
        (work(intake="invited", invited_at=NOW - DAY), Task.WAITING),
        (work(intake="invited", invited_at=NOW - 15 * DAY), Task.UNANSWERED),
        (work(intake="invited", invited_at=NOW - 15 * DAY, answer_by=TODAY), Task.WAITING),
        (work(intake="invited", invited_at=NOW - DAY, answer_by=TODAY - DAY), Task.UNANSWERED),
        (work(intake="planned", planned_at=NOW - HOUR), Task.OUTCOME),
        (work(intake="planned", planned_at=NOW + HOUR), Task.TODAY),
        (work(intake="planned", planned_at=NOW + 7 * DAY), Task.SOON),
        (work(intake="planned", planned_at=NOW + 8 * DAY), Task.WAITING),
        (work(intake="missed"), Task.MISSED),
        (work(**done(IntakeOutcome.PROVISIONAL)), Task.UNDECIDED),
        (work(**done(IntakeOutcome.FURTHER_STUDY)), Task.UNDECIDED),
        (work(ApplicationStatus.OFFERED, **done(IntakeOutcome.PLACED)), Task.WAITING),
        (work(**done(IntakeOutcome.REJECTED)), Task.ENDED),
        (work(**done(IntakeOutcome.OTHER_ADVICE, 31)), Task.DONE),
        (work(ApplicationStatus.WITHDRAWN), Task.DONE),
        (replace(work(ApplicationStatus.REJECTED), status_at=NOW - 29 * DAY), Task.ENDED),
        (work(ENROLLED), Task.WAITING),
        (work(ENROLLED, enrolment="started"), Task.STARTED),
        (work(ENROLLED, enrolment="started", switching=True), Task.SWITCH),
        (work(ENROLLED, enrolment="not_started"), Task.NOT_STARTED),
        (work(ENROLLED, enrolment="ended", ended_on=TODAY), Task.ENDED),
        (work(ENROLLED, enrolment="ended", ended_on=TODAY - 30 * DAY), Task.DONE),
        (work(dossier="offered"), Task.INVITE),
        (work(None, dossier="offered"), Task.DOSSIER),
        (work(dossier="offered", intake="invited", invited_at=NOW), Task.DOSSIER),
        (work(dossier="offered", intake="invited", invited_at=NOW, first=False), Task.WAITING),
        (work(dossier="offered", intake="invited", invited_at=NOW, talk=TALK), Task.WARM),
        (work(ENROLLED, talk=replace(TALK, planned_at=NOW + HOUR)), Task.WAITING),
        (work(ENROLLED, talk=replace(TALK, planned_at=NOW)), Task.WARM),
        (work(ApplicationStatus.WITHDRAWN, dossier="offered", talk=TALK), Task.DONE),
    ],
)
def test_an_intaker_finds_a_pupil_by_what_must_be_done_first(known: Work, task: Task) -> None:
    assert task_of(known, Role.INTAKER, NOW) is task
    assert task_of(known, Role.INTAKE_COORDINATOR, NOW) is task


@pytest.mark.parametrize(
    ("known", "task"),
    [
        (work(ENROLLED), Task.WAITING),
        (work(ENROLLED, enrolment="started"), Task.STARTED),
        (work(ENROLLED, enrolment="started", absent_since=TODAY, switching=True), Task.ABSENCE),
        (work(ENROLLED, enrolment="started", follow_up=TODAY), Task.FOLLOW_UP),
        (work(ENROLLED, enrolment="not_started", follow_up=TODAY), Task.NOT_STARTED),
        (work(ENROLLED, enrolment="ended", ended_on=TODAY, follow_up=TODAY), Task.ENDED),
    ],
)
def test_a_study_career_adviser_finds_a_pupil_by_what_happens_after_the_start(known: Work, task: Task) -> None:
    assert task_of(known, Role.SLBER, NOW) is task


def test_from_the_first_of_august_a_start_is_confirmed() -> None:
    august = datetime(2027, 7, 31, 22, tzinfo=UTC)  # Midnight in the Netherlands.
    assert task_of(work(ENROLLED), Role.SLBER, august) is Task.START
    assert task_of(work(ENROLLED), Role.SLBER, august - HOUR) is Task.WAITING


def test_a_study_career_adviser_has_those_who_are_enrolled() -> None:
    assert [concerns(work(status), Role.SLBER) for status in (None, RECEIVED, ENROLLED)] == [False, False, True]
    assert concerns(work(None), Role.INTAKER)


def test_a_cohort_stays_on_the_list_until_its_school_year_is_over() -> None:
    assert [first_cohort(day) for day in (TODAY, date(2027, 7, 31), date(2027, 8, 1))] == [2026, 2026, 2027]


def test_the_day_beside_a_row_belongs_to_what_must_be_done() -> None:
    invited = work(intake="invited", invited_at=NOW, answer_by=TODAY, talk=TALK, follow_up=TODAY - DAY)
    found = {task: deadline(invited, task) for task in Task if deadline(invited, task)}
    assert found == {
        Task.UNANSWERED: TODAY,
        Task.WAITING: TODAY,
        Task.WARM: TALK.hold_by,
        Task.FOLLOW_UP: TODAY - DAY,
    }


moments = st.none() | st.integers(-3000, 6000).map(lambda hours: NOW + hours * HOUR)
days = st.none() | st.dates(date(2026, 10, 1), date(2027, 12, 1))
known_works = st.builds(
    Work,
    st.none() | st.sampled_from(ApplicationStatus),
    moments.filter(bool),
    st.just(2027),
    intake=st.sampled_from(["expected", "invited", "planned", "missed", "done"]),
    invited_at=moments,
    answer_by=days,
    planned_at=moments,
    held_on=days,
    outcome=st.none() | st.sampled_from(IntakeOutcome),
    enrolment=st.sampled_from(["enrolled", "started", "not_started", "ended"]),
    ended_on=days,
    switching=st.booleans(),
    absent_since=days,
    dossier=st.sampled_from([None, "offered", "opened", "accepted"]),
    talk=st.none() | st.builds(Talk, st.just("t"), moments, days.filter(bool)),
    follow_up=days,
    first=st.booleans(),
)


@given(known_works, moments.filter(bool), st.sampled_from(list(GROUPS)))
def test_everybody_stands_in_one_group_that_says_something_true(known: Work, now: datetime, role: Role) -> None:
    task = task_of(known, role, now)
    assert task in GROUPS[role]
    if concerns(known, role):
        assert task in tasks_of(known, now)
        waiting = tasks_of(known, now) - RESTING
        assert not waiting & frozenset(GROUPS[role]) or task not in RESTING
