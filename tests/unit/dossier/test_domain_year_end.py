"""Other routes and exam results: the table holds in any order, and the matrix warns without refusing."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.dossier.domain.exams import Exam, caution, cautions, exam_state, recorded
from services.dossier.domain.exams import same as same_result
from services.dossier.domain.pupils import Choice, Pupil
from services.dossier.domain.routes import ROUTE, SCHOOL, Route, confirm, register, route_state, withdraw
from shared.core import reference
from shared.core.errors import Forbidden, IllegalMove, Invalid, OverstapError

NOW = datetime(2027, 6, 20, 9, tzinfo=UTC)
TODAY = NOW.date()
REF, SITE = "a" * 26, "99XA00"
HAVO = Route(REF, 2027, SITE, "havo", date(2027, 8, 30))
REGISTERED = register(None, HAVO, "mentor", NOW)
PASSED = Exam(REF, 2027, SITE, "passed", "vmbo-kb", 1, date(2027, 6, 16))
FAILED = replace(PASSED, result="failed", track=None)
TABLES = reference.load()

roles = st.sampled_from([*SCHOOL, "intaker", "pupil", ""])


class AnyOrder(RuleBasedStateMachine):
    """Everybody tries every command, in any order, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.route: Route | None = None
        self.now = NOW

    def keep(self, command: str, role: str, move: Any) -> None:
        before = self.route
        try:
            self.route = move()
        except OverstapError:
            return
        after = self.route
        assert after
        if before:
            assert (before.status, command, after.status) in {
                (m.state, m.command, m.next) for m in ROUTE.moves if role in m.who
            }
            assert after.version == before.version + 1
        else:
            assert (command, after.version) == ("register", 1)

    @rule(days=st.integers(1, 400))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(role=roles, route=st.sampled_from(["havo", "work", "deceased"]), lasts=st.none() | st.integers(-5, 400))
    def register(self, role: str, route: str, lasts: int | None) -> None:
        since = self.now.date()
        until = None if lasts is None else since + timedelta(days=lasts)
        wanted = replace(HAVO, route=route, since=since, until=until)
        if self.route or role in SCHOOL:
            self.keep("register", role, lambda: register(self.route, wanted, role, self.now))

    @rule(role=roles, evidence=st.sampled_from([None, "enrolment"]))
    def confirm(self, role: str, evidence: str | None) -> None:
        if self.route:
            route = self.route
            self.keep("confirm", role, lambda: confirm(route, evidence, role, self.now))

    @rule(role=roles)
    def withdraw(self, role: str) -> None:
        if self.route:
            route = self.route
            self.keep("withdraw", role, lambda: withdraw(route, role, self.now))

    @invariant()
    def it_is_in_a_state_of_the_table_and_can_be_told(self) -> None:
        if self.route:
            assert self.route.status in ROUTE.states
            assert route_state(self.route, self.now).status == self.route.status
            assert self.route.status != "confirmed" or self.route.evidence
            assert self.route.until is None or self.route.until > self.route.since


TestAnyOrder = AnyOrder.TestCase


def test_a_route_is_confirmed_with_evidence_by_the_careers_adviser() -> None:
    with pytest.raises(Forbidden):
        confirm(REGISTERED, "enrolment", "mentor", NOW)
    with pytest.raises(Invalid):
        confirm(REGISTERED, None, "decaan", NOW)
    assert confirm(REGISTERED, "enrolment", "decaan", NOW).evidence == "enrolment"


def test_nobody_is_asked_for_evidence_that_a_pupil_died() -> None:
    told = route_state(
        confirm(register(None, replace(HAVO, route="deceased"), "mentor", NOW), None, "decaan", NOW), NOW
    )
    assert (told.route, told.status, told.evidence) == ("deceased", "confirmed", "school_statement")


def test_a_confirmed_route_is_withdrawn_before_another_is_registered() -> None:
    confirmed = confirm(REGISTERED, "enrolment", "decaan", NOW)
    with pytest.raises(IllegalMove, match="withdraw"):
        register(confirmed, HAVO, "decaan", NOW)
    again = register(withdraw(confirmed, "decaan", NOW), replace(HAVO, route="work"), "mentor", NOW)
    assert (again.status, again.evidence, again.version) == ("registered", None, 4)


def test_everything_that_is_wrong_with_a_result_is_told_at_once() -> None:
    late = replace(FAILED, track="vmbo-kb", decided_on=TODAY + timedelta(days=1))
    with pytest.raises(Invalid) as wrong:
        recorded(None, late, "mentor", NOW)
    assert [fault.where for fault in wrong.value.faults] == ["/track", "/decided_on"]
    with pytest.raises(Invalid, match="in te trekken"):
        recorded(None, replace(FAILED, result="retracted"), "mentor", NOW)


def test_a_result_changes_as_often_as_it_must_and_is_told_whole() -> None:
    exam = None
    for n, result in enumerate(("resit", "failed", "retracted", "passed"), 1):
        track: Any = "vmbo-kb" if result == "passed" else None
        exam = recorded(exam, replace(PASSED, result=result, track=track), "decaan", NOW)  # type: ignore[arg-type]
        assert (exam.version, exam_state(exam, NOW).result) == (n, result)
    assert same_result(exam, PASSED)
    assert not same_result(None, PASSED)


def pupil(track: Any) -> Pupil:
    return Pupil(REF, 2027, SITE, "1", "Noor", "", "Verzonnen", TODAY, "", None, False, track, "4b", None, None)


def choice(level: int, programme: str = "25655", key: str = "c") -> Choice:
    return Choice(key, REF, 2027, SITE, "99XM", programme, level, "bol", 1, None)


@pytest.mark.parametrize(
    ("track", "level", "code"),
    [
        ("vmbo-bb", 1, "entry"),
        ("vmbo-bb", 2, None),
        ("vmbo-bb", 3, "level"),
        ("vmbo-kb", 4, None),
        ("vmbo-tl", 1, "entry"),
        ("havo", 4, None),
        ("pro", 1, None),
        ("pro", 2, "institution"),
        ("vso", 3, "level"),
        ("isk", 1, None),
    ],
)
def test_before_the_exam_a_choice_is_compared_with_the_diploma_that_is_worked_for(
    track: str, level: int, code: str | None
) -> None:
    found = caution(TABLES, pupil(track), choice(level), None, TODAY)
    assert (found and found.code) == code


def test_after_the_exam_the_result_counts() -> None:
    kb = pupil("vmbo-kb")
    assert caution(TABLES, kb, choice(4), PASSED, TODAY) is None
    for exam, level, code in (
        (FAILED, 4, "exam"),
        (FAILED, 2, "institution"),
        (FAILED, 1, None),
        (replace(PASSED, track="vmbo-bb"), 3, "exam"),
        (replace(PASSED, track="vmbo-bb"), 2, None),
        (replace(FAILED, result="resit"), 4, None),
        (replace(FAILED, result="retracted"), 4, None),
    ):
        found = caution(TABLES, kb, choice(level), exam, TODAY)
        assert (found and found.code) == code, (exam, level)
    assert caution(TABLES, pupil("havo"), choice(4), FAILED, TODAY) is None


def test_a_level_that_is_not_the_programmes_own_is_told_before_anything_else() -> None:
    found = caution(TABLES, pupil("vmbo-bb"), choice(4, "25103"), None, TODAY)
    assert found
    assert (found.code, found.level) == ("programme", 2)


def test_only_choices_that_stand_are_looked_at() -> None:
    gone = replace(choice(4, key="gone"), withdrawn=True)
    assert list(cautions(TABLES, pupil("vmbo-bb"), [gone, choice(4, key="stands")], None, TODAY)) == ["stands"]
