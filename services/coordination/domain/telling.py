"""What changed between two states of a case, as events with the whole new state, and as timers."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from services.coordination.domain.actions import FULFILLED
from services.coordination.domain.case import LINKED, Action, Case, Custody, Offer, OfferState, Risk, Transition
from shared.schemas.coordination import (
    ActionDone,
    ActionOpened,
    ActionOverdue,
    ActionState,
    AtRiskState,
    CustodyAccepted,
    CustodyChanged,
    CustodyOffered,
    CustodyReturned,
    CustodyState,
    StudentAtRisk,
    StudentAtRiskCleared,
    TransitionClosed,
    TransitionOpened,
    TransitionReopened,
    TransitionState,
)
from shared.schemas.envelope import Draft, EventData, Timer

ACTION_DUE, CUSTODY, POSITION, PRESENCE, AGREEMENT = "action-due", "custody", "position", "presence", "agreement"
"""Kinds of timer beside the rules."""
ANSWERED = (OfferState.ACCEPTED, OfferState.RETURNED)


def tell(before: Case, after: Case, now: datetime) -> tuple[list[Draft], list[Timer]]:
    """Events in the order in which they make sense: transition, offers, custody, actions, signals; and the timers."""
    told: list[EventData] = [*_transition(before, after, now), *_offers(before, after, now)]
    told += _custody(before, after, now)
    told += [*_actions(before, after, now), *_risks(before, after, now)]
    return [Draft(after.pupil_ref, data, now) for data in told], [*_timers(before, after)]


def _transition(before: Case, after: Case, now: datetime) -> Iterator[TransitionState]:
    old, new = before.transition, after.transition
    assert new
    if old and _place(old) == _place(new):
        return
    told: dict[str, Any] = {"occurred_at": now, "cohort": after.cohort, "origin": new.origin, "region": new.region}
    told |= {"outcome": new.outcome, "agreement_version": new.agreement, "evidence": new.evidence}
    over = old and old.outcome not in (None, LINKED)
    if after.open and over:
        yield TransitionReopened(**told, reason=new.reopened)
    elif after.open:
        yield TransitionOpened(**told)
    else:
        if not before.open and not over:
            yield TransitionOpened(**told | {"outcome": None, "evidence": ()})
        yield TransitionClosed(**told | {"occurred_at": new.closed_at})


def _place(transition: Transition) -> tuple[str | None, ...]:
    return transition.origin, transition.region, transition.outcome, transition.agreement


def _offers(before: Case, after: Case, now: datetime) -> Iterator[CustodyState]:
    """Every offer that is new, or no longer as it was."""
    known = {offer.number: offer for offer in before.offers}
    for offer in after.offers:
        if known.get(offer.number) != offer:
            yield _offer(offer, after.cohort, now)


def _offer(offer: Offer, cohort: int, now: datetime) -> CustodyState:
    """Once it was given back, the reason goes along with whatever becomes of it."""
    told: dict[str, Any] = {
        "occurred_at": now,
        "cohort": cohort,
        "target": offer.target,
        "basis": offer.basis,
        "answer_by": offer.answer_by,
        "offer_id": offer.offer_id,
        "situation": offer.situation,
        "offered_at": offer.offered_at,
        "effective_on": offer.starts_on if offer.statutory else None,
        "holder": offer.holder,
        "answered_at": offer.ended_at if offer.state in ANSWERED else None,
        "state": offer.state.value,
        "starts_on": offer.starts_on,
        "ended_at": offer.ended_at,
    }
    if offer.reason:
        return CustodyReturned(**told, returned_to=offer.holder, reason=offer.reason, note_ref=offer.note_ref)
    if offer.state is OfferState.ACCEPTED:
        return CustodyAccepted(**told)
    return CustodyOffered(**told, lapsed_at=offer.ended_at if offer.state is OfferState.LAPSED else None)


def _custody(before: Case, after: Case, now: datetime) -> Iterator[CustodyChanged]:
    last = before.custody[-1].number if before.custody else 0
    yield from (custody_changed(start, after.cohort, now) for start in after.custody if start.number > last)


def custody_changed(start: Custody, cohort: int, now: datetime) -> CustodyChanged:
    """A start of custody as an event."""
    return CustodyChanged.model_validate(
        {
            "occurred_at": now,
            "cohort": cohort,
            "number": start.number,
            "since": start.since,
            "holder": start.holder,
            "basis": start.basis,
            "situation": start.situation,
        }
    )


def _actions(before: Case, after: Case, now: datetime) -> Iterator[ActionState]:
    next_before = before.transition.next_action if before.transition else None
    next_after = after.transition.next_action if after.transition else None
    for key, action in sorted(after.actions.items(), key=lambda item: item[1].number):
        old = before.actions.get(key)
        if old is None or _said(old) != _said(action) or (key == next_before) != (key == next_after):
            yield from _action(old, action, after, now)


def _said(action: Action) -> tuple[object, ...]:
    """What an event tells of an action; that somebody has seen it is not part of it."""
    span = action.opened_at, action.window_from, action.due_at, action.window_until
    return action.open, action.owner, *span, action.severity, action.stage, action.step


def _action(old: Action | None, action: Action, case: Case, now: datetime) -> Iterator[ActionState]:
    model: type[ActionState] = ActionOpened
    if not action.open:
        if old is None or not old.open:
            return
        model = ActionDone
    elif old and action.step > old.step:
        model = ActionOverdue
    assert case.transition
    yield model(
        action_id=action.action_id,
        occurred_at=now,
        cohort=case.cohort,
        kind=action.kind,
        owner=action.owner,
        due_at=action.due_at,
        window_from=action.window_from,
        window_until=action.window_until,
        severity=action.severity,
        next=action.action_id == case.transition.next_action,
        risk_id=action.about if action.about in case.risks else None,
        opened_at=action.opened_at,
        escalations=action.step,
        done_at=action.done_at,
        result=action.reason,
    )


def _risks(before: Case, after: Case, now: datetime) -> Iterator[AtRiskState]:
    for key, risk in after.risks.items():
        old = before.risks.get(key)
        if old is None or _known(old) != _known(risk):
            yield _risk(risk, after, now)


def _known(risk: Risk) -> tuple[object, ...]:
    """What an event tells of a signal; of one that stands, the evidence may become more."""
    return risk.open, risk.severity, risk.fired_at, risk.evidence


def _risk(risk: Risk, case: Case, now: datetime) -> AtRiskState:
    model = StudentAtRisk if risk.open else StudentAtRiskCleared
    over = case.transition.outcome if case.transition else None
    return model(
        risk_id=risk.risk_id,
        occurred_at=risk.cleared_at or now,
        cohort=case.cohort,
        rule=risk.rule,
        agreement_version=risk.agreement,
        severity=risk.severity,
        evidence=risk.evidence,
        route=risk.route,
        known_until=risk.known_until,
        fired_at=risk.fired_at,
        cleared_reason=None if risk.open else risk.dismissed_reason or over or FULFILLED,
    )


def _timers(before: Case, after: Case) -> Iterator[Timer]:
    """All kinds wait until all input up to their instant was consumed: a late message is no false alarm."""
    if not after.transition:
        return
    weigh_at = after.transition.weigh_at
    if weigh_at and (before.transition is None or before.transition.weigh_at != weigh_at):
        yield Timer(POSITION, after.pupil_ref, str(after.cohort), weigh_at, date_rule=True)
    follow_at = after.transition.follow_at
    if follow_at and (before.transition is None or before.transition.follow_at != follow_at):
        yield Timer(CUSTODY, after.pupil_ref, str(after.cohort), follow_at, date_rule=True)
    if not after.open:
        return
    for action in after.actions.values():
        old = before.actions.get(action.action_id)
        if action.open and (old is None or old.late_at != action.late_at):
            yield Timer(
                ACTION_DUE, after.pupil_ref, f"{after.cohort}:{action.action_id}", action.late_at, date_rule=True
            )
    checks_before = before.transition.checks if before.open and before.transition else {}
    for name, at in after.transition.checks.items():
        if at and checks_before.get(name) != at:
            rule, _, about = name.partition(":")
            yield Timer(rule, after.pupil_ref, f"{after.cohort}:{about}", at, date_rule=True)
