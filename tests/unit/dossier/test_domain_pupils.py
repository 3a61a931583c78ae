"""What a new full list changes, and what others hear of it: pure rules."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossier.domain.pupils import Choice, Pupil, choice_state, compare, news, not_listed

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
PUPIL = Pupil(
    pupil_ref="a" * 26,
    cohort=2027,
    vo_site="99XA00",
    number="1001",
    first_name="Noor",
    prefix="van",
    last_name="Verzonnen",
    birth_date=date(2011, 3, 24),
    postcode="3511AB",
    municipality="0344",
    basic_qualification=False,
    track="vmbo-kb",
    class_name="4kb1",
    mentor="m",
    deputy=None,
    pgn=b"sealed",
)
CHOICE = Choice("c1", PUPIL.pupil_ref, 2027, "99XA00", "99XM", "25655", 2, "bol", 1, None)


def pupil(n: int, **changed: object) -> Pupil:
    return replace(PUPIL, pupil_ref=f"{n:026}", number=str(n), **changed)  # type: ignore[arg-type]


def types(before: Pupil | None, after: Pupil) -> list[str]:
    return [event.TYPE for event in news(before, after, NOW)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, []),
        ({"class_name": "4kb2", "number": "1002", "postcode": "3512AB", "pgn": b"other"}, []),
        ({"last_name": "Anders"}, ["pupil-recorded"]),
        ({"municipality": None}, ["pupil-recorded"]),
        ({"mentor": "n"}, ["pupil-expected"]),
        ({"track": "vmbo-gl", "first_name": "Nora"}, ["pupil-recorded", "pupil-expected"]),
    ],
)
def test_others_hear_only_of_what_concerns_them(change: dict[str, object], told: list[str]) -> None:
    assert types(PUPIL, replace(PUPIL, **change)) == told  # type: ignore[arg-type]


def test_a_new_pupil_and_one_who_is_back_on_the_list_are_expected() -> None:
    assert types(None, PUPIL) == ["pupil-recorded", "pupil-expected"]
    assert types(replace(PUPIL, listed=False), PUPIL) == ["pupil-expected"]


def test_a_sealed_number_that_looks_different_is_no_change() -> None:
    changes = compare([PUPIL], [replace(PUPIL, pgn=b"sealed again")], ())
    assert (changes.changed, changes.unchanged) == ((), 1)


def test_a_pupil_whose_number_stands_in_an_unreadable_row_is_not_absent() -> None:
    known = [pupil(1), pupil(2)]
    assert compare(known, [pupil(1)], {"2"}).absent == ()
    assert compare(known, [pupil(1)], {"x"}).absent == (pupil(2),)


def test_who_was_missing_already_is_not_missing_again() -> None:
    changes = compare([pupil(1), pupil(2, listed=False)], [pupil(1)], ())
    assert (changes.absent, changes.known, changes.large_drop) == ((), 1, False)


@pytest.mark.parametrize(
    ("known", "left", "asks"), [(10, 9, False), (10, 8, True), (9, 8, True), (1, 0, True), (0, 0, False)]
)
def test_more_than_one_in_ten_missing_asks_for_confirmation(known: int, left: int, asks: bool) -> None:
    assert compare(map(pupil, range(known)), list(map(pupil, range(left))), ()).large_drop is asks


@given(st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)), st.sets(st.integers(0, 20)))
def test_everybody_ever_listed_is_present_absent_or_was_so_already(
    first: set[int], gone: set[int], now: set[int]
) -> None:
    known = [pupil(n, listed=n not in gone) for n in first]
    changes = compare(known, [pupil(n) for n in now], ())
    after = {p.pupil_ref: p for p in known}
    after |= {p.pupil_ref: p for _, p in changes.changed}
    after |= {p.pupil_ref: replace(p, listed=False) for p in changes.absent}
    assert {p.number for p in after.values() if p.listed} == {str(n) for n in now}
    assert len(after) == len(first | now)
    again = compare(after.values(), [pupil(n) for n in now], ())
    assert (again.changed, again.absent) == ((), ())


def test_the_events_of_absence_and_of_a_choice_carry_their_whole_state() -> None:
    assert not_listed(PUPIL, NOW).vo_site == "99XA00"
    assert choice_state(CHOICE, NOW).TYPE == "choice-registered"
    gone = choice_state(replace(CHOICE, withdrawn=True), NOW)
    assert (gone.TYPE, gone.programme, gone.preference) == ("choice-withdrawn", "25655", 1)
