"""What followed: who got the pupil, which rule fired and passed, what was asked of whom, and what was late."""

from collections.abc import Iterator, Mapping, Sequence

from services.coordination.domain.story.happening import Detail, Happening, Kind, Recorded
from shared.schemas.coordination import (
    ActionDone,
    ActionOverdue,
    ActionState,
    AtRiskState,
    CustodyChanged,
    CustodyOffered,
    CustodyReturned,
    CustodyState,
    StudentAtRisk,
    TransitionReopened,
    TransitionState,
)


def followed(history: Sequence[Recorded], reasons: Mapping[str, str]) -> Iterator[Happening]:
    """The history in order. `reasons`: action → code of why it was closed."""
    before: dict[str, ActionState] = {}
    settled: set[str | None] = set()
    for recorded in history:
        match recorded.data:
            case TransitionState() as data:
                yield _transition(recorded, data)
            case CustodyChanged() as data:
                details = {"basis": data.basis} | ({"situation": data.situation} if data.situation else {})
                yield Happening(data.since, Kind.CUSTODY, data.TYPE, who=data.holder, details=details)
            case CustodyState() as data:
                # The custody that follows tells what took effect; of what was settled nobody was asked any more.
                if data.state != "in_effect" and data.offer_id not in settled:
                    yield _offer(recorded, data)
                if data.state == "settled":
                    settled.add(data.offer_id)
            case AtRiskState() as data:
                yield _signal(recorded, data)
            case ActionState() as data:
                if happening := _action(recorded, data, before.get(data.action_id), reasons):
                    yield happening
                before[data.action_id] = data


def _transition(recorded: Recorded, data: TransitionState) -> Happening:
    why = {"outcome": data.outcome} if data.outcome else {}
    if isinstance(data, TransitionReopened):
        why = {"reopening": data.reason}
    return Happening(recorded.at, Kind.CUSTODY, data.TYPE, details=why, evidence=data.evidence)


def _offer(recorded: Recorded, data: CustodyState) -> Happening:
    details: dict[str, Detail] = {"basis": data.basis}
    if data.situation:
        details["situation"] = data.situation
    what, who = data.TYPE, data.target
    if data.state == "settled":
        what, details = "custody-settled", {}
    elif data.state == "lapsed" or (isinstance(data, CustodyOffered) and data.lapsed_at):
        what = "custody-lapsed"
    elif isinstance(data, CustodyReturned):
        details, who = {"returned": data.reason}, data.returned_to
    elif isinstance(data, CustodyOffered):
        details["answer_by"] = data.answer_by
    return Happening(recorded.at, Kind.CUSTODY, what, data.target.organisation, who, details)


def _signal(recorded: Recorded, data: AtRiskState) -> Happening:
    concerns = frozenset(who.organisation for who in data.route)
    details = {"rule": data.rule, "severity": data.severity.value, "agreement": data.agreement_version}
    if not isinstance(data, StudentAtRisk):
        why = {"cleared": data.cleared_reason} if data.cleared_reason else {}
        return Happening(recorded.at, Kind.SIGNAL, data.TYPE, details={"rule": data.rule, **why}, concerns=concerns)
    return Happening(
        recorded.at,
        Kind.SIGNAL,
        data.TYPE,
        details=details,
        evidence=data.evidence,
        route=data.route,
        concerns=concerns,
    )


def _action(
    recorded: Recorded, data: ActionState, before: ActionState | None, reasons: Mapping[str, str]
) -> Happening | None:
    """None: nothing but its place among the others changed."""
    what, by = "action-asked", None
    details: dict[str, Detail] = {"action": data.kind, "due_at": data.due_at}
    concerns = {data.owner.organisation} | ({before.owner.organisation} if before else set())
    if isinstance(data, ActionDone):
        what, reason = "action-done", data.result or reasons.get(data.action_id)
        details = {"action": data.kind, "closed": reason} if reason else {"action": data.kind}
    elif isinstance(data, ActionOverdue):
        what, by = "action-overdue", before.owner.organisation if before else None
    elif before and before.owner != data.owner:
        what = "action-passed"
    elif before and before.due_at != data.due_at:
        what = "action-moved"
    elif before:
        return None
    return Happening(recorded.at, Kind.ACTION, what, by, data.owner, details, concerns=frozenset(concerns))
