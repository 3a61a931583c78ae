"""What each event and timer changes in the working set."""

from dataclasses import replace
from datetime import datetime

from services.coordination.domain import actions, custody
from services.coordination.domain.book import Book, cohort_of
from services.coordination.domain.case import LINKED, Case
from services.coordination.domain.facts import Fact, entity_of
from services.coordination.domain.pinning import pinned
from services.coordination.domain.rules import engine
from services.coordination.domain.world.routing import World
from shared.core.errors import Rejected
from shared.core.links import beneath, family, survivor
from shared.schemas.alerts import AlertState
from shared.schemas.envelope import Draft, Event, Timer
from shared.schemas.pupils import ErasureConfirmed, PupilErased, PupilLinked, PupilRecorded

SERVICE = "coordination"


def take_fact(book: Book, event: Event, world: World) -> None:
    """A newer state of an entity replaces the older; what follows from it is decided anew."""
    entity, facts, data = entity_of(event), book.facts[event.subject], event.data
    older = facts.get(entity)
    if book.is_erased(event.subject) or (older and _says_nothing(event, older)):
        book.unchanged += 1
        return
    if isinstance(data, PupilRecorded):
        data = data.model_copy(update={"guardians": ()})
    first_at = min(older.first_at, event.time) if older else event.time
    fact = Fact(event.subject, entity, event.sequence, event.time, data, first_at)
    if older and older.sequence > event.sequence:
        fact = replace(older, first_at=first_at)
    facts[entity] = fact
    root = book.root(event.subject)
    for cohort in sorted({c for f in (older, fact) if f and (c := cohort_of(f)) is not None}):
        book.settle(root, cohort, world, event.time)
    if isinstance(data, PupilRecorded):
        book.rename(root)
        book.rehome(root, world, event.time)


def _says_nothing(event: Event, older: Fact) -> bool:
    """Whether this is no newer state, and no earlier moment of the first one."""
    return event.sequence == older.sequence or (event.sequence < older.sequence and event.time >= older.first_at)


def take_alert(book: Book, event: Event, _world: World) -> None:
    """Remember on the signal or the action that somebody has seen it."""
    alert = event.data
    assert isinstance(alert, AlertState)
    case = book.cases.get((book.root(event.subject), alert.cohort))
    seen = alert.acknowledged_at
    if not case or not seen:
        book.unchanged += 1
        return
    risks = {k: replace(r, acknowledged_at=seen) for k, r in case.risks.items() if r.rule == alert.rule}
    done = {
        k: replace(a, acknowledged_at=seen)
        for k, a in case.actions.items()
        if a.kind == alert.rule and a.owner.organisation == alert.organisation
    }
    book.put(replace(case, risks={**case.risks, **risks}, actions={**case.actions, **done}), event.time)


def link(book: Book, event: Event, world: World) -> None:
    """Two references are one child: the survivor's custody stands, the absorbed transition closes as linked."""
    data = event.data
    assert isinstance(data, PupilLinked)
    edge = data.survivor, data.absorbed
    if data.survivor == data.absorbed:
        raise Rejected("a reference can not be linked to itself")
    if edge in book.links:
        book.unchanged += 1
        return
    for ref in edge:
        book.reference(ref)
    book.links.add(edge)
    if book.references[data.survivor].erased:
        _forget(book, beneath(data.absorbed, book.links))
    _join(book, family(data.survivor, book.links), world, event.time)


def erase(book: Book, event: Event, world: World) -> None:
    """Forget a reference and all it absorbed; a child that lives on under another reference keeps its custodian."""
    assert isinstance(event.data, PupilErased)
    ref = event.subject
    book.reference(ref)
    _forget(book, beneath(ref, book.links))
    book.confirmed.append(Draft(ref, ErasureConfirmed(occurred_at=event.time, service=SERVICE), event.time))
    _join(book, family(ref, book.links), world, event.time)


def _forget(book: Book, refs: set[str]) -> None:
    for ref in refs:
        book.reference(ref)
        book.references[ref] = replace(book.references[ref], erased=True, name=None)
        book.facts.pop(ref, None)
    book.cases = {key: case for key, case in book.cases.items() if key[0] not in refs}
    book.drafts = [draft for draft in book.drafts if draft.subject not in refs]
    book.timers = [timer for timer in book.timers if timer.subject not in refs]
    book.erased |= refs


def _join(book: Book, members: set[str], world: World, now: datetime) -> None:
    """Bring all cases of one child under the reference that survives."""
    living = {ref for ref in members if not book.reference(ref).erased}
    root = survivor(living or members, book.links)
    for ref in members:
        book.references[ref] = replace(book.references[ref], root=root, name=None)
        book.groups.pop(ref, None)
    book.groups[root] = set(members)
    if not living:
        return
    for cohort in book.cohorts(living):
        inherited, agreed = None, []
        for absorbed in sorted(living - {root}):
            case = book.case(absorbed, cohort)
            if case.transition and case.transition.outcome != LINKED:
                inherited = inherited or case.holder
                agreed += [a for a in case.actions.values() if a.open and a.about.startswith(actions.AGREED)]
                book.put(custody.closed(case, LINKED, now), now)
        book.settle(root, cohort, world, now, inherited)
        book.carry_on(root, cohort, agreed, now)
    book.rename(root)


def look_again(book: Book, timer: Timer, world: World) -> None:
    """A rule looks at a transition. Nothing when the case is finished or the look was planned anew."""
    case, about = _case_of(book, timer)
    name, now = engine.name_of(timer.kind, about), timer.due_at
    if case and case.transition and case.transition.checks.get(name) == now:
        known, world = book.known(case.pupil_ref, case.cohort), pinned(case, world)
        book.put(actions.planned(engine.checked(case, known, name, world, now), known, world, now), now)


def weigh(book: Book, timer: Timer, world: World) -> None:
    """It was quiet, or a day has come. Nothing when the position is to be decided at another instant by now."""
    case = book.cases.get((timer.subject, int(timer.key)))
    if case and case.transition and case.transition.weigh_at == timer.due_at:
        book.weigh(case.pupil_ref, case.cohort, world, timer.due_at)


def follow(book: Book, timer: Timer, world: World) -> None:
    """It was quiet, or a day has come on which somebody else may have to have the pupil. Nothing when the case is
    finished or the look was planned anew."""
    case, _ = _case_of(book, timer)
    if case and case.transition and case.transition.follow_at == timer.due_at:
        book.follow(case.pupil_ref, case.cohort, world, timer.due_at)


def man(book: Book, timer: Timer, world: World) -> None:
    """A day has begun on which somebody is not present any more, or is again."""
    book.man(timer.subject, int(timer.key), world, timer.due_at)


def come_due(book: Book, timer: Timer, world: World) -> None:
    """An action was not done in time. Nothing when it was, or when it is due later now."""
    case, action_id = _case_of(book, timer)
    action = case.actions.get(action_id) if case else None
    if case and action and action.open and action.late_at == timer.due_at:
        book.put(actions.escalated(case, action_id, pinned(case, world), timer.due_at), timer.due_at)


def take_over(book: Book, timer: Timer, world: World) -> None:
    """People decided that a transition goes on under another version. Nothing when it is finished or there already."""
    case, version = _case_of(book, timer)
    if case and case.transition and case.transition.agreement != version:
        book.move(case, version, world, timer.due_at)


def _case_of(book: Book, timer: Timer) -> tuple[Case | None, str]:
    """The open case that a timer is about, and the rest of its key (``cohort:rest``)."""
    cohort, _, rest = timer.key.partition(":")
    case = book.cases.get((timer.subject, int(cohort)))
    return (case if case and case.open else None), rest
