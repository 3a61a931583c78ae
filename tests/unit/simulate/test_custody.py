"""Who must have a simulated pupil: by law on the day, by agreement once it is answered, as the plan alone says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count

from shared.core.clock import local_instant
from shared.local.simulate.deeds import Attitude, Deed, attitude
from shared.local.simulate.plan import Wanted, calendar, plan
from shared.local.simulate.truth.custody import Held
from shared.local.simulate.truth.holders import Holding, differences, must_hold
from shared.local.simulate.truth.story import Around

REGION = Wanted(pupils=60)
END = datetime.fromisoformat("2028-01-09T19:00+00:00")
MBO = "99MA"


@cache
def planted(case: str) -> tuple[Deed, ...]:
    """What happens to the pupil of a planted case, who lives in Zeist."""
    for part in plan(REGION):
        for one in part.planted:
            if one.case == case:
                return tuple(replace(deed, cells=_at_home(deed)) for deed in part.deeds if deed.pupil == one.pupil)
    raise LookupError(case)


def _at_home(deed: Deed) -> tuple[tuple[str, str], ...]:
    return tuple((name, "0355" if name == "gemeentecode" else cell) for name, cell in deed.cells)


def born(deeds: Sequence[Deed], day: str) -> list[Deed]:
    def cells(deed: Deed) -> tuple[tuple[str, str], ...]:
        return tuple((name, day if name == "geboortedatum" else cell) for name, cell in deed.cells)

    return [replace(deed, cells=cells(deed)) for deed in deeds]


def thinking(deeds: Sequence[Deed], **thinks: Attitude) -> list[Deed]:
    """The same life of somebody of whom the organisations think so, by situation."""
    at = {
        "left_under_18": "0355",
        "left_18_plus": "19",
        "enrolled_not_started": MBO,
        "started": MBO,
        "holidays": "0355",
    }
    pupil = next(str(n) for n in count() if all(attitude(str(n), one, at[one]) is what for one, what in thinks.items()))
    return [replace(deed, pupil=pupil) for deed in deeds]


def on(month: int, day: int, hour: int = 0) -> datetime:
    return local_instant(date(2027, month, day), hour)


def held(deeds: Sequence[Deed], answers: Mapping[str, Sequence[datetime]]) -> list[tuple[datetime, str]]:
    around = Around(REGION.cohort, calendar(next(plan(REGION)).place), REGION.region)
    (found,) = must_hold(deeds, around, answers, END)
    return [(one.since, one.organisation) for one in found.holders[1:]]


def test_when_nobody_answers_the_law_takes_effect_on_its_day_and_what_was_agreed_does_not() -> None:
    never = planted("a_day_younger")
    assert held(never, {}) == [(on(10, 1), "19")]
    assert held(born(never, "2010-06-01"), {}) == [(on(10, 1), "0355")]
    assert held(planted("never_seen"), {}) == []


def test_what_was_agreed_begins_on_its_day_or_when_it_is_accepted_whichever_comes_last() -> None:
    seen = thinking(planted("seen_late"), enrolled_not_started=Attitude.ACCEPTS, started=Attitude.ACCEPTS)
    assert held(seen, {MBO: [on(7, 1, 15)]}) == [(on(8, 1), MBO)]
    assert held(seen, {MBO: [on(8, 3, 15)]}) == [(on(8, 3, 15), MBO)]
    silent = thinking(planted("seen_late"), enrolled_not_started=Attitude.SAYS_NOTHING, started=Attitude.SAYS_NOTHING)
    assert held(silent, {MBO: [on(8, 3, 15)]}) == []


def test_who_is_on_duty_in_the_summer_has_the_pupil_until_the_school_opens() -> None:
    younger = thinking(
        born(planted("a_day_younger"), "2010-06-01"),
        holidays=Attitude.ACCEPTS,
        left_under_18=Attitude.SAYS_NOTHING,
    )
    school = younger[0].sender
    summer = [(on(7, 17), "0355"), (on(8, 30), school)]
    assert held(younger, {"0355": [on(7, 14, 15)]}) == [*summer, (on(10, 1), "0355")]


def test_who_gives_a_pupil_back_is_not_asked_again_and_who_had_the_pupil_has_the_pupil_again() -> None:
    younger = born(planted("a_day_younger"), "2010-06-01")
    before = thinking(younger, holidays=Attitude.SAYS_NOTHING, left_under_18=Attitude.RETURNS)
    assert held(before, {"0355": [on(9, 20, 15), on(10, 20, 15)]}) == []
    after = thinking(younger, holidays=Attitude.SAYS_NOTHING, left_under_18=Attitude.RETURNS_LATER)
    found = held(after, {"0355": [on(9, 20, 15), on(10, 20, 15)]})
    assert found == [(on(10, 1), "0355"), (on(10, 20, 15), after[0].sender)]


def test_another_holder_another_moment_and_a_pupil_too_many_are_told_and_a_message_may_take_minutes() -> None:
    planned = Holding("1", 2027, (Held(on(1, 1), "99AA00"), Held(on(10, 1), "19")), open=True)
    late = replace(planned, holders=(planned.holders[0], Held(on(10, 1) + timedelta(minutes=10), "19")))
    assert differences([planned], [late]) == []
    later = replace(planned, holders=(planned.holders[0], Held(on(10, 1) + timedelta(hours=1), "19")))
    other = replace(planned, holders=(planned.holders[0], Held(on(10, 1), "0355")))
    for came in (later, other, replace(planned, open=False), replace(planned, holders=planned.holders[:1])):
        (told,) = differences([planned], [came])
        assert (told.pupil, told.planned, told.came) == ("1", str(planned), str(came))
    assert [one.came for one in differences([planned], [])] == [None]
    assert [one.planned for one in differences([], [planned])] == [None]
