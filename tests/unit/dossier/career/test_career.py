"""The pupil's own part: how far it is, where a link may go, and what a code looks like."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossier.domain.career import PART_OF, STEPS, PartState, Progress, checked_link, require_something
from services.dossier.domain.career.invitations import GROUP, LENGTH, LETTERS, read, source_of, written
from shared.core.errors import IllegalMove, Invalid

NOW = datetime(2027, 3, 1, tzinfo=UTC)
CODES = st.text(LETTERS, min_size=LENGTH, max_size=LENGTH)


@pytest.mark.parametrize(
    ("progress", "pupil", "plus"),
    [
        (Progress(), PartState.OPEN, PartState.NOT_APPLICABLE),
        (Progress(items=1), PartState.IN_PROGRESS, PartState.IN_PROGRESS),
        (Progress(items=1, done_at=NOW), PartState.COMPLETE, PartState.COMPLETE),
    ],
)
def test_how_far_a_part_is(progress: Progress, pupil: PartState, plus: PartState) -> None:
    assert (progress.state("pupil"), progress.state("plus")) == (pupil, plus)


def test_nothing_is_never_done() -> None:
    require_something("pupil", Progress(items=1), "finish")
    with pytest.raises(IllegalMove):
        require_something("pupil", Progress(), "finish")


def test_every_kind_has_its_steps_and_the_talk_has_the_four() -> None:
    assert set(STEPS) == set(PART_OF)
    assert STEPS["talk"] == ("look_back", "reflect", "look_ahead", "act")


@pytest.mark.parametrize("link", ["https://loopbaan.example/a?b=c#d", "https://a.example:8443/é"])
def test_a_link_over_https_is_kept(link: str) -> None:
    assert checked_link(link) == link


@pytest.mark.parametrize(
    "link",
    [
        "",
        "loopbaan.example",
        "http://loopbaan.example",
        "javascript:alert(1)",
        "https:loopbaan.example",
        "https://localhost/",
        "https://loopbaan.example@elsewhere.example",
        "https://loopbaan.example/a b",
        "https://loopbaan.example/\u202egpj",
        "https://[::1",
        "https://loopbaan.example/" + "x" * 500,
    ],
)
def test_any_other_link_is_refused(link: str) -> None:
    with pytest.raises(Invalid):
        checked_link(link)


@given(CODES)
def test_a_code_is_read_as_it_was_written(code: str) -> None:
    letter = written(code)
    assert read(letter) == code
    assert read(f" {letter.lower().replace('-', ' ')}.") == code
    assert [len(group) for group in letter.split("-")] == [GROUP] * 3


@given(st.text(max_size=40))
def test_whatever_is_typed_is_a_code_or_none(typed: str) -> None:
    code = read(typed)
    assert code is None or (len(code) == LENGTH and set(code) <= set(LETTERS))


def test_no_letter_can_be_taken_for_another() -> None:
    assert not set(LETTERS) & set("il1o0")


@pytest.mark.parametrize(
    ("address", "source"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::/64"),
        ("testclient", "unknown"),
        ("", "unknown"),
    ],
)
def test_who_counts_as_one_source(address: str, source: str) -> None:
    assert source_of(address) == source
