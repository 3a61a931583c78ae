"""What the published history says must be stored of an organisation: silence and tasks, folded from the first event."""

from collections.abc import Iterable

from services.coordination.domain.history import Columns, History, Place, Told
from shared.core.ids import opaque_ref
from shared.schemas.coordination import OrganisationSilent, TaskDone, TaskOpened, TaskOverdue, TaskState

TYPES = (OrganisationSilent.TYPE, TaskOpened.TYPE, TaskOverdue.TYPE, TaskDone.TYPE)
SPEAKS: Columns = {"silent_since": None, "silent_allowed": None, "silent_agreement": None}


def folded(code: str, told: Iterable[Told]) -> History:
    """Fold the events of one organisation, in order of their sequence."""
    silence, tasks, faults = SPEAKS, dict[str, Columns](), list[str]()
    for one in told:
        data = one.data
        if isinstance(data, OrganisationSilent):
            silent = data.status == "silent"
            if silent == (silence is not SPEAKS):
                faults.append(f"{one.at.isoformat()}: told to be {data.status}, and it was so already")
            terms = {"silent_allowed": data.allowed_days, "silent_agreement": data.agreement_version}
            silence = {"silent_since": data.occurred_at, **terms} if silent else SPEAKS
        elif isinstance(data, TaskState):
            before = tasks.get(data.task_id)
            if before and before["done_at"]:
                faults.append(f"{one.at.isoformat()}: task {data.task_id} goes on after it was done")
            tasks[data.task_id] = _task(code, before, data, len(tasks) + 1)
    rows: dict[Place, Columns] = {("task", 0, key): columns for key, columns in tasks.items()}
    if rows or silence is not SPEAKS:
        rows["partner", 0, ""] = {**silence, "numbered": len(tasks)}
    return History(rows, tuple(faults))


def _task(code: str, before: Columns | None, data: TaskState, number: int) -> Columns:
    fits = before is not None or data.task_id == opaque_ref("task", code, str(number))
    late = isinstance(data, TaskOverdue)
    return {
        "number": before["number"] if before else (number if fits else f"another than {number}"),
        "kind": data.kind,
        "about": data.about or "",
        "owner_organisation": data.owner.organisation,
        "owner_role": data.owner.role,
        "owner_contact": data.owner.contact,
        "owner_deputy": data.owner.deputy,
        "due_at": data.due_at,
        "window_until": data.window_until,
        "severity": data.severity,
        "agreement": data.agreement_version,
        "opened_at": data.opened_at,
        "step": data.escalations,
        "escalated_at": data.occurred_at if late else before["escalated_at"] if before else None,
        "done_at": data.done_at if isinstance(data, TaskDone) else None,
        "evidence": before["evidence"] if before and isinstance(data, TaskDone) else data.evidence,
    }
