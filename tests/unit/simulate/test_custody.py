"""Who must have a simulated pupil: by law on the day, by agreement once it is answered, as the plan alone says."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import cache
from itertools import count

from shared.core.clock import local_instant
from shared.core.ids import opaque_ref
from shared.local.simulate.deeds import OPERATOR, Attitude, Deed, attitude
from shared.local.simulate.plan import Wanted, calendar, plan
from shared.local.simulate.truth.custody import Held
from shared.local.simulate.truth.holders import Contact, Holding, differences, lasting, must_hold
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


def holding(deeds: Sequence[Deed], answers: Mapping[str, Sequence[datetime]]) -> Holding:
    around = Around(REGION.cohort, calendar(next(plan(REGION)).place), REGION.region)
    (found,) = must_hold(deeds, around, answers, END)
    return found


def held(deeds: Sequence[Deed], answers: Mapping[str, Sequence[datetime]]) -> list[tuple[datetime, str, str]]:
    return [(one.since, one.organisation, one.role) for one in holding(deeds, answers).holders[1:]]


def test_when_nobody_answers_the_law_takes_effect_on_its_day_and_what_was_agreed_does_not() -> None:
    never = planted("a_day_younger")
    assert held(never, {}) == [(on(10, 1), "19", "doorstroompunt")]
    assert held(born(never, "2010-06-01"), {}) == [(on(10, 1), "0355", "leerplicht")]
    assert held(planted("never_seen"), {}) == []


def test_what_was_agreed_begins_on_its_day_or_when_it_is_accepted_whichever_comes_last() -> None:
    seen = thinking(planted("seen_late"), enrolled_not_started=Attitude.ACCEPTS, started=Attitude.ACCEPTS)
    in_class = (on(9, 3, 18), MBO, "slber")
    assert held(seen, {MBO: [on(7, 1, 15)]}) == [(on(8, 1), MBO, "intake_coordinator"), in_class]
    assert held(seen, {MBO: [on(8, 3, 15)]}) == [(on(8, 3, 15), MBO, "intake_coordinator"), in_class]
    silent = thinking(planted("seen_late"), enrolled_not_started=Attitude.SAYS_NOTHING, started=Attitude.SAYS_NOTHING)
    assert held(silent, {MBO: [on(8, 3, 15)]}) == []


def test_who_is_on_duty_in_the_summer_has_the_pupil_until_the_school_opens() -> None:
    younger = thinking(
        born(planted("a_day_younger"), "2010-06-01"),
        holidays=Attitude.ACCEPTS,
        left_under_18=Attitude.SAYS_NOTHING,
    )
    school = younger[0].sender
    summer = [(on(7, 17), "0355", "leerplicht"), (on(8, 30), school, "mentor")]
    assert held(younger, {"0355": [on(7, 14, 15)]}) == [*summer, (on(10, 1), "0355", "leerplicht")]


def test_who_gives_a_pupil_back_is_not_asked_again_and_who_had_the_pupil_has_the_pupil_again() -> None:
    younger = born(planted("a_day_younger"), "2010-06-01")
    before = thinking(younger, holidays=Attitude.SAYS_NOTHING, left_under_18=Attitude.RETURNS)
    assert held(before, {"0355": [on(9, 20, 15), on(10, 20, 15)]}) == []
    after = thinking(younger, holidays=Attitude.SAYS_NOTHING, left_under_18=Attitude.RETURNS_LATER)
    found = held(after, {"0355": [on(9, 20, 15), on(10, 20, 15)]})
    assert found == [(on(10, 1), "0355", "leerplicht"), (on(10, 20, 15), after[0].sender, "mentor")]


def test_who_gave_a_pupil_back_is_not_asked_again_when_another_who_is_asked_ahead_gives_back_too() -> None:
    turns = thinking(
        born(planted("a_day_younger"), "2009-11-20"),
        holidays=Attitude.SAYS_NOTHING,
        left_under_18=Attitude.RETURNS_LATER,
        left_18_plus=Attitude.RETURNS,
    )
    found = held(turns, {"0355": [on(10, 4, 15)], "19": [on(11, 1, 15)]})
    assert found == [(on(10, 1), "0355", "leerplicht"), (on(10, 4, 15), turns[0].sender, "mentor")]


def away(mail: str, first: date, back: date, told: datetime) -> Deed:
    days = {"afwezig_vanaf": first.isoformat(), "terug_op": back.isoformat()}
    return Deed(told, OPERATOR, "afwezigheid", "", tuple(({"organisatie": "99AA00", "email": mail} | days).items()))


def test_the_mentor_has_the_pupil_and_the_deputy_while_it_is_known_that_the_mentor_is_away() -> None:
    pupil = planted("never_seen")
    mentor, deputy = (pupil[0].row[name] for name in ("mentor_email", "plaatsvervanger_email"))
    begins = holding(pupil, {}).contacts[0].since
    in_time = away(mentor, date(2027, 2, 1), date(2027, 2, 15), on(1, 20, 9))
    late = away(mentor, date(2027, 3, 1), date(2027, 3, 20), on(3, 5, 9))
    both = away(deputy, date(2027, 3, 10), date(2027, 3, 12), on(3, 5, 9))
    found = [(one.since, one.person_ref) for one in holding([in_time, late, both, *pupil], {}).contacts]
    who, other = (opaque_ref("person", mail) for mail in (mentor, deputy))
    at = [begins, on(2, 1), on(2, 15), on(3, 5, 9), on(3, 12), on(3, 20)]
    assert found == list(zip(at, (who, other, who, other, other, who), strict=True))


def test_another_role_and_another_contact_than_planned_are_told_but_not_where_the_protocol_leaves_it_open() -> None:
    mentor = Contact(on(1, 1), on(6, 1), "mentor")
    planned = Holding("1", 2027, (Held(on(1, 1), "99AA00", "mentor"),), open=True, contacts=(mentor,))
    quick = (Contact(on(1, 1), on(2, 1), "mentor"), Contact(on(2, 1), on(2, 1) + timedelta(minutes=9), "decaan"))
    later = (Contact(on(2, 1) + timedelta(minutes=9), on(6, 1), "mentor"), Contact(on(6, 1), END, "decaan"))
    assert differences([planned], [replace(planned, contacts=quick + later)]) == []
    another = replace(planned, contacts=(Contact(on(1, 1), END, "decaan"),))
    role = replace(planned, holders=(Held(on(1, 1), "99AA00", "decaan"),))
    assert [len(differences([planned], [one])) for one in (another, role)] == [1, 1]


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


def test_who_had_a_pupil_for_no_time_at_all_is_not_compared() -> None:
    """Two institutions told of the pupil at the same instant, and the one read first passed the pupil on at once."""
    noon = local_instant(date(2027, 1, 12))
    first, second, school = (
        {"since": since, "organisation": code}
        for since, code in ((noon, "99MB"), (noon, "99MA"), (noon + timedelta(days=14), "99AD00"))
    )
    assert lasting([first, second, school]) == [second, school]
