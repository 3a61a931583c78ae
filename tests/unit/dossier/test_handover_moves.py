"""Whatever school, institution, family and time do, in whatever order: no state outside the tables is reached, and what
the family holds back is in nothing that leaves."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import get_args

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from services.dossier.domain.handover import (
    HANDOVER,
    LIVE,
    REACHED,
    Handover,
    Move,
    Side,
    after_objections,
    contents,
    handover_state,
    make_move,
    open_moves,
    prepared,
    supplemented,
)
from services.dossier.domain.transfer import (
    CATEGORIES,
    WRITTEN,
    Information,
    Objection,
    Objector,
    Preparation,
    Section,
    SectionState,
    objected,
    prepare,
)
from shared.core.errors import Forbidden, IllegalMove
from shared.schemas.dossiers import HandoverStatus
from tests.unit.dossier.test_domain_pupils import CHOICE, PUPIL

START = datetime(2027, 3, 1, 9, tzinfo=UTC)
MBO = CHOICE.mbo_institution
MOVES: tuple[Move, ...] = get_args(Move)
SIDES: tuple[Side, ...] = get_args(Side)
FAMILY: tuple[Objector, ...] = get_args(Objector)


class Ladder(RuleBasedStateMachine):
    """One pupil, one institution, and everything that can be done about the dossier."""

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.handover = self.draft()
        self.sections: dict[str, Section] = {}
        self.objections: list[Objection] = []
        self.informed = False

    def draft(self) -> Handover:
        return Handover("h1", PUPIL.pupil_ref, 2027, PUPIL.vo_site, MBO, "cold")

    def preparation(self) -> Preparation:
        told = Information(PUPIL.pupil_ref, 2027, PUPIL.vo_site, START.date(), "parents", "talk")
        states = {code: section.state for code, section in self.sections.items()}
        return prepare(states, self.objections, told if self.informed else None)

    @rule(hours=st.integers(1, 24 * 200))
    def time_passes(self, hours: int) -> None:
        before = self.handover
        self.now += timedelta(hours=hours)
        assert self.handover == before, "nothing happens to a handover by itself"

    @rule()
    def the_family_is_told(self) -> None:
        self.informed = True

    @rule(category=st.sampled_from(WRITTEN), state=st.sampled_from(SectionState))
    def the_school_writes(self, category: str, state: SectionState) -> None:
        text = "" if state is SectionState.NOT_PRESENT else f"tekst over {category}"
        whose = (PUPIL.pupil_ref, 2027, PUPIL.vo_site)
        self.sections[category] = Section(*whose, category, state, text, 1, self.now, None, "mentor")

    @rule(move=st.sampled_from(MOVES), side=st.sampled_from(SIDES))
    def somebody_moves(self, move: Move, side: Side) -> None:
        ready = self.preparation()
        before, allowed = self.handover, move in open_moves(self.handover.status, side)
        if move == "offer" and allowed:
            if ready.obstacles(self.now.date()):
                return
            before = prepared(before, ready)
        try:
            self.handover = make_move(before, move, side, self.now)
        except (IllegalMove, Forbidden):
            assert not allowed
            return
        assert allowed

    @rule()
    def the_school_supplements(self) -> None:
        ready, before = self.preparation(), self.handover
        if ready.obstacles(self.now.date()):
            return
        try:
            self.handover = supplemented(before, ready)
        except IllegalMove:
            assert before.status not in LIVE
            return
        assert (self.handover.status, self.handover.offered_at) == (before.status, before.offered_at)
        assert set(ready.categories) <= set(self.handover.categories)

    @rule()
    @precondition(lambda self: self.handover.status not in (*LIVE, HandoverStatus.DRAFT))
    def the_school_begins_again(self) -> None:
        self.handover = self.draft()

    @rule(category=st.sampled_from([None, *CATEGORIES]), by=st.sampled_from(FAMILY))
    def the_family_objects(self, category: str | None, by: Objector) -> None:
        key = f"o{len(self.objections)}"
        whose = (PUPIL.pupil_ref, 2027, PUPIL.vo_site)
        self.objections.append(Objection(key, *whose, category, by, "Nee", self.now, "decaan"))
        self.apply(by)

    @rule(data=st.data())
    @precondition(lambda self: any(one.withdrawn_at is None for one in self.objections))
    def an_objection_is_withdrawn(self, data: st.DataObject) -> None:
        standing = [n for n, one in enumerate(self.objections) if one.withdrawn_at is None]
        n = data.draw(st.sampled_from(standing))
        self.objections[n] = replace(self.objections[n], withdrawn_at=self.now)
        self.apply(self.objections[n].raised_by)

    def apply(self, by: Objector) -> None:
        before = self.handover
        self.handover = after_objections(before, objected(self.objections), by, self.now)
        steps = {(move.state, move.next) for move in HANDOVER.moves if move.who & set(FAMILY)}
        assert self.handover == before or (before.status, self.handover.status) in steps
        assert after_objections(self.handover, objected(self.objections), by, self.now) == self.handover

    @invariant()
    def the_state_is_in_the_table_and_its_moments_fit(self) -> None:
        held = self.handover
        assert held.status in HANDOVER.states
        times = (held.offered_at, held.opened_at, held.accepted_at, held.ended_at)
        kept = [moment for moment in times if moment]
        assert kept == sorted(kept)
        assert (held.accepted_at is not None) == (held.status is HandoverStatus.ACCEPTED)
        assert (held.ended_at is not None) == (held.status in (HandoverStatus.REFUSED, HandoverStatus.WITHDRAWN))

    @invariant()
    def every_category_is_in_one_place(self) -> None:
        held = self.handover
        if held.status is not HandoverStatus.DRAFT:
            places = (*held.categories, *held.withheld, *held.not_present)
            assert sorted(places) == sorted(CATEGORIES)

    @invariant()
    def what_is_held_back_is_in_nothing_that_leaves(self) -> None:
        held, held_back = self.handover, objected(self.objections)
        if held.status in LIVE:
            assert not held_back & set(held.categories)
            left = contents(held, PUPIL, [CHOICE], self.sections)
            assert not (held_back | set(held.withheld)) & set(left)
            assert not [code for code in held_back if f"tekst over {code}" in str(left)]
            assert set(left) <= set(held.categories)
            assert held.categories or held.status is HandoverStatus.ACCEPTED

    @invariant()
    def the_event_says_where_it_stands(self) -> None:
        if self.handover.status in REACHED:
            told = handover_state(self.handover, self.now)
            assert (told.status, told.categories, told.withheld) == (
                self.handover.status,
                self.handover.categories,
                self.handover.withheld,
            )


TestLadder = Ladder.TestCase
TestLadder.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)
