"""What must be done by whom before when: one action per transition is always next, and none is ever dropped."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeVar

from services.coordination.domain import offers
from services.coordination.domain.case import Action, Case, Obligation, Offer, OfferState
from services.coordination.domain.custody import started
from services.coordination.domain.facts import Known
from services.coordination.domain.position import SETTLED_AFTER
from services.coordination.domain.rules import RULES
from services.coordination.domain.rules.engine import day_of, deadlines, terms_of
from services.coordination.domain.rules.rule import WEIGHT
from services.coordination.domain.world.deadlines import Window, after, anew, by, end_of, exactly, no_sooner, within
from services.coordination.domain.world.routing import World, climbed, school_hears
from shared.core.ids import opaque_ref
from shared.schemas.coordination import Custodian
from shared.schemas.intakes import IntakeMissed

FULFILLED = "fulfilled"
"""Reason of an action that is no longer needed, because the facts say so."""
REASONS = ("done", "spoken", "arranged", "not-needed", "not-reached")
"""Codes with which a person may close an action."""
ANSWER, CONFIRM, SETTLE = "answer-custody-offer", "confirm-custody", "settle-custody"
UNANSWERED = "handover-unanswered"
SETTLED = "settled"
"""Due 100 days after the start, weekend or not: nobody has to do anything on that day itself."""
TALK, AGREED = "talk:", "table:"
"""What an action is about that people agreed on: in a talk between the schools, or at an Overstaptafel. The second is
nobody's but theirs: no fact closes it."""

Late = TypeVar("Late", bound=Obligation)


@dataclass(frozen=True, slots=True)
class Wanted:
    """An action that the facts ask for now."""

    kind: str
    about: str
    owner: Custodian
    due: Window
    severity: int
    stage: int = 0


def planned(case: Case, known: Known, world: World, now: datetime) -> Case:
    """The case with exactly the actions that the facts ask for, of which the first is next."""
    assert case.transition
    wanted, by_hand = asked(case, known, world, now), _closed_by_hand(case, now)
    actions: dict[str, Action] = {}
    for action in case.actions.values():
        want = wanted.pop((action.kind, action.about), None) if action.open else None
        stays = not action.open or action.about.startswith(AGREED)
        actions[action.action_id] = action if stays else _kept(action, want, now)
    case = replace(case, actions=actions) if actions != case.actions else case
    for key, want in wanted.items():
        closed = by_hand.get(key)
        case, _ = carried(case, _kept(closed, want, now)) if closed else opened(case, want, now)
    return with_next(case)


def _closed_by_hand(case: Case, now: datetime) -> dict[tuple[str, str], Action]:
    """What a person closes at this instant. While it is still asked for it goes on where it was: who closes an action
    gets no fresh days for it, and does not take it off the ladder."""
    closed = (action for action in case.actions.values() if action.done_at == now and action.reason in REASONS)
    return {(action.kind, action.about): action for action in closed}


def manned(case: Case, world: World, now: datetime) -> Case:
    """The case in which everybody who has something is present: of the open actions, and of the custody."""
    assert case.transition
    region, day = case.transition.region, world.almanac.day(now)
    present, last = world.stand_in(case.holder, day), case.custody[-1]
    if present != case.holder:
        case = started(case, present, now, last.basis, last.situation)
    owned = {
        key: replace(action, owner=world.reachable(action.owner, region, day)) if action.open else action
        for key, action in case.actions.items()
    }
    return case if owned == case.actions else replace(case, actions=owned)


def with_next(case: Case) -> Case:
    """The case with the first of its open actions as the next."""
    assert case.transition
    next_action = first(case.actions.values()).action_id
    if next_action == case.transition.next_action:
        return case
    return replace(case, transition=replace(case.transition, next_action=next_action))


def opened(case: Case, want: Wanted, now: datetime) -> tuple[Case, Action]:
    """The case with one more action, and that action."""
    fresh = Action(
        action_id="",
        number=0,
        kind=want.kind,
        about=want.about,
        owner=want.owner,
        severity=want.severity,
        opened_at=now,
        stage=want.stage,
        **_span(want.due),
    )
    return carried(case, fresh)


def carried(case: Case, action: Action) -> tuple[Case, Action]:
    """The case in which an action goes on as the next one, with its owner, its date and its step; and that one."""
    assert case.transition
    number = case.transition.actions + 1
    key = opaque_ref("action", case.pupil_ref, str(case.cohort), str(number))
    going_on = replace(action, done_at=None, reason=None, acknowledged_at=None, escalated_at=None)
    anew = replace(going_on, action_id=key, number=number)
    transition = replace(case.transition, actions=number)
    return replace(case, actions={**case.actions, key: anew}, transition=transition), anew


def first(actions: Iterable[Action]) -> Action:
    """Of the open actions the next: earliest due, then severest, then by id."""
    open_ones = (action for action in actions if action.open)
    return min(open_ones, key=lambda a: (a.due_at, -a.severity, a.action_id))


def _span(due: Window) -> dict[str, Any]:
    return {"due_at": due.until, "window_from": due.opens, "window_until": due.grace_until}


def asked(case: Case, known: Known, world: World, now: datetime) -> dict[tuple[str, str], Wanted]:
    """What the facts ask for now, by kind and by what it is about."""
    return {(want.kind, want.about): want for want in _wanted(case, known, world, now)}


def _kept(action: Action, want: Wanted | None, now: datetime) -> Action:
    if want is None:
        return replace(action, done_at=now, reason=FULFILLED)
    if want.stage > action.stage:
        return replace(
            action,
            owner=want.owner,
            severity=want.severity,
            stage=want.stage,
            step=0,
            opened_at=now,
            **_span(want.due),
        )
    if action.step == 0 and action.owner != want.owner:
        return replace(action, owner=want.owner)
    return action


def _wanted(case: Case, known: Known, world: World, now: datetime) -> Iterator[Wanted]:
    yield _of_position(case, known, world, now)
    for offer in case.offers:
        yield from _of_offer(case, offer, world, now)
    yield from _answers(case, known, world, now)
    for intake in known.missed_intakes:
        yield _missed(case, intake, world, now)
    yield from _follow_ups(case, known, world, now)
    region = case.transition.region if case.transition else None
    for risk in case.risks.values():
        terms = terms_of(risk.rule, world)
        unhandled = risk.handled is None or WEIGHT[risk.handled] < WEIGHT[risk.severity]
        if risk.open and unhandled and risk.route and terms and terms.action and not RULES[risk.rule].ahead:
            weight = WEIGHT[risk.severity]
            window = within(risk.route[0].organisation, terms.action.within_school_days, world, now)
            owner = world.reachable(risk.route[0], region, world.almanac.day(now))
            yield Wanted(terms.action.kind, risk.risk_id, owner, window, weight, stage=weight)


def _of_offer(case: Case, offer: Offer, world: World, now: datetime) -> Iterator[Wanted]:
    """What an offer of custody asks: an answer of who is offered the pupil, or that what took effect without one is
    confirmed; and of the coordinator of the region, that what came back is settled, also while another is asked."""
    transition, terms, day = case.transition, world.agreement.custody, world.almanac.day(now)
    assert transition
    target = world.reachable(offer.target, transition.region, day)
    code = target.organisation
    if offer.state is OfferState.OFFERED:
        least = world.agreement.least_school_days
        late = offer.answer_by <= now
        window = within(code, least, world, now) if late else exactly(offer.answer_by)
        yield Wanted(ANSWER, offer.offer_id, target, window, severity=2)
    elif offer.state is OfferState.IN_EFFECT:
        yield Wanted(CONFIRM, offer.offer_id, target, within(code, terms.confirm_school_days, world, now), severity=2)
    elif offer.state is OfferState.RETURNED:
        region = transition.region or world.region_of(offer.target.organisation, day)
        owner = world.of_role(region, "region_coordinator", day) if region else offer.holder
        window = within(owner.organisation, terms.settle_school_days, world, now)
        yield Wanted(SETTLE, offer.offer_id, owner, window, severity=3)


def _of_position(case: Case, known: Known, world: World, now: datetime) -> Wanted:
    """The action that the position asks for: of the school until the pupil applies, then of the institution that has
    come furthest."""
    transition = case.transition
    assert transition
    agreed, day = world.agreement.actions[transition.position], world.almanac.day(now)
    if agreed.owner == "mentor" or not transition.live:
        theirs = case.custody[-1].basis != "statutory" and school_hears(known, case.cohort, case.holder, world, day)
        owner = world.mentor(known.expected, day) if known.expected and theirs else case.holder
    else:
        owner = _of_institution(transition.live[0], agreed.owner, world, day)
    what = (agreed.kind, owner.organisation, world.reachable(owner, transition.region, day))
    last = _due_day(agreed.due, case.cohort, known, world)
    least = after(owner.organisation, world.agreement.least_school_days, world, now)
    opens = world.almanac.instant(day_of(case.cohort, agreed.opens), 0) if agreed.opens else now
    window = exactly(end_of(last, world)) if agreed.due == SETTLED else by(owner.organisation, last, world, opens)
    return Wanted(*what, no_sooner(window, least), agreed.severity)


def _of_institution(code: str, role: str, world: World, day: date) -> Custodian:
    """Who of an institution acts: the slb'er once the student has started and one is known, else the intake."""
    found = world.of_role(code, role, day) if role == "slber" else None
    return found if found and found.contact else world.of_role(code, "intake_coordinator", day)


def _due_day(due: str, cohort: int, known: Known, world: World) -> date:
    """Who was said to have started and is so no longer is looked at on the count date."""
    if due == "application_date":
        return world.almanac.application_date(cohort)
    if due == SETTLED:
        started = [path.started_on for path in known.live if path.started_on]
        return min(started) + SETTLED_AFTER if started else world.almanac.count_date(cohort)
    return day_of(cohort, due)


def _missed(case: Case, intake: IntakeMissed, world: World, now: datetime) -> Wanted:
    """Of a mandatory intake that did not take place: planned again, by the institution."""
    assert case.transition
    agreed, day = world.agreement.intake_missed, world.almanac.day(now)
    owner = world.of_role(intake.mbo_institution, "intake_coordinator", day)
    window = within(owner.organisation, agreed.within_school_days, world, now)
    about = f"{intake.application_id}:{intake.missed}"
    return Wanted(agreed.kind, about, world.reachable(owner, case.transition.region, day), window, severity=2)


def _follow_ups(case: Case, known: Known, world: World, now: datetime) -> Iterator[Wanted]:
    """What was agreed in talks that were held, until a person closes it or the talk says that it was done."""
    assert case.transition
    for talk in known.talks:
        for number, agreed in enumerate(talk.follow_ups if talk.status == "held" else ()):
            about = f"{TALK}{talk.talk_id}:{number}:{agreed.due.isoformat()}"
            if agreed.done_on or about in case.transition.handled:
                continue
            named = Custodian(organisation=agreed.organisation, role=agreed.role, contact=agreed.person_ref)
            day = world.almanac.day(now)
            owner = world.reachable(world.named(named, known.expected, day), case.transition.region, day)
            least = after(named.organisation, world.agreement.least_school_days, world, now)
            due = anew(exactly(end_of(agreed.due, world)), now, least)
            yield Wanted(agreed.action, about, owner, due, severity=1)


def _answers(case: Case, known: Known, world: World, now: datetime) -> Iterator[Wanted]:
    """Of what was handed over and not answered: opened, then accepted or refused, by the receiver."""
    assert case.transition
    terms, day = terms_of(UNANSWERED, world), world.almanac.day(now)
    if not terms or not terms.action:
        return
    for handover_id in RULES[UNANSWERED].watches(known):
        handover = known.handovers[handover_id]
        first = next(iter(deadlines(UNANSWERED, known, case.cohort, handover_id, world)), None)
        if first is None:
            continue
        owner = world.of_role(handover.mbo_institution, "intake_coordinator", day)
        reached, weight = world.reachable(owner, case.transition.region, day), WEIGHT[first.stage.severity]
        least = after(owner.organisation, world.agreement.least_school_days, world, now)
        due = anew(first.window or exactly(first.at), now, least)
        yield Wanted(terms.action.kind, handover_id, reached, due, weight, stage=int(handover.opened_at is not None))


def escalated(case: Case, action_id: str, world: World, now: datetime) -> Case:
    """The case after an action was not done in time."""
    assert case.transition
    late = replace(one_step_up(case.actions[action_id], case.transition.region, world, now), window_from=None)
    return with_next(replace(case, actions={**case.actions, action_id: late}))


def one_step_up(late: Late, region: str | None, world: World, now: datetime) -> Late:
    """What was not done in time: the next named person on the ladder owns it, with a new date.

    On the top rung it stays with the same person and repeats; it is never dropped.
    """
    owner, days = climbed(late.owner, late.step, region, world, world.almanac.day(now))
    due = after(owner.organisation, days, world, now)
    return replace(late, owner=owner, due_at=due, window_until=None, step=late.step + 1, escalated_at=now)


def done(case: Case, action_id: str, reason: str, now: datetime) -> Case:
    """The case after a person closed an open action. What the facts still ask for goes on by :func:`planned`, on the
    same step and with the same date."""
    assert case.transition
    action, risks, transition = case.actions[action_id], dict(case.risks), case.transition
    if risk := risks.get(action.about):
        risks[risk.risk_id] = replace(risk, handled=risk.severity)
    if action.about.startswith(TALK):
        transition = replace(transition, handled=transition.handled | {action.about})
    closed = {**case.actions, action_id: replace(action, done_at=now, reason=reason)}
    case = replace(case, risks=risks, actions=closed, transition=transition)
    return offers.attended(case, action.about, now) if action.kind in (CONFIRM, SETTLE) else case
