"""Rules about what the sending school does: the dossier, and the exam that changes what it was made for."""

from collections.abc import Iterable

from services.coordination.domain.facts import Known
from services.coordination.domain.position import Position
from services.coordination.domain.rules.rule import Rule, Seen
from shared.schemas.coordination import Evidence
from shared.schemas.dossiers import ExamResultRecorded

# dossier-incomplete: expected, and the dossier is not complete on 1 April.


def _incomplete(known: Known) -> Iterable[str]:
    done = known.dossier and known.dossier.complete
    return [""] if known.expected and not done else []


def _goes_elsewhere(seen: Seen, _about: str) -> bool:
    return seen.transition.position is Position.OTHER_ROUTE


def _dossier_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    dossier = seen.known.dossier
    lacking = [part.part for part in dossier.parts if part.status == "open"] if dossier else []
    return (
        Evidence(fact="dossier-incomplete" if dossier else "dossier-not-begun"),
        *(Evidence(fact=f"part-{part}-open") for part in lacking),
    )


DOSSIER_INCOMPLETE = Rule(
    timing="day",
    fires="Expected, and the dossier is not complete.",
    clears="Complete, or the pupil goes elsewhere.",
    watches=_incomplete,
    settled=_goes_elsewhere,
    evidence=_dossier_evidence,
)

# exam-changed-the-plan: failed, or passed in a track that does not admit to the level of a choice that stands (a dated
# table, WEB 8.2.1). Failed without any choice: there is no plan yet. Patient: results come in files, of which a later
# row puts an earlier one right.


def _exam(known: Known) -> Iterable[str]:
    return [""] if known.exam and known.exam.result in ("passed", "failed") else []


def _plan_stands(seen: Seen, _about: str) -> bool:
    """Who goes elsewhere has changed the plan; who was seen in class was admitted."""
    if seen.transition.position in (Position.OTHER_ROUTE, Position.STARTED, Position.SETTLED):
        return True
    if not seen.known.levels:
        return _result(seen.known).result == "passed"
    return not _not_admitted(seen)


def _result(known: Known) -> ExamResultRecorded:
    assert known.exam
    return known.exam


def _not_admitted(seen: Seen) -> list[int]:
    """Levels of choices that stand, to which the exam does not admit; after a failed one also where that is left to the
    institution, which has to say so first."""
    exam, reference = _result(seen.known), seen.world.almanac.reference
    track = exam.track or (seen.known.expected.track if seen.known.expected else "")
    against = ("no",) if exam.result == "passed" else ("no", "institution")
    return [n for n in seen.known.levels if reference.admits(track, exam.result, n, exam.decided_on) in against]


def _exam_evidence(seen: Seen, _about: str) -> tuple[Evidence, ...]:
    exam = _result(seen.known)
    return (
        Evidence(fact=f"exam-{exam.result}"),
        Evidence(fact="exam-date", value=exam.decided_on.isoformat()),
        *((Evidence(fact="exam-track", value=exam.track),) if exam.track else ()),
        *(Evidence(fact="chosen-level", value=str(level)) for level in _not_admitted(seen)),
        *(() if seen.known.levels else (Evidence(fact="choices", value="0"),)),
    )


EXAM_CHANGED_THE_PLAN = Rule(
    timing="at_once",
    fires="Failed, or passed in a track that does not admit to the chosen level (WEB 8.2.1).",
    clears="The choice was adjusted, or the student has started.",
    watches=_exam,
    settled=_plan_stands,
    evidence=_exam_evidence,
    patient=True,
)
