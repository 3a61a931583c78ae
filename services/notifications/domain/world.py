"""Everything a batch of events touches, in memory: what others told, and the alerts that follow from it."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from services.notifications.domain import alerts as machine
from services.notifications.domain.alerts import RANK, Alert, Change, Command
from shared.core.links import Link, family, survivor
from shared.schemas import coordination, dossiers, intakes, pupils
from shared.schemas.envelope import Event, EventData
from shared.schemas.organisations import ContactRecorded

Key = tuple[str, str, str]
"""(subject it was told under, source, entity)."""

ENTITIES: dict[type[EventData], tuple[str, str]] = {
    pupils.PupilRecorded: ("person", ""),
    dossiers.PupilExpected: ("expectation", "cohort"),
    dossiers.ChoiceRegistered: ("choice", "choice_id"),
    dossiers.ChoiceWithdrawn: ("choice", "choice_id"),
    intakes.ApplicationStatusChanged: ("application", "application_id"),
    coordination.TransitionOpened: ("transition", "cohort"),
    coordination.TransitionClosed: ("transition", "cohort"),
    coordination.TransitionReopened: ("transition", "cohort"),
    coordination.CustodyChanged: ("custody", "cohort"),
    coordination.ActionOpened: ("action", "action_id"),
    coordination.ActionDone: ("action", "action_id"),
    coordination.ActionOverdue: ("action", "action_id"),
    coordination.StudentAtRisk: ("risk", "risk_id"),
    coordination.StudentAtRiskCleared: ("risk", "risk_id"),
    coordination.TaskOpened: ("task", "task_id"),
    coordination.TaskDone: ("task", "task_id"),
    coordination.TaskOverdue: ("task", "task_id"),
}
"""What is remembered: kind of entity, and the field that tells one from another."""
MUST_BE_DONE = ("action:", "task:")
"""Entities with a due date."""
ToDo = coordination.ActionState | coordination.TaskState
DONE = (coordination.ActionDone, coordination.TaskDone)


@dataclass(frozen=True, slots=True)
class Told:
    """The newest state of one entity, as its owner told it."""

    source: str
    subject: str
    entity: str
    sequence: int
    recorded_at: datetime
    data: EventData

    @property
    def key(self) -> Key:
        return self.subject, self.source, self.entity

    @property
    def age(self) -> tuple[datetime, str, int]:
        """Newest last, also when one entity was told under two references of one child."""
        return self.recorded_at, self.subject, self.sequence


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that must go out: one per alert and step."""

    alert: Alert
    recipient_ref: str | None
    due_at: datetime


@dataclass(slots=True)
class World:
    """Rows of the pupils in a batch. The fold reads and changes them; the store saves what changed, once."""

    links: set[Link] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)
    told: dict[str, dict[Key, Told]] = field(default_factory=lambda: defaultdict(dict))
    """Per reference."""
    alerts: dict[str, dict[str, Alert]] = field(default_factory=lambda: defaultdict(dict))
    """Per reference that the alert is about."""
    organisations: dict[str, int] = field(default_factory=dict)
    """Code → sequence of the state that is known."""

    news: set[Key] = field(default_factory=set)
    changed: set[tuple[str, str]] = field(default_factory=set)
    """(pupil_ref, alert_id) of rows that differ from the database."""
    changes: list[Change] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    contacts: dict[str, Event] = field(default_factory=dict)
    new_links: set[Link] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    """References erased by this batch."""
    confirmations: list[Event] = field(default_factory=list)
    """Erasures to be confirmed."""

    def stays(self, ref: str) -> str:
        """The reference that stands for this child now."""
        return survivor(self.family(ref), self.links)

    def family(self, ref: str) -> set[str]:
        """All references of this child."""
        return family(ref, self.links)

    def of_pupil(self, ref: str) -> Iterator[Told]:
        """What is known of this child, under whatever reference it was told."""
        return (one for member in sorted(self.family(ref)) for one in self.told[member].values())

    def newest(self, source: str, ref: str, entity: str) -> Told | None:
        """The newest state of one entity of this child."""
        keys = ((member, source, entity) for member in self.family(ref))
        states = (self.told[key[0]].get(key) for key in keys)
        return max((one for one in states if one), key=lambda one: one.age, default=None)

    def note(self, event: Event) -> bool:
        """Remember an entity's state; False when newer state is known, or the pupil was erased."""
        if event.subject in self.erased:
            return False
        kind, field_name = ENTITIES[type(event.data)]
        entity = f"{kind}:{getattr(event.data, field_name)}" if field_name else kind
        data = event.data
        if isinstance(data, pupils.PupilRecorded):
            data = data.model_copy(update={"guardians": ()})
        fresh = Told(event.source, event.subject, entity, event.sequence, event.time, data)
        known = self.told[event.subject].get(fresh.key)
        if known and known.sequence >= fresh.sequence:
            return False
        self.told[event.subject][fresh.key] = fresh
        self.news.add(fresh.key)
        # A transition belongs to its reference: that of an absorbed one closes, the survivor's goes on.
        return kind == "transition" or self.newest(event.source, event.subject, entity) == fresh

    def open_alerts(self, ref: str) -> list[Alert]:
        """Open alerts about this child, in a fixed order."""
        mine = (alert for member in self.family(ref) for alert in self.alerts[member].values())
        return sorted((alert for alert in mine if alert.is_open), key=lambda alert: alert.alert_id)

    def put(self, alert: Alert, command: Command, at: datetime) -> None:
        """An alert changed: keep it, tell it, and mail when somebody must hear it."""
        self._keep(alert)
        self.changes.append(Change(alert, command, at))
        if command in ("raise", "escalate"):
            self.mails.append(Mail(alert, alert.hearer.person_ref, at))

    def _keep(self, alert: Alert) -> None:
        self.alerts[alert.pupil_ref][alert.alert_id] = alert
        self.changed.add((alert.pupil_ref, alert.alert_id))

    def tell(self, fresh: Alert, *, again: bool) -> None:
        """Raise this alert, unless its hearer has one that is at least as serious; a milder one makes way.

        `again`: the reason had gone and came back, so an alert that was closed is raised once more.
        """
        open_ones = [alert for alert in self.open_alerts(fresh.pupil_ref) if alert.key == fresh.key]
        known = self.alerts[fresh.pupil_ref].get(fresh.alert_id)
        if machine.most_serious(open_ones) >= RANK[fresh.reason.severity] or (known and not again):
            return
        self.clear(open_ones, fresh.raised_at)
        self.put(machine.raise_again(known, fresh) if known else fresh, "raise", fresh.raised_at)

    def clear(self, these: Iterable[Alert], at: datetime) -> None:
        """The reason of these alerts has gone."""
        for alert in these:
            self.put(machine.clear(alert, at), "clear", at)

    def settle(self) -> None:
        """Bring alerts under the reference that stays, and their due dates up to date; after the last event."""
        touched = {key[0] for key in self.news} | {ref for link in self.new_links for ref in link}
        for ref in sorted({self.stays(one) for one in touched}):
            due = list(self._due(ref))
            for alert in [alert for member in self.family(ref) for alert in self.alerts[member].values()]:
                due_at = min((action.due_at for action in due if _concerns(action, alert)), default=None)
                settled = replace(alert, pupil_ref=ref, due_at=due_at if alert.is_open else None)
                if settled != alert:
                    del self.alerts[alert.pupil_ref][alert.alert_id]
                    self.changed.discard((alert.pupil_ref, alert.alert_id))
                    self._keep(settled)

    def _due(self, ref: str) -> Iterator[ToDo]:
        """Open actions of this child, or open tasks about this organisation."""
        for entity in sorted({one.entity for one in self.of_pupil(ref) if one.entity.startswith(MUST_BE_DONE)}):
            one = self.newest("coordination", ref, entity)
            if one and isinstance(one.data, ToDo) and not isinstance(one.data, DONE):
                yield one.data

    def forget(self, ref: str) -> None:
        """Erase a child, under all its references; what comes later about them changes nothing."""
        family = self.family(ref)
        self.gone |= family - self.erased
        self.erased |= family
        for member in family:
            self.told.pop(member, None)
            self.alerts.pop(member, None)
        self.news = {key for key in self.news if key[0] not in family}
        self.changed = {row for row in self.changed if row[0] not in family}
        self.changes = [change for change in self.changes if change.alert.pupil_ref not in family]
        self.mails = [mail for mail in self.mails if mail.alert.pupil_ref not in family]
        self.links = {link for link in self.links if not family.intersection(link)}
        self.new_links &= self.links

    def record_contacts(self, event: Event) -> bool:
        """An organisation with all its contacts; False when it is older than what is known."""
        assert isinstance(event.data, ContactRecorded)
        if self.organisations.get(event.subject, 0) >= event.sequence:
            return False
        self.organisations[event.subject] = event.sequence
        self.contacts[event.subject] = event
        return True


def _concerns(action: ToDo, alert: Alert) -> bool:
    """Whether an alert's hearer must do this."""
    cause, organisation, role = alert.key
    if isinstance(action, coordination.TaskState):
        return action.task_id == cause
    mine = (action.owner.organisation, action.owner.role, action.cohort) == (organisation, role, alert.reason.cohort)
    return action.action_id == cause or mine
