"""Talks between two schools: whatever both sides and time do, a talk stays within its table."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from services.dossier.domain.talks import (
    OPEN,
    STATES,
    TALK,
    Hold,
    Miss,
    Plan,
    Talk,
    Tick,
    in_order,
    make_move,
    may_request,
    talk_state,
)
from shared.core import reference
from shared.core.errors import Forbidden, IllegalMove, Invalid, NotFound, OverstapError
from shared.schemas.dossiers import FollowUp

NOW = datetime(2027, 6, 1, 9, tzinfo=UTC)
VO, MBO = "99XA00", "99XM"
FRESH = Talk("t", "a" * 26, 2027, VO, MBO, "vo", NOW, date(2027, 10, 1), changed_at=NOW, changed_by=VO)
PLAN = Plan(NOW + timedelta(days=3), "phone", ("mentor", "slber"), "p-vo", "p-mbo")
CALL = FollowUp(action="call_parents", organisation=MBO, role="slber", due=date(2027, 6, 28))
SEND = FollowUp(action="send_information", organisation=VO, role="mentor", due=date(2027, 6, 14))
PLANNED = make_move(FRESH, PLAN, VO, NOW)
HELD = make_move(PLANNED, Hold(NOW, True, follow_ups=(CALL, SEND)), MBO, NOW)

organisations = st.sampled_from([VO, MBO, "99XN", "99XB00", ""])
agreed = st.lists(
    st.builds(
        FollowUp,
        action=st.sampled_from(["call_pupil", "other"]),
        organisation=st.sampled_from([VO, MBO, "99XN"]),
        role=st.sampled_from(["mentor", "slber", "pupil"]),
        due=st.dates(date(2027, 5, 1), date(2027, 12, 1)),
    ),
    max_size=3,
)
offsets = st.integers(-500, 500).map(lambda n: timedelta(hours=24 * n))


class AnyOrder(RuleBasedStateMachine):
    """Both sides and others move, in any order, with good and bad input, while time passes."""

    def __init__(self) -> None:
        super().__init__()
        self.talk, self.now, self.before = FRESH, NOW, FRESH

    def move(self, move: Any, who: str) -> None:
        self.before = self.talk
        try:
            self.talk = make_move(self.talk, move, who, self.now)
        except OverstapError:
            return
        allowed = {(m.state, m.command, side, m.next) for m in TALK.moves for side in m.who}
        side = {VO: "vo", MBO: "mbo"}[who]
        assert (self.before.status, move.command, side, self.talk.status) in allowed
        assert self.talk.version == self.before.version + 1

    @rule(days=st.integers(1, 90))
    def time_passes(self, days: int) -> None:
        self.now += timedelta(days=days)

    @rule(who=organisations, offset=offsets, roles=st.sampled_from([(), ("mentor",), ("mentor", "slber")]))
    def plan(self, who: str, offset: timedelta, roles: tuple[str, ...]) -> None:
        self.move(Plan(self.now + offset, "on_site", roles, "p-vo", None), who)

    @rule(who=organisations, offset=offsets, mbo_person=st.sampled_from([None, "p-mbo"]), agreed=agreed)
    def hold(self, who: str, offset: timedelta, mbo_person: str | None, agreed: list[FollowUp]) -> None:
        self.move(Hold(self.now + offset, False, None, mbo_person, tuple(agreed)), who)

    @rule(who=organisations, reason=st.sampled_from(["vo_absent", "cancelled"]))
    def miss(self, who: str, reason: str) -> None:
        self.move(Miss(reason), who)

    @rule(who=organisations, number=st.integers(0, 3), done=st.booleans())
    def tick(self, who: str, number: int, done: bool) -> None:
        self.move(Tick(number, done), who)

    @invariant()
    def it_is_in_a_state_of_the_table_and_can_be_told(self) -> None:
        assert self.talk.status in TALK.states
        told = talk_state(self.talk, self.now)
        assert (type(told), told.status) == (STATES[self.talk.status], self.talk.status)
        assert (self.talk.status == "held") == (self.talk.held_at is not None)
        assert (self.talk.status == "missed") == (self.talk.missed_reason is not None)

    @invariant()
    def both_names_stand_on_a_talk_that_was_held(self) -> None:
        if self.talk.status == "held":
            assert self.talk.vo_person
            assert self.talk.mbo_person
            assert self.talk.held_at
            assert self.talk.held_at <= self.now

    @invariant()
    def what_was_agreed_is_ticked_by_its_owner_only(self) -> None:
        for was, is_now in zip(self.before.follow_ups, self.talk.follow_ups, strict=False):
            assert was == is_now or is_now.organisation == self.talk.changed_by


TestAnyOrder = AnyOrder.TestCase


@pytest.mark.parametrize("state", TALK.states)
@pytest.mark.parametrize("move", [PLAN, Hold(NOW, True), Miss("other"), Tick(0)])
@pytest.mark.parametrize("who", [VO, MBO])
def test_a_move_that_is_not_in_the_table_names_the_state_and_the_open_moves(state: Any, move: Any, who: str) -> None:
    talk = replace(HELD if state == "held" else PLANNED, status=state)
    open_moves = TALK.open_moves(state)
    if move.command in open_moves:
        return
    with pytest.raises(IllegalMove) as refused:
        make_move(talk, move, who, NOW)
    assert (refused.value.state, refused.value.open_moves) == (state, open_moves)


def test_who_is_on_neither_side_may_not_know_of_the_talk() -> None:
    with pytest.raises(NotFound):
        make_move(FRESH, PLAN, "99XN", NOW)


def test_a_talk_is_planned_again_after_it_was_missed_and_the_misses_are_counted() -> None:
    talk = FRESH
    for n in range(1, 4):
        talk = make_move(make_move(talk, PLAN, VO, NOW), Miss("pupil_absent"), MBO, NOW)
        assert (talk.missed, talk.missed_reason) == (n, "pupil_absent")
    assert make_move(talk, PLAN, MBO, NOW).missed_reason is None


def test_everything_that_is_wrong_with_a_report_is_told_at_once() -> None:
    early = CALL.model_copy(update={"due": date(2027, 5, 1)})
    elsewhere = CALL.model_copy(update={"organisation": VO})
    with pytest.raises(Invalid) as wrong:
        make_move(
            replace(PLANNED, vo_person=None, mbo_person=None),
            Hold(NOW + timedelta(hours=1), True, follow_ups=(early, elsewhere)),
            VO,
            NOW,
        )
    places = [fault.where for fault in wrong.value.faults]
    assert places == ["/vo_person", "/mbo_person", "/held_at", "/follow_ups/0/due", "/follow_ups/1/role"]


def test_the_other_side_does_not_tick_off_what_is_not_its_own() -> None:
    with pytest.raises(Forbidden):
        make_move(HELD, Tick(0), VO, NOW)
    ticked = make_move(make_move(HELD, Tick(0), MBO, NOW), Tick(1), VO, NOW)
    assert (HELD.to_do, ticked.to_do) == (True, False)
    assert [one.done_on for one in ticked.follow_ups] == [NOW.date(), NOW.date()]
    with pytest.raises(IllegalMove):
        make_move(ticked, Tick(0), MBO, NOW)
    assert make_move(ticked, Tick(0, done=False), MBO, NOW).to_do


@pytest.mark.parametrize("status", sorted(OPEN))
def test_one_talk_at_a_time_is_open_between_two_schools(status: Any) -> None:
    with pytest.raises(IllegalMove):
        may_request(replace(FRESH, status=status), "mbo", known=True)
    may_request(None, "mbo", known=True)


def test_no_talk_is_asked_for_where_the_pupil_is_not_known() -> None:
    with pytest.raises(IllegalMove, match="no application"):
        may_request(None, "vo", known=False)


def test_the_norm_and_the_tracks_with_always_a_talk_are_data() -> None:
    tables = reference.load()
    assert tables.talk_by(2027) == date(2027, 10, 1)
    asked = {track: tables.talk_always(track, date(2027, 3, 1)) for track in ("pro", "vso", "isk", "vmbo-tl", "")}
    assert asked == {"pro": True, "vso": True, "isk": True, "vmbo-tl": False, "": False}


def test_a_list_begins_with_what_comes_first() -> None:
    later = replace(PLANNED, talk_id="later", planned_at=NOW + timedelta(days=9))
    assert [talk.talk_id for talk in in_order([replace(FRESH, talk_id="waits"), later, PLANNED])] == [
        "t",
        "later",
        "waits",
    ]
