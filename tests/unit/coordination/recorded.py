"""What a case is in the tables, and what its events tell: both sides that an audit compares."""

from collections.abc import Iterator, Sequence
from typing import Any

from services.coordination.domain.book import Book
from services.coordination.domain.case import Case
from services.coordination.domain.history import Columns, Place, Told, differences, folded
from services.coordination.domain.partners.partner import Partner
from shared.schemas.coordination import Custodian
from shared.schemas.envelope import Draft

TRANSITION = ("opened_at", "agreement", "origin", "region", "outcome", "closed_at", "evidence", "reopened")
ACTION = (
    "number",
    "kind",
    "due_at",
    "window_from",
    "window_until",
    "severity",
    "step",
    "opened_at",
    "escalated_at",
    "done_at",
    "reason",
)
OFFER = ("holder", "situation", "basis", "offered_at", "answer_by", "starts_on", "ended_at", "reason", "note_ref")
RISK = (
    "risk_id",
    "rule",
    "evidence",
    "route",
    "agreement",
    "fired_at",
    "known_until",
    "cleared_at",
    "dismissed_reason",
)
TASK = (
    *("number", "kind", "about", "due_at", "window_until", "severity", "agreement", "opened_at", "step"),
    *("escalated_at", "done_at", "evidence"),
)


def stored(case: Case) -> dict[Place, Columns]:
    """The rows of a case that was never read again from the tables, so that all of it is there."""
    assert case.transition
    at = case.cohort
    rest = {"custody_n": len(case.custody), "next_action": case.transition.next_action}
    rows: dict[Place, Columns] = {
        ("transition", at, ""): {**_same(case.transition, TRANSITION), **rest, "actions": case.transition.actions}
    }
    for start in case.custody:
        owned = {**_party(start.holder), "basis": start.basis, "situation": start.situation}
        rows["custody", at, str(start.number)] = {"since": start.since, "prev_since": start.previous, **owned}
    for offer in case.offers:
        party = {**_party(offer.target), "n": offer.number, "state": offer.state.value}
        rows["offer", at, offer.offer_id] = {**_same(offer, OFFER), **party}
    for key, action in case.actions.items():
        rows["action", at, key] = {**_same(action, ACTION), **_party(action.owner)}
    for key, risk in case.risks.items():
        rows["risk", at, key] = {**_same(risk, RISK), "severity": risk.severity.value}
    return rows


def stored_partner(one: Partner) -> dict[Place, Columns]:
    """The rows of an organisation of which anything was told, with every task that it ever had."""
    silence, since = one.silence, one.silence.since if one.silence else None
    rows: dict[Place, Columns] = {
        ("task", 0, key): {
            **_same(task, TASK),
            **{f"owner_{name}": value for name, value in _party(task.owner).items()},
        }
        for key, task in one.tasks.items()
    }
    if rows or silence:
        terms = {"silent_allowed": silence and silence.allowed_days, "silent_agreement": silence and silence.agreement}
        rows["partner", 0, ""] = {"silent_since": since, **terms, "numbered": one.numbered}
    return rows


def told_of(ref: str, drafts: Sequence[Draft]) -> list[Told]:
    """The history of one reference."""
    return [Told(draft.at, draft.data) for draft in drafts if draft.subject == ref and draft.at]


def found(book: Book) -> Iterator[str]:
    """What an audit of everything in a book would find."""
    refs = {draft.subject for draft in book.drafts} | {case.pupil_ref for case in book.cases.values()}
    for ref in sorted(refs):
        history = folded(ref, told_of(ref, book.drafts))
        rows = [stored(case) for case in book.cases.values() if case.pupil_ref == ref]
        yield from history.faults
        yield from differences(history.rows, {place: row for some in rows for place, row in some.items()})


def _same(one: Any, names: Sequence[str]) -> Columns:
    return {name: getattr(one, name) for name in names}


def _party(who: Custodian) -> Columns:
    return {"organisation": who.organisation, "role": who.role, "contact": who.contact, "deputy": who.deputy}
