"""The groups of the class list, and the road of a pupil: pure rules."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossier.domain.progress import (
    GROUPS,
    Enrolment,
    Facts,
    Known,
    Stage,
    Todo,
    enrolments,
    facts,
    road,
    steps,
    todo,
)
from services.dossier.domain.told import Happening
from services.dossier.pages.words import TODOS
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.intakes import ApplicationStatus
from tests.unit.dossier.test_domain_handover import application, at
from tests.unit.dossier.test_domain_pupils import CHOICE

S, A = HandoverStatus, ApplicationStatus
NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)

FACTS = st.builds(
    Facts,
    st.booleans(),
    st.frozensets(st.sampled_from(A)),
    st.frozensets(st.sampled_from(S)),
    st.builds(
        Known,
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.booleans(),
        st.sampled_from([None, True, False]),
    ),
)


def pupil(
    chosen: bool = False, applied: Iterable[ApplicationStatus] = (), handed: Iterable[HandoverStatus] = (), **known: Any
) -> Facts:
    return Facts(chosen, frozenset(applied), frozenset(handed), Known(**known))


@pytest.mark.parametrize(
    ("known", "group"),
    [
        (pupil(), Todo.NO_CHOICE),
        (pupil(applied=[A.REJECTED]), Todo.NO_CHOICE),
        (pupil(chosen=True), Todo.NO_APPLICATION),
        (pupil(applied=[A.SUBMITTED]), Todo.NO_APPLICATION),
        (pupil(chosen=True, applied=[A.REJECTED]), Todo.NO_APPLICATION),
        (pupil(chosen=True, complete=False), Todo.NO_APPLICATION),
        (pupil(applied=[A.RECEIVED], complete=False), Todo.INCOMPLETE),
        (pupil(applied=[A.RECEIVED], complete=False, informed=False), Todo.INCOMPLETE),
        (pupil(applied=[A.RECEIVED], informed=False), Todo.INFORM),
        (pupil(applied=[A.RECEIVED]), Todo.READY),
        (pupil(applied=[A.OFFERED], handed=[S.WITHDRAWN]), Todo.READY),
        (pupil(applied=[A.OFFERED], handed=[S.REFUSED]), Todo.REFUSED),
        (pupil(applied=[A.REJECTED], handed=[S.REFUSED], chosen=True), Todo.NO_APPLICATION),
        (pupil(applied=[A.OFFERED], handed=[S.REFUSED, S.OFFERED]), Todo.OFFERED),
        (pupil(applied=[A.OFFERED], handed=[S.OFFERED, S.OPENED]), Todo.OPENED),
        (pupil(applied=[A.OFFERED], handed=[S.OFFERED], talk_to_plan=True), Todo.TALK),
        (pupil(applied=[A.OFFERED], talk_to_plan=True), Todo.READY),
        (pupil(applied=[A.OFFERED], handed=[S.ACCEPTED], exam_missing=True), Todo.EXAM),
        (pupil(applied=[A.REJECTED], handed=[S.OPENED, S.ACCEPTED, S.REFUSED]), Todo.DONE),
        (pupil(applied=[A.ENROLLED], started=True), Todo.DONE),
        (pupil(applied=[A.ENROLLED], started=False), Todo.READY),
        (pupil(applied=[A.RECEIVED], other_route=True), Todo.OTHER_ROUTE),
    ],
)
def test_a_pupil_is_in_the_group_of_what_must_be_done(known: Facts, group: Todo) -> None:
    assert todo(known) is group


@given(FACTS)
def test_every_pupil_is_in_one_group_whatever_is_known(known: Facts) -> None:
    assert todo(known) in TODOS


def test_every_group_is_reached_and_has_words_in_the_order_of_the_list() -> None:
    assert {group for group, _ in GROUPS} == set(Todo)
    assert list(TODOS) == list(Todo)


def test_a_withdrawn_choice_is_none() -> None:
    gone = replace(CHOICE, withdrawn=True)
    assert todo(facts([gone], [], [], Known())) is Todo.NO_CHOICE
    assert todo(facts([gone, CHOICE], [], [], Known())) is Todo.NO_APPLICATION
    assert todo(facts([], [application(A.RECEIVED)], [at(S.OPENED)], Known())) is Todo.OPENED


def test_the_small_steps_say_what_is_done_and_what_nobody_told() -> None:
    known = steps(pupil(applied=[A.RECEIVED], complete=False))
    assert known == {"choice": True, "dossier": False, "applied": True, "handed_over": False, "started": None}
    assert steps(pupil(handed=[S.REFUSED]))["handed_over"] is False


def said(kind: str, key: str, day: int, **detail: Any) -> Happening:
    return Happening(
        kind, key, NOW + timedelta(days=day), "99XM", "intaker", None, {"mbo_institution": "99XM"} | detail
    )


def applied(status: str, day: int, key: str = "a", institution: str = "99XM") -> Happening:
    detail = {"application_id": key, "status": status, "mbo_institution": institution}
    return said("application-status-changed", f"application {key}", day, **detail)


def reached(*happenings: Happening) -> dict[Stage, int]:
    """Stage → days after the start."""
    return {stage: (found.at - NOW).days for stage, found in road(happenings).items()}


def test_the_road_shows_when_each_stage_was_first_reached() -> None:
    course = [
        said("choice-registered", "c", 0),
        said("choice-registered", "c", 1),
        applied("received", 2),
        applied("offered", 3),
        said("dossier-handed-over", "h", 4),
        said("handover-opened", "h", 5),
        applied("enrolled", 6),
        said("student-started", "enrolment a", 7, application_id="a"),
    ]
    assert reached(*course) == dict(zip(Stage, (0, 2, 3, 4, 6, 7), strict=True))


def test_what_was_withdrawn_rejected_or_refused_is_no_longer_on_the_road() -> None:
    assert reached(said("choice-registered", "c", 0), said("choice-withdrawn", "c", 1)) == {}
    intake = said("intake-done", "intake a", 1, application_id="a", outcome="placed")
    assert reached(applied("received", 0), intake) == {Stage.APPLIED: 0, Stage.PLACED: 1}
    assert reached(applied("received", 0), intake, applied("rejected", 2)) == {}
    assert reached(said("dossier-handed-over", "h", 0), said("handover-refused", "h", 1)) == {}
    enrolled = applied("enrolled", 0), said("student-started", "enrolment a", 1, application_id="a")
    ended = said("enrolment-ended", "enrolment a", 2, application_id="a")
    assert reached(*enrolled, ended) == {Stage.APPLIED: 0, Stage.PLACED: 0, Stage.ENROLLED: 0}


def test_every_institution_where_a_stage_holds_is_named() -> None:
    found = road([applied("received", 0), applied("offered", 1, "b", "99XN")])
    assert found[Stage.APPLIED].institutions == ("99XM", "99XN")
    assert found[Stage.PLACED].institutions == ("99XN",)


def test_the_last_word_about_an_enrolment_counts() -> None:
    started = said("student-started", "enrolment a", 1, application_id="a", first_day="2027-08-30")
    absent = said("student-not-started", "enrolment a", 0, application_id="a", first_day="2027-08-23")
    assert enrolments([absent, started]) == [Enrolment("a", "99XM", True)]
    assert enrolments([started, absent])[0].started is False
