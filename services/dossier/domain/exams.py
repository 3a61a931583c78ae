"""Results of the final exam, and what they mean for a choice: the admission matrix of WEB 8.2.1 (reference data)."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Literal

from services.dossier.domain.pupils import Choice, Pupil
from shared.core.clock import civil_date
from shared.core.errors import Fault, Invalid
from shared.core.reference import Reference
from shared.schemas.dossiers import ExamResultRecorded, Track

Result = Literal["passed", "failed", "resit", "retracted"]


@dataclass(frozen=True, slots=True)
class Exam:
    """The result of a pupil's final exam as it now is; `retracted`: recorded by mistake, so there is none."""

    pupil_ref: str
    cohort: int
    vo_site: str
    result: Result
    track: Track | None
    """Track of the diploma; None: no diploma."""
    sitting: int
    decided_on: date
    version: int = 1
    changed_at: datetime | None = None
    changed_by: str | None = None
    """Role that recorded it."""


@dataclass(frozen=True, slots=True)
class Caution:
    """Why a choice may not fit. Never a refusal: the institution decides on admission."""

    code: Literal["exam", "level", "institution", "entry", "programme"]
    level: int
    """Level of the choice; for ``programme`` that of the programme."""
    track: str


def recorded(before: Exam | None, wanted: Exam, role: str, now: datetime) -> Exam:
    """The result as it is from now on. Raises `Invalid` with everything that is wrong with it."""
    faults = []
    if (wanted.track is not None) != (wanted.result == "passed"):
        faults.append(Fault("/track", "de leerweg van het diploma bij geslaagd, en anders niets"))
    first = date(wanted.cohort - 1, 8, 1)
    if not first <= wanted.decided_on <= civil_date(now):
        faults.append(Fault("/decided_on", f"een dag van {first.isoformat()} tot en met vandaag"))
    if wanted.result == "retracted" and (before is None or before.result == "retracted"):
        faults.append(Fault("/result", "een uitslag: er is nog niets om in te trekken"))
    if faults:
        raise Invalid(faults)
    version = before.version + 1 if before else 1
    return replace(wanted, version=version, changed_at=now, changed_by=role)


def same(before: Exam | None, wanted: Exam) -> bool:
    """Whether a result is known already as somebody hands it in once more."""
    names = ("result", "track", "sitting", "decided_on")
    return before is not None and all(getattr(before, name) == getattr(wanted, name) for name in names)


def exam_state(exam: Exam, now: datetime) -> ExamResultRecorded:
    """The result as it now is, as an event."""
    names = ("cohort", "vo_site", "result", "track", "sitting", "decided_on")
    return ExamResultRecorded(occurred_at=now, **{name: getattr(exam, name) for name in names})


def caution(tables: Reference, pupil: Pupil, choice: Choice, exam: Exam | None, on: date) -> Caution | None:
    """Why this choice may not fit what the pupil has or will have; None: it fits, or nobody can tell.

    Before the exam, and during a resit, it is compared with the diploma that the pupil works for.
    """
    level = tables.programme_level(choice.programme)
    if level is not None and level != choice.level:
        return Caution("programme", level, pupil.track)
    hoped = tables.admits(pupil.track, "passed", choice.level, on)
    if exam and exam.result == "passed" and exam.track:
        found, track = tables.admits(exam.track, "passed", choice.level, on), exam.track
    elif exam and exam.result == "failed":
        found, track = tables.admits(pupil.track, "failed", choice.level, on), pupil.track
    else:
        found, track = hoped, pupil.track
    if found in (None, "yes"):
        return None
    if found == "no" and hoped != "no":
        return Caution("exam", choice.level, track)
    if found == "no":
        return Caution("entry" if choice.level == 1 else "level", choice.level, track)
    return Caution("institution", choice.level, track)


def cautions(
    tables: Reference, pupil: Pupil, choices: Iterable[Choice], exam: Exam | None, on: date
) -> dict[str, Caution]:
    """Choice → why it may not fit, of the choices that stand."""
    standing = [choice for choice in choices if not choice.withdrawn]
    found = {choice.choice_id: caution(tables, pupil, choice, exam, on) for choice in standing}
    return {key: one for key, one in found.items() if one}
