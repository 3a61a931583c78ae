"""Who must be told to be silent: after the agreed school days without anything new, not before, and in no holiday."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta

from shared.core.clock import local_instant
from shared.local.simulate.deeds import WORK, Deed
from shared.local.simulate.plan import Wanted, calendar, plan
from shared.local.simulate.truth.agreed import agreed
from shared.local.simulate.truth.check import truth
from shared.local.simulate.truth.silence import Voices
from shared.local.simulate.truth.story import Around

MBO = "99XM"
FIRST = local_instant(date(2027, 3, 2), 9)
UNTIL = local_instant(date(2027, 7, 1))
CALENDAR = calendar(next(plan(Wanted(pupils=20))).place)
ALLOWED = agreed().silence["mbo"]


def told(at: datetime, status: str = "SUBMITTED", kind: str = "aanmeldingen") -> Deed:
    return Deed(at, MBO, kind, "999990007", (("aanmelding_id", "A1"), ("status", status)))


def fell_silent(deeds: Iterable[Deed]) -> list[datetime]:
    voices = Voices(CALENDAR)
    voices.listen(list(deeds))
    voices.tells[MBO].append((FIRST, UNTIL))
    return [signal.at for signal in voices.silent(agreed(), UNTIL)]


def limit(since: date) -> datetime:
    return local_instant(CALENDAR.add_school_days(since, ALLOWED + 1), agreed().rule_hour)


def test_who_speaks_at_the_limit_itself_or_before_it_is_not_silent_and_a_minute_after_it_is() -> None:
    at, minute = limit(FIRST.date()), timedelta(minutes=1)
    for moment, first in ((at - minute, []), (at, []), (at + minute, [at])):
        later = limit(moment.date())
        assert fell_silent([told(FIRST), told(moment, "OFFERED")]) == [*first, later]


def test_a_holiday_makes_nobody_silent() -> None:
    before = local_instant(date(2027, 4, 22), 9)
    assert limit(before.date()) - before > timedelta(days=ALLOWED + 9)
    assert fell_silent([told(before)]) == [limit(before.date())]


def test_what_is_said_a_second_time_and_what_people_do_elsewhere_is_nothing_new() -> None:
    again = FIRST + timedelta(days=3)
    assert fell_silent([told(FIRST), told(again), told(again, kind=WORK)]) == [limit(FIRST.date())]


def test_whoever_has_no_pupil_to_tell_of_may_be_silent() -> None:
    voices = Voices(CALENDAR)
    voices.listen([told(FIRST)])
    assert list(voices.silent(agreed(), UNTIL)) == []


def test_the_planned_silences_are_found() -> None:
    wanted = Wanted(pupils=60)
    voices = Voices(CALENDAR)
    around = Around(wanted.cohort, CALENDAR, wanted.region)
    parts = list(plan(wanted))
    for part in parts:
        list(truth(part.deeds, around, UNTIL, voices))
    place = parts[0].place
    found = {(s.about, s.at.month) for s in voices.silent(agreed(), UNTIL)}
    assert (place.institutions[1], 3) in found
    assert place.sites[2].code in {code for code, _ in found}
