"""What each event from elsewhere means here. Each function says whether it changed anything."""

from services.notifications.domain import alerts
from services.notifications.domain.alerts import Hearer, Reason, new_alert
from services.notifications.domain.world import World
from shared.core.clock import civil_date
from shared.schemas.coordination import (
    ActionDone,
    ActionOverdue,
    ActionState,
    Custodian,
    Severity,
    StudentAtRisk,
    StudentAtRiskCleared,
    TaskDone,
    TaskOpened,
    TaskState,
    TransitionClosed,
)
from shared.schemas.envelope import Event
from shared.schemas.pupils import PupilLinked

OVERDUE = "overdue-"
"""Rule of an alert about an action whose date has passed: this, and the kind of action."""
SEVERITIES = {1: Severity.NOTICE, 2: Severity.WARNING, 3: Severity.RISK}
CODE_LENGTH = 64
NEW_YEAR = 8
"""Month in which the next school year begins, and with it the next cohort."""
FIRST_COHORT, LAST_COHORT = 2000, 2100
"""What an alert can name."""


def remembered(world: World, event: Event) -> bool:
    """Something to show, or to reckon a due date with."""
    return world.note(event)


def at_risk(world: World, event: Event) -> bool:
    """A rule fired: everybody on the route hears it, once per severity."""
    assert isinstance(event.data, StudentAtRisk)
    data, before = event.data, world.newest(event.source, event.subject, f"risk:{event.data.risk_id}")
    if not world.note(event):
        return False
    route = tuple(hearer(custodian) for custodian in data.route)
    reason = Reason(
        data.risk_id,
        event.subject,
        data.cohort,
        data.rule,
        data.severity,
        data.evidence,
        route,
        data.agreement_version,
        data.known_until,
    )
    again = before is not None and isinstance(before.data, StudentAtRiskCleared)
    first: dict[tuple[str, str], Hearer] = {}
    for one in route:
        first.setdefault((one.organisation, one.role), one)
    for one in first.values():
        world.tell(new_alert(world.stays(event.subject), reason, one, event.time), again=again)
    return True


def risk_cleared(world: World, event: Event) -> bool:
    """The reason has gone: nobody needs to do anything with these alerts any more."""
    assert isinstance(event.data, StudentAtRiskCleared)
    risk_id = event.data.risk_id
    if not world.note(event):
        return False
    world.clear([a for a in world.open_alerts(event.subject) if a.reason.cause == risk_id], event.time)
    return True


def action_overdue(world: World, event: Event) -> bool:
    """An action's date has passed: its new owner hears it, and so does the one who had it before."""
    assert isinstance(event.data, ActionOverdue)
    data, before = event.data, world.newest(event.source, event.subject, f"action:{event.data.action_id}")
    if not world.note(event):
        return False
    owner = hearer(data.owner)
    if before and isinstance(before.data, ActionState):
        _escalate(world, event, before.data)
    rule = f"{OVERDUE}{data.kind}"[:CODE_LENGTH]
    reason = Reason(data.action_id, event.subject, data.cohort, rule, SEVERITIES[data.severity], route=(owner,))
    again = before is not None and isinstance(before.data, ActionDone)
    world.tell(new_alert(world.stays(event.subject), reason, owner, event.time), again=again)
    return True


def _escalate(world: World, event: Event, before: ActionState) -> None:
    """The alert of the one who had the action goes one step up: to their deputy where that is the new owner, and once
    more to themselves on the top of the ladder."""
    assert isinstance(event.data, ActionOverdue)
    owner, earlier = hearer(event.data.owner), hearer(before.owner)
    stays_here = (owner.organisation, owner.role) == (earlier.organisation, earlier.role)
    if owner == earlier and event.data.due_at <= before.due_at:
        return
    for alert in world.open_alerts(event.subject):
        if alert.key == (before.action_id, earlier.organisation, earlier.role):
            world.put(alerts.escalate(alert, owner if stays_here else None), "escalate", event.time)


def action_done(world: World, event: Event) -> bool:
    """It was done, or is no longer needed."""
    assert isinstance(event.data, ActionDone)
    action_id = event.data.action_id
    if not world.note(event):
        return False
    world.clear([a for a in world.open_alerts(event.subject) if a.reason.cause == action_id], event.time)
    return True


def task_told(world: World, event: Event) -> bool:
    """Something must be done about an organisation: its owner hears it at once, and each next one it comes to."""
    assert isinstance(event.data, TaskState)
    data, before = event.data, world.newest(event.source, event.subject, f"task:{event.data.task_id}")
    if not world.note(event):
        return False
    mine = [alert for alert in world.open_alerts(event.subject) if alert.reason.cause == data.task_id]
    if isinstance(data, TaskDone):
        world.clear(mine, event.time)
        return True
    owner, late = hearer(data.owner), not isinstance(data, TaskOpened)
    same = [alert for alert in mine if alert.key == (data.task_id, owner.organisation, owner.role)]
    if not late:
        world.clear([alert for alert in mine if alert not in same], event.time)
    if not same:
        rule = f"{OVERDUE}{data.kind}"[:CODE_LENGTH] if late else data.kind
        fresh = new_alert(event.subject, _about_task(data, rule, event), owner, event.time)
        world.tell(fresh, again=before is not None)
    for alert in same:
        if late or alert.hearer != owner:
            world.put(alerts.escalate(alert, owner), "escalate", event.time)
    return True


def _about_task(data: TaskState, rule: str, event: Event) -> Reason:
    """No pupil and no cohort: told in the school year before which pupils are on their way."""
    today = civil_date(event.time)
    year = min(max(today.year + (today.month >= NEW_YEAR), FIRST_COHORT), LAST_COHORT)
    facts, version = data.evidence, data.agreement_version
    route = (hearer(data.owner),)
    return Reason(data.task_id, event.subject, year, rule, SEVERITIES[data.severity], facts, route, version)


def transition_closed(world: World, event: Event) -> bool:
    """The pupil arrived, went another way or died: every message about this transition ends."""
    assert isinstance(event.data, TransitionClosed)
    ended = (event.subject, event.data.cohort)
    if not world.note(event):
        return False
    mine = [a for a in world.open_alerts(event.subject) if (a.reason.told_as, a.reason.cohort) == ended]
    world.clear(mine, event.time)
    return True


def linked(world: World, event: Event) -> bool:
    """Two references are one child. Who was erased under one of them is erased under both."""
    assert isinstance(event.data, PupilLinked)
    link = event.data.survivor, event.data.absorbed
    if world.erased.issuperset(link) or link in world.links or link[0] == link[1]:
        return False
    world.links.add(link)
    world.new_links.add(link)
    if world.erased.intersection(link):
        world.forget(event.data.absorbed)
    return True


def erased(world: World, event: Event) -> bool:
    """All data of this pupil must go, under every reference (AVG art. 17)."""
    world.forget(event.subject)
    world.confirmations.append(event)
    return True


def contacts_recorded(world: World, event: Event) -> bool:
    """Who can be reached where."""
    return world.record_contacts(event)


def hearer(custodian: Custodian) -> Hearer:
    """A custodian as somebody who hears something."""
    return Hearer(custodian.organisation, custodian.role, custodian.contact, custodian.deputy)
