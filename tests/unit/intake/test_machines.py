"""Vo, mbo, pupil and time in any order: no application, intake, enrolment, switch or report leaves its table."""

from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.intake.domain import absence as absences
from services.intake.domain import application as applying
from services.intake.domain import enrolment as enrolling
from services.intake.domain import intake as intaking
from services.intake.domain import switch as switching
from services.intake.domain.absence import ABSENCE, Absence
from services.intake.domain.application import APPLICATION, Fact
from services.intake.domain.enrolment import ENROLMENT, Ended, NotStarted, Started, enrolment_state
from services.intake.domain.intake import INTAKE, Invited, Missed, Planned, Result, intake_state
from services.intake.domain.steps import Says, Step, Undone, commanded, last_one, standing
from services.intake.domain.switch import SWITCH, Switch
from shared.core.actor import Role
from shared.core.errors import Forbidden, IllegalMove
from shared.core.machine import Machine
from shared.schemas.intakes import ApplicationStatus, IntakeOutcome

START = datetime(2027, 2, 1, 9, tzinfo=UTC)
DAY = date(2027, 2, 1)
roles = st.sampled_from([Role.INTAKER, Role.INTAKE_COORDINATOR, Role.SLBER, Role.SCHOOL_SYSTEM, Role.MENTOR])
moments = st.integers(-40, 40).map(lambda hours: START + timedelta(hours=hours))
days = st.integers(0, 30).map(lambda n: DAY + timedelta(days=n))
intake_says = st.one_of(
    st.builds(Invited, st.none() | days),
    st.builds(Planned, moments, st.sampled_from(intaking.FORMS)),
    st.builds(Missed, st.sampled_from(["no_show", "other"])),
    st.builds(Result, days, st.sampled_from(IntakeOutcome), st.none() | st.just("capacity")),
)
enrolment_says = st.one_of(
    st.builds(Started, days),
    st.builds(NotStarted, days, days),
    st.builds(Ended, days, st.sampled_from(enrolling.END_REASONS)),
)
switch_says = st.builds(Switch, st.sampled_from(list(switching.MOVES)), days)
absence_says = st.builds(Absence, st.just("other"), st.sampled_from(list(absences.MOVES)), days)
MOVES: dict[type[Any], str] = {Invited: "invite", Planned: "plan", Missed: "miss", Result: "record"}
FOLLOWED: dict[type[Any], str] = {Started: "start", NotStarted: "not_start", Ended: "end"}


def move_of(says: Any) -> str:
    """The command that tells this."""
    if isinstance(says, Switch):
        return switching.MOVES[says.status]
    if isinstance(says, Absence):
        return absences.MOVES[says.status]
    return (MOVES | FOLLOWED)[type(says)]


class Applicant(RuleBasedStateMachine):
    """One application, told of by sources and files, and moved by people of every role, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        first = Fact("csv", "A1", 1, "25655", "bol", ApplicationStatus.SUBMITTED, START, START)
        self.facts = [first]
        self.steps: dict[str, list[Step]] = {name: [] for name in ("intake", "enrolment", "switch", "absence")}

    def state(self, name: str) -> str:
        status, told = applying.present(self.facts).status, self.steps[name]
        if name == "intake":
            return intake_state(status, intaking.present(told))
        if name == "enrolment":
            return enrolment_state(status, enrolling.present(told))
        found = switching.present(told) if name == "switch" else absences.present(told)
        return found.status if found else "none" if status is ApplicationStatus.ENROLLED else "not_enrolled"

    @rule(hours=st.integers(1, 400))
    def time_passes(self, hours: int) -> None:
        self.now += timedelta(hours=hours)

    @rule(
        status=st.sampled_from(ApplicationStatus),
        at=moments,
        version=st.integers(1, 9),
        source=st.sampled_from(["csv", "api"]),
    )
    def a_source_tells_a_status(self, status: ApplicationStatus, at: datetime, version: int, source: str) -> None:
        self.facts.append(Fact(source, "A1", version, "25655", "bol", status, at, self.now))

    @rule(move=st.sampled_from(["receive", "offer", "enrol", "reject", "withdraw", "reopen"]), role=roles)
    def somebody_decides(self, move: str, role: Role) -> None:
        state = applying.present(self.facts).status
        try:
            following = APPLICATION.after(state, move, [role])
        except (IllegalMove, Forbidden):
            assert move not in APPLICATION.open_moves(state, [role])
            return
        fact = applying.decided(self.facts, ApplicationStatus(following), ("page", self.now), None)
        assert applying.present([*self.facts, fact]) == fact, "a command decides, whatever was told before"
        self.facts.append(fact)

    @rule(role=roles)
    def somebody_takes_a_decision_back(self, role: Role) -> None:
        state, earlier = applying.present(self.facts).status, applying.before(self.facts)
        if earlier is None or not APPLICATION.allows(state, "undo", earlier.status):
            return
        if "undo" in APPLICATION.open_moves(state, [role]):
            self.facts.append(applying.decided(self.facts, earlier.status, ("page", self.now), earlier.reason))
            assert applying.present(self.facts).status == earlier.status

    @rule(says=intake_says | enrolment_says | switch_says | absence_says, role=roles)
    def somebody_moves(self, says: Says, role: Role) -> None:
        name = name_of(says)
        self._move(MACHINES[name], name, move_of(says), says, role)

    @rule(name=st.sampled_from(["intake", "enrolment", "switch"]), role=roles)
    def somebody_takes_back(self, name: str, role: Role) -> None:
        if undone := last_one(self.steps[name]):
            self._move(MACHINES[name], name, "undo", undone, role)

    @rule(says=intake_says | enrolment_says | switch_says | absence_says, at=moments)
    def a_file_tells(self, says: Says, at: datetime) -> None:
        told = self.steps[name_of(says)]
        told.append(Step(len(told) + 1, at, self.now, "csv", "school_system", says))

    def _move(self, machine: Machine, name: str, move: str, says: Says, role: Role) -> None:
        before, told = self.state(name), self.steps[name]
        try:
            machine.after(before, move, [role])
        except (IllegalMove, Forbidden):
            return
        told.append(commanded(told, says, self.now, "page", role))
        if not machine.allows(before, move, self.state(name)):
            assert move == "undo", f"{name}: {before} --{move}--> {self.state(name)} is not in the table"
            told.pop()  # What the handler refuses: there is nothing that was told to go back to.

    @invariant()
    def every_state_is_in_its_table(self) -> None:
        assert applying.present(self.facts).status in APPLICATION.states
        for name, machine in MACHINES.items():
            assert self.state(name) in {*machine.states, "closed", "not_enrolled"}

    @invariant()
    def what_was_told_says_the_same_in_any_order(self) -> None:
        for name, told in self.steps.items():
            assert standing(reversed(told)) == standing(told), name
        assert applying.present(reversed(self.facts)) == applying.present(self.facts)


MACHINES = {"intake": INTAKE, "enrolment": ENROLMENT, "switch": SWITCH, "absence": ABSENCE}


def name_of(says: Says) -> str:
    """The entity that it is about."""
    if isinstance(says, Switch):
        return "switch"
    if isinstance(says, Absence):
        return "absence"
    return "intake" if type(says) in MOVES else "enrolment"


TestApplicant = Applicant.TestCase
TestApplicant.settings = settings(max_examples=150, stateful_step_count=30, deadline=None)


def steps_of(says: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Step]]:
    """Steps that do not contradict each other at one moment, as files of one institution do not."""
    pairs = st.lists(st.tuples(moments, says), max_size=8, unique_by=lambda pair: (pair[0], pair[1].rank))
    return pairs.map(
        lambda told: [Step(n, at, START, "csv", "school_system", said) for n, (at, said) in enumerate(told, 1)]
    )


@given(st.data())
def test_any_order_of_what_files_tell_gives_the_same_state(data: st.DataObject) -> None:
    folds = ((intake_says, intaking.present), (enrolment_says, enrolling.present), (switch_says, switching.present))
    for says, present in (*folds, (absence_says, absences.present)):
        told = data.draw(steps_of(cast(Any, says)))
        shuffled = data.draw(st.permutations(told))
        again = [Step(n, s.at, s.arrived, s.channel, s.role, s.says) for n, s in enumerate(shuffled, 1)]
        assert present(again) == present(told)


@given(steps_of(intake_says), st.integers(0, 7))
def test_what_is_undone_is_as_if_it_was_never_told(told: list[Step], which: int) -> None:
    if not told:
        return
    gone = told[which % len(told)]
    undone = Step(len(told) + 1, START + timedelta(days=9), START, "page", "intaker", Undone(gone.n))
    assert intaking.present([*told, undone]) == intaking.present([step for step in told if step != gone])


def test_a_command_comes_after_what_a_file_says_of_the_future() -> None:
    ahead = Step(1, START + timedelta(days=3), START, "csv", "school_system", Planned(START, "phone"))
    step = commanded([ahead], Invited(), START, "page", "intaker")
    assert intaking.present([ahead, step]).state == "invited"
