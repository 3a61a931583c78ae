"""Everything that can happen to the pupils of a region, in any order, repeated, late or not at all."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from services.coordination import agreement
from services.coordination.domain import actions
from services.coordination.domain.case import Action, Case, OfferState
from services.coordination.domain.casetable import KINDS as AGREED_KINDS
from services.coordination.domain.rules import signal
from services.coordination.domain.telling import AGREEMENT, PRESENCE
from services.coordination.handlers.agreements import AdoptAgreement, MoveTransitions, adopt, move
from services.coordination.handlers.casetables import Decide, decide
from services.coordination.handlers.commands import Dismiss, MarkDone, dismiss, mark_done
from services.coordination.handlers.custody import AnswerOffer, answer_offer
from services.coordination.handlers.partners import LOOK, LOOK_NOW
from services.coordination.handlers.presence import NEW_DAY
from shared.core.actor import Actor, Role
from shared.core.errors import Forbidden, IllegalMove, Invalid, NotFound
from shared.core.ids import new_id
from shared.schemas.catalog import MODELS
from shared.schemas.envelope import Event, EventData
from shared.schemas.examples import example
from shared.schemas.vocabulary import codes
from tests.stateful import agreements, laws, staffing, telling
from tests.stateful.memory import Memory
from tests.unit.coordination import made
from tests.unit.coordination.made import MBO, MUNICIPALITY, NOVEMBER, REGION, SITE, WORLD, ref

PUPILS = st.integers(1, 3)
END = date(2028, 10, 1)
ORGANISATIONS = (NEW_DAY, LOOK, LOOK_NOW)
"""Timers that are about no pupil."""
REFUSED = (Forbidden, IllegalMove, Invalid, NotFound)
COORDINATOR = Actor(REGION, Role.REGION_COORDINATOR, "coordinator-1")
SPEAKS_FOR = {"vo": Role.DECAAN, "mbo": Role.INTAKE_COORDINATOR, "municipality": Role.LEERPLICHT}
SPANS = st.sampled_from(
    [timedelta(seconds=30), timedelta(seconds=61), timedelta(minutes=6), timedelta(hours=9), timedelta(days=1)]
    + [timedelta(days=n) for n in (6, 15, 40, 120)]
)
BEGIN = st.sampled_from([NOVEMBER, made.day(3, 8), made.day(6, 7), made.day(6, 21), made.day(8, 25), made.day(9, 27)])
RETURNS = st.sampled_from([None, None, *codes.CUSTODY_RETURNS.codes])
OWNERS = st.sampled_from([(SITE, "mentor"), (MBO, "slber"), (MUNICIPALITY, "leerplicht"), (REGION, "doorstroompunt")])


@dataclass(frozen=True)
class Move:
    """One thing that was done, so that it can be done again elsewhere; and how it was refused, if it was."""

    at: datetime
    events: Sequence[Event] = ()
    handler: Callable[..., Any] | None = None
    command: Any = None
    actor: Actor | None = None
    refused: str = ""


class Region(RuleBasedStateMachine):
    """A region with three pupils, of whom any two may turn out to be one."""

    def __init__(self) -> None:
        super().__init__()
        self.memory, self.clock, self.awake = Memory(), NOVEMBER, True
        self.wire: list[Event] = []
        """Told and not arrived."""
        self.arrived: list[Event] = []
        self.numbers: Counter[tuple[str, int]] = Counter()
        self.program: list[Move] = []
        self.pinned = laws.agreements(self.memory)

    @initialize(begin=BEGIN)
    def people(self, begin: datetime) -> None:
        self.clock = begin
        self.perform(staffing.restaff, staffing.Restaff(staffing.LISTINGS), staffing.OPERATOR)

    # What schools and institutions tell, and how it arrives.

    @rule(data=st.data(), n=PUPILS, kind=st.sampled_from([*telling.LIKELY * 3, *telling.KINDS]), late=st.booleans())
    def tell(self, data: Any, n: int, kind: str, late: bool) -> None:
        self.told(n, telling.told(data.draw, kind, self.clock), late)

    @rule(data=st.data(), n=PUPILS, place=telling.PLACES)
    def go_to_school(self, data: Any, n: int, place: str) -> None:
        """What usually goes together, so that pupils get far."""
        for kind in ("pupil-recorded", "pupil-expected", "application-status-changed"):
            model = telling.told(data.draw, kind, self.clock)
            enrolled = {"status": "enrolled", "application_id": "a1", "mbo_institution": MBO, "shadow": False}
            fields = {"cohort": 2027} if kind != "pupil-recorded" else {"basic_qualification": False}
            fields |= enrolled if kind == "application-status-changed" else {}
            self.told(n, MODELS[kind].model_validate(model.model_dump() | fields), late=False)

    def told(self, n: int, data: EventData, late: bool, subjects: Sequence[str] = ()) -> None:
        source = {"dossiers": "dossier", "pupils": "dossier", "intakes": "intake"}[type(data).__module__.split(".")[-1]]
        self.numbers[source, n] += 1
        events = [
            Event(new_id(), source, self.clock, subject, self.numbers[source, n], data)
            for subject in subjects or [ref(n)]
        ]
        if late:
            self.wire += events
        else:
            self.deliver_now(events)

    @precondition(lambda self: self.wire)
    @rule(data=st.data())
    def arrive(self, data: Any) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.wire), min_size=1, max_size=6, unique_by=lambda e: e.id))
        gone = {event.id for event in chosen}
        self.wire = [event for event in self.wire if event.id not in gone]
        self.deliver_now(chosen)

    @precondition(lambda self: self.arrived)
    @rule(data=st.data())
    def arrive_again(self, data: Any) -> None:
        self.deliver_now([data.draw(st.sampled_from(self.arrived))])

    def deliver_now(self, events: Sequence[Event]) -> None:
        self.arrived += events
        self.program.append(Move(self.clock, events=events))
        self.memory.handle(events)

    @rule(a=PUPILS, b=PUPILS, late=st.booleans())
    def link(self, a: int, b: int, late: bool) -> None:
        """Told under both references, each with its own number."""
        if a != b:
            fields = {"occurred_at": self.clock, "survivor": ref(a), "absorbed": ref(b), "evidence": "bsn-received"}
            for n in (a, b):
                self.told(n, MODELS["pupil-linked"].model_validate(fields), late)

    @rule(n=PUPILS, sure=st.sampled_from([True, False, False, False]))
    def erase(self, n: int, sure: bool) -> None:
        if sure:
            self.told(n, MODELS["pupil-erased"].model_validate({"occurred_at": self.clock}), late=False)

    # Time.

    @precondition(lambda self: self.clock.date() < END)
    @rule(span=SPANS)
    def time_passes(self, span: timedelta) -> None:
        self.fire(self.clock + span)

    @precondition(lambda self: self.clock.date() < END)
    @rule()
    def the_next_moment_comes(self) -> None:
        coming = [
            t.due_at for t in self.memory.timers.values() if t.kind not in ORGANISATIONS and t.due_at > self.clock
        ]
        self.fire(min(coming, default=self.clock))

    @precondition(lambda self: self.clock.date() < END)
    @rule(span=SPANS)
    def nothing_fires_for_a_while(self, span: timedelta) -> None:
        """What is told meanwhile is taken in before timers that were due long ago."""
        self.clock += span
        self.awake = False

    @precondition(lambda self: self.memory.fired)
    @rule(data=st.data())
    def a_timer_comes_late(self, data: Any) -> None:
        timer = data.draw(st.sampled_from(self.memory.fired))
        if timer.kind in ORGANISATIONS or self.memory.is_set(timer):
            return
        case = self.memory.cases.get((timer.subject, int(timer.key.partition(":")[0])))
        if not case or not case.open or timer.kind not in (PRESENCE, AGREEMENT):
            before = dict(self.memory.cases), dict(self.memory.timers), list(self.memory.history)
            self.memory.late(timer)
            assert before == (self.memory.cases, self.memory.timers, self.memory.history), timer

    def fire(self, until: datetime) -> None:
        self.clock = until
        self.program.append(Move(until))
        self.memory.fire(until)
        self.awake = True

    # What people do.

    def perform(self, handler: Callable[..., Any], command: Any, actor: Actor) -> None:
        refused = ""
        try:
            self.memory.perform(handler, command, actor, self.clock)
        except REFUSED as error:
            refused = type(error).__name__
        self.program.append(Move(self.clock, (), handler, command, actor, refused))

    def speaker(self, code: str) -> Actor:
        return Actor(code, SPEAKS_FOR.get(WORLD.kind_of(code), Role.DOORSTROOMPUNT), "somebody")

    def open_cases(self) -> list[Case]:
        return [case for _, case in sorted(self.memory.cases.items()) if case.open]

    @rule(data=st.data(), reason=RETURNS)
    def answer(self, data: Any, reason: str | None) -> None:
        states = (OfferState.OFFERED, OfferState.IN_EFFECT)
        asked = [case for case in self.open_cases() if case.offer and case.offer.state in states]
        if asked:
            case = data.draw(st.sampled_from(asked))
            command = AnswerOffer(case.pupil_ref, case.offer.offer_id, reason)
            self.perform(answer_offer, command, self.speaker(case.offer.target.organisation))

    @rule(data=st.data(), reason=st.sampled_from(actions.REASONS))
    def close(self, data: Any, reason: str) -> None:
        found: list[tuple[Case, Action]] = [
            (case, action) for case in self.open_cases() for action in case.actions.values() if action.open
        ]
        if found:
            case, action = data.draw(st.sampled_from(found))
            actor = Actor(action.owner.organisation, Role(action.owner.role), action.owner.contact)
            self.perform(mark_done, MarkDone(case.pupil_ref, action.action_id, reason), actor)
            laws.hold(laws.put_off(case, self.memory.cases[case.pupil_ref, case.cohort]))

    @rule(data=st.data(), reason=st.sampled_from(signal.REASONS))
    def dismiss(self, data: Any, reason: str) -> None:
        found = [(case, risk) for case in self.open_cases() for risk in case.risks.values() if risk.open and risk.route]
        if found:
            case, risk = data.draw(st.sampled_from(found))
            first = risk.route[0]
            actor = Actor(first.organisation, Role(first.role), first.contact)
            self.perform(dismiss, Dismiss(case.pupil_ref, risk.risk_id, reason), actor)

    @rule(data=st.data(), kind=st.sampled_from(AGREED_KINDS), owner=OWNERS, days=st.integers(1, 20))
    def agree_at_a_table(self, data: Any, kind: str, owner: tuple[str, str], days: int) -> None:
        if found := self.open_cases():
            case = data.draw(st.sampled_from(found))
            command = Decide("table-1", case.pupil_ref, case.cohort, kind, *owner, days)
            self.perform(decide, command, self.speaker(case.holder.organisation))

    @rule(data=st.data(), resolved=st.booleans())
    def acknowledge(self, data: Any, resolved: bool) -> None:
        found = [(case, action) for case in self.open_cases() for action in case.actions.values()]
        if found:
            case, action = data.draw(st.sampled_from(found))
            kind = "alert-resolved" if resolved else "alert-acknowledged"
            about = {"cohort": case.cohort, "rule": action.kind, "organisation": action.owner.organisation}
            moment = {"occurred_at": self.clock, "acknowledged_at": self.clock}
            alert = MODELS[kind].model_validate(example(kind) | about | moment)
            self.numbers["notifications", 0] += 1
            number = self.numbers["notifications", 0]
            self.deliver_now([Event(new_id(), "notifications", self.clock, case.pupil_ref, number, alert)])

    @rule(who=st.sampled_from(staffing.PEOPLE), since=st.integers(-5, 20), days=st.sampled_from([None, 1, 10, 60]))
    def somebody_is_away(self, who: tuple[str, str], since: int, days: int | None) -> None:
        first = self.clock.date() + timedelta(days=since)
        until = first + timedelta(days=days) if days else None
        self.restaff(staffing.away(self.memory.listings[who[0]], who[1], first, until))

    @rule(who=st.sampled_from(staffing.PEOPLE))
    def somebody_is_back(self, who: tuple[str, str]) -> None:
        self.restaff(staffing.back(self.memory.listings[who[0]], who[1]))

    @rule(who=st.sampled_from(staffing.PEOPLE), days=st.sampled_from([None, 0, 15]))
    def somebody_leaves_or_returns(self, who: tuple[str, str], days: int | None) -> None:
        until = None if days is None else self.clock.date() + timedelta(days=days)
        self.restaff(staffing.leaves(self.memory.listings[who[0]], who[1], until))

    def restaff(self, listing: Any) -> None:
        if listing != self.memory.listings[listing.code]:
            self.perform(staffing.restaff, staffing.Restaff([listing]), COORDINATOR)

    @rule(text=st.sampled_from(agreements.TEXTS), days=st.sampled_from([0, 0, 30]))
    def adopt(self, text: str, days: int) -> None:
        version = f"region-19-{len(self.memory.texts) + 1}"
        valid_from = self.clock.date() + timedelta(days=days + 1)
        self.perform(adopt, AdoptAgreement(agreements.text(text, version, valid_from)), COORDINATOR)

    @precondition(lambda self: self.memory.texts)
    @rule(data=st.data())
    def go_over(self, data: Any) -> None:
        versions = [agreement.load().version, *(agreed.version for _, agreed in self.memory.texts)]
        old, new = data.draw(st.permutations(versions))[:2]
        self.perform(move, MoveTransitions(REGION, old, new), COORDINATOR)

    # What must hold.

    @invariant()
    def every_pupil_has_one_custodian_and_one_next_action(self) -> None:
        laws.hold(laws.broken(self.memory))

    @invariant()
    def nothing_is_late_and_nobody_absent_has_anything(self) -> None:
        if self.awake:
            if any(timer.due_at <= self.clock for timer in self.memory.timers.values()):
                self.fire(self.clock)
            around = self.memory.world()
            laws.hold(laws.late(self.memory, self.clock))
            day = around.almanac.day(self.clock)
            laws.hold([*laws.absent(self.memory, around, day), *laws.unmanned(self.memory, around, day)])

    @invariant()
    def a_transition_stays_on_its_agreement_until_people_move_it(self) -> None:
        before, self.pinned = self.pinned, laws.agreements(self.memory)
        moved = {(t.subject, int(t.key.partition(":")[0])) for t in self.memory.fired if t.kind == AGREEMENT}
        for key, (opened_at, version) in self.pinned.items():
            if key in before and before[key][0] == opened_at and key not in moved:
                assert before[key][1] == version

    def teardown(self) -> None:
        """Everything arrives in the end; and what was told, folded again, is what is stored."""
        for event in self.wire:
            self.deliver_now([event])
        self.fire(self.clock + timedelta(days=30))
        self.nothing_is_late_and_nobody_absent_has_anything()
        self.every_pupil_has_one_custodian_and_one_next_action()
        laws.hold(laws.misread(self.memory))
        laws.hold(laws.repeated(self.memory))
