"""What must hold after everything that happens, read from what is stored and told alone."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import pairwise

from services.coordination.domain.actions import AGREED, SETTLE
from services.coordination.domain.case import GIVEN_BACK, LINKED, Action, Case, OfferState
from services.coordination.domain.facts import merged
from services.coordination.domain.history import differences, folded, partners
from services.coordination.domain.world.routing import World
from shared.schemas.coordination import AtRiskState, Custodian
from tests.stateful.memory import Key, Memory
from tests.unit.coordination import recorded

ASKED = (OfferState.OFFERED, OfferState.IN_EFFECT)


def hold(faults: Iterable[str]) -> None:
    """Fail on the first faults, if there are any."""
    found = list(faults)
    assert not found, "\n".join(found)


def broken(memory: Memory) -> Iterator[str]:
    """Whatever is not as it must be at every instant."""
    for case in memory.cases.values():
        yield from (f"{case.pupil_ref} {case.cohort}: {what}" for what in (*_custody(case), *_actions(case)))
    yield from _children(memory)
    yield from _erased(memory)


def _custody(case: Case) -> Iterator[str]:
    starts = case.custody
    if [start.number for start in starts] != list(range(1, len(starts) + 1)) or not starts:
        yield "custody without a first custodian, or with a hole"
    for before, after in pairwise(starts):
        if not (after.previous == before.since <= after.since):
            yield f"custodian {after.number} does not begin where {before.number} ends"
    if [offer.number for offer in case.offers] != list(range(1, len(case.offers) + 1)):
        yield "offers with a hole"
    asked = [offer.number for offer in case.offers if offer.state in ASKED]
    if len(asked) > case.open or (asked and asked != [case.offers[-1].number]):
        yield f"offers {asked} wait for somebody"
    back = [offer for offer in case.offers if offer.state in GIVEN_BACK]
    if back and not case.open:
        yield f"{back} are given back, and it is over"
    for offer in back:
        if any(later.number > offer.number and later.key == offer.key for later in case.offers):
            yield f"{offer} was given back, and is asked again"
        settle = [one.kind for one in case.actions.values() if one.open and one.about == offer.offer_id]
        if settle != [SETTLE] * (offer.state is OfferState.RETURNED):
            yield f"{offer} asks {settle}"


def _actions(case: Case) -> Iterator[str]:
    transition, open_ones = case.transition, [action for action in case.actions.values() if action.open]
    assert transition
    if case.open != (transition.outcome is None):
        yield f"open: {case.open}, and its outcome is {transition.outcome}"
    if not case.open:
        if open_ones or transition.next_action or any(risk.open for risk in case.risks.values()):
            yield "closed with something to do"
        return
    if not open_ones:
        yield "nobody has to do anything"
    elif transition.next_action != _first(open_ones).action_id:
        yield "another action is next than the first due"
    for action in open_ones:
        if action.due_at <= action.opened_at and not action.about.startswith(AGREED):
            yield f"{action} was due when it was asked"


def put_off(before: Case, after: Case) -> Iterator[str]:
    """Whatever is asked anew, lower on the ladder or late at a later instant, by what a person has just closed."""
    asked = {(one.kind, one.about): one for one in before.actions.values() if one.open}
    for key, one in after.actions.items():
        was = asked.get((one.kind, one.about)) if one.open and key not in before.actions else None
        if was and was.stage == one.stage and (one.step < was.step or one.late_at > was.late_at):
            yield f"{was} was closed, and {one} is asked instead"


def repeated(memory: Memory) -> Iterator[str]:
    """Every signal that was told again while it stood and nothing had changed but the time."""
    last: dict[str, dict[str, object]] = {}
    for one in (draft for draft in memory.history if isinstance(draft.data, AtRiskState)):
        told = one.data.model_dump(exclude={"occurred_at", "known_until", "fired_at"}) | {"type": one.data.TYPE}
        if last.get(one.data.risk_id) == told:
            yield f"{one.subject} {one.data.rule} at {one.at}: told before, and nothing has changed"
        last[one.data.risk_id] = told


def _first(actions: list[Action]) -> Action:
    return sorted(actions, key=lambda action: (action.due_at, -action.severity, action.action_id))[0]


def _children(memory: Memory) -> Iterator[str]:
    """Everybody of whom it is known that they move has one transition, under the reference that survives."""
    for root in {reference.root for reference in memory.references.values()}:
        members = {ref for ref, one in memory.references.items() if one.root == root}
        cohorts = {cohort for ref, cohort in memory.cases if ref in members} | {2027, 2028}
        for cohort in cohorts:
            mine = [memory.cases[ref, cohort] for ref in members if (ref, cohort) in memory.cases]
            own = [case for case in mine if case.transition and case.transition.outcome != LINKED]
            if len(own) > 1 or any(case.pupil_ref != root for case in own):
                yield f"{root} {cohort}: {len(own)} transitions of one child"
            if not own and _moves(memory, root, members, cohort):
                yield f"{root} {cohort}: nobody has this pupil"


def _moves(memory: Memory, root: str, members: set[str], cohort: int) -> bool:
    facts = (fact for ref in members for fact in memory.facts.get(ref, {}).values())
    known = merged((fact for fact in facts if getattr(fact.data, "cohort", cohort) == cohort), root)
    return bool(known.expected or known.first_institution)


def _erased(memory: Memory) -> Iterator[str]:
    gone = {ref for ref, reference in memory.references.items() if reference.erased}
    left = {"facts": gone & {ref for ref, facts in memory.facts.items() if facts}}
    left |= {"cases": gone & {ref for ref, _ in memory.cases}, "timers": gone & {key[1] for key in memory.timers}}
    told = {draft.subject for draft in memory.history if draft.data.TYPE != "erasure-confirmed"}
    left |= {"history": gone & told, "name": {ref for ref in gone if memory.references[ref].name}}
    yield from (f"{what} of who was erased: {refs}" for what, refs in left.items() if refs)


def late(memory: Memory, now: datetime) -> Iterator[str]:
    """Whatever was to be done or decided before an instant to which all timers were fired, and was not."""
    for case in memory.cases.values():
        transition = case.transition
        if case.open and transition:
            for action in case.actions.values():
                if action.open and action.late_at <= now:
                    yield f"{action.kind} was due {action.late_at} and did not escalate"
            looks = {"custody": transition.follow_at, "position": transition.weigh_at, **transition.checks}
            yield from (f"{name} was to be looked at {at}" for name, at in looks.items() if at and at <= now)
    for one in memory.partners.values():
        waits = (task for task in one.tasks.values() if task.open and task.late_at <= now)
        yield from (f"{task.kind} of {one.code} was due {task.late_at} and did not escalate" for task in waits)
    yield from (f"{timer} did not fire" for timer in memory.timers.values() if timer.due_at <= now)


def absent(memory: Memory, around: World, day: date) -> Iterator[str]:
    """Whatever is in the hands of somebody who is not there, while somebody is who could have it."""
    for case in memory.cases.values():
        if case.open and case.transition:
            holder = case.holder
            if not around.is_present(holder, day) and (holder.contact or _of_role(holder, around, day)):
                yield f"{case.pupil_ref}: {holder} has the pupil"
            region = case.transition.region
            for action in case.actions.values():
                if action.open and not _in_good_hands(action.owner, region, around, day):
                    yield f"{case.pupil_ref}: {action.kind} is with {action.owner}"


def unmanned(memory: Memory, around: World, day: date) -> Iterator[str]:
    """Whatever must be done about an organisation and is in the hands of somebody who is not there."""
    for one in memory.partners.values():
        for task in one.tasks.values():
            if task.open and task.owner.contact and not around.is_present(task.owner, day):
                yield f"{task.kind} of {one.code} is with {task.owner}"


def _of_role(who: Custodian, around: World, day: date) -> str | None:
    return around.of_role(who.organisation, who.role, day).contact


def _in_good_hands(owner: Custodian, region: str | None, around: World, day: date) -> bool:
    """With a named person who is present; only where nobody of the organisation and its region is, with the region."""
    if around.is_present(owner, day):
        return True
    at = around.region_of(owner.organisation, day) or region
    top = around.of_role(at, "region_coordinator", day).contact if at else None
    return not (owner.contact or _of_role(owner, around, day) or around.coordinator(owner.organisation, day) or top)


def misread(memory: Memory) -> Iterator[str]:
    """Every difference between what was told, folded again from the first event to the last, and what is stored."""
    for ref in sorted(memory.references):
        history = folded(ref, recorded.told_of(ref, memory.history))
        cases = [recorded.stored(case) for case in memory.cases.values() if case.pupil_ref == ref]
        yield from history.faults
        yield from differences(history.rows, {place: row for rows in cases for place, row in rows.items()})
    yield from _misread_of_organisations(memory)


def _misread_of_organisations(memory: Memory) -> Iterator[str]:
    for code in sorted({draft.subject for draft in memory.history if draft.data.TYPE in partners.TYPES}):
        told = [one for one in recorded.told_of(code, memory.history) if one.data.TYPE in partners.TYPES]
        history, one = partners.folded(code, told), memory.partners.get(code)
        wrong = differences(history.rows, recorded.stored_partner(one) if one else {})
        yield from (f"{code}: {fault}" for fault in (*history.faults, *wrong))
    silent = {code for code, one in memory.partners.items() if one.silence or one.tasks}
    untold = silent - {draft.subject for draft in memory.history}
    yield from (f"{code} has tasks or is silent, and nothing was told of it" for code in sorted(untold))


def agreements(memory: Memory) -> dict[Key, tuple[datetime, str]]:
    """On which version every open transition stays, by when it was opened."""
    found = ((key, case.transition) for key, case in memory.cases.items() if case.open)
    return {key: (transition.opened_at, transition.agreement) for key, transition in found if transition}
