"""The ladder of the handover: pure rules."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.dossier.domain.handover import (
    HANDOVER,
    Handover,
    Move,
    Side,
    contents,
    handover_state,
    make_move,
    may_be_offered,
    open_moves,
)
from services.dossier.domain.progress import Application, may_receive
from shared.core.errors import Forbidden, IllegalMove
from shared.schemas.dossiers import HandoverStatus
from shared.schemas.intakes import ApplicationStatus
from tests.unit.dossier.test_domain_pupils import CHOICE, PUPIL

NOW = datetime(2027, 3, 1, 9, tzinfo=UTC)
DRAFT = Handover("h1", PUPIL.pupil_ref, 2027, "99XA00", "99XM", "cold")
MOVES: tuple[Move, ...] = get_args(Move)
SIDES: tuple[Side, ...] = get_args(Side)
S, A = HandoverStatus, ApplicationStatus


def at(status: HandoverStatus) -> Handover:
    return replace(DRAFT, status=status)


def application(status: ApplicationStatus, institution: str = "99XM") -> Application:
    return Application("a1", 2027, institution, "25655", status, NOW)


@pytest.mark.parametrize("status", S)
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("move", MOVES)
def test_a_move_is_made_exactly_when_the_table_has_it(status: HandoverStatus, side: Side, move: Move) -> None:
    row = next((m for m in HANDOVER.moves if (m.state, m.command) == (status, move) and side in m.who), None)
    if row:
        assert make_move(at(status), move, side, NOW).status == row.next
    else:
        with pytest.raises((IllegalMove, Forbidden)):
            make_move(at(status), move, side, NOW)


@pytest.mark.parametrize(("side", "move"), [("mbo", "offer"), ("mbo", "withdraw"), ("vo", "open"), ("vo", "accept")])
def test_a_move_of_the_other_side_is_forbidden_whatever_the_state(side: Side, move: Move) -> None:
    for status in S:
        with pytest.raises(Forbidden):
            make_move(at(status), move, side, NOW)


def test_an_illegal_move_names_the_state_and_the_open_moves() -> None:
    with pytest.raises(IllegalMove) as refused:
        make_move(at(S.OFFERED), "accept", "mbo", NOW)
    assert (refused.value.state, refused.value.open_moves) == ("offered", ("open",))


@given(st.lists(st.tuples(st.sampled_from(MOVES), st.sampled_from(SIDES)), max_size=12))
def test_whatever_is_tried_the_moments_fit_the_state_and_the_end_is_the_end(tried: list[tuple[Move, Side]]) -> None:
    handover, now = DRAFT, NOW
    for move, side in tried:
        now += timedelta(hours=1)
        try:
            handover = make_move(handover, move, side, now)
        except (IllegalMove, Forbidden):
            continue
    kept = [m for m in (handover.offered_at, handover.opened_at, handover.accepted_at, handover.ended_at) if m]
    assert kept == sorted(kept)
    assert (handover.accepted_at is not None) == (handover.status is S.ACCEPTED)
    assert (handover.ended_at is not None) == (handover.status in (S.REFUSED, S.WITHDRAWN))
    if handover.status in (S.ACCEPTED, S.REFUSED, S.WITHDRAWN):
        assert not any(set(open_moves(handover.status, side)) & set(MOVES) for side in SIDES)


def test_the_event_of_a_step_carries_the_whole_handover_and_no_free_text() -> None:
    opened = make_move(make_move(DRAFT, "offer", "vo", NOW), "open", "mbo", NOW)
    refused = make_move(opened, "refuse", "mbo", NOW, ("other", "vertrouwelijk"))
    event = handover_state(refused, NOW)
    assert (event.TYPE, event.status, event.reason) == ("handover-refused", S.REFUSED, "other")
    assert (event.offered_at, event.opened_at, event.ended_at) == (NOW, NOW, NOW)
    assert "vertrouwelijk" not in event.model_dump_json()


@pytest.mark.parametrize("status", A)
def test_an_offer_needs_an_application_that_was_received_and_is_alive(status: ApplicationStatus) -> None:
    assert may_be_offered([status]) == (status in (A.RECEIVED, A.OFFERED, A.ENROLLED))
    assert may_be_offered([A.REJECTED, status]) == may_be_offered([status])


def test_what_is_withheld_is_wholly_absent_and_choices_for_others_are_no_part() -> None:
    other = replace(CHOICE, choice_id="c2", mbo_institution="99XN")
    withdrawn = replace(CHOICE, choice_id="c3", withdrawn=True)
    full = contents(DRAFT, PUPIL, [CHOICE, other, withdrawn])
    assert [len(full["education_history"]["choices"]), set(full)] == [1, {"administrative", "education_history"}]
    assert set(contents(replace(DRAFT, withheld=("administrative",)), PUPIL, [])) == {"education_history"}


def test_a_dossier_goes_to_institutions_with_a_received_application_and_no_live_offer() -> None:
    applied = [application(A.RECEIVED, "99XN"), application(A.OFFERED), application(A.SUBMITTED, "99XO")]
    assert may_receive(applied, []) == ["99XM", "99XN"]
    assert may_receive(applied, [at(S.OPENED)]) == ["99XN"]
    assert may_receive(applied, [at(S.REFUSED)]) == ["99XM", "99XN"]
