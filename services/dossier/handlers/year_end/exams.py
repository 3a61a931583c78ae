"""Results of the final exam: of one pupil, or of a whole class in one go."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.dossier import store
from services.dossier.domain.exams import Exam, Result, exam_state, recorded, same
from services.dossier.handlers.sides import require_side
from services.dossier.store import year_end
from shared.core.actor import Actor
from shared.core.errors import Fault, Invalid, NotFound, Stale, check_version
from shared.schemas.dossiers import Track
from shared.schemas.envelope import Draft, Outcome
from shared.storage.pool import Connection


@dataclass(frozen=True, slots=True)
class ExamResult:
    """The result of one pupil, as somebody records it."""

    pupil_ref: str
    cohort: int
    result: Result
    track: Track | None
    sitting: int
    decided_on: date
    version: int | None = None
    """The version somebody read; None: they did not say."""


@dataclass(frozen=True, slots=True)
class RecordExams:
    """Results of own pupils."""

    results: tuple[ExamResult, ...]

    @property
    def subjects(self) -> Sequence[str]:
        return [one.pupil_ref for one in self.results]


async def record_exam(conn: Connection, command: RecordExams, actor: Actor, now: datetime) -> Outcome:
    """Record the result of one pupil; recording the same again changes nothing. The answer is the result."""
    (one,) = command.results
    require_side(actor, "vo")
    if not await store.pupils(conn, actor.organisation, one.cohort, one.pupil_ref):
        raise NotFound("no such pupil")
    before = (await year_end.exams(conn, actor.organisation, [one.pupil_ref], lock=True)).get(
        (one.pupil_ref, one.cohort)
    )
    exam = _recorded(before, one, actor, now)
    return await _keep(conn, [] if exam is before else [exam], exam, now)


async def record_exams(conn: Connection, command: RecordExams, actor: Actor, now: datetime) -> Outcome:
    """Record the results of many pupils, all or none. The answer is how many of them changed.

    Raises `Invalid` with everything that is wrong, each fault at ``/<pupil_ref>/<field>``.
    """
    require_side(actor, "vo")
    known = {(pupil.pupil_ref, pupil.cohort) for pupil in await store.pupils(conn, actor.organisation)}
    held = await year_end.exams(conn, actor.organisation, command.subjects, lock=True)
    changed, faults = [], []
    for one in command.results:
        key = (one.pupil_ref, one.cohort)
        if key not in known:
            raise NotFound("no such pupil")
        try:
            exam = _recorded(held.get(key), one, actor, now)
        except Invalid as error:
            faults += [replace(fault, where=f"/{one.pupil_ref}{fault.where}") for fault in error.faults]
        except Stale:
            expected = "dit is intussen door iemand anders gewijzigd: kijk wat er nu staat"
            faults.append(Fault(f"/{one.pupil_ref}/result", expected, "stale"))
        else:
            changed += [] if exam is held.get(key) else [exam]
    if faults:
        raise Invalid(faults)
    return await _keep(conn, changed, len(changed), now)


def _recorded(before: Exam | None, one: ExamResult, actor: Actor, now: datetime) -> Exam:
    """The result from now on; what was there already when nothing changes."""
    place = (one.pupil_ref, one.cohort, actor.organisation)
    wanted = Exam(*place, one.result, one.track, one.sitting, one.decided_on)
    if before and same(before, wanted):
        return before
    changed = (before.changed_at, before.changed_by) if before and before.changed_at and before.changed_by else None
    check_version("exam result", before.version if before else 0, one.version, changed)
    return recorded(before, wanted, actor.role, now)


async def _keep(conn: Connection, changed: Sequence[Exam], answer: object, now: datetime) -> Outcome:
    await year_end.save_exams(conn, changed)
    return Outcome([Draft(exam.pupil_ref, exam_state(exam, now)) for exam in changed], value=answer)
