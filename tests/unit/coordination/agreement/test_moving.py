"""Under which version of the agreement a pupil is followed, and what changes when people decide on another."""

from dataclasses import replace

from services.coordination.domain import actions
from services.coordination.domain.position import Position
from services.coordination.domain.world.agreed import Agreement
from services.coordination.domain.world.routing import World
from tests.unit.coordination import made
from tests.unit.coordination.made import COHORT, NOVEMBER, WORLD, case, day, ref, told

OLD = WORLD.agreement
REGISTER = "register-application"


def knowing(*later: Agreement) -> World:
    """The world in which the region adopted these too, the newest first."""
    return World(OLD, WORLD.almanac, WORLD.directory, {made.REGION: later, None: (OLD,)})


def moved(book, world, now):
    """People decide that a pupil goes on under the new version."""
    book.move(case(book), "new", world, now)


def register(book):
    """What the position asks for."""
    return next(a for a in case(book).actions.values() if a.open and a.kind == REGISTER)


def with_rule(name: str, **fields) -> Agreement:
    terms = {**OLD.rules, name: replace(OLD.rules[name], **fields)}
    return replace(OLD, version="new", valid_from=day(1, 1).date(), rules=terms)


def sooner() -> Agreement:
    """The same, with an earlier day before which a pupil must have applied."""
    asked = {**OLD.actions, Position.NONE: replace(OLD.actions[Position.NONE], due="03-08")}
    return replace(OLD, version="new", valid_from=day(1, 1).date(), actions=asked)


def test_a_pupil_stays_on_the_version_of_the_day_on_which_it_began_whatever_is_told_later():
    stage = replace(OLD.rules["no-application"].stages[0], day="01-15")
    world = knowing(with_rule("no-application", stages=(stage,)))
    book = told([made.recorded(), made.expected(sequence=2)], world=world)
    told([made.chosen(at=day(1, 11), sequence=3)], book, world)
    made.run_until(book, day(1, 20), world)
    assert (case(book).transition.agreement, case(book).risks) == (OLD.version, {})
    later = told([made.recorded(at=day(1, 11)), made.expected(at=day(1, 11), sequence=2)], world=world)
    made.run_until(later, day(1, 20), world)
    assert case(later).transition.agreement == "new"
    assert [risk.agreement for risk in case(later).risks.values()] == ["new"]


def test_who_is_moved_is_followed_by_the_new_version_from_then_on_and_every_rule_looks_anew():
    stage = replace(OLD.rules["no-application"].stages[0], day="01-15")
    world = knowing(with_rule("no-application", stages=(stage,)))
    book = told([made.recorded(), made.expected(sequence=2)], world=world)
    moved(book, world, day(1, 18))
    made.run_until(book, day(1, 18, hour=9), world)
    assert case(book).transition.agreement == "new"
    assert [(risk.rule, risk.agreement) for risk in case(book).risks.values()] == [("no-application", "new")]


def test_an_action_of_which_the_new_version_asks_something_else_gets_its_date_from_it():
    world = knowing(sooner())
    book = told([made.expected()], world=world)
    before = register(book)
    moved(book, world, day(1, 18))
    assert (before.due_at, register(book).due_at) == (day(4, 1, hour=17), day(3, 8, hour=17))
    assert register(book).action_id == before.action_id


def test_an_action_that_both_versions_ask_alike_stays_on_its_step_with_its_date():
    world = knowing(with_rule("no-application", on=False))
    book = told([made.expected()], world=world)
    made.run_until(book, day(4, 5), world)
    before = register(book)
    moved(book, world, day(4, 6))
    assert (before.step, register(book)) == (1, before)


def test_what_the_new_version_does_not_watch_is_no_signal_any_more():
    world = knowing(with_rule("no-application", on=False))
    book = told([made.recorded(), made.expected(sequence=2)], world=world)
    made.run_until(book, day(2, 2), world)
    assert [risk.open for risk in case(book).risks.values()] == [True]
    moved(book, world, day(2, 3))
    assert [risk.cleared_at for risk in case(book).risks.values()] == [day(2, 3)]
    assert [a.kind for a in case(book).actions.values() if a.open] == [REGISTER]


def test_what_people_agreed_on_at_a_table_stays_as_they_agreed_it():
    world = knowing(sooner())
    book = told([made.expected()], world=world)
    wanted = actions.Wanted("call_parents", f"{actions.AGREED}1", case(book).holder, actions.exactly(day(1, 25)), 2)
    agreed = actions.opened(case(book), wanted, NOVEMBER)
    book.put(actions.with_next(agreed[0]), NOVEMBER)
    moved(book, world, day(1, 18))
    assert book.cases[ref(1), COHORT].actions[agreed[1].action_id] == agreed[1]
