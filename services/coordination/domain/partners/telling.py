"""What changed between two states of an organisation, as events with the whole new state."""

from collections.abc import Iterator
from datetime import datetime

from services.coordination.domain.partners.partner import Partner, Task
from shared.schemas.coordination import Custodian, OrganisationSilent, TaskDone, TaskOpened, TaskOverdue, TaskState
from shared.schemas.envelope import Draft, EventData


def told(before: Partner, after: Partner, spoken_to: Custodian, now: datetime) -> list[Draft]:
    """Silence first, then what it asks of anybody."""
    data = [*_silence(before, after, spoken_to, now), *_tasks(before, after, now)]
    return [Draft(after.code, one, now) for one in data]


def _silence(before: Partner, after: Partner, spoken_to: Custodian, now: datetime) -> Iterator[EventData]:
    told = after.silence or before.silence
    if told and before.silence != after.silence:
        yield OrganisationSilent(
            occurred_at=now,
            organisation=after.code,
            status="silent" if after.silence else "heard",
            last_heard_at=after.heard_at,
            allowed_days=told.allowed_days,
            agreement_version=told.agreement,
            coordinator=spoken_to,
        )


def _tasks(before: Partner, after: Partner, now: datetime) -> Iterator[TaskState]:
    for key, task in sorted(after.tasks.items(), key=lambda item: item[1].number):
        old = before.tasks.get(key)
        if old != task:
            yield _task(old, task, after.code, now)


def _task(old: Task | None, task: Task, code: str, now: datetime) -> TaskState:
    model: type[TaskState] = TaskOpened
    if not task.open:
        model = TaskDone
    elif old and task.step > old.step:
        model = TaskOverdue
    return model(
        occurred_at=now,
        task_id=task.task_id,
        organisation=code,
        kind=task.kind,
        about=task.about or None,
        owner=task.owner,
        due_at=task.due_at,
        window_until=task.window_until,
        severity=task.severity,
        evidence=task.evidence,
        agreement_version=task.agreement,
        opened_at=task.opened_at,
        escalations=task.step,
        done_at=task.done_at,
    )
