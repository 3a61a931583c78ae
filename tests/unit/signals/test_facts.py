"""Facts give the same in any order, however often they come."""

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.signals.domain import facts
from services.signals.domain.facts import Fact, fold
from shared.core.ids import new_id
from shared.schemas.envelope import Event
from shared.schemas.intakes import ApplicationStatus, ApplicationStatusChanged, IntakeDone, IntakeInvited, IntakeOutcome

START = datetime(2027, 1, 10, 12, tzinfo=UTC)


def application(sequence: int, status: ApplicationStatus, day: int) -> Event:
    at = START + timedelta(days=day)
    data = ApplicationStatusChanged(
        occurred_at=at,
        application_id="a" * 26,
        cohort=2027,
        mbo_institution="99MA",
        programme="25250",
        pathway="bol",
        status=status,
        status_at=at,
        channel="api",
    )
    return Event(new_id(), "intake", at, "b" * 26, sequence, data)


@given(st.lists(st.sampled_from(ApplicationStatus), min_size=1, max_size=6), st.randoms())
def test_an_application_is_the_same_whatever_the_order_and_however_often_it_is_told(
    statuses: list[ApplicationStatus], luck: object
) -> None:
    told = [facts.application(application(n, status, n)) for n, status in enumerate(statuses, 1)]
    shuffled = told + told
    luck.shuffle(shuffled)  # type: ignore[attr-defined]

    def folded(order: list[Fact]) -> Fact | None:
        known: Fact | None = None
        for fact in order:
            known = fold(known, fact)
        return known

    assert folded(shuffled) == folded(told)


def test_an_application_keeps_its_first_day_and_the_day_it_was_first_placed() -> None:
    steps = ["submitted", "offered", "enrolled"]
    known: Fact | None = None
    for n, step in enumerate(steps, 1):
        known = fold(known, facts.application(application(n, ApplicationStatus(step), n)))
    assert known
    assert (known.detail, known.first_on, known.reached_on) == ("enrolled", date(2027, 1, 11), date(2027, 1, 12))


@given(st.permutations([1, 2, 3, 1, 2, 3]))
def test_an_outcome_that_was_taken_back_stands_no_more_and_one_held_again_does(order: list[int]) -> None:
    place = {"application_id": "a" * 26, "cohort": 2027, "mbo_institution": "99MA", "programme": "25250"}
    held = {"held_on": date(2027, 1, 20), "outcome": IntakeOutcome.PLACED}
    steps = {
        1: IntakeInvited(occurred_at=START, **place),
        2: IntakeDone(occurred_at=START, **place, **held),
        3: IntakeInvited(occurred_at=START + timedelta(days=20), **place),
    }
    known: Fact | None = None
    for n in order:
        known = fold(known, facts.intake(Event(new_id(), "intake", START, "b" * 26, n, steps[n])))
    assert known
    assert (known.first_on, known.ended_on, known.detail) == (date(2027, 1, 20), date(2027, 1, 30), None)
    again = fold(known, facts.intake(Event(new_id(), "intake", START, "b" * 26, 4, steps[2])))
    assert (again.first_on, again.ended_on, again.detail) == (date(2027, 1, 20), None, "placed")
